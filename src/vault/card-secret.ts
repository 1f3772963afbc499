import { createHmac } from 'node:crypto'
import type { Env } from '../core/env.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import { open, seal } from '../core/seal.ts'
import { currentVersion, type KeyRing, wrappingKey } from './key-ring.ts'
import { Pan } from './pan.ts'

/** One card at rest: sealed under a key of its own, and that key sealed under the ring's. */
export type SealedCard = {
  readonly keyVersion: number
  readonly wrappedKey: Uint8Array
  readonly ciphertext: Uint8Array
}

/**
 * A fresh key for every card means that no two messages ever share a key and nonce. What is sealed is bound to its
 * place (account, token, field, key version): a ciphertext that is moved to another row does not open.
 */
export function sealCard(env: Env, ring: KeyRing, tenant: Tenant, token: Uuid, pan: Pan): SealedCard {
  const keyVersion = currentVersion(ring)
  const cardKey = env.randomBytes(32)
  const number = new TextEncoder().encode(pan.reveal())
  return {
    keyVersion,
    wrappedKey: seal(
      wrappingKey(ring, keyVersion),
      env.randomBytes(12),
      cardKey,
      placeOf(tenant, token, 'key', keyVersion),
    ),
    ciphertext: seal(cardKey, env.randomBytes(12), number, placeOf(tenant, token, 'number', keyVersion)),
  }
}

/** @throws Error when the card was changed, moved, or sealed under a key that is not here */
export function openCard(ring: KeyRing, tenant: Tenant, token: Uuid, card: SealedCard): Pan {
  const wrapping = wrappingKey(ring, card.keyVersion)
  const cardKey = open(wrapping, card.wrappedKey, placeOf(tenant, token, 'key', card.keyVersion))
  const number = cardKey && open(cardKey, card.ciphertext, placeOf(tenant, token, 'number', card.keyVersion))
  if (!number) throw new Error('a stored card does not open: it was changed or moved')
  return new Pan(new TextDecoder().decode(number))
}

/** The same number of the same account gives the same 16 bytes; without the key nothing can be tried against them. */
export function fingerprintOf(ring: KeyRing, tenant: Tenant, pan: Pan): Uint8Array {
  const digest = createHmac('sha256', ring.fingerprint).update(`${tenant}:${pan.reveal()}`).digest()
  return Uint8Array.from(digest.subarray(0, 16))
}

/** Says whether two texts for a number are the same, however they were typed; a number cannot be found from it. */
export function nameNumber(ring: KeyRing, tenant: Tenant, typed: string): string {
  const plain = `${tenant}:typed:${typed.replace(/[^0-9]/g, '')}`
  return createHmac('sha256', ring.fingerprint).update(plain).digest('hex').slice(0, 32)
}

function placeOf(tenant: Tenant, token: Uuid, field: 'key' | 'number', keyVersion: number): Uint8Array {
  return new TextEncoder().encode(`opentill.card:${tenant}:${token}:${field}:${keyVersion}`)
}
