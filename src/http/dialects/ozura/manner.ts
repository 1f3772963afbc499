import type { FastifyRequest } from 'fastify'
import { countHeader } from '../../edge.ts'
import { Refused } from '../../errors.ts'
import type { DoorFault, Manner } from '../door.ts'

/** How Ozura speaks: two keys in two headers, JSON, and errors of a text with single complaints. */
export const OZURA: Manner = {
  door: 'ozura',
  keyOf: (request) => header(request, 'x-ozura-api-key'),
  secondKeyOf: (request) => header(request, 'x-api-key'),
  bodies: ['json'],
  json: { wholeFractions: true },
  names: {
    success_url: 'successUrl',
    cancel_url: 'cancelUrl',
    failure_url: 'errorUrl',
  },
  spell: (fault) => ({ status: statusOf(fault), body: bodyOf(fault) }),
}

/** @throws Refused when it is there twice */
function header({ raw }: FastifyRequest, name: string): string | undefined {
  if (countHeader(raw.rawHeaders, name) > 1) {
    throw new Refused({ code: 'request_malformed', detail: `it has more than one ${name} header` })
  }
  const value = raw.headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Statuses that its clients know; 413, 415 and 431 say more than 400 would, and mean the same to them. */
const KNOWN: ReadonlySet<number> = new Set([400, 401, 404, 409, 410, 413, 415, 429, 431, 500, 502, 503])

function statusOf({ code, status }: DoorFault): number {
  if (code === 'idempotency_mismatch' || code === 'idempotency_key_in_use') return 409
  if (KNOWN.has(status)) return status
  if (status === 403) return 401
  return status < 500 ? 400 : 500
}

function bodyOf(fault: DoorFault): object {
  const error = wordsOf(fault)
  return { success: false, error, ...(fault.param === undefined ? {} : { details: [`${fault.param}: ${error}`] }) }
}

function wordsOf({ code, message }: DoorFault): string {
  if (code === 'api_key_missing') {
    return 'Both keys are needed: send a secret key in X-API-KEY and in X-OZURA-API-KEY.'
  }
  return code === 'resource_missing' ? 'Session not found.' : message
}
