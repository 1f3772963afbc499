import type { Static } from '@fastify/type-provider-typebox'
import {
  address,
  amount,
  boolean,
  created,
  currency,
  email,
  expand,
  integer,
  later,
  lines,
  list,
  metadata,
  name,
  object,
  oneOf,
  optional,
  page,
  text,
  unsettable,
  url,
} from '../../parameters/fields.ts'

export const LOCALES = (
  'auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru ' +
  'sk sl sv th tr vi zh zh-HK zh-TW'
).split(' ')

/** Where Stripe's list of methods has more than we have, the rest is refused as not built, not as wrong. */
const LATER_METHODS = (
  'acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie blik boleto ' +
  'cashapp crypto customer_balance eps fpx giropay grabpay ideal kakao_pay klarna konbini kr_card link mobilepay ' +
  'multibanco naver_pay oxxo p24 pay_by_bank payco paynow paypal payto pix promptpay revolut_pay samsung_pay satispay ' +
  'sepa_debit sofort swish twint us_bank_account wechat_pay zip'
).split(' ')

export const shippingDetails = () =>
  object({
    address: address(),
    carrier: optional(text(100)),
    name: text(100),
    phone: optional(text(40)),
    tracking_number: optional(text(100)),
  })

/** What a payment may ask of a card. */
export const cardOptions = () =>
  object({
    capture_method: later(),
    cvc_token: later(),
    installments: later(),
    mandate_options: later(),
    moto: later(),
    network: later(),
    request_extended_authorization: later(),
    request_incremental_authorization: later(),
    request_multicapture: later(),
    request_overcapture: later(),
    request_three_d_secure: optional(oneOf(['any', 'automatic', 'challenge'])),
    require_cvc_recollection: later(),
    restrictions: later(),
    setup_future_usage: later(),
    statement_descriptor_suffix_kana: later(),
    statement_descriptor_suffix_kanji: later(),
    three_d_secure: later(),
  })
export const taxBehavior = () => oneOf(['exclusive', 'inclusive', 'unspecified'])
const message = () => unsettable(object({ message: lines(1200) }))
const KEY = { pattern: '^[0-9A-Za-z]+$', shape: 'must be letters and digits only' }
/** Statement names: what card networks print. */
export const statementDescriptor = () =>
  text(22, { pattern: '^[^<>\\\\\'"*]*$', shape: 'must not contain any of < > \\ \' " *' })

const typedField = () =>
  object({
    default_value: optional(text(255)),
    maximum_length: optional(integer(1, 255)),
    minimum_length: optional(integer(0, 255)),
  })
const customField = () =>
  object({
    dropdown: optional(
      object({
        default_value: optional(text(100)),
        options: list(object({ label: text(100), value: text(100, KEY) }), 200),
      }),
    ),
    key: text(200, KEY),
    label: object({ custom: text(50), type: oneOf(['custom']) }),
    numeric: optional(typedField()),
    optional: optional(boolean()),
    text: optional(typedField()),
    type: oneOf(['dropdown', 'numeric', 'text']),
  })

const priceData = () =>
  object({
    currency: currency(),
    product: optional(name()),
    product_data: optional(
      object({
        description: optional(lines(5000)),
        images: optional(list(url(2048), 8)),
        metadata: optional(metadata()),
        name: text(250),
        tax_code: later(),
        tax_details: later(),
        unit_label: later(),
      }),
    ),
    recurring: later(),
    tax_behavior: optional(taxBehavior()),
    unit_amount: optional(amount()),
    unit_amount_decimal: later(),
  })

const lineItem = () =>
  object({
    adjustable_quantity: optional(
      object({
        enabled: boolean('true'),
        maximum: optional(integer(1, 999_999)),
        minimum: optional(integer(0, 999_999)),
      }),
    ),
    dynamic_tax_rates: later(),
    metadata: optional(metadata()),
    price: optional(name()),
    price_data: optional(priceData()),
    quantity: optional(integer(1, 999_999)),
    tax_rates: later(),
  })

