import type { Static } from '@fastify/type-provider-typebox'
import { nameOf } from '../../../core/ids.ts'
import type { Movement, MovementType } from '../../../core/posting.ts'
import type { MovementShape, MovementWord } from '../shapes/movement.ts'
import { none, seconds, wireAmount } from './parts.ts'

/** What a provider keeps as its fee, and when it pays out, is not known here: nothing is deducted, and all is pending. */
export function renderMovement(movement: Movement): Static<typeof MovementShape> {
  const { tenant, type, currency } = movement
  const amount = wireAmount(movement.amount, currency)
  const created = seconds(movement.createdAt)
  return {
    id: nameOf('movement', tenant, movement.id),
    object: 'balance_transaction',
    amount,
    available_on: created,
    balance_type: 'payments',
    created,
    currency: currency.toLowerCase(),
    fee: 0,
    fee_details: [],
    net: amount,
    reporting_category: type,
    source: sourceOf(movement),
    status: 'pending',
    type: WORDS[type],
    ...none('exchange_rate'),
    description: DESCRIPTIONS[type] ?? null,
  }
}

const WORDS: { readonly [type in MovementType]: MovementWord } = {
  charge: 'charge',
  refund: 'refund',
  refund_failure: 'refund_failure',
  dispute: 'adjustment',
  dispute_reversal: 'adjustment',
}

/** Which of them a word of Stripe's names. */
export const movementsNamed = (word: MovementWord): readonly MovementType[] =>
  (Object.keys(WORDS) as MovementType[]).filter((type) => WORDS[type] === word)

const DESCRIPTIONS: { readonly [type in MovementType]?: string } = {
  dispute: 'Chargeback withdrawal',
  dispute_reversal: 'Chargeback reversal',
}

function sourceOf({ tenant, chargeId, refundId, disputeId }: Movement): string {
  if (disputeId !== null) return nameOf('dispute', tenant, disputeId)
  return refundId === null ? nameOf('charge', tenant, chargeId) : nameOf('refund', tenant, refundId)
}
