import { isLiveCharge } from '../core/charge-machine.ts'
import type { Uuid } from '../core/ids.ts'
import { decideVoid } from '../core/orders.ts'
import type { Payment } from '../core/payment.ts'
import type { CancellationReason } from '../core/payment-machine.ts'
import { type Call, tell } from './call.ts'
import { latestAttempt } from './latest-attempt.ts'
import { type Answer, type Change, once } from './once.ts'
import type { Payments } from './pay.ts'
import { placeOrder } from './place-order.ts'
import { done, type Result, refuse } from './refusals.ts'

/**
 * The shop gives a payment up. What is held is released at the provider, and the payment is canceled once it is; a
 * payment that holds nothing is canceled at once. One that a session still offers is closed with its session.
 */
export async function cancelPayment(
  payments: Payments,
  call: Call,
  paymentId: Uuid,
  reason?: CancellationReason,
): Promise<Result<Answer>> {
  const { storage } = payments
  const payment = await storage.findPayment(call.caller.tenant, paymentId)
  if (!payment) return refuse('resource_missing', 'payment_intent')
  const charge = payment.latestChargeId ? await storage.findCharge(payment.tenant, payment.latestChargeId) : undefined
  if (!charge || !isLiveCharge(charge.state)) {
    return once(payments, call, () => giveUp(payments, call, paymentId, reason))
  }
  return placeOrder(payments, call, {
    paymentId,
    find: () => latestAttempt(payments, call, paymentId),
    decide: (attempt, means) => decideVoid(attempt, reason === undefined ? {} : { reason }, means),
  })
}

async function giveUp(
  { env, storage }: Payments,
  call: Call,
  id: Uuid,
  reason: CancellationReason | undefined,
): Promise<Result<Change>> {
  const { tenant } = call.caller
  const before = await storage.findPayment(tenant, id)
  if (!before) return refuse('resource_missing', 'payment_intent')
  if (!before.state.startsWith('requires_') || before.reserved > 0n) return unexpected(before)
  const view = before.sessionId ? await storage.findSessionView(tenant, before.sessionId) : undefined
  if (view?.session.state === 'open' || view?.session.state === 'processing') {
    return refuse('payment_intent_unexpected_state', undefined, 'its Checkout Session is open; expire the session')
  }
  const payment: Payment = {
    ...before,
    version: before.version + 1,
    state: 'canceled',
    canceledAt: env.now(),
    cancellationReason: reason ?? null,
  }
  const charge = before.latestChargeId ? await storage.findCharge(tenant, before.latestChargeId) : undefined
  const snapshot = { is: 'payment', v: 1, payment, charge: charge ?? null } as const
  const place = { root: id, rootVersion: payment.version, ordinal: 1 }
  const event = tell(env, tenant, 'payment_intent.canceled', place, snapshot, { call })
  return done({ set: { payments: [payment], events: [event] }, objectId: id, snapshot, eventId: event.id })
}

const unexpected = ({ state }: Payment): Result<never> =>
  refuse('payment_intent_unexpected_state', undefined, `it could not be canceled because it has a status of ${state}`)
