import type { Attempt, Means } from './attempt.ts'
import type { Uuid } from './ids.ts'
import {
  judgeRefund,
  newRefund,
  type OrderDecision,
  type OrderRefusal,
  ordered,
  orderOf,
  type RefundWish,
  unsettled,
  withSums,
} from './orders.ts'
import type { Refund } from './refund.ts'
import { refundAfter, refundable } from './refunding.ts'

/** The rows after a decision that orders nothing, and the refund among them. */
export type HeldRefund = { readonly attempt: Attempt; readonly refund: Refund }

/** A refund that waits for an operator: the money is reserved at once, so nobody else gets it, and nothing leaves. */
export function decideWaitingRefund(attempt: Attempt, wish: RefundWish, means: Means): HeldRefund | OrderRefusal {
  const judged = judgeRefund(attempt, wish)
  if ('code' in judged) return judged
  const { charge } = attempt
  const by = { origin: 'merchant', document: wish.document } as const
  const refund: Refund = { ...newRefund(charge, means.newId(), judged.amount, by, means), approval: 'waiting' }
  return { refund, attempt: summed({ ...attempt, refunds: [...attempt.refunds, refund] }) }
}

/**
 * The order of a refund that waited. What was there when it was reserved may be gone by now: the issuer may have taken the
 * money back, or the provider's own side refunded it.
 */
export function decideApproval(attempt: Attempt, refundId: Uuid, means: Means): OrderDecision {
  const refusal = unsettled(attempt)
  if (refusal) return refusal
  const waiting = attempt.refunds.find(({ id }) => id === refundId)
  if (waiting?.approval !== 'waiting') return NOT_WAITING(waiting)
  const { charge, refunds } = attempt
  if (charge.state !== 'captured') return { code: 'charge_not_refundable' }
  const others = refunds.filter(({ id }) => id !== refundId)
  if (waiting.amount > refundable(charge, others)) {
    return { code: charge.disputed > 0n ? 'charge_disputed' : 'charge_already_refunded' }
  }
  const granted: Refund = { ...waiting, version: waiting.version + 1, approval: 'granted' }
  // A refund and its order share their id. Nobody waits for the answer, so it leaves as soon as work is looked for.
  const named = { ...means, newId: () => refundId }
  const operation = orderOf(attempt, 'refund', { amount: waiting.amount, final: false, waits: false }, named)
  return ordered({ ...attempt, refunds: replaced(refunds, granted) }, operation, {})
}

/** What was reserved is free again. */
export function decideRejection(attempt: Attempt, refundId: Uuid): HeldRefund | OrderRefusal {
  const waiting = attempt.refunds.find(({ id }) => id === refundId)
  if (waiting?.approval !== 'waiting') return NOT_WAITING(waiting)
  const refund: Refund = {
    ...refundAfter(waiting, 'canceled'),
    version: waiting.version + 1,
    approval: 'rejected',
  }
  return { refund, attempt: summed({ ...attempt, refunds: replaced(attempt.refunds, refund) }) }
}

const NOT_WAITING = (refund: Refund | undefined): OrderRefusal => ({
  code: 'refund_not_waiting',
  detail: refund ? `its status is ${refund.state}` : 'there is none',
})

const replaced = (refunds: readonly Refund[], by: Refund): readonly Refund[] =>
  refunds.map((refund) => (refund.id === by.id ? by : refund))

/** The charge's version stands for its refunds, and the payment's orders the events. */
function summed(attempt: Attempt): Attempt {
  const { charge, payment } = attempt
  return {
    ...attempt,
    charge: { ...withSums(attempt), version: charge.version + 1 },
    payment: { ...payment, version: payment.version + 1 },
  }
}
