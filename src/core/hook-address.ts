import { createHmac } from 'node:crypto'
import { base62Decode, base62Encode } from './base62.ts'
import { credentialOf, isLive, provesCredential, readTenant, splitCredential, type Tenant } from './ids.ts'

const TENANT_LENGTH = 6 // 62^6 > 2^32

/**
 * The last part of the URL under which a provider tells us about one tenant: the tenant's number and 128 bits of HMAC,
 * so that nobody finds a hook by counting. It opens nothing: what comes in there is signed as well.
 * @param key of the installation, not in the database
 */
export function hookAddress(key: Uint8Array, connector: string, tenant: Tenant): string {
  const number = new Uint8Array(4)
  new DataView(number.buffer).setUint32(0, tenant)
  const name = `hook_${isLive(tenant) ? 'live' : 'test'}_${base62Encode(number, TENANT_LENGTH)}`
  return credentialOf(name, key, `address for ${connector}: ${name}`)
}

/** Undefined for whatever `hookAddress` would not spell exactly so. */
export function parseHookAddress(key: Uint8Array, connector: string, text: string): Tenant | undefined {
  const { name, claim } = splitCredential(text) ?? { name: '', claim: '' }
  const bytes = base62Decode(name.slice(-TENANT_LENGTH), 4)
  const tenant = bytes && readTenant(bytes)
  if (tenant === undefined || !provesCredential(claim, key, `address for ${connector}: ${name}`)) return undefined
  return hookAddress(key, connector, tenant) === text ? tenant : undefined
}

/** What a provider signs a tenant's notices with, where we choose it: derived, so that no table holds it. */
export function hookSecret(key: Uint8Array, connector: string, tenant: Tenant): string {
  return `hksec_${createHmac('sha256', key).update(`secret of ${connector} for ${tenant}`).digest('base64url')}`
}
