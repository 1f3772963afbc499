import type { FastifyRequest } from 'fastify'
import type { Caller } from '../core/account.ts'
import { keyHint, parseApiKey } from '../core/api-key.ts'
import type { Env } from '../core/env.ts'
import { accountTenant, parseName } from '../core/ids.ts'
import { BUILT_DOORS } from '../core/session.ts'
import type { Storage } from '../storage/storage.ts'
import { countHeader } from './edge.ts'
import { Refused } from './errors.ts'

const LIFE_MS = 5_000
const MOST_KEYS = 1_000

/**
 * Keys that were found good a moment ago. Keys are revoked by another process, the command line: one that was opens
 * nothing after five seconds.
 */
export class KnownKeys {
  readonly #env: Env
  readonly #keys = new Map<string, { readonly caller: Caller; readonly untilMs: number }>()

  constructor(env: Env) {
    this.#env = env
  }

  find(hash: Uint8Array): Caller | undefined {
    const name = Buffer.from(hash).toString('base64')
    const known = this.#keys.get(name)
    if (!known) return undefined
    this.#keys.delete(name)
    if (known.untilMs <= this.#env.monotonicMs()) return undefined
    this.#keys.set(name, known) // the order of a Map is the order of its use
    return known.caller
  }

  keep(hash: Uint8Array, caller: Caller): void {
    const oldest = this.#keys.size >= MOST_KEYS ? this.#keys.keys().next().value : undefined
    if (oldest !== undefined) this.#keys.delete(oldest)
    this.#keys.set(Buffer.from(hash).toString('base64'), { caller, untilMs: this.#env.monotonicMs() + LIFE_MS })
  }
}

/**
 * Who asks, from `Authorization: Bearer sk_…` or the key as the user name of basic auth.
 * @throws Refused 401 or 403
 */
export async function authenticate(
  request: FastifyRequest,
  deps: { readonly storage: Pick<Storage, 'findKey'>; readonly keys: KnownKeys },
): Promise<Caller> {
  const text = keyOf(request)
  if (text === undefined) throw new Refused({ code: 'api_key_missing' })
  const parsed = parseApiKey(text)
  if (!parsed) throw new Refused({ code: 'api_key_invalid', detail: keyHint(text) })
  const caller = deps.keys.find(parsed.hash) ?? (await load(text, parsed, deps))
  if (!BUILT_DOORS.includes(caller.door)) throw new Refused({ code: 'door_not_available', detail: caller.door })
  if (caller.kind !== 'secret') throw new Refused({ code: 'secret_key_required' })
  checkAccount(request, caller)
  return caller
}

async function load(
  text: string,
  { tenant, hash }: NonNullable<ReturnType<typeof parseApiKey>>,
  { storage, keys }: { readonly storage: Pick<Storage, 'findKey'>; readonly keys: KnownKeys },
): Promise<Caller> {
  const key = await storage.findKey(tenant, hash)
  if (!key) throw new Refused({ code: 'api_key_invalid', detail: keyHint(text) })
  if (key.revokedAt !== null) throw new Refused({ code: 'api_key_expired', detail: keyHint(text) })
  const caller: Caller = { tenant, keyId: key.id, kind: key.kind, door: key.door }
  keys.keep(hash, caller)
  return caller
}

function keyOf({ raw }: FastifyRequest): string | undefined {
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
function checkAccount({ headers }: FastifyRequest, { tenant }: Caller): void {
  const account = headers['stripe-account']
  if (account === undefined) return
  const named = typeof account === 'string' ? parseName('account', account) : undefined
  if (named?.tenant !== accountTenant(tenant)) throw new Refused({ code: 'account_invalid' })
}
