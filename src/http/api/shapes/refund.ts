import { Type } from '@fastify/type-provider-typebox'
import { I, metadata, nulls, object, orNull, ref, S } from './words.ts'

export const RefundShape = object({
  id: S,
  object: Type.Literal('refund'),
  amount: I,
  balance_transaction: orNull(ref()),
  charge: ref(),
  created: I,
  currency: S,
  customer: orNull(ref()),
  failure_reason: Type.Optional(S),
  metadata: metadata(),
  /** Ours, there only then: asking was given up after 30 days, and a person must look. */
  needs_review: Type.Optional(Type.Boolean()),
  payment_intent: ref(),
  /** While it is pending. */
  pending_reason: Type.Optional(Type.Literal('processing')),
  reason: orNull(Type.Unsafe<string>({ enum: ['duplicate', 'fraudulent', 'requested_by_customer'] })),
  status: Type.Unsafe<'pending' | 'succeeded' | 'failed' | 'canceled'>({
    enum: ['pending', 'succeeded', 'failed', 'canceled'],
  }),
  ...nulls('customer_account', 'payment_method', 'receipt_number', 'source_transfer_reversal', 'transfer_reversal'),
})
