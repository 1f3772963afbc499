import type { Caller } from '../../../core/account.ts'
import { base58Decode, base58Encode } from '../../../core/base58.ts'
import type { Uuid } from '../../../core/ids.ts'
import { Refused } from '../../errors.ts'

/** The kinds of object that this door names, and the letters that their ids begin with, outside and inside. */
const LETTERS = { session: 'ps', payment: 'pp', method: 'pm', refund: 're' } as const
export type BpcKind = keyof typeof LETTERS

/** 39 bytes are at most 54 digits. */
const MOST_DIGITS = 54
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * `ps_` and base58 of `ps:` with the UUID: the system's mobile SDKs take a session's id apart like this, and refuse every
 * other. It says nothing of the account, so an id is always read with a key.
 */
export function bpcId(kind: BpcKind, id: Uuid): string {
  const letters = LETTERS[kind]
  return `${letters}_${base58Encode(Buffer.from(`${letters}:${id}`))}`
}

/** Undefined for whatever `bpcId` would not spell exactly so. */
export function parseBpcId(kind: BpcKind, text: string): Uuid | undefined {
  const letters = LETTERS[kind]
  if (!text.startsWith(`${letters}_`)) return undefined
  const bytes = base58Decode(text.slice(letters.length + 1), MOST_DIGITS)
  const inner = bytes && Buffer.from(bytes).toString('latin1')
  if (!inner?.startsWith(`${letters}:`)) return undefined
  const id = inner.slice(letters.length + 1)
  return UUID.test(id) ? (id as Uuid) : undefined
}

/** What was asked for, of the caller's own account, or 404: a missing object and another account's look the same. */
export async function requireOwn<T>(
  caller: Caller,
  kind: BpcKind,
  text: string,
  find: (tenant: Caller['tenant'], id: Uuid) => Promise<T | undefined>,
  param = 'id',
): Promise<T> {
  const id = parseBpcId(kind, text)
  const object = id && (await find(caller.tenant, id))
  if (object === undefined) throw new Refused({ code: 'resource_missing', param, detail: text, noun: kind })
  return object
}
