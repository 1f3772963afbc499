import type { Static } from '@fastify/type-provider-typebox'
import { nameOf } from '../../../core/ids.ts'
import type { Movement } from '../../../core/posting.ts'
import type { MovementShape } from '../shapes/movement.ts'
import { none, seconds, wireAmount } from './parts.ts'

/** What a provider keeps as its fee, and when it pays out, is not known here: nothing is deducted, and all is pending. */
export function renderMovement(movement: Movement): Static<typeof MovementShape> {
  const { tenant, type, currency, chargeId, refundId } = movement
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
    source: refundId === null ? nameOf('charge', tenant, chargeId) : nameOf('refund', tenant, refundId),
    status: 'pending',
    type,
    ...none('description', 'exchange_rate'),
  }
}
