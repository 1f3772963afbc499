import type { Attempt } from '../core/attempt.ts'
import type { Uuid } from '../core/ids.ts'
import { decideRefund } from '../core/orders.ts'
import type { RefundReason } from '../core/refund.ts'
import type { Metadata } from '../core/session.ts'
import type { Call } from './call.ts'
import { latestAttempt } from './latest-attempt.ts'
import type { Answer } from './once.ts'
import type { Payments } from './pay.ts'
import { placeOrder } from './place-order.ts'
import { done, type Result, refuse } from './refusals.ts'

/** One of the two names what is refunded: a payment stands for its latest charge. */
export type RefundInput = {
  readonly paymentId?: Uuid
  readonly chargeId?: Uuid
  /** All that is left, unless given. */
  readonly amount?: bigint
  readonly reason?: RefundReason
  readonly metadata?: Metadata
  /** Refused where the charge has another refund, or had a dispute. */
  readonly only?: true
}

/**
 * Money back to the shopper. It is reserved in the commit that accepts it, so refunds asked for at the same moment share
 * what is there: each waits for its turn, and only those that find nothing left are refused.
 */
export async function requestRefund(payments: Payments, call: Call, input: RefundInput): Promise<Result<Answer>> {
  const { paymentId, chargeId, amount, reason, metadata, only } = input
  const { tenant } = call.caller
  const charge = chargeId && (await payments.storage.findCharge(tenant, chargeId))
  if (chargeId && !charge) return refuse('resource_missing', 'charge')
  if (charge && paymentId && charge.paymentId !== paymentId) return refuse('resource_missing', 'charge')
  const root = charge ? charge.paymentId : paymentId
  if (!root) return refuse('resource_missing', 'payment_intent')
  const document = { ...(reason === undefined ? {} : { reason }), ...(metadata === undefined ? {} : { metadata }) }
  return placeOrder(payments, call, {
    paymentId: root,
    find: () => (charge ? chosenAttempt(payments, call, charge.id) : latestAttempt(payments, call, root)),
    decide: (attempt, means) => decideRefund(attempt, { amount, only, document }, means),
  })
}

async function chosenAttempt({ storage }: Payments, { caller }: Call, chargeId: Uuid): Promise<Result<Attempt>> {
  const attempt = await storage.findAttempt(caller.tenant, chargeId)
  return attempt ? done(attempt) : refuse('resource_missing', 'charge')
}
