import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { base58Decode, base58Encode } from './base58.ts'

/** draft-msporny-base58-03, §5, and the edges. */
const VECTORS: readonly (readonly [hex: string, text: string])[] = [
  ['', ''],
  ['00', '1'],
  ['0000', '11'],
  ['39', 'z'],
  ['3a', '21'],
  ['48656c6c6f20576f726c6421', '2NEpo7TZRRrLZSi2U'],
  ['0000287fb4cd', '11233QC4'],
  [
    Buffer.from('The quick brown fox jumps over the lazy dog.').toString('hex'),
    'USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z',
  ],
  [
    Buffer.from('ps:b8dd201e-5da0-4655-bc31-c3470698c172').toString('hex'),
    '2GRSj4LvzJK36nesSKyURHRdbCiztLZowGhHmmuXDe4LdQPk2igBHb',
  ],
]

for (const [hex, text] of VECTORS) {
  test(`${hex || 'nothing'} is ${text || 'nothing'}`, () => {
    assert.equal(base58Encode(Buffer.from(hex, 'hex')), text)
    assert.equal(Buffer.from(base58Decode(text, 80) ?? [1]).toString('hex'), hex)
  })
}

test('bytes come back, zeros at their beginning too', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.uint8Array({ maxLength: 60 }), (zeros, rest) => {
      const bytes = Uint8Array.from([...new Uint8Array(zeros), ...rest])
      const text = base58Encode(bytes)
      assert.match(text, /^[1-9A-HJ-NP-Za-km-z]*$/)
      assert.deepEqual(base58Decode(text, 100), bytes)
    }),
  )
})

test('one text is one spelling: whatever decodes is encoded to itself', () => {
  const digits = fc.constantFrom(...'123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz')
  fc.assert(
    fc.property(fc.string({ unit: digits, maxLength: 60 }), (text) => {
      const bytes = base58Decode(text, 60)
      assert.equal(bytes && base58Encode(bytes), text)
    }),
  )
})

test('a character that is no digit, and a long text, are refused', () => {
  for (const text of ['0', 'O', 'I', 'l', ' 2', '2\n', '+2', 'ä', '２', '\u0000']) {
    assert.equal(base58Decode(text, 80), undefined)
  }
  assert.ok(base58Decode('2'.repeat(80), 80))
  assert.equal(base58Decode('2'.repeat(81), 80), undefined)
})
