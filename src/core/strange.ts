import type { Attempt, Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import type { ObservedDispute } from './dispute.ts'
import type { News } from './hear-charge.ts'
import { nameOf } from './ids.ts'
import { largerOf } from './money.ts'
import type { Observation, ObservedRefund } from './observation.ts'
import type { Refund } from './refund.ts'

/** A second answer counts as one of its own when it is heard so long after the first. */
export const STRANGE_APART_MS = 10_000

/**
 * Weighs an observation against what we ordered. One that no order of ours explains is not booked when it is heard
 * first: it counts as no answer, and is remembered. Heard again, by asking later, it is a fact, because observations
 * have no ceilings. A plain answer in between shows that the strange one was none, and it is forgotten.
 */
export function weighed(
  attempt: Attempt,
  news: News,
  { now }: Means,
): { readonly charge: Charge; readonly news: News } {
  const { charge, operation } = attempt
  if (typeof news.seen === 'string') return { charge, news }
  const { strange: known, ...document } = charge.document
  const fact = factOf(attempt, news.seen)
  if (fact === undefined) {
    return known && known.believedAt === undefined ? { charge: { ...charge, document }, news } : { charge, news }
  }
  const unheard: News = { ...news, seen: 'lost' }
  const at = now.toISOString()
  if (known?.fact !== fact) {
    const since = known && known.believedAt === undefined ? known.since : at
    return { charge: { ...charge, document: { ...document, strange: { fact, at, since } } }, news: unheard }
  }
  if (known.believedAt !== undefined) return { charge, news }
  // The answer to our own order may be older than what was asked meanwhile: it confirms nothing.
  const asked = news.about !== operation.id || news.sent === 'asked'
  if (!asked || now.getTime() - Date.parse(known.at) < STRANGE_APART_MS) return { charge, news: unheard }
  return { charge: { ...charge, document: { ...document, strange: { ...known, believedAt: at } } }, news }
}

/** Whether it is about money of another currency: none of its amounts can be ours. */
export const isForeign = ({ currency }: Charge, seen: Observation): boolean =>
  seen.currency !== undefined && seen.currency !== currency

/** What is strange about an observation, in the provider's numbers alone; undefined where nothing is. */
function factOf(attempt: Attempt, seen: Observation): string | undefined {
  const { charge, refunds } = attempt
  const { state, authorized, captured } = seen
  const odd = [
    ...(isForeign(charge, seen) ? [`currency ${seen.currency}`] : []),
    ...(isOddHold(charge, seen) ? [`authorized ${authorized}`] : []),
    ...(isOddCapture(charge, seen) ? [`captured ${captured}`] : []),
    ...seen.refunds
      .filter((one) => isOddRefund(refunds, one))
      .map(({ providerId, amount }) => `${providerId} ${amount}`),
    ...(seen.disputes ?? [])
      .filter((one) => isOddDispute(attempt, seen, one))
      .map(({ providerId, amount }) => `${providerId} ${amount}`),
    ...(isTooMuchBack(charge, refunds, seen) ? [`refunds ${sumOf(seen.refunds)}`] : []),
  ]
  return odd.length === 0 ? undefined : [state, ...odd].join(', ')
}

function isOddHold(charge: Charge, { state, authorized, captured }: Observation): boolean {
  if (authorized === charge.authorized) return false
  if (state === 'authorized') return authorized !== charge.amount
  return authorized > charge.amount || (state === 'captured' && authorized < captured)
}

/** An older answer may show less than is known already, which changes nothing. */
function isOddCapture(charge: Charge, { state, captured }: Observation): boolean {
  if (captured <= charge.captured) return state === 'captured' && captured === 0n
  return captured !== charge.captureOrdered || state !== 'captured'
}

/** One of ours, with another amount than we ordered. */
function isOddRefund(refunds: readonly Refund[], { reference, providerId, amount }: ObservedRefund): boolean {
  const own = refunds.find((refund) =>
    refund.providerId === null
      ? reference === nameOf('refund', refund.tenant, refund.id)
      : refund.providerId === providerId,
  )
  return own !== undefined && own.amount !== amount && own.state !== 'needs_review'
}

/** An issuer takes back no more than was taken, and not suddenly another amount than it did. */
function isOddDispute(
  { charge, disputes }: Attempt,
  seen: Observation,
  { providerId, amount }: ObservedDispute,
): boolean {
  const known = disputes.find((dispute) => dispute.providerId === providerId)
  if (known && known.amount === amount) return false
  return known?.withdrawnAt ? true : amount > largerOf(charge.captured, seen.captured)
}

/** More goes back than was taken; what is known already is not strange any more. */
function isTooMuchBack({ captured }: Charge, refunds: readonly Refund[], seen: Observation): boolean {
  const back = sumOf(seen.refunds.filter(({ status }) => status === 'pending' || status === 'succeeded'))
  const known = sumOf(refunds.filter(({ state }) => state !== 'failed' && state !== 'canceled'))
  return back > largerOf(captured, seen.captured) && back > known
}

const sumOf = (refunds: readonly Pick<Refund, 'amount'>[]): bigint =>
  refunds.reduce((total, { amount }) => total + amount, 0n)
