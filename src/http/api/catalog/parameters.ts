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
  number,
  object,
  oneOf,
  optional,
  page,
  text,
  unsettable,
  url,
} from '../../parameters/fields.ts'
import { shippingDetails, statementDescriptor, taxBehavior } from '../sessions/parameters.ts'

const taxCode = () => text(50, { pattern: '^txcd_[0-9]+$', shape: 'must be a tax code such as txcd_99999999' })
/** Prices that are due again and again: they are kept and told, and nothing is charged by them yet. */
const recurrence = () =>
  object({
    interval: oneOf(['day', 'week', 'month', 'year']),
    interval_count: optional(integer(1, 1_095)),
    meter: later(),
    trial_period_days: optional(integer(0, 730)),
    usage_type: optional(oneOf(['licensed'], ['metered'])),
  })
export type RecurrenceBody = Static<ReturnType<typeof recurrence>>
const features = () => list(object({ name: text(80) }), 15)
const dimensions = () =>
  object({ height: number(0, 1e6), length: number(0, 1e6), weight: number(0, 1e6), width: number(0, 1e6) })
const defaultPrice = () =>
  object({
    currency: currency(),
    currency_options: later(),
    custom_unit_amount: later(),
    metadata: optional(metadata()),
    recurring: optional(recurrence()),
    tax_behavior: optional(taxBehavior()),
    unit_amount: amount(),
    unit_amount_decimal: later(),
  })

export const CreateProduct = object({
  active: optional(boolean()),
  default_price_data: optional(defaultPrice()),
  description: unsettable(lines(5000)),
  expand: expand(),
  id: later(),
  images: optional(list(url(2048), 8)),
  marketing_features: optional(features()),
  metadata: unsettable(metadata()),
  name: text(250),
  package_dimensions: optional(dimensions()),
  shippable: optional(boolean()),
  statement_descriptor: optional(statementDescriptor()),
  tax_code: optional(taxCode()),
  tax_details: later(),
  type: optional(oneOf(['good', 'service'])),
  unit_label: optional(text(12)),
  url: optional(url(2048)),
})
export const UpdateProduct = object({
  active: optional(boolean()),
  default_price: optional(name()),
  description: unsettable(lines(5000)),
  expand: expand(),
  images: unsettable(list(url(2048), 8)),
  marketing_features: unsettable(features()),
  metadata: unsettable(metadata()),
  name: optional(text(250)),
  package_dimensions: unsettable(dimensions()),
  shippable: optional(boolean()),
  statement_descriptor: optional(statementDescriptor()),
  tax_code: unsettable(taxCode()),
  tax_details: later(),
  unit_label: unsettable(text(12)),
  url: unsettable(url(2048)),
})
export type CreateProductBody = Static<typeof CreateProduct>
export type UpdateProductBody = Static<typeof UpdateProduct>
export const ListProducts = object({
  ...page,
  active: optional(boolean()),
  created: created(),
  ids: optional(list(name(), 100)),
  shippable: optional(boolean()),
  type: optional(oneOf(['good', 'service'])),
  url: optional(url(2048)),
})

export const CreatePrice = object({
  active: optional(boolean()),
  billing_scheme: optional(oneOf(['per_unit'], ['tiered'])),
  currency: currency(),
  currency_options: later(),
  custom_unit_amount: later(),
  expand: expand(),
  lookup_key: optional(text(200)),
  metadata: unsettable(metadata()),
  nickname: optional(text(500)),
  product: optional(name()),
  product_data: optional(
    object({
      active: optional(boolean()),
      id: later(),
      metadata: optional(metadata()),
      name: text(250),
      statement_descriptor: optional(statementDescriptor()),
      tax_code: optional(taxCode()),
      tax_details: later(),
      unit_label: optional(text(12)),
    }),
  ),
  recurring: optional(recurrence()),
  tax_behavior: optional(taxBehavior()),
  tiers: later(),
  tiers_mode: later(),
  transfer_lookup_key: optional(boolean()),
  transform_quantity: later(),
  unit_amount: optional(amount()),
  unit_amount_decimal: later(),
})
export type CreatePriceBody = Static<typeof CreatePrice>
export const UpdatePrice = object({
  active: optional(boolean()),
  currency_options: later(),
  expand: expand(),
  lookup_key: optional(text(200)),
  metadata: unsettable(metadata()),
  nickname: optional(text(500)),
  tax_behavior: optional(taxBehavior()),
  transfer_lookup_key: optional(boolean()),
})
export const ListPrices = object({
  ...page,
  active: optional(boolean()),
  created: created(),
  currency: optional(currency()),
  lookup_keys: optional(list(text(200), 10)),
  product: optional(name()),
  recurring: optional(
    object({
      interval: optional(oneOf(['day', 'week', 'month', 'year'])),
      meter: later(),
      usage_type: optional(oneOf(['licensed'], ['metered'])),
    }),
  ),
  type: optional(oneOf(['one_time', 'recurring'])),
})

const customer = {
  address: unsettable(address()),
  balance: later(),
  business_name: later(),
  cash_balance: later(),
  description: unsettable(lines(5000)),
  email: unsettable(email()),
  expand: expand(),
  individual_name: later(),
  invoice_prefix: optional(
    text(12, { minLength: 3, pattern: '^[A-Z0-9]+$', shape: 'must be 3 to 12 capital letters or digits' }),
  ),
  invoice_settings: later(),
  metadata: unsettable(metadata()),
  name: unsettable(text(256)),
  next_invoice_sequence: later(),
  phone: unsettable(text(20)),
  preferred_locales: unsettable(list(text(20), 10)),
  shipping: unsettable(shippingDetails()),
  source: later(),
  tax: later(),
  tax_exempt: unsettable(oneOf(['none', 'exempt', 'reverse'])),
  validate: later(),
}
export const CreateCustomer = object({
  ...customer,
  payment_method: later(),
  tax_id_data: later(),
  test_clock: later(),
})
export const UpdateCustomer = object({ ...customer, default_source: later() })
export type CustomerBody = Static<typeof UpdateCustomer>
export const ListCustomers = object({
  ...page,
  created: created(),
  email: optional(email()),
  test_clock: later(),
})

export const SearchQuery = object({
  expand: expand(),
  limit: optional(page.limit),
  page: optional(text(60)),
  query: lines(1000),
})
/** A deletion has no body; the SDK sends none. */
export const Empty = object({})
