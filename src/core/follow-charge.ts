import type { Attempt, Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import { isLiveCharge } from './charge-machine.ts'
import { declineFacts } from './declines.ts'
import { step } from './machine.ts'
import { GIVEN_UP, NOT_HANDLED } from './orders.ts'
import type { Payment } from './payment.ts'
import { paymentStateFor } from './payment-machine.ts'
import { isReturning, wasGivenUp } from './returning.ts'
import type { Session } from './session.ts'
import { SESSION_MACHINE, type SessionEvent } from './session-machine.ts'

/** The payment and the session after their charge. */
export function followed(before: Attempt, after: Attempt, { now }: Means): Attempt {
  const { charge, payment, session } = after
  const doubtful = isEnding(before) !== isEnding(after)
  if (payment.latestChargeId !== charge.id) return after
  // The payment waited for its money to be back; only then may it be made again.
  const returned = payment.state === 'processing' && isReturning(before) && !isReturning(after)
  if (charge.state === before.charge.state && !doubtful && !returned) return after
  // A charge that was over already moves its payment no more.
  if (!isLiveCharge(before.charge.state) && !isLiveCharge(charge.state) && !returned) return after
  return {
    ...after,
    payment: paymentAfter(payment, after, now),
    session: session && sessionAfter(session, after, before.charge, now),
  }
}

/** An order that would end the hold, or the wait for the shopper, is in doubt: the payment is neither open nor over. */
const isEnding = ({ charge, orders }: Attempt): boolean =>
  (charge.state === 'authorized' || charge.state === 'requires_action') &&
  orders.some(({ final, state }) => final && (state === 'unknown' || state === 'needs_review'))

/** Nobody is asked to act: the charge is about to be given up, and the payment shows no more than that it is not over. */
const isRefusing = ({ state, document }: Charge): boolean => state === 'requires_action' && document.unattended === true

function paymentAfter(payment: Payment, after: Attempt, now: Date): Payment {
  const { charge } = after
  const derived = paymentStateFor(charge.state, payment.canceledAt !== null)
  const unsaid = isEnding(after) || isReturning(after) || isRefusing(charge)
  const state = unsaid ? 'processing' : derived
  const canceled = state === 'canceled'
  const { lastError: _, ...document } = payment.document
  const code = state === 'requires_payment_method' ? failureOf(after) : undefined
  return {
    ...payment,
    state,
    reserved: isLiveCharge(charge.state) ? payment.amount : 0n,
    canceledAt: canceled ? (payment.canceledAt ?? now) : null,
    cancellationReason: canceled ? (payment.cancellationReason ?? reasonFor(after)) : null,
    document: code === undefined ? document : { ...document, lastError: { chargeId: charge.id, code } },
  }
}

function failureOf(after: Attempt): string | undefined {
  const { state, document } = after.charge
  if (state !== 'surplus') return document.decline?.code
  if (!wasGivenUp(after)) return undefined
  return document.unattended ? NOT_HANDLED.code : GIVEN_UP.code
}

/** The shop's own reason, which may be none; a hold that was released elsewhere, or ran out, was not its choice. */
function reasonFor({ orders }: Attempt): Payment['cancellationReason'] {
  const asked = orders.find(({ kind, state }) => kind === 'void' && state === 'succeeded')
  return asked ? (asked.document.reason ?? null) : 'automatic'
}

function sessionAfter(session: Session, after: Attempt, before: Charge, now: Date): Session {
  const same = after.charge.state === before.state && before.state !== 'surplus'
  const event = same || isReturning(after) ? undefined : sessionEventFor(session, after.charge)
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
      return isHard(charge) || isTrouble(session, charge) || session.tries >= session.maxTries
        ? 'exhausted'
        : 'declined'
    // Unwanted success has gone back: the session opens, and where it is past its end it is closed as any other.
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

/** The order never arrived, and the session's door sends its shopper away for that. */
const isTrouble = ({ document }: Session, charge: Charge): boolean =>
  charge.state === 'failed' && document.troubleEnds === true
