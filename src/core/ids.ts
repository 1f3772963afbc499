import { createHmac, timingSafeEqual } from 'node:crypto'
import { base62Decode, base62Encode } from './base62.ts'
import type { Env } from './env.ts'

declare const brand: unique symbol
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** The storage tenant: one account in one mode. Live numbers are even, test numbers odd; both fit a positive int4. */
export type Tenant = Brand<number, 'Tenant'>
/** Lower-case, hyphenated UUID. Ours are version 7: they sort by the millisecond they were made in. */
export type Uuid = Brand<string, 'Uuid'>

export const liveTenant = (accountNumber: number): Tenant => (accountNumber * 2) as Tenant
export const testTenant = (accountNumber: number): Tenant => (accountNumber * 2 + 1) as Tenant
export const isLive = (tenant: Tenant): boolean => tenant % 2 === 0
/** The same account's other world. */
export const otherMode = (tenant: Tenant): Tenant => (tenant ^ 1) as Tenant
/** The account behind a tenant, named by its live number. */
export const accountTenant = (tenant: Tenant): Tenant => (tenant & ~1) as Tenant

/** Every kind of thing that has a name. The wire prefix is the whole difference between two names. */
export const PREFIXES = {
  account: 'acct_',
  attempt: 'att_',
  charge: 'ch_',
  customer: 'cus_',
  dispute: 'dp_',
  endpoint: 'we_',
  event: 'evt_',
  key: 'key_',
  lineItem: 'li_',
  listener: 'cliws_',
  method: 'pm_',
  movement: 'txn_',
  operation: 'op_',
  payment: 'pi_',
  price: 'price_',
  product: 'prod_',
  refund: 're_',
  request: 'req_',
  session: 'cs_',
  token: 'tok_',
} as const
export type Kind = keyof typeof PREFIXES

/** A time-ordered UUID (RFC 9562 version 7). */
export function newUuid(env: Env): Uuid {
  const bytes = new Uint8Array(16)
  bytes.set(env.randomBytes(10), 6)
  const millis = env.now().getTime()
  new DataView(bytes.buffer).setUint16(0, Math.floor(millis / 2 ** 32))
  new DataView(bytes.buffer).setUint32(2, millis >>> 0)
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return uuidFromBytes(bytes)
}

/** The smallest version 7 UUID of a moment: rows made at or after it sort at or after this. */
export function firstUuidAt(moment: Date): Uuid {
  const hex = Math.max(0, Math.min(moment.getTime(), 2 ** 48 - 1))
    .toString(16)
    .padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000` as Uuid
}

const NAME_BYTES = 20 // int4 tenant, then the UUID
const NAME_LENGTH = 27 // 62^27 > 2^160
const PROOF_LENGTH = 22 // 62^22 > 2^128

/**
 * What an object is called outside: prefix and base62(tenant ‖ UUID), of fixed length. Knowing a name opens nothing.
 * Sessions carry their mode after the prefix, as shops know it: `cs_test_…`.
 */
export function nameOf(kind: Kind, tenant: Tenant, id: Uuid): string {
  const bytes = new Uint8Array(NAME_BYTES)
  new DataView(bytes.buffer).setUint32(0, tenant)
  bytes.set(uuidToBytes(id), 4)
  return prefixOf(kind, tenant) + base62Encode(bytes, NAME_LENGTH)
}

/** Undefined for everything that `nameOf` would not spell exactly so: one object, one spelling. */
export function parseName(kind: Kind, text: string): { tenant: Tenant; id: Uuid } | undefined {
  const prefix = PREFIXES[kind]
  if (!text.startsWith(prefix)) return undefined
  const bytes = base62Decode(text.slice(-NAME_LENGTH), NAME_BYTES)
  if (!bytes) return undefined
  const tenant = readTenant(bytes)
  const id = uuidFromBytes(bytes.subarray(4))
  return tenant !== undefined && nameOf(kind, tenant, id) === text ? { tenant, id } : undefined
}

/** The tenant that a name or a key begins with; undefined for a number that no column of ours holds. */
export function readTenant(bytes: Uint8Array): Tenant | undefined {
  const tenant = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0)
  return tenant > 0 ? (tenant as Tenant) : undefined
}

/** A name that opens something: the name and 128 bits of HMAC-SHA-256 under the object's own secret. */
export function credentialOf(name: string, secret: Uint8Array, purpose: string): string {
  return name + base62Encode(proof(secret, purpose), PROOF_LENGTH)
}

/** Splits a credential into the name that finds the row and the claim that `provesCredential` then judges. */
export function splitCredential(text: string): { name: string; claim: string } | undefined {
  if (text.length <= PROOF_LENGTH || text.length > 100) return undefined
  return { name: text.slice(0, -PROOF_LENGTH), claim: text.slice(-PROOF_LENGTH) }
}

/** Constant time in the claim's bytes. */
export function provesCredential(claim: string, secret: Uint8Array, purpose: string): boolean {
  const claimed = base62Decode(claim, 16)
  return claimed !== undefined && timingSafeEqual(claimed, proof(secret, purpose))
}

export function uuidToBytes(id: Uuid): Uint8Array {
  return Uint8Array.from(Buffer.from(id.replaceAll('-', ''), 'hex'))
}

function uuidFromBytes(bytes: Uint8Array): Uuid {
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-') as Uuid
}

function prefixOf(kind: Kind, tenant: Tenant): string {
  return kind === 'session' ? `cs_${isLive(tenant) ? 'live' : 'test'}_` : PREFIXES[kind]
}

function proof(secret: Uint8Array, purpose: string): Uint8Array {
  return Uint8Array.from(createHmac('sha256', secret).update(purpose).digest().subarray(0, 16))
}
