import { amountRefunded, type Charge } from '../../../core/charge.ts'
import { declineFacts } from '../../../core/declines.ts'
import type { Snapshot } from '../../../core/event.ts'
import type { Payment } from '../../../core/payment.ts'
import type { PaymentState } from '../../../core/payment-machine.ts'
import type { Refund } from '../../../core/refund.ts'
import type { RefundState } from '../../../core/refund-machine.ts'
import { challengeUrl } from '../../../flows/challenge-visit.ts'
import type { Look } from '../../api/render/parts.ts'
import { renderBilling } from './customer.ts'
import { bpcId } from './ids.ts'
import { type PaymentNotes, paymentNotesOf } from './parse-payment.ts'
import { bpcTime } from './times.ts'

type PaymentFacts = Pick<Extract<Snapshot, { readonly is: 'payment' }>, 'payment' | 'charge'>

/** The system has no word for a payment whose outcome is awaited; `processing` is ours. */
const STATUS: { readonly [state in PaymentState]: string } = {
  requires_payment_method: 'requiresPaymentMethod',
  requires_confirmation: 'requiresPaymentMethod',
  requires_action: 'requiresAction',
  processing: 'processing',
  requires_capture: 'requiresCapture',
  succeeded: 'succeeded',
  canceled: 'canceled',
}

/** Any of the account's payments, whichever door made it. @param charge the payment's latest */
export function renderPayment({ payment, charge }: PaymentFacts, look: Look) {
  const { document, sessionId } = payment
  const notes = paymentNotesOf(payment)
  const capturable = payment.state === 'requires_capture' && charge ? charge.authorized - charge.captured : 0n
  return {
    id: bpcId('payment', payment.id),
    amount: Number(payment.amount),
    amountCapturable: Number(capturable),
    amountCaptured: Number(charge?.captured ?? 0n),
    amountRefunded: Number(charge && charge.captured > 0n ? amountRefunded(charge) : 0n),
    currency: notes.currency ?? payment.currency,
    created: bpcTime(payment.createdAt),
    status: STATUS[payment.state],
    captureMethod: document.captureMethod === 'manual' ? 'manual' : 'automatic',
    ...(sessionId === null ? {} : { sessionId: bpcId('session', sessionId) }),
    ...said(notes),
    metadata: { ...document.metadata },
    customerDetails: { ...renderBilling(charge?.document.billing), ...notes.customerDetails },
    ...methodOf(charge),
    ...nextActionOf(payment, look),
    ...errorOf(payment),
  }
}

function said({ merchantReferenceId, merchantCustomerId }: PaymentNotes) {
  return {
    ...(merchantReferenceId === undefined ? {} : { merchantReferenceId }),
    ...(merchantCustomerId === undefined ? {} : { merchantCustomerId }),
  }
}

function methodOf(charge: Charge | null) {
  const card = charge?.document.card
  if (!card) return {}
  const { brand, last4, expMonth, expYear } = card
  return { paymentMethod: { type: 'card', card: { brand, last4, expiryMonth: expMonth, expiryYear: expYear } } }
}

/** The shopper of a session does on its page what the issuer asks for; another is sent to the issuer by the shop. */
function nextActionOf(payment: Payment, look: Look) {
  if (payment.state !== 'requires_action' || payment.sessionId !== null) return {}
  const { returnUrl } = payment.document
  const redirect = { url: challengeUrl(look.publicUrl, payment), ...(returnUrl === undefined ? {} : { returnUrl }) }
  return { nextAction: { type: 'redirectToUrl', redirectToUrl: redirect } }
}

/** Why the last try failed, in the words that the native door has for shoppers. */
function errorOf({ document: { lastError } }: Payment) {
  if (!lastError) return {}
  const { code, declineCode, message } = declineFacts(lastError.code)
  return { lastError: { code: declineCode ?? code, message } }
}

/** Doubt about a refund shows as `pending`: it is not over. */
const REFUND_STATUS: { readonly [state in RefundState]: string } = {
  requested: 'pending',
  pending: 'pending',
  needs_review: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
}

/** @param payment the one that it is of: its currency is spelled as its shop spelled it */
export function renderRefund(refund: Refund, payment: Payment) {
  return {
    id: bpcId('refund', refund.id),
    paymentId: bpcId('payment', refund.paymentId),
    amount: Number(refund.amount),
    currency: paymentNotesOf(payment).currency ?? refund.currency,
    created: bpcTime(refund.createdAt),
    status: REFUND_STATUS[refund.state],
    metadata: { ...refund.document.metadata },
  }
}
