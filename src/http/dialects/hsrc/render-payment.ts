import { amountRefunded, type Charge } from '../../../core/charge.ts'
import { nameOf } from '../../../core/ids.ts'
import type { Payment } from '../../../core/payment.ts'
import type { PaymentState } from '../../../core/payment-machine.ts'
import type { Session } from '../../../core/session.ts'
import { sessionId as nameOfSession, type PaymentFacts, paymentId, paymentIdOfSession, planId } from './ids.ts'
import { accountId } from './render-charge.ts'

const STATUS: { readonly [state in PaymentState]: string } = {
  requires_payment_method: 'REQUIRES_PAYMENT_METHOD',
  requires_confirmation: 'CREATED',
  requires_action: 'REQUIRES_ACTION',
  processing: 'PROCESSING',
  requires_capture: 'AUTHORIZED',
  succeeded: 'SUCCEEDED',
  canceled: 'CANCELED',
}

/** Any of the account's payments, whichever door made it. What was refunded in part has succeeded. */
export function renderPayment(facts: PaymentFacts) {
  return facts.payment ? renderMade(facts) : renderAwaited(facts.session)
}

function renderMade({ payment, charge, session }: Extract<PaymentFacts, { readonly payment: Payment }>) {
  const { tenant, document, sessionId, customerId } = payment
  return {
    object: 'payment' as const,
    id: paymentId(payment),
    account_id: accountId(tenant),
    customer_id: customerId === null ? null : nameOf('customer', tenant, customerId),
    amount: Number(payment.amount),
    currency: payment.currency,
    status: statusOf(payment, charge, session),
    metadata: { ...session?.document.metadata, ...document.metadata },
    checkout_session_id: sessionId === null ? null : nameOfSession({ tenant, id: sessionId }),
    auto_capture: document.captureMethod !== 'manual',
    installments: null,
    routing_origin: 'MERCHANT_DIRECT',
    routing_plan_id: charge ? planId(payment) : null,
    captured_amount: Number(charge?.captured ?? 0n),
    refunded_amount: Number(charge && charge.captured > 0n ? amountRefunded(charge) : 0n),
    created_at: payment.createdAt.toISOString(),
    updated_at: (payment.canceledAt ?? charge?.createdAt ?? payment.createdAt).toISOString(),
  }
}

function statusOf(payment: Payment, charge: Charge | null, session: Session | null): string {
  if (payment.state === 'succeeded' && charge && amountRefunded(charge) >= charge.captured) return 'REFUNDED'
  if (payment.state === 'canceled' && session?.state === 'expired') return 'EXPIRED'
  // Before the first try nothing has been asked of the shopper.
  if (payment.state === 'requires_payment_method' && payment.latestChargeId === null) return 'CREATED'
  return STATUS[payment.state]
}

/** What a session will be paid by, as long as nobody has tried. */
function renderAwaited(session: Session): ReturnType<typeof renderMade> {
  const { tenant, document, customerId } = session
  const status = session.state === 'open' ? 'CREATED' : session.state === 'expired' ? 'EXPIRED' : 'CANCELED'
  return {
    object: 'payment',
    id: paymentIdOfSession(session),
    account_id: accountId(tenant),
    customer_id: customerId === null ? null : nameOf('customer', tenant, customerId),
    amount: Number(session.amountTotal),
    currency: session.currency,
    status,
    metadata: { ...document.metadata, ...document.paymentTemplate?.metadata },
    checkout_session_id: nameOfSession(session),
    auto_capture: document.paymentTemplate?.captureMethod !== 'manual',
    installments: null,
    routing_origin: 'MERCHANT_DIRECT',
    routing_plan_id: null,
    captured_amount: 0,
    refunded_amount: 0,
    created_at: session.createdAt.toISOString(),
    updated_at: session.createdAt.toISOString(),
  }
}
