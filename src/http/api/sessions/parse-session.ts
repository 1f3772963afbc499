import type { Caller } from '../../../core/account.ts'
import { type Currency, parseCurrency } from '../../../core/currencies.ts'
import type { MetadataChange } from '../../../core/metadata.ts'
import { offer } from '../../../core/nearest.ts'
import type { CustomField, CustomText, Metadata, PaymentTemplate, Shipping } from '../../../core/session.ts'
import { fromStripeMinor } from '../../../core/stripe-amounts.ts'
import type { NewLineItem, NewPriceData, NewSessionInput, SessionChanges } from '../../../flows/session-input.ts'
import { type Fault, Refused } from '../../errors.ts'
import { ownId, ownIdIfNamed } from '../api.ts'
import type { CreateSessionBody, LineItemBody, UpdateSessionBody } from './parameters.ts'

/** From the wire's words to ours. What the schema could not say (one of two, currencies) is refused here. */
export function parseNewSession(caller: Caller, body: CreateSessionBody): NewSessionInput {
  if (body.line_items.length === 0) refuse({ code: 'parameter_missing', param: 'line_items' })
  if (body.customer !== undefined && body.customer_email !== undefined) {
    refuse({ code: 'parameters_exclusive', param: 'customer_email', detail: 'customer, customer_email' })
  }
  return given({
    lineItems: body.line_items.map((line, index) => parseLine(caller, line, `line_items[${index}]`)),
    currency: body.currency === undefined ? undefined : requireCurrency(body.currency, 'currency'),
    customerId: ownIdIfNamed(caller, 'customer', body.customer, 'customer'),
    expiresAt: body.expires_at === undefined ? undefined : new Date(body.expires_at * 1000),
    successUrl: body.success_url,
    cancelUrl: body.cancel_url,
    clientReferenceId: body.client_reference_id,
    customerEmail: body.customer_email,
    metadata: newMetadata(body.metadata),
    locale: body.locale,
    submitType: body.submit_type,
    customText: body.custom_text && parseCustomText(body.custom_text),
    customFields: body.custom_fields && parseCustomFields(body.custom_fields),
    billingAddressCollection: body.billing_address_collection,
    phoneNumberCollection: body.phone_number_collection?.enabled,
    shippingCountries: body.shipping_address_collection?.allowed_countries,
    paymentTemplate: parseTemplate(body),
    paymentMethodTypes: body.payment_method_types,
    signedReceipt: body.signed_receipt ? (true as const) : undefined,
  })
}

export function parseSessionChanges(body: UpdateSessionBody): SessionChanges {
  const data = body.payment_intent_data
  return given({
    metadata: body.metadata,
    paymentTemplate:
      data &&
      given({
        description: data.description,
        metadata: data.metadata,
        statementDescriptor: data.statement_descriptor,
        statementDescriptorSuffix: data.statement_descriptor_suffix,
      }),
  })
}

function parseLine(caller: Caller, line: LineItemBody, at: string): NewLineItem {
  if (line.price !== undefined && line.price_data !== undefined) {
    refuse({ code: 'parameters_exclusive', param: `${at}[price]`, detail: `${at}[price], ${at}[price_data]` })
  }
  const rest = given({
    quantity: line.quantity ?? refuse({ code: 'parameter_missing', param: `${at}[quantity]` }),
    adjustableQuantity: line.adjustable_quantity && parseAdjustable(line.adjustable_quantity, at),
    metadata: newMetadata(line.metadata),
  })
  if (line.price_data) return { priceData: parsePriceData(caller, line.price_data, `${at}[price_data]`), ...rest }
  if (line.price === undefined) return refuse({ code: 'parameter_missing', param: `${at}[price]` })
  return { priceId: ownId(caller, 'price', line.price, `${at}[price]`), ...rest }
}

function parseAdjustable(range: NonNullable<LineItemBody['adjustable_quantity']>, at: string) {
  if (range.minimum !== undefined && range.maximum !== undefined && range.minimum > range.maximum) {
    const param = `${at}[adjustable_quantity][maximum]`
    refuse({ code: 'parameter_invalid_range', param, detail: 'it must not be below the minimum' })
  }
  return range
}

function parsePriceData(caller: Caller, data: NonNullable<LineItemBody['price_data']>, at: string): NewPriceData {
  const currency = requireCurrency(data.currency, `${at}[currency]`)
  const amount = data.unit_amount ?? refuse({ code: 'parameter_missing', param: `${at}[unit_amount]` })
  const price = given({
    currency,
    unitAmount: requireMinor(amount, currency, `${at}[unit_amount]`),
    taxBehavior: data.tax_behavior,
  })
  if (data.product !== undefined && data.product_data !== undefined) {
    refuse({ code: 'parameters_exclusive', param: `${at}[product]`, detail: `${at}[product], ${at}[product_data]` })
  }
  if (data.product !== undefined) {
    return { ...price, productId: ownId(caller, 'product', data.product, `${at}[product]`) }
  }
  const product = data.product_data ?? refuse({ code: 'parameter_missing', param: `${at}[product_data]` })
  const { name, description, images, metadata } = product
  return { ...price, productData: given({ name, description, images, metadata: newMetadata(metadata) }) }
}

