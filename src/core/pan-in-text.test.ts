import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { containsPan, maskPans } from './pan-in-text.ts'
import { paramPath } from './param-path.ts'

/** Luhn's check digit (ISO/IEC 7812-1 annex B), written otherwise than in the code under test. */
function withCheckDigit(start: string): string {
  for (let digit = 0; digit < 10; digit++) {
    const digits = [...start, digit].map(Number).reverse()
    const doubled = digits.map((value, place) => (place % 2 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][value] : value))
    if (doubled.reduce<number>((sum, value) => sum + (value ?? 0), 0) % 10 === 0) return start + digit
  }
  throw new Error('one of ten digits always fits')
}

const NETWORKS: [prefix: string, length: number][] = [
  ['4', 16],
  ['4', 19],
  ['51', 16],
  ['2221', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['36', 14],
  ['305', 14],
  ['6011', 16],
  ['65', 16],
  ['3528', 16],
  ['3589', 19],
  ['62', 19],
  ['2200', 16],
  ['6304', 18],
  ['9792', 16],
]
const pan = fc
  .tuple(fc.constantFrom(...NETWORKS), fc.array(fc.nat(9), { minLength: 19, maxLength: 19 }))
  .map(([[prefix, length], noise]) => withCheckDigit((prefix + noise.join('')).slice(0, length - 1)))
const separator = fc.constantFrom('', ' ', '-', '.', '\u00a0', ' - ', '  ', '–', '_', '/', '\u200b', '\u2060\ufeff')
const written = fc.tuple(pan, separator).map(([digits, between]) => grouped(digits, between))
const zeros = fc.constantFrom('0', '\u0660', '\u06f0', '\u0966', '\uff10')
/** Words without digits, and never ending in a point that would make the next digits a fraction. */
const prose = fc.string({ unit: fc.constantFrom(...'abz ÄÖ,:;!?()/"\n'), maxLength: 30 })

function grouped(digits: string, between: string): string {
  const sizes = digits.length === 15 ? [4, 6, 5] : digits.length === 14 ? [4, 6, 4] : [4, 4, 4, 4, 3]
  const groups: string[] = []
  for (let from = 0, next = 0; from < digits.length; from += sizes[next++] ?? 4) {
    groups.push(digits.slice(from, from + (sizes[next] ?? 4)))
  }
  return groups.join(between)
}

test('a card number is found in 5,000 texts, plain or in groups, and masked without a rest', () => {
  fc.assert(
    fc.property(prose, written, prose, (before, number, after) => {
      const text = `${before} ${number} ${after}`
      assert.ok(containsPan(text))
      const masked = maskPans(text)
      assert.equal(masked, `${before} [card number] ${after}`)
      assert.equal(containsPan(masked), false)
    }),
    { numRuns: 5000 },
  )
})

test('it is found beside letters, digit by digit and in other scripts', () => {
  fc.assert(
    fc.property(pan, zeros, (digits, zero) => {
      assert.ok(containsPan(`visa${digits}`))
      assert.ok(containsPan(`note:${digits}/12/27`))
      assert.ok(containsPan([...digits].join(' ')))
      assert.ok(containsPan(`https://shop.example/?ref=${digits}`))
      const script = [...digits].map((digit) => String.fromCharCode(zero.charCodeAt(0) + Number(digit))).join('')
      assert.ok(containsPan(script))
      assert.equal(maskPans(script), '[card number]')
    }),
  )
})

test('a code or date that follows in groups does not hide it', () => {
  fc.assert(
    fc.property(pan, fc.integer({ min: 100, max: 999 }), (digits, cvc) => {
      assert.ok(containsPan(`${grouped(digits, ' ')} ${cvc} 12/27`))
      assert.ok(containsPan(`order 2026 ${grouped(digits, ' ')}`))
    }),
  )
})

test('two in one text are both masked', () => {
  fc.assert(
    fc.property(pan, pan, (first, second) => {
      assert.equal(maskPans(`a ${first}, b ${second}.`), 'a [card number], b [card number].')
    }),
  )
})

const digits = (length: number) => fc.array(fc.nat(9), { minLength: length, maxLength: length }).map((d) => d.join(''))
const INNOCENT: [string, fc.Arbitrary<string>][] = [
  ['runs of 20 to 60 digits', fc.integer({ min: 20, max: 60 }).chain(digits)],
  ['runs of up to 12 digits', fc.integer({ min: 1, max: 12 }).chain(digits)],
  ['UUIDs', fc.uuid()],
  [
    'SHA-256 in hexadecimal',
    fc
      .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })
      .filter((hash) => /[a-f]/.test(hash)),
  ],
  ['milliseconds since 1970', fc.integer({ min: 10 ** 12, max: 2 * 10 ** 12 }).map(String)],
  [
    'moments',
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((date) => date.toISOString()),
  ],
  ['numbers as programs print them', fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((x) => (x / 7).toFixed(15))],
  ['tables of small numbers', fc.array(fc.nat(99), { minLength: 20, maxLength: 40 }).map((row) => row.join(' '))],
  ['fractions', fc.tuple(fc.nat(99), pan).map(([whole, number]) => `${whole}.${number}`)],
  [
    'fractions of thousands',
    fc.tuple(pan, fc.integer({ min: 3, max: 9 })).map(([number, at]) => `${number.slice(0, at)}.${number.slice(at)}`),
  ],
  [
    'pairs of digits',
    pan.filter((number) => number.length === 16).map((number) => number.replace(/(..)(?=.)/g, '$1 ')),
  ],
  [
    'groups with changing separators',
    pan.filter((number) => number.length === 16).map((number) => number.replace(/^(.{4})(.{4})(.{4})/, '$1 $2-$3 ')),
  ],
  ['long rows of single figures', pan.map((number) => [...'11111111', ...number].join(' '))],
  ['one digit changed', pan.map((number) => `${number.slice(0, -1)}${(Number(number.at(-1)) + 1) % 10}`)],
  [
    'prefixes of no network',
    fc
      .constantFrom('0', '1900', '7', '90', '6100')
      .chain((prefix) => digits(15 - prefix.length).map((rest) => withCheckDigit(prefix + rest))),
  ],
  ['German and Japanese articles', digits(11).map((rest) => ean13(`4${rest}`))],
]
for (const [name, texts] of INNOCENT) {
  test(`${name} are no card numbers`, () => {
    fc.assert(
      fc.property(texts, (text) => {
        assert.equal(containsPan(text), false)
        assert.equal(maskPans(`x ${text} y`), `x ${text} y`)
      }),
      { numRuns: 500 },
    )
  })
}

function ean13(start: string): string {
  const sum = [...start].reduce((total, digit, place) => total + Number(digit) * (place % 2 ? 3 : 1), 0)
  return `${start}${(10 - (sum % 10)) % 10}`
}

test('any text gets an answer, and the mask is stable', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789 -.abf\ud83d\u0661'), maxLength: 300 }), (text) => {
      const masked = maskPans(text)
      assert.equal(containsPan(masked), false)
      assert.equal(masked === text, !containsPan(text))
    }),
    { numRuns: 1000 },
  )
})

test('a megabyte of anything like a card number is read once', () => {
  for (const unit of ['4', '4 ', '4242 ', '4242-', '42.', 'a4', '4242424242424241 ', '00000000-']) {
    containsPan(unit.repeat(Math.ceil(2 ** 20 / unit.length)))
  }
})

test('a parameter is named as Stripe names it, shortly and without a card number', () => {
  assert.equal(paramPath(['line_items', 0, 'price_data', 'unit_amount']), 'line_items[0][price_data][unit_amount]')
  assert.equal(paramPath([]), '')
  assert.equal(paramPath(['x'.repeat(500)]).length, 200)
  fc.assert(fc.property(pan, (number) => assert.equal(containsPan(paramPath(['metadata', number])), false)))
})
