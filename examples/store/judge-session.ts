import type Stripe from 'stripe'
import { note, type Order, type OrderState, type Signal } from './orders.ts'

/** The part of a session that decides about an order. */
export type SessionFacts = Pick<
  Stripe.Checkout.Session,
  'id' | 'status' | 'payment_status' | 'amount_total' | 'currency' | 'client_reference_id'
>

/**
 * The only way to `paid`, and it asks for a session that came from the till itself: in an event whose signature was
 * verified, or in the answer to our own question. Late, repeated and reordered news are ordinary: paid stays paid.
 */
export function learnFromSession(order: Order, session: SessionFacts, signal: Signal, at: Date): Order {
  if (!isSessionOf(order, session)) return note(order, { kind: 'mismatch', source: session.id }, at)
  const state = nextState(order.state, session)
  const adopted = order.session ?? { id: session.id, url: undefined }
  return note({ ...order, state, session: adopted }, signal, at, state === 'paid' && order.state !== 'paid')
}

// #region decide
function nextState(state: OrderState, session: SessionFacts): OrderState {
  if (state === 'paid') return 'paid' // old news cannot take the money back
  if (session.status === 'complete') return session.payment_status === 'unpaid' ? 'pending' : 'paid'
  if (session.status === 'expired') return 'expired'
  return state
}

function isSessionOf(order: Order, session: SessionFacts): boolean {
  return (
    session.client_reference_id === order.id &&
    (order.session === undefined || order.session.id === session.id) &&
    session.amount_total === order.total &&
    session.currency === order.currency
  )
}
// #endregion
