import { hkdfSync } from 'node:crypto'
import type { Env } from '../core/env.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import { signatureHeaders } from '../core/sign-delivery.ts'

/** Who listens: an API key of a tenant. */
export type ListeningKey = { readonly tenant: Tenant; readonly keyId: Uuid }

/** Signs what a Stripe CLI forwards. */
export type ListenerSigner = {
  secretOf(key: ListeningKey): string
  /** The headers that go with an event, signed now. */
  sign(key: ListeningKey, eventName: string, body: Uint8Array): Readonly<Record<string, string>>
}

/**
 * The secret follows from the API key's name (HKDF, RFC 5869): `stripe listen --print-secret` today and `stripe listen`
 * tomorrow print the same one, a shop under development may keep it in its settings, and nothing is stored.
 * @param key 32 bytes that are not in the database
 */
export function makeListenerSigner(env: Env, key: Uint8Array): ListenerSigner {
  const secretOf = ({ tenant, keyId }: ListeningKey): string => {
    const purpose = `what a Stripe CLI of tenant ${tenant} with the key ${keyId} forwards`
    return `whsec_${Buffer.from(hkdfSync('sha256', key, '', purpose, 32)).toString('base64')}`
  }
  return {
    secretOf,
    sign: (who, eventName, body) =>
      signatureHeaders({
        eventName,
        sentAtSeconds: Math.floor(env.now().getTime() / 1000),
        body,
        secrets: [secretOf(who)],
      }),
  }
}
