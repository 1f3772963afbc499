import { maskPans } from '../core/pan-in-text.ts'
import type { RefusalCode } from '../flows/refusals.ts'
import { EDGE_ERRORS } from './edge-errors.ts'
import type { ErrorRow, Said } from './error-row.ts'
import { REFUSAL_ERRORS } from './refusal-errors.ts'

export type ErrorCode = RefusalCode | keyof typeof EDGE_ERRORS

/** What went wrong, before it is spelled for the wire. Flows' refusals are faults as they are. */
export type Fault = Said & {
  readonly code: ErrorCode
  /** The object that the error is about, as it is now: SDKs hand it on with the error. */
  readonly about?: { readonly payment_intent: object }
}

/** Every error of the native API, once. Status 409 is not here: clients of Stripe's take it for a request to repeat. */
export const ERRORS: { readonly [code in ErrorCode]: ErrorRow } = { ...EDGE_ERRORS, ...REFUSAL_ERRORS }

/** Codes whose request may be repeated as it is: the SDKs obey `Stripe-Should-Retry`. */
export const REPEATABLE: ReadonlySet<ErrorCode> = new Set([
  'idempotency_key_in_use',
  'overloaded',
  'stale',
  'internal_error',
  'request_timeout',
  'too_many_waiting',
])

/** An object that the path names is not found, one that a parameter names makes the request wrong. */
export function statusOf(fault: Fault): number {
  if (fault.code === 'resource_missing') return fault.param === undefined || fault.param === 'id' ? 404 : 400
  return ERRORS[fault.code].status
}

/** A sentence for whoever sent the request. Whatever it quotes is short and holds no card number. */
export function messageOf(fault: Fault): string {
  return ERRORS[fault.code].text(fault.detail === undefined ? fault : { ...fault, detail: shown(fault.detail) })
}

/** The native door's error object. */
export function renderError(fault: Fault, publicUrl: string, requestId: string): object {
  const { type } = ERRORS[fault.code]
  const param = fault.param ?? (fault.code === 'resource_missing' ? 'id' : undefined)
  return {
    error: {
      code: fault.code,
      doc_url: `${publicUrl}/docs/errors#${fault.code}`,
      message: messageOf(fault),
      ...(param === undefined ? {} : { param }),
      ...fault.about,
      request_id: requestId,
      type,
    },
  }
}

/** What a sentence may quote of a request. */
export function shown(detail: string): string {
  const plain = maskPans(detail)
    .replace(/\p{Cc}|\p{Cf}/gu, ' ')
    .toWellFormed()
  return plain.length > 300 ? `${plain.slice(0, 300).toWellFormed()}…` : plain
}

/** Ends a request with a fault, from wherever in this room it is noticed; the error handler spells it. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly fault: Fault
  /** For a room that spells its answers in its own way: the page. */
  readonly statusCode: number
  constructor(fault: Fault) {
    super(fault.code)
    this.fault = fault
    this.statusCode = statusOf(fault)
  }
}
