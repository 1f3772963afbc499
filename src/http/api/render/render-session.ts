import type { Static } from '@fastify/type-provider-typebox'
import { credentialOf, isLive, nameOf } from '../../../core/ids.ts'
import type { Payment } from '../../../core/payment.ts'
import { type CustomField, paymentStatusOf, type Session } from '../../../core/session.ts'
import type { SessionState } from '../../../core/session-machine.ts'
import type { SessionShape } from '../shapes/session.ts'
import { type Look, none, seconds, wireAddress, wireAmount } from './parts.ts'

type Wire = Static<typeof SessionShape>

/** Stripe knows three states. A session that is being paid is still open there. */
const STATUS: { readonly [state in SessionState]: Wire['status'] } = {
  open: 'open',
  processing: 'open',
  complete: 'complete',
  expired: 'expired',
  canceled: 'expired',
  failed: 'expired',
}

export function renderSession(
  { session, payment, captured }: { session: Session; payment: Payment | null; captured: bigint },
  look: Look,
): Wire {
  const { document, tenant } = session
  const name = nameOf('session', tenant, session.id)
  const status = STATUS[session.state]
  return {
    id: name,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    amount_subtotal: wireAmount(session.amountSubtotal, session.currency),
    amount_total: wireAmount(session.amountTotal, session.currency),
    automatic_tax: { enabled: false, ...none('liability', 'provider', 'status') },
    billing_address_collection: document.billingAddressCollection ?? null,
    cancel_url: document.cancelUrl ?? null,
    client_reference_id: document.clientReferenceId ?? null,
    collected_information: collectedInformation(session),
    created: seconds(session.createdAt),
    currency: session.currency.toLowerCase(),
    custom_fields: (document.customFields ?? []).map((field) =>
      customField(field, document.collected?.customFields?.[field.key] ?? null),
    ),
    custom_text: {
      after_submit: message(document.customText?.afterSubmit),
      shipping_address: message(document.customText?.shippingAddress),
      submit: message(document.customText?.submit),
      terms_of_service_acceptance: message(document.customText?.termsOfService),
    },
    customer: session.customerId === null ? null : nameOf('customer', tenant, session.customerId),
    customer_creation: session.customerId === null ? 'if_required' : null,
    customer_details: customerDetails(session),
    customer_email: document.customerEmail ?? null,
    expires_at: seconds(session.expiresAt),
    invoice_creation: {
      enabled: false,
      invoice_data: {
        metadata: {},
        ...none('account_tax_ids', 'custom_fields', 'description', 'footer', 'issuer', 'rendering_options'),
      },
    },
    livemode: isLive(tenant),
    locale: document.locale ?? null,
    metadata: { ...document.metadata },
    mode: 'payment',
    payment_intent: payment === null ? null : nameOf('payment', tenant, payment.id),
    payment_method_collection: 'if_required',
    payment_method_options: {
      card: { request_three_d_secure: document.paymentTemplate?.requestThreeDSecure ?? 'automatic' },
    },
    payment_method_types: [...(document.paymentMethodTypes ?? ['card'])],
    payment_status: paymentStatusOf(session, captured),
    phone_number_collection: { enabled: document.phoneNumberCollection ?? false },
    shipping_address_collection: document.shippingCountries
      ? { allowed_countries: [...document.shippingCountries] }
      : null,
    shipping_options: [],
    status,
    submit_type: document.submitType ?? null,
    success_url: document.successUrl ?? null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: status === 'open' ? `${look.publicUrl}/c/pay/${credentialOf(name, session.secret, 'page')}` : null,
    ...none(
      'after_expiration',
      'allow_promotion_codes',
      'allowed_payment_method_types',
      'client_secret',
      'consent',
      'consent_collection',
      'currency_conversion',
      'customer_account',
      'discounts',
      'integration_identifier',
      'invoice',
      'managed_payments',
      'origin_context',
      'payment_link',
      'payment_method_configuration_details',
      'permissions',
      'recovered_from',
      'saved_payment_method_options',
      'setup_intent',
      'shipping_cost',
      'subscription',
      'wallet_options',
    ),
  }
}

const message = (text: string | undefined) => (text === undefined ? null : { message: text })

function collectedInformation({ document: { collected } }: Session): Wire['collected_information'] {
  if (!collected) return null
  const { shipping } = collected
  return {
    ...none('business_name', 'individual_name'),
    shipping_details: shipping ? { address: wireAddress(shipping.address), name: shipping.name } : null,
  }
}

/** Before the shopper typed anything, only the address that the shop passed is known. */
function customerDetails({ document: { collected, customerEmail } }: Session): Wire['customer_details'] {
  const email = collected?.email ?? customerEmail
  if (!collected && email === undefined) return null
  return {
    address: collected?.billing ? wireAddress(collected.billing) : null,
    email: email ?? null,
    name: collected?.name ?? null,
    phone: collected?.phone ?? null,
    tax_exempt: 'none',
    tax_ids: [],
    ...none('business_name', 'individual_name'),
  }
}

function customField(field: CustomField, value: string | null): Wire['custom_fields'][number] {
  const { key, type, optional } = field
  const common = { key, label: { custom: field.label, type: 'custom' as const }, optional, type }
  if (type === 'dropdown') {
    const options = (field.options ?? []).map((option) => ({ label: option.label, value: option.value }))
    return { ...common, dropdown: { default_value: field.defaultValue ?? null, options, value } }
  }
  const typed = {
    default_value: field.defaultValue ?? null,
    maximum_length: field.maximumLength ?? null,
    minimum_length: field.minimumLength ?? null,
    value,
  }
  return type === 'numeric' ? { ...common, numeric: typed } : { ...common, text: typed }
}
