import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { KeyKind } from './account.ts'
import { base62Decode, base62Encode } from './base62.ts'
import type { Env } from './env.ts'
import { isLive, readTenant, type Tenant } from './ids.ts'

const BODY_BYTES = 36 // int4 tenant, then 256 random bits
const BODY_LENGTH = 49 // 62^49 > 2^288
const CHECK_LENGTH = 6 // 62^6 > 2^32
const PREFIX = /^(sk|pk)_(test|live)_/

/** A key as it is spelled once, and what is kept of it. */
export type NewKey = { readonly text: string; readonly hash: Uint8Array; readonly hint: string }
export type ParsedKey = { readonly tenant: Tenant; readonly kind: KeyKind; readonly hash: Uint8Array }

/**
 * `sk_test_` and base62 of tenant and 256 random bits, then a checksum: a typing error is told without asking the
 * database, and a scanner for leaked secrets knows a real key from text that looks like one.
 */
export function newApiKey(env: Env, tenant: Tenant, kind: KeyKind): NewKey {
  const body = new Uint8Array(BODY_BYTES)
  new DataView(body.buffer).setUint32(0, tenant)
  body.set(env.randomBytes(BODY_BYTES - 4), 4)
  const unchecked = `${kind === 'secret' ? 'sk' : 'pk'}_${modeOf(tenant)}_${base62Encode(body, BODY_LENGTH)}`
  const text = unchecked + checksum(unchecked)
  return { text, hash: hashOf(text), hint: keyHint(text) }
}

/** Undefined for whatever `newApiKey` cannot have spelled. */
export function parseApiKey(text: string): ParsedKey | undefined {
  const [prefix, sort, mode] = PREFIX.exec(text) ?? []
  if (prefix === undefined || text.length !== prefix.length + BODY_LENGTH + CHECK_LENGTH) return undefined
  if (checksum(text.slice(0, -CHECK_LENGTH)) !== text.slice(-CHECK_LENGTH)) return undefined
  const body = base62Decode(text.slice(prefix.length, -CHECK_LENGTH), BODY_BYTES)
  if (!body) return undefined
  const tenant = readTenant(body)
  if (tenant === undefined || modeOf(tenant) !== mode) return undefined
  return { tenant, kind: sort === 'sk' ? 'secret' : 'publishable', hash: hashOf(text) }
}

/** What may be shown of a key, or of a text that wanted to be one: its sort and its last four characters. */
export function keyHint(text: string): string {
  const prefix = PREFIX.exec(text)?.[0] ?? ''
  return text.length - prefix.length < 16 ? `${prefix}****` : `${prefix}****${text.slice(-4)}`
}

function modeOf(tenant: Tenant): 'live' | 'test' {
  return isLive(tenant) ? 'live' : 'test'
}

function checksum(text: string): string {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, crc32(text))
  return base62Encode(bytes, CHECK_LENGTH)
}

function hashOf(text: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(text).digest())
}
