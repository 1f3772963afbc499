import type { Attempt, Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import { isLiveCharge } from './charge-machine.ts'
import { declineFacts } from './declines.ts'
import { step } from './machine.ts'
import type { Payment } from './payment.ts'
import { paymentStateFor } from './payment-machine.ts'
import type { Session } from './session.ts'
import { SESSION_MACHINE, type SessionEvent } from './session-machine.ts'

/** The payment and the session after their charge. */
export function followed(before: Attempt, after: Attempt, { now }: Means): Attempt {
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

/** Nobody is asked to act: the charge is about to be given up, and the payment shows no more than that it is not over. */
const isRefusing = ({ state, document }: Charge): boolean => state === 'requires_action' && document.unattended === true

function paymentAfter(payment: Payment, after: Attempt, now: Date): Payment {
  const { charge } = after
  const derived = paymentStateFor(charge.state, payment.canceledAt !== null)
  const unsaid = isCapturing(after) || isRefusing(charge)
  const state = unsaid ? 'processing' : derived
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
