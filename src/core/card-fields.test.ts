import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  brandCandidates,
  brandOf,
  cleanNumber,
  codeLengths,
  earliestMonth,
  formatExpiry,
  groupNumber,
  longestNumber,
  parseCardName,
  parseCode,
  parseEmail,
  parseExpiry,
  parseNumber,
  passesLuhn,
} from './card-fields.ts'

const TODAY = { month: 9, year: 2026 }
const VISA = '4242424242424242'
const AMEX = '378282246310005'

describe('card number', () => {
  const asArabic = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))
  const asPersian = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(0x6f0 + Number(digit)))
  const asFullWidth = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
  const SPELLINGS: readonly [string, string][] = [
    ['digits', VISA],
    ['spaces', '4242 4242 4242 4242'],
    ['hyphens', '4242-4242-4242-4242'],
    ['en dashes', '4242–4242–4242–4242'],
    ['minus signs', '4242−4242−4242−4242'],
    ['dots', '4242.4242.4242.4242'],
    ['no-break spaces', '4242\u00a04242\u202f4242\u00a04242'],
    ['zero-width marks', '\u200b4242\u200d4242\ufeff42424242\u200e'],
    ['Arabic-Indic digits', asArabic(VISA)],
    ['Persian digits', asPersian('4242 4242 4242 4242')],
    ['full-width digits', asFullWidth(VISA)],
    ['spaces around', `  ${VISA}\t`],
  ]
  for (const [name, text] of SPELLINGS) {
    test(`accepts ${name}`, () => {
      assert.deepEqual(parseNumber(text), { ok: true, value: { digits: VISA, brand: 'visa' } })
    })
  }

  const REFUSED: readonly [string, string, string][] = [
    ['nothing', '', 'number_empty'],
    ['only spaces', ' \u00a0 ', 'number_empty'],
    ['a wrong digit', '4242424242424241', 'number_wrong'],
    ['a missing digit', '424242424242424', 'number_wrong'],
    ['eleven digits', '42424242424', 'number_wrong'],
    ['twenty digits', `${VISA}4242`, 'number_wrong'],
    ['a letter', '4242 4242 4242 424O', 'number_wrong'],
    ['a length its brand does not have', '37828224631000', 'number_wrong'],
    ['only zeros of no brand, too short', '00000000000', 'number_wrong'],
  ]
  for (const [name, text, code] of REFUSED) {
    test(`refuses ${name}`, () => assert.deepEqual(parseNumber(text), { ok: false, code }))
  }

  test('a published test number that fails Luhn passes only where it is listed', () => {
    const number = '4991001823456701'
    assert.deepEqual(parseNumber(number), { ok: false, code: 'number_wrong' })
    assert.deepEqual(parseNumber(number, { testNumbers: new Set([number]) }), {
      ok: true,
      value: { digits: number, brand: 'visa' },
    })
    assert.deepEqual(parseNumber('4991001823456702', { testNumbers: new Set([number]) }).ok, false)
  })

  test('a brand the shop does not take is refused by name, not as a typing error', () => {
    assert.deepEqual(parseNumber(AMEX, { accepted: ['visa', 'mastercard'] }), { ok: false, code: 'brand_refused' })
    assert.deepEqual(parseNumber('3782', { accepted: ['visa'] }), { ok: false, code: 'brand_refused' })
    assert.deepEqual(parseNumber('6', { accepted: ['visa'] }), { ok: false, code: 'number_wrong' }, 'not certain yet')
    assert.equal(parseNumber(VISA, { accepted: ['visa', 'mastercard'] }).ok, true)
    const testNumbers = new Set(['9792049876543211'])
    assert.equal(parseNumber('9792049876543211', { accepted: ['visa'], testNumbers }).ok, true)
  })

  test('groups by brand', () => {
    assert.equal(groupNumber(VISA), '4242 4242 4242 4242')
    assert.equal(groupNumber(AMEX), '3782 822463 10005')
    assert.equal(groupNumber('36227206271667'), '3622 720627 1667')
    assert.equal(groupNumber(''), '')
  })

  test('a brand is named only when it is certain', () => {
    assert.equal(brandOf(''), undefined)
    assert.equal(brandOf('65'), undefined)
    assert.equal(brandOf('22'), undefined)
    assert.equal(brandOf('37')?.brand, 'amex')
    assert.ok(brandCandidates('65').length > 1)
    assert.deepEqual(brandCandidates('00'), [])
  })

  test('the longest length of the range in sight', () => {
    assert.equal(longestNumber('37'), 15)
    assert.equal(longestNumber('5555555'), 16)
    assert.equal(longestNumber('00'), 19)
  })

  test('any one wrong digit fails Luhn', () => {
    const number = fc.stringMatching(/^\d{11,18}$/).map((body) => {
      const check = [...'0123456789'].find((digit) => passesLuhn(body + digit)) ?? ''
      return body + check
    })
    fc.assert(
      fc.property(number, fc.nat(), fc.integer({ min: 1, max: 9 }), (good, position, shift) => {
        assert.ok(passesLuhn(good))
        const at = position % good.length
        const wrong = String((Number(good[at]) + shift) % 10)
        assert.ok(!passesLuhn(good.slice(0, at) + wrong + good.slice(at + 1)))
      }),
    )
  })

  test('what the page displays is judged as what was typed', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{0,19}$/), (digits) => {
        assert.equal(cleanNumber(groupNumber(digits)), digits)
        assert.deepEqual(parseNumber(groupNumber(digits)), parseNumber(digits))
      }),
    )
  })

  test('no text makes it throw, and what passes is digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const verdict = parseNumber(text)
        if (verdict.ok) assert.match(verdict.value.digits, /^\d{12,19}$/)
      }),
    )
  })
})

