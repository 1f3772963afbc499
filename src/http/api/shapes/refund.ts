import { Type } from '@fastify/type-provider-typebox'
import { I, metadata, nulls, object, orNull, ref, S } from './words.ts'

export const RefundShape = object({
  id: S,
  object: Type.Literal('refund'),
  amount: I,
  charge: ref(),
  created: I,
  currency: S,
  customer: orNull(ref()),
  failure_reason: Type.Optional(S),
  metadata: metadata(),
  payment_intent: ref(),
  reason: orNull(Type.Unsafe<string>({ enum: ['duplicate', 'fraudulent', 'requested_by_customer'] })),
  status: Type.Unsafe<'pending' | 'succeeded' | 'failed' | 'canceled'>({
    enum: ['pending', 'succeeded', 'failed', 'canceled'],
  }),
  ...nulls(
    'balance_transaction',
    'customer_account',
    'payment_method',
    'receipt_number',
    'source_transfer_reversal',
    'transfer_reversal',
  ),
})
