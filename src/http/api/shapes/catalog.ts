import { Type } from '@fastify/type-provider-typebox'
import { address, B, I, metadata, nulls, object, orNull, ref, S, shipping } from './words.ts'

export const ProductShape = object({
  id: S,
  object: Type.Literal('product'),
  active: B,
  created: I,
  default_price: orNull(ref()),
  description: orNull(S),
  images: Type.Array(S),
  livemode: B,
  marketing_features: Type.Array(object({ name: S })),
  metadata: metadata(),
  name: S,
  package_dimensions: orNull(
    object({ height: Type.Number(), length: Type.Number(), weight: Type.Number(), width: Type.Number() }),
  ),
  shippable: orNull(B),
  statement_descriptor: orNull(S),
  tax_code: orNull(S),
  type: Type.Literal('service'),
  unit_label: orNull(S),
  updated: I,
  url: orNull(S),
  ...nulls('tax_details'),
})

const TAX_BEHAVIOR = Type.Union([Type.Literal('exclusive'), Type.Literal('inclusive'), Type.Literal('unspecified')])

const INTERVAL = Type.Union([Type.Literal('day'), Type.Literal('week'), Type.Literal('month'), Type.Literal('year')])

const price = {
  id: S,
  object: Type.Literal('price'),
  active: B,
  billing_scheme: Type.Literal('per_unit'),
  created: I,
  currency: S,
  livemode: B,
  lookup_key: orNull(S),
  metadata: metadata(),
  nickname: orNull(S),
  product: ref(),
  tax_behavior: TAX_BEHAVIOR,
  unit_amount: I,
  unit_amount_decimal: S,
  ...nulls('custom_unit_amount', 'tiers_mode', 'transform_quantity'),
}

export const PriceShape = object({
  ...price,
  recurring: orNull(
    object({
      interval: INTERVAL,
      interval_count: I,
      meter: Type.Null(),
      trial_period_days: orNull(I),
      usage_type: Type.Literal('licensed'),
    }),
  ),
  type: Type.Union([Type.Literal('one_time'), Type.Literal('recurring')]),
})

/** What a session that charges once can hold. */
const OncePriceShape = object({ ...price, ...nulls('recurring'), type: Type.Literal('one_time') })

export const LineItemShape = object({
  id: S,
  object: Type.Literal('item'),
  adjustable_quantity: orNull(object({ enabled: B, maximum: orNull(I), minimum: orNull(I) })),
  amount_discount: I,
  amount_subtotal: I,
  amount_tax: I,
  amount_total: I,
  currency: S,
  description: orNull(S),
  metadata: metadata(),
  price: OncePriceShape,
  quantity: I,
})

export const CustomerShape = object({
  id: S,
  object: Type.Literal('customer'),
  address: orNull(address),
  balance: I,
  created: I,
  delinquent: B,
  description: orNull(S),
  email: orNull(S),
  invoice_prefix: orNull(S),
  invoice_settings: object(nulls('custom_fields', 'default_payment_method', 'footer', 'rendering_options')),
  livemode: B,
  metadata: metadata(),
  name: orNull(S),
  next_invoice_sequence: I,
  phone: orNull(S),
  preferred_locales: Type.Array(S),
  shipping: orNull(shipping),
  tax_exempt: Type.Union([Type.Literal('none'), Type.Literal('exempt'), Type.Literal('reverse')]),
  ...nulls('currency', 'customer_account', 'default_source', 'discount', 'test_clock'),
})
