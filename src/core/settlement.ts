import { isHopeless, nextLook } from './asking.ts'
import { type Attempt, isOpen, type Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import { type ChargeState, isLiveCharge } from './charge-machine.ts'
import { observeDisputes } from './disputing.ts'
import { followed } from './follow-charge.ts'
import { chargeAfter, type News } from './hear-charge.ts'
import { smallerOf } from './money.ts'
import type { Observation } from './observation.ts'
import type { Operation } from './operation.ts'
import { orderSurplusBack, withSums } from './orders.ts'
import { observeRefunds, refundAfter } from './refunding.ts'
import { doubted, judgeOrders } from './settle-orders.ts'
import { weighed } from './strange.ts'
import { newsOf, type Told } from './telling.ts'
import { withVersions } from './versions.ts'

export type { Attempt, Means } from './attempt.ts'
export { GRACE_MS, type News } from './hear-charge.ts'

export type Settlement = {
  readonly attempt: Attempt
  /** What to tell, in order; each event's snapshot is of the rows above. */
  readonly tell: readonly Told[]
}

/**
 * The one function that evidence about a charge goes through, whoever brings it: it compares what was heard with what
 * is stored and yields the rows after it. Total, and idempotent: news that is known already is `known`. A payment and
 * its session follow their latest charge alone; money that arrives on a charge that was closed is that charge's
 * surplus, undoes nothing, and is ordered back in the same decision.
 */
export function settle(before: Attempt, told: News, means: Means): Settlement | 'known' {
  const { charge: weighing, news } = weighed(before, told, means)
  const heard = chargeAfter({ ...before, charge: weighing }, news, means)
  const observed = heard.believes ? news.seen : 'lost'
  const seen = typeof observed === 'string' ? [] : observed.refunds
  const refunds = observeRefunds(heard.charge, before.refunds, seen, means).map((refund) =>
    refund.state === 'pending' && isHopeless(refund, means.now) ? refundAfter(refund, 'undecided') : refund,
  )
  const raised = typeof observed === 'string' ? [] : (observed.disputes ?? [])
  const disputes = observeDisputes(heard.charge, before.disputes, raised, means)
  const judged = judgeOrders({ ...before, charge: heard.charge, refunds, disputes }, { ...news, seen: observed }, means)
  const charge = withSums({ charge: withCapture(judged, observed), refunds: judged.refunds, disputes })
  const operation = authorizeAfter(before.operation, charge, told, means)
  const after = orderSurplusBack(
    { ...before, charge, operation, orders: judged.orders, refunds: judged.refunds, disputes },
    means,
  )
  const moved = followed(before, after, means)
  const looked = { ...moved, charge: { ...moved.charge, lookAt: lookAfter(before, moved, means.now) } }
  const tell = newsOf(before, looked)
  const attempt = withVersions(before, looked, tell.length > 0)
  return attempt === before ? 'known' : { attempt, tell }
}

/** A capture that failed is ordered no more; one made elsewhere is taken as ordered, so that it can be refunded. */
function withCapture({ charge, orders }: Pick<Attempt, 'charge' | 'orders'>, seen: Observation | string): Charge {
  if (typeof seen === 'string') return charge
  const capturing = orders.some(
    (order) => order.kind === 'capture' && (isOpen(order) || order.state === 'needs_review'),
  )
  if (charge.captured > 0n) {
    const adopted = smallerOf(charge.captured, charge.amount)
    return !isLiveCharge(charge.state) || charge.state === 'captured' ? { ...charge, captureOrdered: adopted } : charge
  }
  const captures = orders.some(({ kind }) => kind === 'capture')
  return captures && !capturing ? { ...charge, captureOrdered: 0n } : charge
}

const AUTHORIZE_FOR: { readonly [state in ChargeState]: Operation['state'] } = {
  intent: 'intent',
  requires_action: 'unknown',
  pending: 'unknown',
  unknown: 'unknown',
  authorized: 'succeeded',
  captured: 'succeeded',
  declined: 'failed',
  failed: 'failed',
  voided: 'succeeded',
  surplus: 'succeeded',
  needs_review: 'needs_review',
}

function authorizeAfter(operation: Operation, charge: Charge, { seen }: News, { now }: Means): Operation {
  const state = AUTHORIZE_FOR[charge.state]
  const decided = state !== 'intent' && state !== 'unknown'
  const absentSince =
    seen === 'absent' ? (operation.absentSince ?? now) : seen === 'lost' ? operation.absentSince : null
  if (decided) return { ...operation, state, askAt: null, absentSince: null }
  return { ...doubted(operation, state, now), absentSince }
}

function lookAfter(before: Attempt, after: Attempt, now: Date): Date | null {
  const { lookAt } = before.charge
  const news =
    before.charge.state !== after.charge.state ||
    before.charge.document.strange !== after.charge.document.strange ||
    after.refunds.some(({ id, state }) => before.refunds.find((refund) => refund.id === id)?.state !== state) ||
    after.disputes.some(({ id, state }) => before.disputes.find((dispute) => dispute.id === id)?.state !== state)
  return news || (lookAt !== null && lookAt <= now) ? nextLook(after, now) : lookAt
}
