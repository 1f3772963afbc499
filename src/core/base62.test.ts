import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { base62Decode, base62Encode } from './base62.ts'

const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 })

test('twenty bytes come back from 27 digits', () => {
  fc.assert(
    fc.property(bytes20, (bytes) => {
      const text = base62Encode(bytes, 27)
      assert.match(text, /^[0-9A-Za-z]{27}$/)
      assert.deepEqual(base62Decode(text, 20), Uint8Array.from(bytes))
    }),
  )
})

test('texts of one length sort as their bytes do', () => {
  fc.assert(
    fc.property(bytes20, bytes20, (a, b) => {
      const [textA, textB] = [base62Encode(a, 27), base62Encode(b, 27)]
      const order = textA < textB ? -1 : textA > textB ? 1 : 0
      assert.equal(order, Buffer.compare(a, b))
    }),
  )
})

test('the ends of the range, by hand', () => {
  assert.equal(base62Encode(new Uint8Array(), 3), '000')
  assert.equal(base62Encode(Uint8Array.of(61), 1), 'z')
  assert.equal(base62Encode(Uint8Array.of(62), 2), '10')
  assert.deepEqual(base62Decode('47', 1), Uint8Array.of(255))
  assert.equal(base62Decode('48', 1), undefined, '256 does not fit in one byte')
  assert.deepEqual(base62Decode('', 2), Uint8Array.of(0, 0))
})

test('a character that is no digit is refused, whatever surrounds it', () => {
  for (const text of ['-', '_', ' ', '+1', '1\n', 'ä', '１', '\u0000']) assert.equal(base62Decode(text, 20), undefined)
})

test('never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const bytes = base62Decode(text, 20)
      assert.ok(bytes === undefined || bytes.length === 20)
    }),
  )
})
