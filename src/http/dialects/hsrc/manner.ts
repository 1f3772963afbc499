import type { FastifyRequest } from 'fastify'
import { authorizationOf } from '../../authenticate.ts'
import type { DoorFault, Manner } from '../door.ts'

/** What flows call the fields that this door names otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  line_items: 'amount',
  'line_items[][price_data][currency]': 'currency',
  'line_items[][price_data][unit_amount]': 'amount',
  success_url: 'return_url',
  customer: 'customer_id',
  payment_intent: 'payment_id',
  charge: 'charge_id',
}

/** Statuses that are other ones than at the native door: a card that is none is a wrong field, what is taken is 409. */
const STATUS: { readonly [code in DoorFault['code']]?: number } = {
  charge_already_refunded: 409,
  charge_unknown: 409,
  idempotency_key_in_use: 409,
  idempotency_mismatch: 409,
  invalid_cvc: 422,
  invalid_expiry: 422,
  invalid_number: 422,
  payment_intent_unexpected_state: 409,
  session_not_open: 409,
}

/** How HSRC Pay speaks: a bearer key, JSON, and errors in the envelope that answers come in too. */
export const HSRC: Manner = {
  door: 'hsrc',
  keyOf,
  bodies: ['json'],
  names: NAMES,
  sharesRoot: true,
  spell: (fault) => {
    const status = STATUS[fault.code] ?? fault.status
    const { code, message, param } = fault
    const details = { code, ...(param === undefined ? {} : { field: dotted(param) }) }
    return { status, body: { message, success: false, error: { code: status, message, details } } }
  },
}

/** A browser may send its publishable key where it needs none. It opens nothing there, and nothing anywhere else. */
function keyOf(request: FastifyRequest): string | undefined {
  const key = authorizationOf(request)
  return request.routeOptions.config.keyless && key?.startsWith('pk_') ? undefined : key
}

/** `payment_method[data][pan]` as clients write it: `payment_method.data.pan`. */
const dotted = (param: string): string => param.replace(/\[([^\]]*)\]/g, (_, name: string) => `.${name}`)
