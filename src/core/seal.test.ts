import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { open, seal } from './seal.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const SOME = fc.record({
  key: bytes(32),
  nonce: bytes(12),
  plaintext: fc.uint8Array({ maxLength: 80 }),
  aad: fc.uint8Array({ maxLength: 40 }),
})

test('what was sealed opens', () => {
  fc.assert(
    fc.property(SOME, ({ key, nonce, plaintext, aad }) => {
      const sealed = seal(key, nonce, plaintext, aad)
      assert.equal(sealed.length, plaintext.length + 29)
      assert.deepEqual(open(key, sealed, aad), plaintext)
    }),
  )
})

test('each flipped bit of each byte fails to open', () => {
  const [key, nonce, aad] = [new Uint8Array(32).fill(7), new Uint8Array(12).fill(3), Buffer.from('tenant 5')]
  const sealed = seal(key, nonce, Buffer.from('whsec_example'), aad)
  for (let at = 0; at < sealed.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const wrong = Uint8Array.from(sealed)
      wrong[at] = (wrong[at] ?? 0) ^ (1 << bit)
      assert.equal(open(key, wrong, aad), undefined, `bit ${bit} of byte ${at}`)
    }
  }
  for (let length = 0; length < sealed.length; length++) {
    assert.equal(open(key, sealed.subarray(0, length), aad), undefined, `cut to ${length} bytes`)
  }
})

test('another owner or another key opens nothing', () => {
  fc.assert(
    fc.property(SOME, fc.uint8Array({ maxLength: 40 }), bytes(32), (one, otherAad, otherKey) => {
      const sealed = seal(one.key, one.nonce, one.plaintext, one.aad)
      if (Buffer.compare(one.aad, otherAad) !== 0) assert.equal(open(one.key, sealed, otherAad), undefined)
      if (Buffer.compare(one.key, otherKey) !== 0) assert.equal(open(otherKey, sealed, one.aad), undefined)
    }),
  )
})

test('the version is part of what is bound: sealed without it, the same bytes do not open', () => {
  const [key, nonce, aad] = [new Uint8Array(32), new Uint8Array(12), Buffer.from('owner')]
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
  const parts = [Uint8Array.of(1), nonce, cipher.update('secret'), cipher.final(), cipher.getAuthTag()]
  assert.equal(open(key, Buffer.concat(parts), aad), undefined)
})

test('keys and nonces of a wrong length are a bug of the caller', () => {
  const [key, nonce, none] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array()]
  assert.throws(() => seal(new Uint8Array(16), nonce, none, none), RangeError)
  assert.throws(() => seal(key, new Uint8Array(8), none, none), RangeError)
  assert.throws(() => open(new Uint8Array(31), seal(key, nonce, none, none), none), RangeError)
})
