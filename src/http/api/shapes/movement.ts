import { Type } from '@fastify/type-provider-typebox'
import { I, nulls, object, ref, S } from './words.ts'

export const MovementShape = object({
  id: S,
  object: Type.Literal('balance_transaction'),
  amount: I,
  available_on: I,
  balance_type: Type.Literal('payments'),
  created: I,
  currency: S,
  fee: I,
  fee_details: Type.Tuple([]),
  net: I,
  reporting_category: S,
  source: ref(),
  status: Type.Literal('pending'),
  type: Type.Unsafe<'charge' | 'refund' | 'refund_failure'>({ enum: ['charge', 'refund', 'refund_failure'] }),
  ...nulls('description', 'exchange_rate'),
})