export const CreateSession = object({
  adaptive_pricing: optional(object({ enabled: boolean('true') })),
  after_expiration: later(),
  allow_promotion_codes: optional(boolean('true')),
  allowed_payment_method_types: later(),
  automatic_tax: optional(object({ enabled: boolean('true'), liability: later() })),
  billing_address_collection: optional(oneOf(['auto', 'required'])),
  branding_settings: later(),
  cancel_url: optional(text(5000)),
  client_reference_id: optional(text(200)),
  consent_collection: later(),
  currency: optional(currency()),
  custom_fields: optional(list(customField(), 10)),
  custom_text: optional(
    object({
      after_submit: message(),
      shipping_address: message(),
      submit: message(),
      terms_of_service_acceptance: message(),
    }),
  ),
  customer: optional(name()),
  customer_account: later(),
  customer_creation: optional(oneOf(['if_required'], ['always'])),
  customer_email: optional(email()),
  customer_update: later(),
  discounts: later(),
  excluded_payment_method_types: later(),
  expand: expand(),
  expires_at: optional(integer(0, 253_402_300_799)),
  integration_identifier: later(),
  invoice_creation: optional(object({ enabled: boolean('true'), invoice_data: later() })),
  line_items: list(lineItem(), 100),
  locale: optional(oneOf(LOCALES)),
  managed_payments: later(),
  metadata: optional(metadata()),
  mode: oneOf(['payment'], ['setup', 'subscription']),
  name_collection: later(),
  optional_items: later(),
  origin_context: later(),
  payment_intent_data: optional(
    object({
      application_fee_amount: later(),
      capture_method: optional(oneOf(['automatic', 'automatic_async', 'manual'])),
      description: optional(lines(1000)),
      metadata: optional(metadata()),
      on_behalf_of: later(),
      receipt_email: optional(email()),
      setup_future_usage: later(),
      shipping: optional(shippingDetails()),
      statement_descriptor: optional(statementDescriptor()),
      statement_descriptor_suffix: optional(statementDescriptor()),
      transfer_data: later(),
      transfer_group: later(),
    }),
  ),
  payment_method_collection: later(),
  payment_method_configuration: later(),
  payment_method_data: later(),
  payment_method_options: optional(object({ card: optional(cardOptions()) })),
  payment_method_types: optional(list(oneOf(['card'], LATER_METHODS), 50)),
  permissions: later(),
  phone_number_collection: optional(object({ enabled: boolean() })),
  redirect_on_completion: later(),
  return_url: later(),
  saved_payment_method_options: later(),
  setup_intent_data: later(),
  shipping_address_collection: optional(
    object({
      allowed_countries: list(text(2, { pattern: '^[A-Z]{2}$', shape: 'must be a two-letter country code' }), 100),
    }),
  ),
  shipping_options: later(),
  signed_receipt: optional(boolean()),
  submit_type: optional(oneOf(['auto', 'book', 'donate', 'pay'], ['subscribe'])),
  subscription_data: later(),
  success_url: optional(text(5000)),
  tax_id_collection: optional(object({ enabled: boolean('true'), required: later() })),
  ui_mode: optional(oneOf(['hosted_page', 'hosted'], ['custom', 'elements', 'embedded', 'embedded_page', 'form'])),
  wallet_options: later(),
})
export type CreateSessionBody = Static<typeof CreateSession>
export type LineItemBody = CreateSessionBody['line_items'][number]

export const UpdateSession = object({
  collected_information: later(),
  expand: expand(),
  line_items: later(),
  metadata: unsettable(metadata()),
  payment_intent_data: optional(
    object({
      description: unsettable(lines(1000)),
      metadata: unsettable(metadata()),
      setup_future_usage: later(),
      statement_descriptor: unsettable(statementDescriptor()),
      statement_descriptor_suffix: unsettable(statementDescriptor()),
    }),
  ),
  shipping_options: later(),
})
export type UpdateSessionBody = Static<typeof UpdateSession>

export const ExpireSession = object({ expand: expand() })
export const ListSessions = object({
  ...page,
  created: created(),
  customer: optional(name()),
  customer_account: later(),
  customer_details: optional(object({ email: email() })),
  payment_intent: optional(name()),
  payment_link: later(),
  status: optional(oneOf(['complete', 'expired', 'open'])),
  subscription: later(),
})
export const ListLineItems = object({
  limit: optional(integer(1, 100)),
  starting_after: optional(name()),
  ending_before: optional(name()),
  expand: expand(),
})
