import { absenceCounts, isHopeless, NOT_RECEIVED, nextAsk } from './asking.ts'
import { type Attempt, isOpen, type Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import type { ChargeState } from './charge-machine.ts'
import type { News } from './hear-charge.ts'
import type { Operation } from './operation.ts'
import { GIVEN_UP } from './orders.ts'
import type { Refund } from './refund.ts'
import { refundAfter } from './refunding.ts'

/** The outcome of an order as the charge shows it; `unseen` where nothing of it can be seen. */
type Verdict = { readonly is: 'done' } | { readonly is: 'failed'; readonly because: string } | { readonly is: 'unseen' }

/** What became of our orders, by what the charge and its refunds look like now. A refund follows its order's failure. */
export function judgeOrders(
  attempt: Attempt,
  news: News,
  means: Means,
): Pick<Attempt, 'charge' | 'orders' | 'refunds'> {
  const orders = attempt.orders.map((order) =>
    isOpen(order) || order.state === 'needs_review' ? judged(attempt, order, news, means) : order,
  )
  const refunds = attempt.refunds.map((refund) => {
    const order = orders.find(({ id }) => id === refund.id)
    return order ? refundWith(refund, order) : refund
  })
  return { charge: attempt.charge, orders, refunds }
}

function judged(attempt: Attempt, order: Operation, news: News, means: Means): Operation {
  const { seen, sent, about, refusal } = news
  const own = about === order.id
  const verdict: Verdict = typeof seen === 'string' ? { is: 'unseen' } : verdictOf(attempt, order)
  if (verdict.is === 'done') return { ...order, state: 'succeeded', askAt: null, absentSince: null }
  if (verdict.is === 'failed') return failed(order, verdict.because)
  if (typeof seen !== 'string') {
    if (own && sent === 'refused') return failed(order, refusal ?? 'refused')
    // What was sent last has arrived by the time that the key is forgotten: from then on absence means something.
    if (own && means.now >= order.providerKeyValidUntil) {
      if (absenceCounts(order, means.provider.horizonMs, means.now)) return failed(order, NOT_RECEIVED)
      return stillOpen({ ...order, absentSince: order.absentSince ?? means.now }, own, sent, means.now)
    }
  }
  return stillOpen(order, own, sent, means.now)
}

function verdictOf({ charge, refunds, disputes }: Attempt, order: Operation): Verdict {
  if (order.document.dispute) return disputeVerdict(disputes, order)
  if (order.kind === 'refund') {
    const refund = refunds.find(({ id }) => id === order.id)
    return refund && refund.providerId !== null ? { is: 'done' } : { is: 'unseen' }
  }
  return order.kind === 'capture' ? captureVerdict(charge, order) : voidVerdict(charge)
}

/** Evidence has arrived when the provider counts it. Giving up has, when the dispute is over as nobody else ends it. */
function disputeVerdict(disputes: Attempt['disputes'], { kind, document }: Operation): Verdict {
  const dispute = disputes.find(({ id }) => id === document.dispute?.id)
  if (!dispute) return { is: 'unseen' }
  const arrived =
    kind === 'answer_dispute'
      ? (dispute.document.submissions ?? 0) >= (document.dispute?.submission ?? 0)
      : dispute.state === 'lost' || dispute.state === 'warning_closed'
  return arrived ? { is: 'done' } : { is: 'unseen' }
}

function captureVerdict(charge: Charge, order: Operation): Verdict {
  if (charge.captured > 0n) return charge.captured === order.amount ? { is: 'done' } : gone('captured_otherwise')
  if (charge.state === 'authorized') return { is: 'unseen' }
  return gone(charge.document.ranOut ? 'expired' : charge.state)
}

function voidVerdict(charge: Charge): Verdict {
  if (charge.state === 'voided' || (charge.state === 'surplus' && charge.held === 0n && charge.captured === 0n)) {
    return { is: 'done' }
  }
  if (charge.document.decline?.raw === GIVEN_UP.raw) return { is: 'done' }
  return charge.held > 0n || VOIDABLE.includes(charge.state) ? { is: 'unseen' } : gone(charge.state)
}

/** What a void may still end: a hold, and whatever may become one. */
const VOIDABLE: readonly ChargeState[] = ['intent', 'requires_action', 'pending', 'unknown', 'authorized']

const gone = (because: string): Verdict => ({ is: 'failed', because })

const failed = (order: Operation, refusal: string): Operation => ({
  ...order,
  state: 'failed',
  askAt: null,
  absentSince: null,
  document: { ...order.document, refusal },
})

function stillOpen(order: Operation, own: boolean, sent: News['sent'], now: Date): Operation {
  if (!own || order.state === 'needs_review') return order
  if (isHopeless(order, now)) return { ...order, state: 'needs_review', askAt: null }
  // Nothing left the house, so nothing can have happened: the order is as good as new.
  return doubted(order, sent === 'not_sent' ? order.state : 'unknown', now)
}

/** The first time that an order is left without an outcome its sweeping begins; later whoever asks sets the pace. */
export function doubted(order: Operation, state: 'intent' | 'unknown' | Operation['state'], now: Date): Operation {
  if (order.asked > 0 || order.askAt === null) return { ...order, state, askAt: order.askAt ?? nextAsk(order, now) }
  return { ...order, state, asked: 1, askAt: nextAsk(order, now) }
}

function refundWith(refund: Refund, order: Operation): Refund {
  if (refund.providerId !== null) return refund
  if (order.state === 'failed') return refundAfter(refund, 'absent', order.document.refusal)
  return order.state === 'needs_review' ? refundAfter(refund, 'undecided') : refund
}
