/**
 * Everything a flow may refuse, by code. The wire status, type and text of each stand in `http/refusal-errors.ts`.
 * An expected outcome is a value: flows return refusals, they do not throw them.
 */
export type RefusalCode =
  | 'amount_too_large'
  | 'amount_too_small'
  | 'charge_already_refunded'
  | 'charge_disputed'
  | 'charge_expired_for_capture'
  | 'charge_not_refundable'
  | 'charge_unknown'
  | 'customer_deleted'
  | 'dispute_closed'
  | 'dispute_refused'
  | 'dispute_submitted'
  | 'door_without_events'
  | 'endpoint_disabled'
  | 'endpoint_secret_refused'
  | 'endpoint_url_refused'
  | 'event_not_told'
  | 'expected_amount_differs'
  | 'expiry_out_of_range'
  | 'idempotency_key_in_use'
  | 'idempotency_mismatch'
  | 'invalid_currency'
  | 'invalid_cvc'
  | 'invalid_expiry'
  | 'invalid_number'
  | 'lookup_key_taken'
  | 'parameter_invalid_enum'
  | 'parameter_missing'
  | 'payment_intent_unexpected_state'
  | 'payment_method_unusable'
  | 'payment_provider_missing'
  | 'price_inactive'
  | 'price_recurring'
  | 'product_has_prices'
  | 'product_inactive'
  | 'refund_not_cancelable'
  | 'refund_not_waiting'
  | 'resource_missing'
  | 'return_url_refused'
  | 'session_not_open'
  | 'stale'
  | 'tax_behavior_fixed'
  | 'test_mode_only'
  | 'too_many_endpoints'
  | 'too_many_refunds'

export type Refusal = {
  readonly code: RefusalCode
  /** The request's field, in bracket notation. */
  readonly param?: string
  /** What the text may quote: never a secret, never card data. */
  readonly detail?: string
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

export const done = <T>(value: T): Result<T> => ({ ok: true, value })
export const refuse = (code: RefusalCode, param?: string, detail?: string): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal: { code, ...(param === undefined ? {} : { param }), ...(detail === undefined ? {} : { detail }) },
})