/** The currency of a request, in either case. */
export function requireCurrency(text: string, param: string): Currency {
  return parseCurrency(text) ?? refuse({ code: 'invalid_currency', param })
}

/** ISO's amount for the wire's: 10.50 krónur on the wire are no amount of money. */
export function requireMinor(amount: number, currency: Currency, param: string): bigint {
  const money = fromStripeMinor(BigInt(amount), currency)
  if (!money)
    return refuse({ code: 'parameter_invalid_integer', param, detail: `${amount} (${currency} has no fractions)` })
  if (money.minor > 999_999_999_999n) refuse({ code: 'amount_too_large', param })
  return money.minor
}

/** An amount in the currency of what it is about. */
export const requireAmount = (amount: number, currency: string, param: string): bigint =>
  requireMinor(amount, requireCurrency(currency, param), param)

function parseCustomText(texts: NonNullable<CreateSessionBody['custom_text']>): CustomText {
  return given({
    afterSubmit: texts.after_submit?.message,
    shippingAddress: texts.shipping_address?.message,
    submit: texts.submit?.message,
    termsOfService: texts.terms_of_service_acceptance?.message,
  })
}

type CustomFieldBody = NonNullable<CreateSessionBody['custom_fields']>[number]

function parseCustomFields(fields: readonly CustomFieldBody[]): readonly CustomField[] {
  const keys = fields.map(({ key }) => key)
  return fields.map((field, index) => {
    const at = `custom_fields[${index}]`
    if (keys.indexOf(field.key) < index) {
      refuse({ code: 'parameter_invalid_string', param: `${at}[key]`, detail: 'must differ from every other field' })
    }
    return parseCustomField(field, at)
  })
}

function parseCustomField(field: CustomFieldBody, at: string): CustomField {
  for (const type of ['dropdown', 'numeric', 'text'] as const) {
    if (type !== field.type && field[type] !== undefined) refuse({ code: 'parameter_unknown', param: `${at}[${type}]` })
  }
  const { key, label, optional = false } = field
  const common = { key, label: label.custom, type: field.type, optional }
  if (field.type !== 'dropdown') {
    const {
      default_value: defaultValue,
      minimum_length: minimumLength,
      maximum_length: maximumLength,
    } = field[field.type] ?? {}
    if ((minimumLength ?? 0) > (maximumLength ?? 255)) {
      const param = `${at}[${field.type}][maximum_length]`
      refuse({ code: 'parameter_invalid_range', param, detail: 'it must not be below the minimum length' })
    }
    return given({ ...common, defaultValue, minimumLength, maximumLength })
  }
  const { options = [], default_value: defaultValue } = field.dropdown ?? {}
  if (options.length === 0) refuse({ code: 'parameter_missing', param: `${at}[dropdown][options]` })
  if (new Set(options.map(({ value }) => value)).size < options.length) {
    refuse({ code: 'parameter_invalid_string', param: `${at}[dropdown][options]`, detail: 'must have distinct values' })
  }
  const values = options.map(({ value }) => value)
  if (defaultValue !== undefined && !values.includes(defaultValue)) {
    const detail = offer(values, defaultValue)
    refuse({ code: 'parameter_invalid_enum', param: `${at}[dropdown][default_value]`, detail })
  }
  return given({ ...common, options, defaultValue })
}

function parseTemplate(body: CreateSessionBody): PaymentTemplate | undefined {
  const requestThreeDSecure = body.payment_method_options?.card?.request_three_d_secure
  const template = given({
    ...(body.payment_intent_data && parsePaymentData(body.payment_intent_data)),
    requestThreeDSecure,
  })
  return body.payment_intent_data || requestThreeDSecure ? template : undefined
}

function parsePaymentData(data: NonNullable<CreateSessionBody['payment_intent_data']>): PaymentTemplate {
  return given({
    captureMethod: data.capture_method,
    description: data.description,
    metadata: newMetadata(data.metadata),
    receiptEmail: data.receipt_email,
    shipping: data.shipping && parseShipping(data.shipping),
    statementDescriptor: data.statement_descriptor,
    statementDescriptorSuffix: data.statement_descriptor_suffix,
  })
}

type ShippingBody = NonNullable<NonNullable<CreateSessionBody['payment_intent_data']>['shipping']>

export function parseShipping(shipping: ShippingBody): Shipping {
  const { name, address, phone, carrier, tracking_number: trackingNumber } = shipping
  return given({ name, address: parseAddress(address), phone, carrier, trackingNumber })
}

export function parseAddress({ postal_code: postalCode, ...rest }: ShippingBody['address']) {
  return given({ ...rest, postalCode })
}

/** On a new object there is nothing to unset. */
export function newMetadata(change: MetadataChange | undefined): Metadata | undefined {
  if (!change) return undefined
  const kept = Object.entries(change).filter((entry): entry is [string, string] => entry[1] !== null)
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Leaves out what was not given: documents have no keys without values. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>
}

function refuse(fault: Fault): never {
  throw new Refused(fault)
}
