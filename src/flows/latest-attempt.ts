import type { Attempt } from '../core/attempt.ts'
import type { Uuid } from '../core/ids.ts'
import { doubtAbout } from '../core/orders.ts'
import type { Payment } from '../core/payment.ts'
import type { Call, Context } from './call.ts'
import { done, type Result, refuse } from './refusals.ts'

/** The attempt that a payment stands for: its latest. Refused where there is no such payment, or nobody has paid yet. */
export async function latestAttempt({ storage }: Context, { caller }: Call, paymentId: Uuid): Promise<Result<Attempt>> {
  const payment = await storage.findPayment(caller.tenant, paymentId)
  if (!payment) return refuse('resource_missing', 'payment_intent')
  const latest = payment.latestChargeId
  const attempt = latest === null ? undefined : await storage.findAttempt(caller.tenant, latest)
  return attempt
    ? done(attempt)
    : refuse('payment_intent_unexpected_state', undefined, `it has a status of ${payment.state}`)
}

/** A second card while nobody knows about the first may pay twice: it is refused, and the refusal says that it waits. */
export async function doubtOf({ storage }: Context, { tenant, sessionId, state, latestChargeId }: Payment) {
  if (sessionId !== null || state !== 'processing' || latestChargeId === null) return undefined
  const attempt = await storage.findAttempt(tenant, latestChargeId)
  const doubt = attempt && doubtAbout(attempt)
  return doubt && refuse(doubt.code, undefined, doubt.detail)
}
