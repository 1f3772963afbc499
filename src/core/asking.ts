import type { Attempt } from './attempt.ts'
import type { Charge } from './charge.ts'
import type { Dispute } from './dispute.ts'
import { isOverDispute } from './dispute-machine.ts'
import type { Operation } from './operation.ts'
import type { Refund } from './refund.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** After this long nobody expects an answer any more: what is undecided then is for a person. */
const PATIENCE_MS = 30 * DAY_MS

/** Pauses after each question about an order without an outcome; then hourly to 72 hours, then daily (F11). */
const FIRST_PAUSES_MS = [2, 5, 10, 30, 60, 300, 900, 3600].map((seconds) => seconds * SECOND_MS)

/** When to ask about an order again, having asked so many times. */
export function nextAsk({ asked, createdAt }: Pick<Operation, 'asked' | 'createdAt'>, now: Date): Date {
  const later = ageMs(createdAt, now) < 72 * HOUR_MS ? HOUR_MS : DAY_MS
  return after(now, FIRST_PAUSES_MS[asked] ?? later)
}

/** Whether asking about an order has gone on for as long as it makes sense. */
export const isHopeless = ({ createdAt }: Pick<Operation, 'createdAt'>, now: Date): boolean =>
  ageMs(createdAt, now) >= PATIENCE_MS

const ABSENCES_APART_MS = MINUTE_MS

/** "No record" closes an order only when heard twice, a minute apart, and after the provider's longest processing time. */
export function absenceCounts(
  { absentSince, createdAt }: Pick<Operation, 'absentSince' | 'createdAt'>,
  horizonMs: number,
  now: Date,
): boolean {
  return absentSince !== null && ageMs(absentSince, now) >= ABSENCES_APART_MS && ageMs(createdAt, now) > horizonMs
}

/**
 * Whether an order may leave, for the first time or again: only while the provider still knows the key when even its
 * slowest request is carried out. From then on the order is asked about, and never sent (F14).
 */
export const maySend = (
  { providerKeyValidUntil }: Pick<Operation, 'providerKeyValidUntil'>,
  horizonMs: number,
  now: Date,
): boolean => now.getTime() + horizonMs < providerKeyValidUntil.getTime()

/** Card networks keep an online authorization for about a week, where the provider does not tell when it ends. */
const HOLD_MS = 7 * DAY_MS

/** A shopper has ten minutes for the issuer's page, and five are for what is on its way; then the charge is given up. */
export const CHALLENGE_MS = 15 * MINUTE_MS

type Looked = Pick<Attempt, 'charge' | 'refunds' | 'disputes'>

/**
 * When to ask about a charge that nobody waits for: a shopper who did not come back from the issuer, a hold that may
 * have run out, money that may still arrive on a charge which was closed because the provider had no record of it, a
 * refund under way, a refund made elsewhere, a dispute that is not over, an answer that was too strange to be booked at
 * once.
 */
export function nextLook({ charge, refunds, disputes }: Looked, now: Date): Date | null {
  const wanted = [
    stateLook(charge, now),
    strangeLook(charge, now),
    ...refunds.map((refund) => refundLook(refund, now)),
    ...disputes.map((dispute) => disputeLook(dispute, now)),
  ]
  const times = wanted.filter((time) => time !== null).map((time) => time.getTime())
  return times.length === 0 ? null : new Date(Math.min(...times))
}

/** Whether a shopper who has not come back from the issuer by now will not. */
export const isChallengeOver = ({ createdAt, document }: Charge, now: Date): boolean =>
  document.unattended === true || ageMs(createdAt, now) >= CHALLENGE_MS

function stateLook({ state, createdAt, document }: Charge, now: Date): Date | null {
  switch (state) {
    case 'requires_action':
      if (document.unattended) return after(now, MINUTE_MS)
      // Once its time is over: soon, then at pauses as long as the bank has not let go already.
      return new Date(Math.max(createdAt.getTime() + CHALLENGE_MS, now.getTime() + overdueMs(createdAt, now)))
    case 'authorized':
      return holdLook({ createdAt, document }, now)
    // A connector's hook is faster; this is for those that were lost: refunds made elsewhere, and chargebacks, which come late.
    case 'captured':
      return growing(createdAt, now, DAY_MS, 2 * PATIENCE_MS, DISPUTABLE_MS)
    case 'failed':
      return document.decline?.raw === NOT_RECEIVED ? growing(createdAt, now, 15 * MINUTE_MS, DAY_MS) : null
    case 'surplus':
      return growing(createdAt, now, HOUR_MS, DAY_MS)
    default:
      return null
  }
}

/** A minute after the hold's end the provider's answer decides; daily from then on, and no later than patience lasts. */
function holdLook({ createdAt, document }: Pick<Charge, 'createdAt' | 'document'>, now: Date): Date {
  const told = document.heldUntil === undefined ? Number.NaN : Date.parse(document.heldUntil)
  const end = Number.isNaN(told) ? createdAt.getTime() + HOLD_MS : Math.min(told, createdAt.getTime() + PATIENCE_MS)
  const look = end + MINUTE_MS
  return new Date(look > now.getTime() ? look : now.getTime() + DAY_MS)
}

const overdueMs = (createdAt: Date, now: Date): number =>
  Math.min(Math.max(ageMs(createdAt, now) - 2 * CHALLENGE_MS, MINUTE_MS), DAY_MS)

/** What a charge's decline says when the provider had no record of the order. */
export const NOT_RECEIVED = 'not_received'

/** Soon after the first strange answer, and as long as none is plain or repeated. */
const strangeLook = ({ document: { strange } }: Charge, now: Date): Date | null =>
  strange && strange.believedAt === undefined ? growing(new Date(strange.since), now, 10 * SECOND_MS, DAY_MS) : null

const refundLook = ({ state, createdAt }: Refund, now: Date): Date | null =>
  state === 'pending' ? growing(createdAt, now, MINUTE_MS, DAY_MS) : null

/** Card networks let a cardholder dispute a payment for so long, and a dispute go on for as long; a connector's hook is faster. */
const DISPUTABLE_MS = 540 * DAY_MS

function disputeLook({ state, createdAt }: Dispute, now: Date): Date | null {
  const age = ageMs(createdAt, now)
  if (isOverDispute(state) || age >= DISPUTABLE_MS) return null
  return after(now, Math.min(Math.max(age, HOUR_MS), DAY_MS))
}

/** A pause as long as the matter is old, within bounds, until patience ends. */
function growing(since: Date, now: Date, leastMs: number, mostMs: number, patienceMs = PATIENCE_MS): Date | null {
  const age = ageMs(since, now)
  return age >= patienceMs ? null : after(now, Math.min(Math.max(age, leastMs), mostMs))
}

const ageMs = (since: Date, now: Date): number => now.getTime() - since.getTime()
const after = (now: Date, ms: number): Date => new Date(now.getTime() + ms)
