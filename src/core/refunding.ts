import type { Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import { parseName } from './ids.ts'
import { step } from './machine.ts'
import { smallerOf } from './money.ts'
import type { ObservedRefund } from './observation.ts'
import type { Refund } from './refund.ts'
import { REFUND_MACHINE, RESERVING_REFUND_STATES, type RefundEvent } from './refund-machine.ts'

/** What a charge's refunds add up to. */
export type RefundSums = {
  /** Ours, from the moment they are accepted. */
  readonly ordered: bigint
  /** Made at the provider's own side. */
  readonly elsewhere: bigint
  readonly succeeded: bigint
}

export function sumRefunds(refunds: readonly Refund[]): RefundSums {
  const reserving = refunds.filter(({ state }) => RESERVING_REFUND_STATES.includes(state))
  return {
    ordered: sum(reserving.filter(({ origin }) => origin !== 'provider')),
    elsewhere: sum(reserving.filter(({ origin }) => origin === 'provider')),
    succeeded: sum(reserving.filter(({ state }) => state === 'succeeded')),
  }
}

const sum = (refunds: readonly Refund[]): bigint => refunds.reduce((total, { amount }) => total + amount, 0n)

/** What may still be refunded: captured, and neither promised to anybody nor gone by another way. */
export function refundable({ captured, captureOrdered, disputed }: Charge, refunds: readonly Refund[]): bigint {
  const { ordered, elsewhere } = sumRefunds(refunds)
  const left = smallerOf(captured, captureOrdered) - ordered - elsewhere - disputed
  return left > 0n ? left : 0n
}

/** The refunds after what the provider shows of them. Those that it shows under no name of ours were made elsewhere. */
export function observeRefunds(
  charge: Charge,
  refunds: readonly Refund[],
  seen: readonly ObservedRefund[],
  means: Means,
): readonly Refund[] {
  const after = [...refunds]
  for (const one of seen) {
    const at = after.findIndex((refund) => isSame(refund, one))
    const known = after[at]
    if (known) after[at] = observed(known, one)
    else after.push(foreign(charge, one, means))
  }
  return after
}

function isSame(refund: Refund, seen: ObservedRefund): boolean {
  if (refund.providerId !== null) return refund.providerId === seen.providerId
  const name = seen.reference === null ? undefined : parseName('refund', seen.reference)
  return name?.tenant === refund.tenant && name.id === refund.id
}

const EVENT_FOR: { readonly [status in ObservedRefund['status']]: RefundEvent } = {
  pending: 'accepted',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
}

function observed(refund: Refund, seen: ObservedRefund): Refund {
  const named = { ...refund, providerId: seen.providerId }
  // The provider's own last word stays; only what we closed for want of a record can come to life again.
  if (refund.providerId !== null && (refund.state === 'failed' || refund.state === 'canceled')) return refund
  if (seen.amount !== refund.amount) return refundAfter(named, 'undecided')
  return refundAfter(named, EVENT_FOR[seen.status], seen.failureReason)
}

/** A refund after one fact; the same object where the fact changes nothing. */
export function refundAfter(refund: Refund, event: RefundEvent, failureReason?: string): Refund {
  const moved = step(REFUND_MACHINE, refund.state, event)
  if (moved.is !== 'moved') return refund
  const { failureReason: _, ...document } = refund.document
  const because = moved.to === 'failed' ? { failureReason: failureReason ?? 'unknown' } : {}
  return { ...refund, state: moved.to, document: { ...document, ...because } }
}

function foreign(charge: Charge, seen: ObservedRefund, { now, newId }: Means): Refund {
  return {
    tenant: charge.tenant,
    id: newId(),
    version: 0,
    chargeId: charge.id,
    paymentId: charge.paymentId,
    state: seen.status,
    origin: 'provider',
    amount: seen.amount,
    currency: charge.currency,
    providerId: seen.providerId,
    approval: null,
    createdAt: now,
    document: seen.failureReason === undefined ? {} : { failureReason: seen.failureReason },
  }
}
