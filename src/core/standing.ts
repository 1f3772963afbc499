import type { Charge } from './charge.ts'
import type { Payment } from './payment.ts'
import { paymentStatusOf, type Session } from './session.ts'

/** Where a session stands, in one word that a shop can act on. The first three are an honest "not known yet". */
export const STANDINGS = [
  'open',
  'processing',
  'needs_review',
  'paid',
  'partly_paid',
  'authorized',
  'no_payment_required',
  'canceled',
  'expired',
  'failed',
] as const
export type Standing = (typeof STANDINGS)[number]

type View = { readonly session: Session; readonly payment: Payment | null; readonly charge: Charge | null }

/** From the session and the money beside it, and from nothing that a browser said. */
export function standingOf({ session, payment, charge }: View): Standing {
  if (session.state === 'complete') return standingOfComplete(session, payment, charge)
  if (session.state !== 'processing') return session.state
  return charge?.state === 'needs_review' ? 'needs_review' : 'processing'
}

function standingOfComplete(session: Session, payment: Payment | null, charge: Charge | null): Standing {
  const captured = charge?.captured ?? 0n
  const status = paymentStatusOf(session, captured)
  if (status !== 'unpaid') return status
  if (captured > 0n) return 'partly_paid'
  if (charge?.state === 'needs_review') return 'needs_review'
  if (payment?.state === 'requires_capture') return 'authorized'
  return payment?.state === 'canceled' ? 'canceled' : 'processing'
}

/** Whether nothing more is to be waited for. What needs a person to look is not known, and waiting does not change it. */
export const isSettled = (standing: Standing): boolean => !['open', 'processing', 'needs_review'].includes(standing)

/**
 * Rises with every change of the session or its payment: of two statements about a session the one with the higher number
 * is the newer.
 */
export const versionOf = ({ session, payment }: Pick<View, 'session' | 'payment'>): number =>
  session.version + (payment?.version ?? 0)
