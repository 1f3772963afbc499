import { Type } from '@fastify/type-provider-typebox'
import { B, I, object, orNull, S } from './words.ts'

export const ReceiptShape = object({
  id: S,
  object: Type.Literal('checkout.session.receipt'),
  expires_at: I,
  keys_url: S,
  livemode: B,
  receipt: S,
})
export const ReceiptKeyShape = object({
  id: S,
  object: Type.Literal('receipt_key'),
  created: I,
  livemode: B,
  /** Since when it signs no more. */
  retired_at: orNull(I),
})
