import type { Static } from '@fastify/type-provider-typebox'
import type { Charge } from '../../../core/charge.ts'
import { declineFacts } from '../../../core/declines.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import { clientSecretOf, type Payment } from '../../../core/payment.ts'
import { challengeUrl } from '../../../flows/challenge-visit.ts'
import type { PaymentShape } from '../shapes/payment.ts'
import { type Look, none, seconds, wireAmount, wireShipping } from './parts.ts'

type Wire = Static<typeof PaymentShape>

/** @param charge the payment's latest charge: it says what was received and what may still be captured */
export function renderPayment(
  { payment, charge }: { readonly payment: Payment; readonly charge: Charge | null },
  look: Look,
): Wire {
  const { document, tenant, currency } = payment
  const name = nameOf('payment', tenant, payment.id)
  const capturable = payment.state === 'requires_capture' && charge ? charge.authorized - charge.captured : 0n
  return {
    id: name,
    object: 'payment_intent',
    amount: wireAmount(payment.amount, currency),
    amount_capturable: wireAmount(capturable, currency),
    amount_details: { tip: {} },
    amount_received: wireAmount(charge?.captured ?? 0n, currency),
    canceled_at: payment.canceledAt === null ? null : seconds(payment.canceledAt),
    cancellation_reason: payment.cancellationReason,
    capture_method: document.captureMethod,
    client_secret: clientSecretOf(payment),
    confirmation_method: document.confirmationMethod ?? 'automatic',
    created: seconds(payment.createdAt),
    currency: currency.toLowerCase(),
    customer: payment.customerId === null ? null : nameOf('customer', tenant, payment.customerId),
    description: document.description ?? null,
    last_payment_error: lastError(payment, look),
    latest_charge: payment.latestChargeId === null ? null : nameOf('charge', tenant, payment.latestChargeId),
    livemode: isLive(tenant),
    metadata: { ...document.metadata },
    next_action: nextAction(payment, look),
    payment_method: methodOf(payment),
    payment_method_options: {
      card: {
        request_three_d_secure: document.requestThreeDSecure ?? 'automatic',
        ...none('installments', 'mandate_options', 'network'),
      },
    },
    payment_method_types: ['card'],
    receipt_email: document.receiptEmail ?? null,
    shipping: wireShipping(document.shipping),
    statement_descriptor: document.statementDescriptor ?? null,
    statement_descriptor_suffix: document.statementDescriptorSuffix ?? null,
    status: payment.state,
    ...none(
      'allowed_payment_method_types',
      'application',
      'application_fee_amount',
      'automatic_payment_methods',
      'customer_account',
      'excluded_payment_method_types',
      'managed_payments',
      'on_behalf_of',
      'payment_method_configuration_details',
      'payment_record',
      'processing',
      'review',
      'setup_future_usage',
      'source',
      'transfer_data',
      'transfer_group',
    ),
  }
}

/** The shopper of a session does on its page what the issuer asks for; another is sent to it by the shop. */
function nextAction(payment: Payment, look: Look): Wire['next_action'] {
  if (payment.state !== 'requires_action' || payment.sessionId !== null) return null
  const { returnUrl = null } = payment.document
  return {
    redirect_to_url: { return_url: returnUrl, url: challengeUrl(look.publicUrl, payment) },
    type: 'redirect_to_url',
  }
}

/** After a decline the payment waits for another method. */
function methodOf({ tenant, state, document: { methodId } }: Payment): string | null {
  return methodId === undefined || state === 'requires_payment_method' ? null : nameOf('method', tenant, methodId)
}

function lastError({ tenant, document: { lastError: error } }: Payment, look: Look): Wire['last_payment_error'] {
  if (!error) return null
  const { code, declineCode, message } = declineFacts(error.code)
  return {
    charge: nameOf('charge', tenant, error.chargeId),
    code,
    ...(declineCode === undefined ? {} : { decline_code: declineCode }),
    doc_url: `${look.publicUrl}/docs/errors#${code}`,
    message,
    payment_method_type: 'card',
    type: 'card_error',
  }
}
