import { absenceCounts, isHopeless, NOT_RECEIVED } from './asking.ts'
import { type Attempt, isOpen, type Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import { CHARGE_MACHINE, type ChargeEvent, type ChargeState } from './charge-machine.ts'
import type { Uuid } from './ids.ts'
import { step } from './machine.ts'
import { largerOf } from './money.ts'
import type { Heard, Observation } from './observation.ts'
import { GIVEN_UP, NOT_HANDLED } from './orders.ts'
import type { Session } from './session.ts'
import { isForeign } from './strange.ts'

/** What was heard, and about which order of ours, where it was the answer to one. */
export type News = Heard & { readonly about: Uuid | null }

type HeardCharge = {
  readonly charge: Charge
  /** Whether the rest of an observation may be believed: not where it contradicts what is known. */
  readonly believes: boolean
}

/** The charge after what was heard of it, by its machine's table. */
export function chargeAfter(attempt: Attempt, news: News, means: Means): HeardCharge {
  const { charge } = attempt
  const event = eventFor(attempt, news, means)
  const { seen } = news
  const unseen = typeof seen === 'string' || isForeign(charge, seen)
  if (event === undefined) return { charge, believes: !unseen }
  const moved = step(CHARGE_MACHINE, charge.state, event)
  if (moved.is === 'contradiction') return { charge: contradicted(charge, event, means.now), believes: false }
  const state = moved.is === 'moved' ? moved.to : charge.state
  if (unseen) return { charge: closedUnseen({ ...charge, state }, event), believes: false }
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
  { session, charge, operation, orders }: Attempt,
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
  if (isForeign(charge, seen)) return undecided ? 'undecided' : undefined
  // Money that was taken is what counts, whatever the provider calls it.
  const taken = seen.captured > 0n && seen.captured >= charge.captured
  const event = taken ? 'captured' : EVENT_FOR[seen.state]
  // A bank that says for thirty days that it is at work is silent about the outcome.
  const stuck = event === 'waiting' || event === 'action_required'
  if (stuck && undecided && isHopeless(operation, now)) return 'undecided'
  // The attempt failed, not the payment: another card may pay it. What the issuer let through all the same goes back.
  const unwanted = undecided && isGivenUp(orders)
  if (unwanted && event === 'voided') return 'declined'
  if (unwanted && (event === 'authorized' || event === 'captured')) return 'late'
  if (event !== 'authorized' && event !== 'captured') return event
  return believedSuccess(charge, session, seen, now)
}

const isGivenUp = (orders: Attempt['orders']): boolean =>
  orders.some(({ kind, state, document }) => kind === 'void' && document.givesUp === true && state !== 'failed')

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
    ...(state === 'declined' ? declineOf(charge, seen) : {}),
    ...(state === 'authorized' && seen.heldUntil ? { heldUntil: seen.heldUntil.toISOString() } : {}),
    ...(seen.checks ? { checks: seen.checks } : {}),
    ...(seen.network ? { network: seen.network } : {}),
    ...(seen.state === 'expired' && state === 'voided' ? { ranOut: true } : {}),
  }
}

function declineOf(charge: Charge, seen: Observation): Pick<Charge['document'], 'decline'> {
  const given = charge.document.unattended ? NOT_HANDLED : GIVEN_UP
  const isLetGo = isUndecided(charge.state) && seen.state === 'voided'
  const decline = seen.decline ?? (isLetGo ? given : undefined)
  return decline ? { decline } : {}
}
