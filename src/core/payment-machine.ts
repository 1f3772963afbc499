import type { ChargeState } from './charge-machine.ts'

/** Stripe's seven values; the payment's state on the native wire is this very word. */
export type PaymentState =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled'

export const PAYMENT_STATES: readonly PaymentState[] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
]

/** What each state of the deciding charge makes of its payment. Doubt shows as `processing`: it is not over. */
export const PAYMENT_FOR_CHARGE: { readonly [state in ChargeState]: PaymentState } = {
  intent: 'processing',
  requires_action: 'requires_action',
  pending: 'processing',
  unknown: 'processing',
  needs_review: 'processing',
  authorized: 'requires_capture',
  captured: 'succeeded',
  declined: 'requires_payment_method',
  failed: 'requires_payment_method',
  voided: 'canceled',
  surplus: 'requires_payment_method',
}

/** Given up before or after authorization, by whom Stripe's `cancellation_reason` says. */
export type CancellationReason = 'abandoned' | 'duplicate' | 'fraudulent' | 'requested_by_customer' | 'automatic'

/**
 * A payment is a pure function of its charges: the live one decides, else the latest.
 * @param latest the live charge's state, or the newest charge's when none is live, or null before the first
 */
export function paymentStateFor(latest: ChargeState | null, canceled: boolean): PaymentState {
  if (latest === 'captured') return 'succeeded'
  if (canceled) return 'canceled'
  return latest === null ? 'requires_payment_method' : PAYMENT_FOR_CHARGE[latest]
}
