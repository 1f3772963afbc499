import type { DoorEvents } from '../core/door-events.ts'
import type { Env } from '../core/env.ts'
import type { Tenant } from '../core/ids.ts'
import { open, seal } from '../core/seal.ts'

/** Shown to the shop once; 32 bytes, as many as its HMAC's digest. */
export function newEndpointSecret(env: Env): string {
  return `whsec_${Buffer.from(env.randomBytes(32)).toString('base64')}`
}

/** A new secret in the form of a door, which may have one of its own. */
export const newSecretFor = (env: Env, door: Pick<DoorEvents, 'newSecret'> | undefined): string =>
  door?.newSecret?.((count) => env.randomBytes(count)) ?? newEndpointSecret(env)

/** A secret that a receiver has already: visible ASCII, so that it is one header's or setting's text everywhere. */
export const isOwnSecret = (text: string): boolean => /^[\x21-\x7e]{8,200}$/.test(text)

/** How signing secrets rest: sealed, each to its tenant. */
export type SecretSealer = {
  seal(tenant: Tenant, secret: string): Uint8Array
  /** Undefined when these bytes were not sealed for this tenant under this key. */
  open(tenant: Tenant, sealed: Uint8Array): string | undefined
}

/** @param key 32 bytes that are not in the database */
export function makeSecretSealer(env: Env, key: Uint8Array): SecretSealer {
  return {
    seal: (tenant, secret) => seal(key, env.randomBytes(12), Buffer.from(secret), ownerOf(tenant)),
    open(tenant, sealed) {
      const opened = open(key, sealed, ownerOf(tenant))
      return opened && Buffer.from(opened).toString()
    },
  }
}

const ownerOf = (tenant: Tenant): Uint8Array => Buffer.from(`webhook endpoint secret of tenant ${tenant}`)