describe('expiry', () => {
  const ACCEPTED = [
    '0928',
    '928',
    '9/28',
    '09-28',
    '09 / 28',
    '09/2028',
    '092028',
    '2028-09',
    '202809',
    '09.28',
    '٠٩/٢٨',
  ]
  for (const text of ACCEPTED) {
    test(`${text} is September 2028`, () => {
      assert.deepEqual(parseExpiry(text, TODAY), { ok: true, value: { month: 9, year: 2028 } })
    })
  }
  const CASES: readonly [string, string][] = [
    ['130', '01 / 30'],
    ['1130', '11 / 30'],
    ['10/2030', '10 / 30'],
    ['10 / /24', 'expiry_past'],
    ['', 'expiry_empty'],
    [' ', 'expiry_empty'],
    ['13', 'expiry_wrong'],
    ['1 / 3', 'expiry_wrong'],
    ['00/28', 'expiry_month'],
    ['13/28', 'expiry_month'],
    ['ab/cd', 'expiry_wrong'],
    ['09/028', 'expiry_wrong'],
    ['1/2/28', 'expiry_wrong'],
    ['08/26', 'expiry_past'],
    ['09/26', '09 / 26'],
    ['12/98', 'expiry_past'],
    ['09/46', '09 / 46'],
    ['10/46', 'expiry_far'],
    ['09/9999', 'expiry_far'],
  ]
  for (const [text, expected] of CASES) {
    test(`${JSON.stringify(text)} reads as ${expected}`, () => {
      const verdict = parseExpiry(text, TODAY)
      assert.equal(verdict.ok ? formatExpiry(verdict.value) : verdict.code, expected)
    })
  }

  test('every month from this one to twenty years ahead passes, and reads the same once displayed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 240 }), (ahead) => {
        const months = TODAY.year * 12 + TODAY.month - 1 + ahead
        const expiry = { month: (months % 12) + 1, year: Math.floor(months / 12) }
        assert.deepEqual(parseExpiry(formatExpiry(expiry), TODAY), { ok: true, value: expiry })
      }),
    )
  })

  test('a century turns', () => {
    assert.deepEqual(parseExpiry('01/01', { month: 6, year: 2099 }), { ok: true, value: { month: 1, year: 2101 } })
  })

  test('the month ends when it has ended everywhere', () => {
    assert.deepEqual(earliestMonth(new Date('2026-10-01T11:59:59Z')), { month: 9, year: 2026 })
    assert.deepEqual(earliestMonth(new Date('2026-10-01T12:00:00Z')), { month: 10, year: 2026 })
    assert.deepEqual(earliestMonth(new Date('2027-01-01T00:00:00Z')), { month: 12, year: 2026 })
  })

  test('no text makes it throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseExpiry(text, TODAY)))
  })
})

describe('security code', () => {
  const CASES: readonly [string, string, string][] = [
    ['123', VISA, '123'],
    ['1234', VISA, 'code_length'],
    ['1234', AMEX, '1234'],
    ['123', AMEX, 'code_length'],
    ['123', '', '123'],
    ['1234', '', '1234'],
    ['12', '', 'code_length'],
    ['12345', AMEX, 'code_length'],
    ['12a', VISA, 'code_length'],
    ['', VISA, 'code_empty'],
    ['１２３', VISA, '123'],
  ]
  for (const [code, digits, expected] of CASES) {
    test(`${JSON.stringify(code)} on ${digits.slice(0, 2) || 'an unknown brand'} is ${expected}`, () => {
      const verdict = parseCode(code, digits)
      assert.equal(verdict.ok ? verdict.value : verdict.code, expected)
    })
  }
  test('both lengths pass while the brand is open', () => assert.deepEqual(codeLengths('0'), [3, 4]))
})

describe('name and email', () => {
  const NAMES: readonly [string, string][] = [
    ['  Ada   Lovelace ', 'Ada Lovelace'],
    ["Seán O'Brien-Ní", "Seán O'Brien-Ní"],
    ['山田太郎', '山田太郎'],
    ['محمد', 'محمد'],
    ['Louis XIV 2nd', 'Louis XIV 2nd'],
    ['', 'name_empty'],
    ['123', 'name_number'],
    ['4242 4242 4242 4242', 'name_number'],
    ['٤٢٤٢', 'name_number'],
    ['x'.repeat(201), 'name_long'],
  ]
  for (const [text, expected] of NAMES) {
    test(`name ${JSON.stringify(text.slice(0, 30))}`, () => {
      const verdict = parseCardName(text)
      assert.equal(verdict.ok ? verdict.value : verdict.code, expected)
    })
  }
  const GOOD = ['name@example.com', ' a@b.co ', 'ünï@bücher.example', "o'hara+tag@mail.example.co.uk", '用户@例子.公司']
  for (const email of GOOD) test(`accepts ${email}`, () => assert.equal(parseEmail(email).ok, true))
  const BAD = [
    '',
    'name',
    'name@',
    '@example.com',
    'a@b',
    'a b@c.de',
    'a@b..c',
    'a@@b.co',
    'a@b.co\r\nBcc: x@y.z',
    `${'a'.repeat(65)}@b.co`,
  ]
  for (const email of BAD) test(`refuses ${JSON.stringify(email)}`, () => assert.equal(parseEmail(email).ok, false))
})
