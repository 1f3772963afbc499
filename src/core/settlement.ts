import type { Charge, Decline } from './charge.ts'
import { CHARGE_MACHINE, type ChargeEvent, isLiveCharge } from './charge-machine.ts'
import type { EventType } from './event.ts'
import { type Step, step } from './machine.ts'
import type { Operation } from './operation.ts'
import type { Payment } from './payment.ts'
import { paymentStateFor } from './payment-machine.ts'
import type { Session } from './session.ts'
import { SESSION_MACHINE, type SessionEvent } from './session-machine.ts'

/** One attempt and everything it moves. A payment made through the API alone has no session. */
export type Attempt = {
  readonly session: Session | null
  readonly payment: Payment
  readonly charge: Charge
  readonly operation: Operation
}

/** A fact about a charge in core's words; connectors' evidence is this with its provider's details. */
export type Fact = {
  readonly event: ChargeEvent
  readonly providerId?: string
  readonly authorized?: bigint
  readonly captured?: bigint
  readonly refunded?: bigint
  readonly decline?: Decline
  /** A decline that no further try can change: the session ends. */
  readonly hard?: boolean
  readonly checks?: { readonly cvc?: string; readonly postalCode?: string }
  readonly network?: { readonly authorizationCode?: string; readonly transactionId?: string }
}

export type Settlement = {
  readonly attempt: Attempt
  /** What to tell, in order; each event's snapshot is of the records above. */
  readonly tell: readonly EventType[]
}

/** When to ask again about an order without an outcome: seconds after each question (reliability F11). */
const ASK_AFTER_SECONDS = [2, 5, 10, 30, 60, 300, 900, 3600] as const

export const nextAsk = (asked: number, now: Date): Date =>
  new Date(now.getTime() + (ASK_AFTER_SECONDS[asked] ?? 3600) * 1000)

/**
 * Applies a fact about a charge to everything it touches. Total: a fact that is known already, contradicts evidence
 * or changes nothing but doubt is answered as such. A payment and its session follow their latest charge alone: money
 * that arrives late on an earlier one is that charge's surplus and undoes nothing.
 */
export function settle(attempt: Attempt, fact: Fact, now: Date): Settlement | Exclude<Step<never>['is'], 'moved'> {
  const moved = step(CHARGE_MACHINE, attempt.charge.state, believedEvent(attempt.charge, fact))
  if (moved.is !== 'moved') return moved.is
  const charge = chargeAfter(attempt.charge, moved.to, fact)
  const operation = operationAfter(attempt.operation, charge, now)
  if (attempt.payment.latestChargeId !== charge.id) return { attempt: { ...attempt, charge, operation }, tell: [] }
  const payment = paymentAfter(attempt.payment, charge, now)
  const session = attempt.session && sessionAfter(attempt.session, charge, fact, now)
  return { attempt: { session, payment, charge, operation }, tell: eventsFor(attempt, { charge, payment, session }) }
}

/** Success that does not cover what was ordered is none that goods may leave for: a person must look. */
function believedEvent(charge: Charge, { event, authorized = 0n, captured = 0n }: Fact): ChargeEvent {
  if (event !== 'authorized' && event !== 'captured') return event
  const shown = event === 'authorized' ? authorized : captured
  const ordered = event === 'authorized' ? charge.amount : charge.captureOrdered
  return shown > 0n && (shown >= ordered || !isLiveCharge(charge.state)) ? event : 'undecided'
}

function chargeAfter(charge: Charge, state: Charge['state'], fact: Fact): Charge {
  return {
    ...charge,
    version: charge.version + 1,
    state,
    providerId: fact.providerId ?? charge.providerId,
    authorized: fact.authorized ?? charge.authorized,
    captured: larger(charge.captured, fact.captured ?? 0n), // an older report may come after a newer one
    refunded: fact.refunded ?? charge.refunded,
    document: {
      ...charge.document,
      ...(fact.decline && !isLiveCharge(state) ? { decline: fact.decline } : {}),
      ...(fact.checks ? { checks: fact.checks } : {}),
      ...(fact.network ? { network: fact.network } : {}),
    },
  }
}

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)

function paymentAfter(payment: Payment, charge: Charge, now: Date): Payment {
  const state = paymentStateFor(charge.state, payment.canceledAt !== null)
  const canceled = state === 'canceled'
  const { lastError: _, ...document } = payment.document
  const code = charge.state === 'declined' || charge.state === 'failed' ? charge.document.decline?.code : undefined
  return {
    ...payment,
    version: payment.version + 1,
    state,
    reserved: isLiveCharge(charge.state) ? payment.amount : 0n,
    canceledAt: canceled ? (payment.canceledAt ?? now) : null,
    cancellationReason: canceled ? (payment.cancellationReason ?? 'automatic') : null,
    document: code === undefined ? document : { ...document, lastError: { chargeId: charge.id, code } },
  }
}

function sessionAfter(session: Session, charge: Charge, fact: Fact, now: Date): Session {
  const event = sessionEventFor(session, charge, fact)
  if (event === undefined) return session
  const moved = step(SESSION_MACHINE, session.state, event)
  if (moved.is !== 'moved') return session
  return {
    ...session,
    version: session.version + 1,
    state: moved.to,
    completedAt: moved.to === 'complete' ? now : null,
  }
}

function sessionEventFor(session: Session, charge: Charge, fact: Fact): SessionEvent | undefined {
  switch (charge.state) {
    case 'authorized':
    case 'captured':
      return 'succeeded'
    case 'declined':
    case 'failed':
      return fact.hard || session.tries >= session.maxTries ? 'exhausted' : 'declined'
    // A hold that somebody released has canceled the payment: there is nothing left to try.
    case 'voided':
      return 'exhausted'
    default:
      return undefined
  }
}

function operationAfter(operation: Operation, charge: Charge, now: Date): Operation {
  const state = OPERATION_FOR[charge.state]
  const waits = state === 'intent' || state === 'unknown'
  return {
    ...operation,
    version: operation.version + 1,
    state,
    asked: waits ? operation.asked + 1 : operation.asked,
    askAt: waits ? nextAsk(operation.asked, now) : null,
    absentSince: null,
  }
}

const OPERATION_FOR: { readonly [state in Charge['state']]: Operation['state'] } = {
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

function eventsFor(before: Attempt, after: Omit<Attempt, 'operation'>): readonly EventType[] {
  const types = (CHARGE_EVENTS[after.charge.state] ?? []).filter(
    // The charge succeeded when its hold was told; a capture of that hold is news about the payment.
    (type) => !(type === 'charge.succeeded' && before.charge.state === 'authorized'),
  )
  if (after.session && before.session && after.session.state !== before.session.state) {
    if (after.session.state === 'complete') types.push('checkout.session.completed')
    // Shops that know Stripe's events learn from this one that the stock is free again.
    if (after.session.state === 'failed') types.push('checkout.session.expired')
  }
  return types
}

const CHARGE_EVENTS: { readonly [state in Charge['state']]?: readonly EventType[] } = {
  requires_action: ['payment_intent.requires_action'],
  pending: ['payment_intent.processing'],
  authorized: ['charge.succeeded', 'payment_intent.amount_capturable_updated'],
  captured: ['charge.succeeded', 'payment_intent.succeeded'],
  declined: ['charge.failed', 'payment_intent.payment_failed'],
  failed: ['charge.failed', 'payment_intent.payment_failed'],
  voided: ['payment_intent.canceled'],
}
