import type { Attempt } from '../core/attempt.ts'
import type { Snapshot } from '../core/event.ts'
import type { Operation } from '../core/operation.ts'
import { done, type Result, refuse } from './refusals.ts'

/**
 * What whoever made an order hears: the object as it is after it, or why the provider would not. An order in doubt is
 * answered by how things stand, which is no final answer.
 */
export function outcomeOf(attempt: Attempt, order: Pick<Operation, 'id'>): Result<Snapshot> {
  const { payment, charge, orders, refunds, disputes } = attempt
  const refund = refunds.find(({ id }) => id === order.id)
  if (refund) return done({ is: 'refund', v: 1, refund, charge, payment })
  const after = orders.find(({ id }) => id === order.id)
  const dispute = disputes.find(({ id }) => id === after?.document.dispute?.id)
  if (dispute && after?.state === 'failed') return refuse('dispute_refused', undefined, after.document.refusal)
  if (dispute) return done({ is: 'dispute', v: 1, dispute })
  if (after?.state !== 'failed') return done({ is: 'payment', v: 1, payment, charge })
  if (after.kind === 'capture' && charge.document.ranOut) return refuse('charge_expired_for_capture')
  const { refusal } = after.document
  return refuse('payment_intent_unexpected_state', undefined, `the provider refused the ${after.kind} (${refusal})`)
}
