import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseExpiry, parseNumber } from '../../core/card-fields.ts'
import { type Typed, typeExpiry, typeNumber } from './typing.ts'

const EMPTY: Typed = { text: '', caret: 0 }
type Keystroke = string
/** One key at a time, as a keyboard sends them; `<` is backspace. */
function press(
  keys: Iterable<Keystroke>,
  type: (text: string, caret: number, deleting: boolean, before: string) => Typed,
  from = EMPTY,
): Typed {
  let { text, caret } = from
  for (const key of keys) {
    const start = key === '<' ? caret - 1 : caret
    if (start < 0) continue
    const next = text.slice(0, start) + (key === '<' ? '' : key) + text.slice(caret)
    ;({ text, caret } = type(next, start + (key === '<' ? 0 : 1), key === '<', text))
  }
  return { text, caret }
}
const typed = (keys: string): string => press(keys, typeExpiry).text
const pasted = (text: string): string => typeExpiry(text, text.length, false, '').text

describe('expiry', () => {
  const TYPED: readonly [string, string][] = [
    ['0928', '09 / 28'],
    ['928', '09 / 28'],
    ['130', '01 / 30'],
    ['1130', '11 / 30'],
    ['13', '1 / 3'],
    ['1', '1'],
    ['0', '0'],
    ['9', '09 / '],
    ['12', '12 / '],
    ['1/', '01 / '],
    ['1/30', '01 / 30'],
    ['09/28', '09 / 28'],
    ['09/2028', '09 / 28'],
    ['092028', '09 / 28'],
    ['09-28', '09 / 28'],
    ['09 28', '09 / 28'],
    ['09 / 28', '09 / 28'],
    ['092899', '09 / 28'],
    ['09<', '0'],
    ['0928<', '09 / 2'],
    ['0928<<', '09'],
    ['0928<<<', '0'],
    ['0928<<<<', ''],
    ['0928<<<<1130', '11 / 30'],
    ['13<', '1'],
    ['13<1', '11 / '],
    ['9<<8', '08 / '],
    ['13/', '13 / '],
    ['13/20', '13 / 20'],
    ['13 / 20', '13 / 20'],
    ['13 20', '13 / 20'],
    ['19-30', '19 / 30'],
    ['13.2030', '13 / 30'],
    ['130/', '01 / 30'],
  ]
  for (const [keys, shown] of TYPED) test(`typing ${keys} shows ${shown}`, () => assert.equal(typed(keys), shown))

  const PASTED: readonly [string, string][] = [
    ['2028-09', '09 / 28'],
    ['10/2030', '10 / 30'],
    ['10 / /24', '10 / 24'],
    ['9/28', '09 / 28'],
    ['092028', '09 / 28'],
    ['0928', '09 / 28'],
    ['٠٩/٢٨', '09 / 28'],
  ]
  for (const [text, shown] of PASTED) test(`pasting ${text} shows ${shown}`, () => assert.equal(pasted(text), shown))

  test('a month corrected in the middle keeps the year and the caret', () => {
    const cleared = typeExpiry('0 / 28', 1, true, '09 / 28')
    assert.deepEqual(cleared, { text: '0 / 28', caret: 1 })
    assert.deepEqual(typeExpiry('08 / 28', 2, false, '0 / 28'), { text: '08 / 28', caret: 5 })
  })

  test('what typing shows is judged as what was typed', () => {
    const today = { month: 1, year: 2025 }
    const month = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(month, fc.integer({ min: 25, max: 45 }), (m, y) => {
        const keys = `${String(m).padStart(2, '0')}${y}`
        assert.deepEqual(parseExpiry(typed(keys), today), parseExpiry(keys, today))
        assert.deepEqual(parseExpiry(pasted(`20${y}-${m}`), today), parseExpiry(keys, today))
      }),
    )
  })

  test('any keys leave a caret inside the text and at most nine characters', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'0123456789/ -<')), (keys) => {
        const { text, caret } = press(keys, typeExpiry)
        assert.ok(caret >= 0 && caret <= text.length && text.length <= 9, JSON.stringify(text))
      }),
    )
  })
})

describe('card number', () => {
  test('groups while typing', () => {
    assert.deepEqual(press('42424', typeNumber), { text: '4242 4', caret: 6 })
    assert.equal(press('378282246310005', typeNumber).text, '3782 822463 10005')
  })

  test('a digit deleted in the middle leaves the caret there', () => {
    assert.deepEqual(typeNumber('4242 422 4242', 7, true), { text: '4242 4224 242', caret: 7 })
  })

  test('a digit inserted before a gap carries the caret over it', () => {
    assert.deepEqual(typeNumber('42429 4242', 5, false), { text: '4242 9424 2', caret: 6 })
  })

  test('whatever is pasted is judged as it stood', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(\d[ .-]?){12,19}$/), (text) => {
        assert.deepEqual(parseNumber(typeNumber(text, text.length, false).text), parseNumber(text))
      }),
    )
  })

  test('the caret stays behind the digit it was behind', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{0,19}$/), fc.nat(), fc.boolean(), (digits, at, deleting) => {
        const caret = at % (digits.length + 1)
        const after = typeNumber(digits, caret, deleting)
        assert.equal(after.text.slice(0, after.caret).replace(/\D/g, ''), digits.slice(0, caret))
      }),
    )
  })
})
