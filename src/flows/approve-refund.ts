import type { Attempt, Means } from '../core/attempt.ts'
import type { EventFact } from '../core/event.ts'
import type { Uuid } from '../core/ids.ts'
import type { OrderRefusal } from '../core/orders.ts'
import { decideApproval, decideRejection, decideWaitingRefund, type HeldRefund } from '../core/refund-approval.ts'
import { replacedBy } from '../core/replaced-by.ts'
import { newsOf } from '../core/telling.ts'
import { changedRows, snapshotFor } from './apply-evidence.ts'
import { type Call, tell } from './call.ts'
import { connectorOf, meansFor } from './charging.ts'
import { inTurn } from './in-turn.ts'
import { latestAttempt } from './latest-attempt.ts'
import { type Answer, type Change, once } from './once.ts'
import type { RefundInput } from './order-refund.ts'
import type { Payments } from './pay.ts'
import { commitOrder } from './place-order.ts'
import { done, type Result, refuse } from './refusals.ts'

/** What a decision needs that sends nothing: whoever runs it may hold no way out. */
export type Deciding = Pick<Payments, 'env' | 'storage' | 'connectors'>

/** Asks an operator for a refund of a payment. The money is reserved in the same commit; nothing leaves the house. */
export function askForRefund(
  deciding: Deciding,
  call: Call,
  { paymentId, amount, reason, only }: RefundInput & { readonly paymentId: Uuid },
): Promise<Result<Answer>> {
  const wish = { amount, only, document: reason === undefined ? {} : { reason } }
  return inTurn(deciding.storage, paymentId, () =>
    once(deciding, call, async () => {
      const found = await latestAttempt(deciding, call, paymentId)
      if (!found.ok) return found
      return held(deciding, call, found.value, (attempt, means) => decideWaitingRefund(attempt, wish, means))
    }),
  )
}

/** Lets a refund leave that waited for it: the order is committed, and the worker that drives orders sends it. */
export async function approveRefund(deciding: Deciding, call: Call, id: Uuid): Promise<Result<'approved'>> {
  const refund = await deciding.storage.findRefund(call.caller.tenant, id)
  if (!refund) return refuse('resource_missing', 'refund')
  const placed = await inTurn(deciding.storage, refund.paymentId, () =>
    commitOrder(deciding, call, {
      paymentId: refund.paymentId,
      find: () => attemptOf(deciding, call, refund.chargeId),
      decide: (attempt, means) => decideApproval(attempt, id, means),
    }),
  )
  if ('placed' in placed || placed.ok) return done('approved')
  return placed
}

/** Takes back what was reserved for a refund that waited. */
export async function rejectRefund(deciding: Deciding, call: Call, id: Uuid): Promise<Result<Answer>> {
  const refund = await deciding.storage.findRefund(call.caller.tenant, id)
  if (!refund) return refuse('resource_missing', 'refund')
  return inTurn(deciding.storage, refund.paymentId, () =>
    once(deciding, call, async () => {
      const found = await attemptOf(deciding, call, refund.chargeId)
      if (!found.ok) return found
      return held(deciding, call, found.value, (attempt) => decideRejection(attempt, id))
    }),
  )
}

async function attemptOf({ storage }: Deciding, { caller }: Call, chargeId: Uuid): Promise<Result<Attempt>> {
  const attempt = await storage.findAttempt(caller.tenant, chargeId)
  return attempt ? done(attempt) : refuse('resource_missing', 'charge')
}

function held(
  deciding: Deciding,
  call: Call,
  before: Attempt,
  decide: (attempt: Attempt, means: Means) => HeldRefund | OrderRefusal,
): Result<Change> {
  const connector = connectorOf(deciding.connectors, before.charge)
  if (!connector) return refuse('payment_intent_unexpected_state', undefined, 'its provider is not connected')
  const decided = decide(before, meansFor(deciding, connector))
  if ('code' in decided) return { ok: false, refusal: decided }
  const { attempt, refund } = decided
  const { charge, payment } = attempt
  return done({
    set: { ...changedRows(before, attempt), events: eventsOf(deciding, call, before, attempt) },
    objectId: refund.id,
    snapshot: { is: 'refund', v: 1, refund, charge, payment },
  })
}

function eventsOf({ env }: Deciding, call: Call, before: Attempt, attempt: Attempt): readonly EventFact[] {
  const { payment } = attempt
  return newsOf(before, attempt).map((told, index) => {
    const place = { root: payment.id, rootVersion: payment.version, ordinal: index + 1 }
    const previous = replacedBy(before, attempt, told)
    return tell(env, payment.tenant, told.type, place, snapshotFor(told, attempt), { call, previous })
  })
}
