import { type Attempt, isOpen, type Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import { type Dispute, sumTaken } from './dispute.ts'
import type { Uuid } from './ids.ts'
import { sayMoney, smallerOf } from './money.ts'
import type { Operation, OperationKind } from './operation.ts'
import type { Refund } from './refund.ts'
import { RESERVING_REFUND_STATES } from './refund-machine.ts'
import { refundable, sumRefunds } from './refunding.ts'

/** What a shop may hear instead of an order, as codes of the API: Stripe's, where it has one. */
export type OrderRefusal = {
  readonly code:
    | 'amount_too_large'
    | 'charge_already_refunded'
    | 'charge_disputed'
    | 'charge_not_refundable'
    | 'charge_unknown'
    | 'dispute_closed'
    | 'dispute_submitted'
    | 'parameter_missing'
    | 'payment_intent_unexpected_state'
    | 'refund_not_waiting'
    | 'too_many_refunds'
  readonly param?: string
  readonly detail?: string
}

/** An order ready to be committed: the rows after it. Nothing has left the house yet. */
export type Ordered = {
  readonly attempt: Attempt
  readonly operation: Operation
  readonly refund?: Refund
  /** The dispute that it is about, as it is beside the order. */
  readonly dispute?: Dispute
}
export type OrderDecision = Ordered | OrderRefusal

/** @param amount all that is held, unless given */
export function decideCapture(attempt: Attempt, amount: bigint | undefined, means: Means): OrderDecision {
  const { charge } = attempt
  const refusal = unsettled(attempt)
  if (refusal) return refusal
  if (charge.state !== 'authorized') return unexpected(attempt, 'captured')
  const most = smallerOf(charge.held, charge.amount)
  const wanted = amount ?? most
  if (wanted <= 0n || wanted > most) {
    const left = sayMoney(most, charge.currency)
    const detail = `the requested capture amount is greater than the ${left} that can be captured`
    return { code: 'amount_too_large', param: 'amount_to_capture', detail }
  }
  const operation = orderOf(attempt, 'capture', { amount: wanted, final: true, waits: true }, means)
  return ordered(attempt, operation, { captureOrdered: wanted })
}

/** Gives up a charge that holds money, or that still waits for its shopper. */
export function decideVoid(attempt: Attempt, document: Operation['document'], means: Means): OrderDecision {
  const { charge } = attempt
  const refusal = unsettled(attempt)
  if (refusal) return refusal
  if ((charge.state !== 'authorized' && charge.state !== 'requires_action') || charge.providerId === null) {
    return unexpected(attempt, 'canceled')
  }
  const operation = orderOf(attempt, 'void', { amount: charge.held, final: true, waits: true }, means, document)
  return ordered(attempt, operation, document.givesUp ? { document: { ...charge.document, givenUp: true } } : {})
}

/** What a charge's decline says whose shopper did not go through with it. */
export const GIVEN_UP = { code: 'authentication_abandoned', raw: 'given_up' } as const
/** The same where no shopper was there to begin with. */
export const NOT_HANDLED = { code: 'authentication_not_handled', raw: GIVEN_UP.raw } as const

export type RefundWish = {
  readonly amount?: bigint | undefined
  /** Refused where the charge has another refund, or had a dispute. */
  readonly only?: true | undefined
  readonly document: Pick<Refund['document'], 'reason' | 'metadata'>
}

/** An accepted refund is reserved at once: what others may still have is what is left after it. */
export function decideRefund(attempt: Attempt, wish: RefundWish, means: Means): OrderDecision {
  const judged = judgeRefund(attempt, wish)
  if ('code' in judged) return judged
  const { document } = wish
  return reserve(attempt, judged.amount, { origin: 'merchant', document, waits: true }, means)
}

/** How much of a charge goes back by a wish, or why nothing does. */
export function judgeRefund(
  attempt: Attempt,
  { amount, only }: RefundWish,
): { readonly amount: bigint } | OrderRefusal {
  const { charge, refunds, disputes } = attempt
  const refusal = unsettled(attempt)
  if (refusal) return refusal
  // Money on a charge that was closed goes back by itself.
  if (charge.state === 'surplus') return { code: 'charge_already_refunded' }
  if (charge.state !== 'captured') return { code: 'charge_not_refundable' }
  if (only && disputes.length > 0) return { code: 'charge_disputed' }
  if (only && refunds.some(({ state }) => RESERVING_REFUND_STATES.includes(state))) {
    return { code: 'charge_already_refunded' }
  }
  const left = refundable(charge, refunds)
  if (left === 0n) return { code: charge.disputed > 0n ? 'charge_disputed' : 'charge_already_refunded' }
  const wanted = amount ?? left
  // It would be there, had the issuer not taken it.
  if (wanted > left && wanted <= left + charge.disputed) return { code: 'charge_disputed' }
  if (wanted <= 0n || wanted > left) {
    const detail = `it is greater than unrefunded amount on charge (${sayMoney(left, charge.currency)})`
    return { code: 'amount_too_large', param: 'amount', detail }
  }
  if (refunds.length >= MAX_REFUNDS) return { code: 'too_many_refunds' }
  return { amount: wanted }
}

export const MAX_REFUNDS = 500

/** How often a refund or void of surplus is tried again when the provider refuses it; then a person must look. */
const MAX_SURPLUS_FAILURES = 3

/**
 * Money on a charge that is closed is nobody's: it goes back, by a void while it is only held and by a refund once it
 * was taken. The order is part of the decision that found the money, so it cannot be forgotten.
 */
export function orderSurplusBack(attempt: Attempt, means: Means): Attempt {
  const { charge, orders, refunds } = attempt
  if (charge.state !== 'surplus' || charge.providerId === null) return attempt
  const failed = orders.filter(({ state, document }) => state === 'failed' && !document.dispute).length
  if (failed >= MAX_SURPLUS_FAILURES) return attempt
  const { ordered: promised, elsewhere } = sumRefunds(refunds)
  const owed = charge.captured - promised - elsewhere - charge.disputed
  const by = { origin: 'surplus', document: {}, waits: false } as const
  const repaid = owed > 0n ? reserve(attempt, owed, by, means).attempt : attempt
  const settling = orders.some(({ final, state }) => final && state !== 'failed')
  if (charge.held === 0n || settling) return repaid
  const operation = orderOf(attempt, 'void', { amount: charge.held, final: true, waits: false }, means)
  return { ...repaid, orders: [...repaid.orders, operation] }
}

function reserve(
  attempt: Attempt,
  amount: bigint,
  by: Pick<Refund, 'origin' | 'document'> & { readonly waits: boolean },
  means: Means,
): Ordered & { readonly refund: Refund } {
  const { charge } = attempt
  const operation = orderOf(attempt, 'refund', { amount, final: false, waits: by.waits }, means)
  // A refund and its order are one thing: they share their id, and so their name at the provider.
  const refund = newRefund(charge, operation.id, amount, by, means)
  const after = ordered({ ...attempt, refunds: [...attempt.refunds, refund] }, operation, {})
  return { ...after, refund, attempt: { ...after.attempt, charge: withSums(after.attempt) } }
}

export function newRefund(
  charge: Charge,
  id: Uuid,
  amount: bigint,
  { origin, document }: Pick<Refund, 'origin' | 'document'>,
  { now }: Pick<Means, 'now'>,
): Refund {
  return {
    tenant: charge.tenant,
    id,
    version: 1,
    chargeId: charge.id,
    paymentId: charge.paymentId,
    state: 'requested',
    origin,
    amount,
    currency: charge.currency,
    providerId: null,
    approval: null,
    createdAt: now,
    document,
  }
}

/** The charge with what its refunds and disputes add up to. The column binds what we order, never what was observed. */
export function withSums({ charge, refunds, disputes }: Pick<Attempt, 'charge' | 'refunds' | 'disputes'>): Charge {
  const { ordered: promised, elsewhere, succeeded } = sumRefunds(refunds)
  return {
    ...charge,
    refundOrdered: smallerOf(promised, charge.captureOrdered),
    refundedElsewhere: elsewhere,
    refunded: succeeded,
    disputed: sumTaken(disputes),
    document: disputes.some(({ withdrawnAt }) => withdrawnAt !== null)
      ? { ...charge.document, chargedBack: true }
      : charge.document,
  }
}

export function ordered(attempt: Attempt, operation: Operation, change: Partial<Charge>): Ordered {
  const charge = { ...attempt.charge, version: attempt.charge.version + 1, ...change }
  return { attempt: { ...attempt, charge, orders: [...attempt.orders, operation] }, operation }
}

/** Nothing is ordered while something is in doubt: the answer to the first question may change the second. */
export function doubtAbout({ charge, orders }: Attempt): OrderRefusal | undefined {
  if (charge.state === 'unknown' || charge.state === 'needs_review') {
    return { code: 'charge_unknown', detail: 'the charge' }
  }
  // What is said to an issuer moves nothing that another order could want.
  const doubtful = orders.find(
    ({ document, state }) => !document.dispute && (state === 'unknown' || state === 'needs_review'),
  )
  return doubtful && { code: 'charge_unknown', detail: `a ${doubtful.kind} of the charge` }
}

export function unsettled(attempt: Attempt): OrderRefusal | undefined {
  const doubt = doubtAbout(attempt)
  if (doubt) return doubt
  const settling = attempt.orders.find((order) => order.final && isOpen(order))
  return settling && { code: 'payment_intent_unexpected_state', detail: `a ${settling.kind} of it is under way` }
}

/** Shops know Stripe's sentence for this. */
const unexpected = ({ payment }: Attempt, what: 'captured' | 'canceled'): OrderRefusal => ({
  code: 'payment_intent_unexpected_state',
  detail: `it could not be ${what} because it has a status of ${payment.state}`,
})

/** The request that made an order waits for its answer; the sweeper comes after that. */
const FIRST_ASK_MS = 60_000

export function orderOf(
  { charge, orders }: Attempt,
  kind: Exclude<OperationKind, 'authorize' | 'query'>,
  { amount, final, waits }: { readonly amount: bigint; readonly final: boolean; readonly waits: boolean },
  { now, newId, provider }: Means,
  document: Operation['document'] = {},
): Operation {
  const id: Uuid = newId()
  return {
    tenant: charge.tenant,
    id,
    version: 1,
    chargeId: charge.id,
    kind,
    sequence: 1 + Math.max(0, ...orders.filter((one) => one.kind === kind).map(({ sequence }) => sequence)),
    amount,
    currency: charge.currency,
    final,
    state: 'intent',
    // Derived from the row, never from a clock or a retry counter: whoever sends it again sends the same key.
    providerKey: `${kind}-${id}`,
    providerKeyValidUntil: new Date(now.getTime() + provider.idempotencyWindowMs),
    fence: 0,
    createdAt: now,
    askAt: waits ? new Date(now.getTime() + FIRST_ASK_MS) : now,
    asked: 0,
    absentSince: null,
    document,
  }
}
