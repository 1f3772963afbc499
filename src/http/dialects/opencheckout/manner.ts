import type { FastifyRequest } from 'fastify'
import type { SessionState } from '../../../core/session-machine.ts'
import { authorizationOf } from '../../authenticate.ts'
import type { DoorFault, Manner } from '../door.ts'
import { sessionWord } from '../session-words.ts'

/** How OpenCheckout speaks: a bearer key, JSON, and errors of a type and a message. */
export const OPENCHECKOUT: Manner = {
  door: 'opencheckout',
  keyOf: bearerOf,
  bodies: ['json'],
  names: { expires_at: 'expires_in_seconds' },
  greet: (_, reply) => {
    reply.header('x-frame-options', 'DENY')
    reply.header('referrer-policy', 'strict-origin-when-cross-origin')
  },
  spell: (fault) => {
    const { status, type } = kindOf(fault)
    return { status, body: { error: { type, message: wordsOf(fault, type) } } }
  },
}

/** The system knows this scheme alone: a key under any other is none. */
function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer /i.test(request.headers.authorization ?? '') ? authorizationOf(request) : undefined
}

function kindOf({ code, status }: DoorFault): { readonly status: number; readonly type: string } {
  if (code.startsWith('idempotency_') && code !== 'idempotency_key_invalid') {
    return { status: 409, type: 'idempotency_error' }
  }
  // A key that does not begin with `sk_` is no key here, whatever else it may be.
  if (code === 'secret_key_required') return { status: 401, type: 'authentication_error' }
  if (status === 401 || status === 403) return { status, type: 'authentication_error' }
  if (status === 404) return { status, type: 'not_found' }
  return status >= 500 ? { status, type: 'api_error' } : { status, type: 'invalid_request_error' }
}

/** Where OpenCheckout's own words are known, clients may look for them. */
function wordsOf({ code, message, detail }: DoorFault, type: string): string {
  if (type === 'authentication_error' && code !== 'door_closed') return 'Invalid API key'
  if (code === 'resource_missing') return `No checkout session found with id: ${detail ?? ''}`
  if (code === 'session_not_open') {
    const state = (detail ?? 'expired') as SessionState
    return `Session is already ${sessionWord('opencheckout', { state, amountTotal: 0n }, 0n)}`
  }
  return message
}
