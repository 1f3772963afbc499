import type { Attempt } from './attempt.ts'
import type { Charge } from './charge.ts'
import type { Dispute } from './dispute.ts'
import { isOverDispute } from './dispute-machine.ts'
import type { EventType } from './event.ts'
import type { Refund } from './refund.ts'
import { replacedFields } from './replaced-fields.ts'

/** An event to be told, and the refund or dispute it is about, where it is about one. */
export type Told = { readonly type: EventType; readonly refund?: Refund; readonly dispute?: Dispute }

/** What a change is to those who listen, in Stripe's names: the charge, its refunds and disputes, then the session. */
export function newsOf(before: Attempt, after: Attempt): readonly Told[] {
  const types = [...chargeNews(before.charge, after.charge), ...reviewNews(before.charge, after.charge)]
  const told: Told[] = types.map((type) => ({ type }))
  for (const refund of after.refunds) {
    const earlier = before.refunds.find(({ id }) => id === refund.id)
    told.push(...refundNews(earlier, refund).map((type) => ({ type, refund })))
  }
  for (const dispute of after.disputes) {
    const earlier = before.disputes.find(({ id }) => id === dispute.id)
    told.push(...disputeNews(earlier, dispute).map((type) => ({ type, dispute })))
  }
  // Doubt about a capture or a void is over: the hold can be captured again.
  if (before.payment.state === 'processing' && before.charge.state === 'authorized') {
    if (after.payment.state === 'requires_capture') told.push({ type: 'payment_intent.amount_capturable_updated' })
  }
  // Money that nobody wanted is on its way back: the payment can be made again.
  if (after.charge.state === 'surplus' && before.payment.state !== 'requires_payment_method') {
    if (after.payment.state === 'requires_payment_method') told.push({ type: 'payment_intent.payment_failed' })
  }
  if (after.session && before.session && after.session.state !== before.session.state) {
    if (after.session.state === 'complete') told.push({ type: 'checkout.session.completed' })
    // Shops that know Stripe's events learn from this one that the stock is free again.
    if (after.session.state === 'failed') told.push({ type: 'checkout.session.expired' })
  }
  return told
}

function chargeNews(before: Charge, after: Charge): readonly EventType[] {
  if (after.state === before.state) return before.held > 0n && after.state === 'surplus' ? released(after) : []
  if (after.state === 'requires_action' && after.document.unattended) return []
  if (before.state !== 'authorized') return CHARGE_EVENTS[after.state] ?? []
  // The charge succeeded when its hold was told: what comes after is news about that hold.
  if (after.state === 'captured') return ['charge.captured', 'payment_intent.succeeded']
  if (after.state !== 'voided') return CHARGE_EVENTS[after.state] ?? []
  return [after.document.ranOut ? 'charge.expired' : 'charge.refunded', 'payment_intent.canceled']
}

/** A person must look, or the provider insists on what we never ordered: the charge itself says which. */
function reviewNews(before: Charge, after: Charge): readonly EventType[] {
  const insists = before.document.strange?.believedAt !== after.document.strange?.believedAt
  const surplus = after.state !== before.state && after.state === 'surplus'
  const review = after.state !== before.state && after.state === 'needs_review'
  return review || (insists && after.document.strange?.believedAt !== undefined && !surplus) ? ['charge.updated'] : []
}

/** On Stripe's wire a hold that was released is a charge that was given back. */
const released = (charge: Charge): readonly EventType[] =>
  charge.held === 0n && charge.captured === 0n ? ['charge.refunded'] : []

const CHARGE_EVENTS: { readonly [state in Charge['state']]?: readonly EventType[] } = {
  requires_action: ['payment_intent.requires_action'],
  pending: ['charge.pending', 'payment_intent.processing'],
  authorized: ['charge.succeeded', 'payment_intent.amount_capturable_updated'],
  captured: ['charge.succeeded', 'payment_intent.succeeded'],
  declined: ['charge.failed', 'payment_intent.payment_failed'],
  failed: ['charge.failed', 'payment_intent.payment_failed'],
  voided: ['payment_intent.canceled'],
  // Money that nobody owed has arrived, and is on its way back.
  surplus: ['charge.updated'],
}

function refundNews(before: Refund | undefined, after: Refund): readonly EventType[] {
  const underWay = after.state === 'pending' || after.state === 'succeeded'
  if (!before) return underWay ? ['refund.created', 'charge.refunded'] : ['refund.created']
  if (after.state === before.state) return []
  const changed: readonly EventType[] = ['refund.updated', 'charge.refund.updated']
  if (after.state === 'failed') return ['refund.failed', ...changed]
  if (before.state !== 'requested' && before.state !== 'failed') return changed
  if (after.state === 'pending') return ['charge.refunded']
  return after.state === 'succeeded' ? ['charge.refunded', ...changed] : changed
}

/** In Stripe's order: what became of the dispute, then what became of the money. */
function disputeNews(before: Dispute | undefined, after: Dispute): readonly EventType[] {
  const types: EventType[] = before ? [] : ['charge.dispute.created']
  if (after.withdrawnAt && !before?.withdrawnAt) types.push('charge.dispute.funds_withdrawn')
  const over = isOverDispute(after.state) && before?.state !== after.state
  if (over) types.push('charge.dispute.closed')
  else if (before && isAnother(before, after)) types.push('charge.dispute.updated')
  if (after.reinstatedAt && !before?.reinstatedAt) types.push('charge.dispute.funds_reinstated')
  return types
}

const isAnother = (before: Dispute, after: Dispute): boolean =>
  replacedFields(before, after, ['state', 'amount', 'document']) !== undefined
