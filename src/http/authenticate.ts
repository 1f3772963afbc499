import type { FastifyRequest } from 'fastify'
import { type Caller, settingsOf } from '../core/account.ts'
import { keyHint, parseApiKey } from '../core/api-key.ts'
import type { Env } from '../core/env.ts'
import { accountTenant, parseName } from '../core/ids.ts'
import type { Dialect, Door } from '../core/session.ts'
import type { Storage } from '../storage/storage.ts'
import { countHeader } from './edge.ts'
import { Refused } from './errors.ts'

const LIFE_MS = 5_000
const MOST_KEYS = 1_000

/** What a key proves, through whichever door it comes. */
export type KeyFacts = Pick<Caller, 'tenant' | 'keyId' | 'kind'> & {
  /** Whose answers it gets on a path that two doors share. */
  readonly door: Door
  /** The doors for clients of other systems that this server has and its account leaves open. */
  readonly dialects: readonly Dialect[]
}

/**
 * Keys that were found good a moment ago. Keys are revoked and doors closed by another process, the command line: what
 * was opens nothing after five seconds.
 */
export class KnownKeys {
  /** The doors that this server has. */
  readonly doors: readonly Dialect[]
  readonly #env: Env
  readonly #keys = new Map<string, { readonly facts: KeyFacts; readonly untilMs: number }>()

  constructor(env: Env, doors: readonly Dialect[]) {
    this.#env = env
    this.doors = doors
  }

  find(hash: Uint8Array): KeyFacts | undefined {
    const name = Buffer.from(hash).toString('base64')
    const known = this.#keys.get(name)
    if (!known) return undefined
    this.#keys.delete(name)
    if (known.untilMs <= this.#env.monotonicMs()) return undefined
    this.#keys.set(name, known) // the order of a Map is the order of its use
    return known.facts
  }

  keep(hash: Uint8Array, facts: KeyFacts): void {
    const oldest = this.#keys.size >= MOST_KEYS ? this.#keys.keys().next().value : undefined
    if (oldest !== undefined) this.#keys.delete(oldest)
    this.#keys.set(Buffer.from(hash).toString('base64'), { facts, untilMs: this.#env.monotonicMs() + LIFE_MS })
  }
}

export type KeyDeps = { readonly storage: Pick<Storage, 'findKey' | 'findAccount'>; readonly keys: KnownKeys }

/**
 * Who asks at the native door, from `Authorization: Bearer sk_…` or the key as the user name of basic auth.
 * @throws Refused 401 or 403
 */
export async function authenticate(request: FastifyRequest, deps: KeyDeps): Promise<KeyFacts> {
  const facts = await provenBy(authorizationOf(request), deps)
  checkAccount(request, facts)
  return facts
}

/**
 * What a secret key's text proves.
 * @throws Refused 401 when it proves nothing, 403 when it is a publishable one
 */
export async function provenBy(text: string | undefined, deps: KeyDeps): Promise<KeyFacts> {
  if (text === undefined) throw new Refused({ code: 'api_key_missing' })
  const parsed = parseApiKey(text)
  if (!parsed) throw new Refused({ code: 'api_key_invalid', detail: keyHint(text) })
  const facts = deps.keys.find(parsed.hash) ?? (await load(text, parsed, deps))
  if (facts.kind !== 'secret') throw new Refused({ code: 'secret_key_required' })
  return facts
}

/** The caller whom flows see: what a key proved, and the door that it came through. */
export const through = (door: Door, { tenant, keyId, kind }: KeyFacts): Caller => ({ tenant, keyId, kind, door })

async function load(
  text: string,
  { tenant, hash }: NonNullable<ReturnType<typeof parseApiKey>>,
  { storage, keys }: KeyDeps,
): Promise<KeyFacts> {
  const [key, account] = await Promise.all([storage.findKey(tenant, hash), storage.findAccount(tenant)])
  if (!key || !account) throw new Refused({ code: 'api_key_invalid', detail: keyHint(text) })
  if (key.revokedAt !== null) throw new Refused({ code: 'api_key_expired', detail: keyHint(text) })
  const { doors } = settingsOf(account, tenant)
  const dialects = doors ? keys.doors.filter((door) => doors.includes(door)) : keys.doors
  const facts: KeyFacts = { tenant, keyId: key.id, kind: key.kind, door: key.door, dialects }
  keys.keep(hash, facts)
  return facts
}

/** The key in the `Authorization` header, however many schemes a client knows. @throws Refused when there are two */
export function authorizationOf({ raw }: FastifyRequest): string | undefined {
  if (countHeader(raw.rawHeaders, 'authorization') > 1) {
    throw new Refused({ code: 'request_malformed', detail: 'it has more than one Authorization header' })
  }
  const [, scheme = '', value = ''] =
    /^(Bearer|Basic) +([\x21-\x7e]{1,1000})$/i.exec(raw.headers.authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme === '') return undefined
  return Buffer.from(value, 'base64').toString('latin1').split(':', 1)[0] || undefined
}

/** An account of one's own may be named; to act for another is not built. */
function checkAccount({ headers }: FastifyRequest, { tenant }: Pick<KeyFacts, 'tenant'>): void {
  const account = headers['stripe-account']
  if (account === undefined) return
  const named = typeof account === 'string' ? parseName('account', account) : undefined
  if (named?.tenant !== accountTenant(tenant)) throw new Refused({ code: 'account_invalid' })
}
