import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { comparableText, type TextFault, type TextRule, textFault } from './text.ts'

const NAME: TextRule = { min: 1, max: 5 }
const NOTE: TextRule = { max: 20, multiline: true }
const WIDE: TextRule = { max: 40 }

const CASES: [string, string, TextRule, TextFault | undefined][] = [
  ['an ordinary name', 'Ünal', NAME, undefined],
  ['five letters of five', 'abcde', NAME, undefined],
  ['six letters of five', 'abcdef', NAME, 'too_long'],
  ['five emoji of five', '💳💳💳💳💳', NAME, undefined],
  ['six emoji of five', '💳💳💳💳💳💳', NAME, 'too_long'],
  ['a megabyte', 'x'.repeat(1_000_000), NAME, 'too_long'],
  ['nothing', '', NAME, 'too_short'],
  ['nothing, where it may be', '', WIDE, undefined],
  ['spaces only', ' \u00a0\u3000', NAME, 'blank'],
  ['NUL', 'a\u0000b', WIDE, 'nul'],
  ['NUL in a note', 'a\u0000b', NOTE, 'nul'],
  ['half a pair', 'a\ud83d', WIDE, 'lone_surrogate'],
  ['the other half', '\udcb3a', WIDE, 'lone_surrogate'],
  ['a line feed', 'a\nb', WIDE, 'control_character'],
  ['a carriage return', 'a\r\nBcc: x', WIDE, 'control_character'],
  ['lines in a note', 'a\r\n\tb', NOTE, undefined],
  ['escape in a note', 'a\u001b[2J', NOTE, 'control_character'],
  ['DEL', 'a\u007f', WIDE, 'control_character'],
  ['NEL', 'a\u0085b', WIDE, 'control_character'],
  ['line separator', 'a\u2028b', WIDE, 'control_character'],
  ['right-to-left override', 'shop\u202egpj.exe', WIDE, 'bidi_override'],
  ['an isolate', '\u2066a\u2069', WIDE, 'bidi_override'],
  ['a right-to-left mark', 'שלום\u200f!', WIDE, undefined],
  ['Persian with a joiner', 'می\u200cخواهم', WIDE, undefined],
  ['a family of joined emoji', '👩\u200d👩\u200d👧', WIDE, undefined],
  ['zero width first', '\u200bshop', WIDE, 'zero_width_edge'],
  ['zero width last', 'shop\ufeff', WIDE, 'zero_width_edge'],
  ['markup is only text', '<script>alert(1)</script>', WIDE, undefined],
  ['SQL is only text', "'; drop table x; --", WIDE, undefined],
]
for (const [name, value, rule, expected] of CASES) {
  test(`${name}: ${expected ?? 'taken'}`, () => assert.equal(textFault(value, rule), expected))
}

test('what is taken, Postgres and a header line would take, too', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.boolean(), (value, multiline) => {
      if (textFault(value, { max: 25, multiline })) return
      assert.ok([...value].length <= 25)
      assert.ok(!value.includes('\u0000') && value.isWellFormed())
      assert.doesNotMatch(multiline ? value.replace(/[\t\r\n]/g, '') : value, /\p{Cc}/u)
    }),
  )
})

test('any UTF-16 at all gets an answer', () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 })
  fc.assert(
    fc.property(units, (codes) => {
      const value = String.fromCharCode(...codes)
      const expected = !value.includes('\u0000') && !value.isWellFormed()
      assert.equal(textFault(value, { max: 50 }) === 'lone_surrogate', expected)
    }),
  )
})

test('two spellings of one name compare equal and are stored as they came', () => {
  assert.notEqual('Zo\u00eb', 'Zoe\u0308')
  assert.equal(comparableText('Zo\u00eb'), comparableText('Zoe\u0308'))
})
