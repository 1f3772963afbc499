import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { newUuid, type Tenant } from '../core/ids.ts'
import { fingerprintOf, openCard, type SealedCard, sealCard } from './card-secret.ts'
import type { KeyRing } from './key-ring.ts'
import { Pan } from './pan.ts'

const env = testEnv()
const PAN = new Pan('4242424242424242')
const ring: KeyRing = { wrapping: new Map([[1, env.randomBytes(32)]]), fingerprint: env.randomBytes(32) }
const tenant = 7 as Tenant
const token = newUuid(env)
const sealed = sealCard(env, ring, tenant, token, PAN)
const closed = (card: SealedCard, at = { tenant, token }, keys = ring) =>
  assert.throws(() => openCard(keys, at.tenant, at.token, card), /does not open|no key of version/)

test('a card opens where it was put', () => {
  assert.equal(openCard(ring, tenant, token, sealed).reveal(), PAN.reveal())
})

for (const field of ['wrappedKey', 'ciphertext'] as const) {
  test(`a card with any one bit of its ${field} changed does not open, nor with any part missing`, () => {
    for (let at = 0; at < sealed[field].length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = Uint8Array.from(sealed[field])
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        closed({ ...sealed, [field]: bytes })
      }
      closed({ ...sealed, [field]: sealed[field].slice(0, at) })
    }
  })
}

test('a card that was moved to another token, account, row or key version does not open', () => {
  const other = newUuid(env)
  const twin = sealCard(env, ring, tenant, other, PAN)
  closed(sealed, { tenant, token: other })
  closed(sealed, { tenant: 9 as Tenant, token })
  closed({ ...sealed, ciphertext: twin.ciphertext })
  closed({ ...sealed, wrappedKey: twin.wrappedKey })
  closed({ ...sealed, wrappedKey: sealed.ciphertext, ciphertext: sealed.wrappedKey })
  const one = [...ring.wrapping.values()][0] ?? new Uint8Array()
  const sameKeyTwice: KeyRing = {
    ...ring,
    wrapping: new Map([
      [1, one],
      [2, one],
    ]),
  }
  closed({ ...sealed, keyVersion: 2 }, undefined, sameKeyTwice)
  closed({ ...sealed, keyVersion: 3 })
})

test('a new key wraps from now on, and the old one still opens what it wrapped', () => {
  const rotated: KeyRing = { ...ring, wrapping: new Map([...ring.wrapping, [2, env.randomBytes(32)]]) }
  const later = sealCard(env, rotated, tenant, token, PAN)
  assert.equal(later.keyVersion, 2)
  assert.equal(openCard(rotated, tenant, token, later).reveal(), PAN.reveal())
  assert.equal(openCard(rotated, tenant, token, sealed).reveal(), PAN.reveal())
  assert.deepEqual(fingerprintOf(rotated, tenant, PAN), fingerprintOf(ring, tenant, PAN))
  closed(later)
})

test('10000 seals of one card share no nonce, no key and no ciphertext', () => {
  const drawn: string[] = []
  const spied = { ...env, randomBytes: (length: number) => spy(env.randomBytes(length)) }
  const spy = (bytes: Uint8Array) => {
    drawn.push(Buffer.from(bytes).toString('hex'))
    return bytes
  }
  const seen = new Set<string>()
  const nonceOf = (bytes: Uint8Array) => Buffer.from(bytes.subarray(1, 13)).toString('hex')
  for (let round = 0; round < 10_000; round++) {
    const { wrappedKey, ciphertext } = sealCard(spied, ring, tenant, token, PAN)
    for (const text of [nonceOf(wrappedKey), nonceOf(ciphertext), Buffer.from(ciphertext).toString('hex')])
      seen.add(text)
  }
  assert.equal(seen.size, 30_000)
  assert.equal(new Set(drawn).size, 30_000, 'a key and two nonces for every seal, none of them twice')
})

test('a fingerprint is the same for a number in one account, and tells nothing across accounts or without the key', () => {
  const print = (one: KeyRing, owner: number, digits: string) =>
    Buffer.from(fingerprintOf(one, owner as Tenant, new Pan(digits))).toString('hex')
  const own = print(ring, 7, PAN.reveal())
  assert.equal(print(ring, 7, PAN.reveal()), own)
  assert.notEqual(print(ring, 9, PAN.reveal()), own)
  assert.notEqual(print(ring, 7, '5555555555554444'), own)
  assert.notEqual(print({ ...ring, fingerprint: env.randomBytes(32) }, 7, PAN.reveal()), own)
})
