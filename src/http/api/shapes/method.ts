import { Type } from '@fastify/type-provider-typebox'
import { address, B, I, metadata, nulls, object, orNull, ref, S } from './words.ts'

export const MethodShape = object({
  id: S,
  object: Type.Literal('payment_method'),
  allow_redisplay: Type.Literal('unspecified'),
  billing_details: object({ address, email: orNull(S), name: orNull(S), phone: orNull(S), tax_id: Type.Null() }),
  card: object({
    brand: S,
    display_brand: S,
    exp_month: I,
    exp_year: I,
    fingerprint: S,
    funding: Type.Literal('unknown'),
    last4: S,
    ...nulls('checks', 'country', 'generated_from', 'networks', 'regulated_status', 'three_d_secure_usage', 'wallet'),
  }),
  created: I,
  customer: orNull(ref()),
  livemode: B,
  metadata: metadata(),
  type: Type.Literal('card'),
  ...nulls('customer_account'),
})
