import { Type } from '@fastify/type-provider-typebox'
import { I, nulls, object, orNull, ref, S } from './words.ts'

export const MOVEMENT_WORDS = ['adjustment', 'charge', 'refund', 'refund_failure'] as const
export type MovementWord = (typeof MOVEMENT_WORDS)[number]

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
  type: Type.Unsafe<MovementWord>({ enum: MOVEMENT_WORDS }),
  description: orNull(S),
  ...nulls('exchange_rate'),
})
