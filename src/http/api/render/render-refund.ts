import type { Static } from '@fastify/type-provider-typebox'
import type { Charge } from '../../../core/charge.ts'
import { nameOf } from '../../../core/ids.ts'
import type { Refund } from '../../../core/refund.ts'
import type { RefundState } from '../../../core/refund-machine.ts'
import type { RefundShape } from '../shapes/refund.ts'
import { none, seconds, wireAmount } from './parts.ts'

/** Doubt about a refund shows as `pending`: it is not over. */
const STATUS: { readonly [state in RefundState]: 'pending' | 'succeeded' | 'failed' | 'canceled' } = {
  requested: 'pending',
  pending: 'pending',
  needs_review: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
}

/** @param charge the charge that it is of: its customer and payment are named there */
export function renderRefund(
  refund: Refund,
  charge: Pick<Charge, 'customerId' | 'paymentId'>,
): Static<typeof RefundShape> {
  const { tenant, currency, document } = refund
  const failed = refund.state === 'failed' ? { failure_reason: document.failureReason ?? 'unknown' } : {}
  return {
    id: nameOf('refund', tenant, refund.id),
    object: 'refund',
    amount: wireAmount(refund.amount, currency),
    balance_transaction: refund.state === 'succeeded' ? nameOf('movement', tenant, refund.id) : null,
    charge: nameOf('charge', tenant, refund.chargeId),
    created: seconds(refund.createdAt),
    currency: currency.toLowerCase(),
    customer: charge.customerId === null ? null : nameOf('customer', tenant, charge.customerId),
    ...failed,
    metadata: { ...document.metadata },
    ...(refund.state === 'needs_review' ? { needs_review: true } : {}),
    payment_intent: nameOf('payment', tenant, charge.paymentId),
    ...(STATUS[refund.state] === 'pending' ? { pending_reason: 'processing' as const } : {}),
    reason: document.reason ?? null,
    status: STATUS[refund.state],
    ...none('customer_account', 'payment_method', 'receipt_number', 'source_transfer_reversal', 'transfer_reversal'),
  }
}
