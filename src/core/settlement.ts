import { absenceCounts, isHopeless, NOT_RECEIVED, nextLook } from './asking.ts'
import { type Attempt, isOpen, type Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import { CHARGE_MACHINE, type ChargeEvent, type ChargeState, isLiveCharge } from './charge-machine.ts'
import { declineFacts } from './declines.ts'
import type { Uuid } from './ids.ts'
import { step } from './machine.ts'
import { largerOf, smallerOf } from './money.ts'
import type { Heard, Observation } from './observation.ts'
import type { Operation } from './operation.ts'
import { orderSurplusBack, withRefunds } from './orders.ts'
import type { Payment } from './payment.ts'
import { paymentStateFor } from './payment-machine.ts'
import type { Refund } from './refund.ts'
import { observeRefunds } from './refunding.ts'
import type { Session } from './session.ts'
import { SESSION_MACHINE, type SessionEvent } from './session-machine.ts'
import { doubted, judgeOrders } from './settle-orders.ts'
import { newsOf, type Told } from './telling.ts'

export type { Attempt, Means } from './attempt.ts'

/** What was heard, and about which order of ours, where it was the answer to one. */
export type News = Heard & { readonly about: Uuid | null }

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
export function settle(before: Attempt, news: News, means: Means): Settlement | 'known' {
  const heard = chargeAfter(before, news, means)
  const observed = heard.believes ? news.seen : 'lost'
  const seen = typeof observed === 'string' ? [] : observed.refunds
  const refunds = observeRefunds(heard.charge, before.refunds, seen, means)
  const judged = judgeOrders({ ...before, charge: heard.charge, refunds }, { ...news, seen: observed }, means)
  const charge = withRefunds({ charge: withCapture(judged, observed), refunds: judged.refunds })
  const operation = authorizeAfter(before.operation, charge, news, means)
  const after = orderSurplusBack(
    { ...before, charge, operation, orders: judged.orders, refunds: judged.refunds },
    means,
  )
  const moved = followed(before, after, means)
  const looked = { ...moved, charge: { ...moved.charge, lookAt: lookAfter(before, moved, means.now) } }
  const tell = newsOf(before, looked)
  const attempt = withVersions(before, looked, tell.length > 0)
  return attempt === before ? 'known' : { attempt, tell }
}

type HeardCharge = {
  readonly charge: Charge
  /** Whether the rest of an observation may be believed: not where it contradicts what is known. */
  readonly believes: boolean
}

function chargeAfter({ session, charge, operation }: Attempt, news: News, means: Means): HeardCharge {
  const event = eventFor({ session, charge, operation }, news, means)
  if (event === undefined) return { charge, believes: typeof news.seen !== 'string' }
  const moved = step(CHARGE_MACHINE, charge.state, event)
  if (moved.is === 'contradiction') return { charge: contradicted(charge, event, means.now), believes: false }
  const state = moved.is === 'moved' ? moved.to : charge.state
  const { seen } = news
  if (typeof seen === 'string') return { charge: closedUnseen({ ...charge, state }, event), believes: false }
  return { charge: observedCharge(charge, state, seen), believes: true }
}

const EVENT_FOR: { readonly [state in Observation['state']]: ChargeEvent } = {
  requires_action: 'action_required',
  waiting: 'waiting',
  authorized: 'authorized',
  captured: 'captured',
  declined: 'declined',
  voided: 'voided',
  expired: 'voided',
}

/** What the news is to the charge's machine; undefined where it only leaves the charge's own order in doubt as it is. */
function eventFor(
  { session, charge, operation }: Pick<Attempt, 'session' | 'charge' | 'operation'>,
  { seen, sent, about }: News,
  { now, provider }: Means,
): ChargeEvent | undefined {
  const undecided = isUndecided(charge.state)
  if (seen === 'absent') {
    if (about === operation.id && sent !== 'asked') return 'absent'
    if (!undecided) return charge.state === 'authorized' || charge.state === 'captured' ? 'absent' : undefined
    return absenceCounts(operation, provider.horizonMs, now) ? 'absent' : undefined
  }
  if (seen === 'lost') {
    if (about !== operation.id || !undecided) return undefined
    return isOpen(operation) && isHopeless(operation, now) ? 'undecided' : sent === 'asked' ? undefined : 'lost'
  }
  const event = EVENT_FOR[seen.state]
  if (event !== 'authorized' && event !== 'captured') return event
  return believedSuccess(charge, session, seen, now)
}

/** A payment whose shopper pressed Pay in time may finish so long after the session's end (F42). */
export const GRACE_MS = 15 * 60_000

/** Success that does not cover what was ordered is none that goods may leave for: a person must look. */
function believedSuccess(charge: Charge, session: Session | null, seen: Observation, now: Date): ChargeEvent {
  const event = seen.captured > 0n ? 'captured' : seen.state === 'authorized' ? 'authorized' : 'undecided'
  if (!isUndecided(charge.state) || event === 'undecided') return event
  const [shown, ordered] =
    event === 'captured' ? [seen.captured, charge.captureOrdered] : [seen.authorized, charge.amount]
  if (shown === 0n || shown < ordered) return 'undecided'
  const end = session?.state === 'processing' ? session.expiresAt.getTime() + GRACE_MS : Number.POSITIVE_INFINITY
  return now.getTime() > end ? 'late' : event
}

/** Still on its way to a first outcome, or given to a person. */
const UNDECIDED: readonly ChargeState[] = ['intent', 'requires_action', 'pending', 'unknown', 'needs_review']
const isUndecided = (state: ChargeState): boolean => UNDECIDED.includes(state)

/** Evidence against what evidence said before is never applied: it is kept, once, and a person must look. */
function contradicted(charge: Charge, seen: ChargeEvent, now: Date): Charge {
  if (charge.document.contradiction?.seen === seen) return charge
  return { ...charge, document: { ...charge.document, contradiction: { seen, at: now.toISOString() } } }
}

/** The shopper is told to try again in a minute; nothing was taken, and that is certain. */
function closedUnseen(charge: Charge, event: ChargeEvent): Charge {
  if (event !== 'absent' || charge.state !== 'failed' || charge.document.decline) return charge
  const decline = { code: 'processing_error', raw: NOT_RECEIVED }
  return { ...charge, document: { ...charge.document, decline } }
}

function observedCharge(charge: Charge, state: ChargeState, seen: Observation): Charge {
  // An older report may come after a newer one: what was authorized or captured once does not shrink.
  const authorized = largerOf(charge.authorized, seen.authorized)
  const captured = largerOf(charge.captured, seen.captured)
  return {
    ...charge,
    state,
    providerId: charge.providerId ?? seen.providerId,
    authorized,
    captured,
    held: heldAfter(charge, { state, authorized, captured }, seen),
    document: observedDocument(charge, state, seen),
  }
}

function heldAfter(
  charge: Charge,
  after: Pick<Charge, 'state' | 'authorized' | 'captured'>,
  seen: Observation,
): bigint {
  const uncaptured = after.authorized > after.captured ? after.authorized - after.captured : 0n
  if (after.state === 'authorized') return uncaptured
  if (after.state !== 'surplus' || seen.state !== 'authorized') return 0n
  return charge.state === 'surplus' ? charge.held : uncaptured
}

function observedDocument(charge: Charge, state: ChargeState, seen: Observation): Charge['document'] {
  const { action: _, ...document } = charge.document
  return {
    ...document,
    ...(state === 'requires_action' && seen.action !== undefined ? { action: seen.action } : {}),
    ...(seen.authentication === undefined ? {} : { authentication: seen.authentication }),
    ...(seen.decline && state === 'declined' ? { decline: seen.decline } : {}),
    ...(seen.checks ? { checks: seen.checks } : {}),
    ...(seen.network ? { network: seen.network } : {}),
    ...(seen.state === 'expired' && state === 'voided' ? { ranOut: true } : {}),
  }
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

/** The payment and the session after their charge. */
function followed(before: Attempt, after: Attempt, { now }: Means): Attempt {
  const { charge, payment, session } = after
  const doubtful = isCapturing(before) !== isCapturing(after)
  if (payment.latestChargeId !== charge.id) return after
  if (charge.state === before.charge.state && !doubtful) return after
  // A charge that was over already moves its payment no more.
  if (!isLiveCharge(before.charge.state) && !isLiveCharge(charge.state)) return after
  return {
    ...after,
    payment: paymentAfter(payment, after, now),
    session: session && sessionAfter(session, charge, before.charge, now),
  }
}

/** An order that would end the hold is in doubt: the payment is neither capturable nor over. */
const isCapturing = ({ charge, orders }: Attempt): boolean =>
  charge.state === 'authorized' &&
  orders.some(({ final, state }) => final && (state === 'unknown' || state === 'needs_review'))

function paymentAfter(payment: Payment, after: Attempt, now: Date): Payment {
  const { charge } = after
  const derived = paymentStateFor(charge.state, payment.canceledAt !== null)
  const state = isCapturing(after) ? 'processing' : derived
  const canceled = state === 'canceled'
  const { lastError: _, ...document } = payment.document
  const code = charge.state === 'declined' || charge.state === 'failed' ? charge.document.decline?.code : undefined
  return {
    ...payment,
    state,
    reserved: isLiveCharge(charge.state) ? payment.amount : 0n,
    canceledAt: canceled ? (payment.canceledAt ?? now) : null,
    cancellationReason: canceled ? (payment.cancellationReason ?? reasonFor(after)) : null,
    document: code === undefined ? document : { ...document, lastError: { chargeId: charge.id, code } },
  }
}

/** The shop's own reason, which may be none; a hold that was released elsewhere, or ran out, was not its choice. */
function reasonFor({ orders }: Attempt): Payment['cancellationReason'] {
  const asked = orders.find(({ kind, state }) => kind === 'void' && state === 'succeeded')
  return asked ? (asked.document.reason ?? null) : 'automatic'
}

function sessionAfter(session: Session, charge: Charge, before: Charge, now: Date): Session {
  const event = charge.state === before.state ? undefined : sessionEventFor(session, charge)
  if (event === undefined) return session
  const moved = step(SESSION_MACHINE, session.state, event)
  if (moved.is !== 'moved') return session
  return { ...session, state: moved.to, completedAt: moved.to === 'complete' ? now : null }
}

function sessionEventFor(session: Session, charge: Charge): SessionEvent | undefined {
  switch (charge.state) {
    case 'authorized':
    case 'captured':
      return 'succeeded'
    case 'declined':
    case 'failed':
      return isHard(charge) || session.tries >= session.maxTries ? 'exhausted' : 'declined'
    // Success that came too late: the session opens, past its end, and is closed as any other.
    case 'surplus':
      return session.tries >= session.maxTries ? 'exhausted' : 'declined'
    // A hold that somebody released has canceled the payment: there is nothing left to try.
    case 'voided':
      return 'exhausted'
    default:
      return undefined
  }
}

/** A decline that no further try can change ends the session. */
const isHard = ({ document }: Charge): boolean =>
  document.decline !== undefined && declineFacts(document.decline.code).retry === 'none'

function lookAfter(before: Attempt, after: Attempt, now: Date): Date | null {
  const { lookAt } = before.charge
  const news =
    before.charge.state !== after.charge.state ||
    after.refunds.some(({ id, state }) => before.refunds.find((refund) => refund.id === id)?.state !== state)
  return news || (lookAt !== null && lookAt <= now) ? nextLook(after.charge, after.refunds, now) : lookAt
}

/** Raises the version of every row that changed; the very same attempt when none did. */
function withVersions(before: Attempt, after: Attempt, tells: boolean): Attempt {
  const orders = versioned(before.orders, after.orders)
  const refunds: readonly Refund[] = versioned(before.refunds, after.refunds)
  const operation = raised(before.operation, after.operation)
  const children = orders !== before.orders || refunds !== before.refunds
  // The charge's version stands for all that hangs on it, and the payment's orders the events.
  const charge = children ? bumped(before.charge, after.charge) : raised(before.charge, after.charge)
  const payment = tells ? bumped(before.payment, after.payment) : raised(before.payment, after.payment)
  const session = before.session && after.session && raised(before.session, after.session)
  const same =
    charge === before.charge &&
    payment === before.payment &&
    session === before.session &&
    operation === before.operation
  return same ? before : { session, payment, charge, operation, orders, refunds }
}

type Row = { readonly id: Uuid; readonly version: number }

function versioned<T extends Row>(before: readonly T[], after: readonly T[]): readonly T[] {
  const rows = after.map((row) => {
    const known = before.find(({ id }) => id === row.id)
    return known ? raised(known, row) : { ...row, version: 1 }
  })
  return rows.length === before.length && rows.every((row, index) => row === before[index]) ? before : rows
}

const raised = <T extends Row>(before: T, after: T): T => (isSame(before, after) ? before : bumped(before, after))
const bumped = <T extends Row>(before: T, after: T): T => ({ ...after, version: before.version + 1 })

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime()
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].every((key) => isSame((one as Fields)[key], (other as Fields)[key]))
}

type Fields = Readonly<Record<string, unknown>>
