import { createHash, createHmac } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { containsPan } from '../core/pan-in-text.ts'
import type { KeyClaim } from '../flows/call.ts'
import { countHeader } from './edge.ts'
import { Refused } from './errors.ts'

const KEY = /^[\x20-\x7e]{1,255}$/

/**
 * The request's claim to its key, from the parameters as they were understood: a form and a JSON body that say the same
 * are the same request.
 * @throws Refused when there is more than one key, or it is not 1 to 255 printable ASCII characters
 */
export function claimKey(request: FastifyRequest, parameters: unknown): KeyClaim | null {
  const { headers, rawHeaders } = request.raw
  const key = headers['idempotency-key']
  if (key === undefined) return null
  if (countHeader(rawHeaders, 'idempotency-key') > 1) refuse('the header appears more than once')
  return claimFor(request, key, parameters)
}

/** The same for a key that came in another place than the header. */
export function claimFor(request: FastifyRequest, key: unknown, parameters: unknown): KeyClaim {
  const { url = '' } = request.raw
  if (typeof key !== 'string' || !KEY.test(key)) return refuse('it must be 1 to 255 printable ASCII characters')
  if (containsPan(key)) refuse('it looks like a card number, which may not be stored here')
  const path = (url.split('?', 1)[0] ?? '').replace(/\/$/, '')
  return { key, request: `${request.method} ${path}`, ...fingerprints(request.server.parametersKey, parameters) }
}

/**
 * Twelve hex digits per top-level parameter: enough to see a difference, without a second copy of the value. Keyed, for
 * a webhook secret that a shop brings along may be weak, and who has the database alone shall not find it by guessing.
 */
function fingerprints(key: Uint8Array, parameters: unknown): Pick<KeyClaim, 'parameters' | 'unkeyed'> {
  const keyed: Record<string, string> = {}
  const unkeyed: Record<string, string> = {}
  for (const [name, value] of Object.entries(parameters ?? {})) {
    const text = canonical(value)
    keyed[name] = createHmac('sha256', key).update(text).digest('hex').slice(0, 12)
    unkeyed[name] = createHash('sha256').update(text).digest('hex').slice(0, 12)
  }
  return { parameters: keyed, unkeyed }
}

/** JSON with its keys in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

function refuse(detail: string): never {
  throw new Refused({ code: 'idempotency_key_invalid', detail })
}
