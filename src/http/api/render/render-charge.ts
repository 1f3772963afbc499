import type { Static } from '@fastify/type-provider-typebox'
import { amountRefunded, type Charge } from '../../../core/charge.ts'
import type { ChargeState } from '../../../core/charge-machine.ts'
import { declineFacts } from '../../../core/declines.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import type { Authentication } from '../../../core/three-d-secure.ts'
import type { ChargeShape } from '../shapes/payment.ts'
import { none, seconds, wireAddress, wireAmount, wireShipping } from './parts.ts'

type Wire = Static<typeof ChargeShape>

/** Doubt shows as `pending`. A void is, on Stripe's wire, a charge that succeeded and was given back. */
const STATUS: { readonly [state in ChargeState]: Wire['status'] } = {
  intent: 'pending',
  requires_action: 'pending',
  pending: 'pending',
  unknown: 'pending',
  needs_review: 'pending',
  authorized: 'succeeded',
  captured: 'succeeded',
  voided: 'succeeded',
  surplus: 'succeeded',
  declined: 'failed',
  failed: 'failed',
}

export function renderCharge(charge: Charge): Wire {
  const { document, tenant, currency } = charge
  const status = STATUS[charge.state]
  const failure = status === 'failed' ? declineFacts(document.decline?.code ?? 'processing_error') : undefined
  const refunded = amountRefunded(charge)
  return {
    id: nameOf('charge', tenant, charge.id),
    object: 'charge',
    amount: wireAmount(charge.amount, currency),
    amount_captured: wireAmount(charge.captured, currency),
    amount_refunded: wireAmount(refunded, currency),
    // The ledger's line of a charge goes by the charge's own id.
    balance_transaction: charge.captured > 0n ? nameOf('movement', tenant, charge.id) : null,
    billing_details: {
      address: wireAddress(document.billing?.address),
      email: document.billing?.email ?? null,
      name: document.billing?.name ?? null,
      phone: document.billing?.phone ?? null,
      tax_id: null,
    },
    calculated_statement_descriptor: document.statementDescriptor ?? null,
    captured: charge.captured > 0n,
    created: seconds(charge.createdAt),
    currency: currency.toLowerCase(),
    customer: charge.customerId === null ? null : nameOf('customer', tenant, charge.customerId),
    description: document.description ?? null,
    disputed: document.chargedBack === true,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    fraud_details: {},
    livemode: isLive(tenant),
    metadata: { ...document.metadata },
    outcome: outcomeOf(charge, status),
    paid: status === 'succeeded',
    ...contradictionOf(charge),
    payment_intent: nameOf('payment', tenant, charge.paymentId),
    payment_method: document.methodId === undefined ? null : nameOf('method', tenant, document.methodId),
    payment_method_details: cardDetails(charge),
    receipt_email: document.receiptEmail ?? null,
    refunded: status === 'succeeded' && refunded > 0n && refunded >= charge.amount,
    shipping: wireShipping(document.shipping),
    statement_descriptor: document.statementDescriptor ?? null,
    statement_descriptor_suffix: document.statementDescriptorSuffix ?? null,
    status,
    ...none(
      'application',
      'application_fee',
      'application_fee_amount',
      'failure_balance_transaction',
      'on_behalf_of',
      'receipt_number',
      'receipt_url',
      'review',
      'source',
      'source_transfer',
      'transfer_data',
      'transfer_group',
    ),
  }
}

function contradictionOf({ document: { strange } }: Charge): Pick<Wire, 'provider_contradiction'> {
  if (!strange) return {}
  const { fact, at, believedAt } = strange
  const believed = believedAt === undefined ? null : seconds(new Date(believedAt))
  return { provider_contradiction: { believed_at: believed, said: fact, said_at: seconds(new Date(at)) } }
}

/** Nothing is said of a charge whose outcome is not known, but that asking was given up and a person must look. */
function outcomeOf({ document, state }: Charge, status: Wire['status']): Wire['outcome'] {
  const unsaid = none('advice_code', 'network_advice_code')
  if (state === 'needs_review') {
    const message = 'The provider has not said what became of this payment. Ask it before you deliver or pay back.'
    const review = { type: 'manual_review' as const, reason: 'outcome_unknown', seller_message: message }
    return { ...review, network_status: null, network_decline_code: null, ...unsaid }
  }
  if (status === 'pending') return null
  if (status === 'succeeded') {
    const approved = { network_status: 'approved_by_network', type: 'authorized' as const }
    return { ...approved, network_decline_code: null, reason: null, seller_message: 'Payment complete.', ...unsaid }
  }
  const { declineCode, code, message } = declineFacts(document.decline?.code ?? 'processing_error')
  return {
    network_decline_code: document.decline?.networkCode ?? null,
    network_status: state === 'declined' ? 'declined_by_network' : 'not_sent_to_network',
    reason: declineCode ?? code,
    seller_message: message,
    type: state === 'declined' ? 'issuer_declined' : 'invalid',
    ...unsaid,
  }
}

function cardDetails({ document, authorized, amount, currency }: Charge): Wire['payment_method_details'] {
  const { card, checks, network, authentication } = document
  if (!card) return null
  return {
    type: 'card',
    card: {
      amount_authorized: authorized > 0n ? wireAmount(authorized, currency) : null,
      authorization_code: network?.authorizationCode ?? null,
      brand: card.brand,
      checks: {
        address_line1_check: null,
        address_postal_code_check: checks?.postalCode ?? null,
        cvc_check: checks?.cvc ?? null,
      },
      exp_month: card.expMonth,
      exp_year: card.expYear,
      extended_authorization: { status: 'disabled' },
      fingerprint: card.fingerprint,
      incremental_authorization: { status: 'unavailable' },
      electronic_commerce_indicator: authentication?.eci ?? null,
      last4: card.last4,
      multicapture: { status: 'unavailable' },
      network: card.brand,
      network_token: { used: false },
      network_transaction_id: network?.transactionId ?? null,
      overcapture: { maximum_amount_capturable: wireAmount(amount, currency), status: 'unavailable' },
      three_d_secure: authentication ? threeDSecure(authentication) : null,
      ...none('country', 'funding', 'installments', 'mandate', 'regulated_status', 'transaction_link_id', 'wallet'),
    },
  }
}

type ThreeDSecure = NonNullable<NonNullable<NonNullable<Wire['payment_method_details']>['card']>['three_d_secure']>

/** A reason that Stripe has no word for is left out: the result stands by itself. */
function threeDSecure({ flow, eci, result, reason, transactionId, version }: Authentication): ThreeDSecure {
  return {
    authentication_flow: flow ?? null,
    electronic_commerce_indicator: eci ?? null,
    exemption_indicator: null,
    result,
    result_reason: reason !== undefined && RESULT_REASONS.includes(reason) ? reason : null,
    transaction_id: transactionId ?? null,
    version,
  }
}

const RESULT_REASONS: readonly string[] = [
  'abandoned',
  'bypassed',
  'canceled',
  'card_not_enrolled',
  'network_not_supported',
  'protocol_error',
  'rejected',
]
