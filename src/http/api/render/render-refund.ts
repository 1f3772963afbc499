import type { Charge } from '../../../core/charge.ts'
import { nameOf } from '../../../core/ids.ts'
import type { Refund } from '../../../core/refund.ts'
import type { RefundState } from '../../../core/refund-machine.ts'
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

/** @param charge the charge that it is of: its payment is named there */
export function renderRefund(refund: Refund, charge: Pick<Charge, 'paymentId'>) {
  const { tenant, currency, document } = refund
  const failed = refund.state === 'failed' ? { failure_reason: document.failureReason ?? 'unknown' } : {}
  return {
    id: nameOf('refund', tenant, refund.id),
    object: 'refund' as const,
    amount: wireAmount(refund.amount, currency),
    charge: nameOf('charge', tenant, refund.chargeId),
    created: seconds(refund.createdAt),
    currency: currency.toLowerCase(),
    ...failed,
    metadata: { ...document.metadata },
    payment_intent: nameOf('payment', tenant, charge.paymentId),
    reason: document.reason ?? null,
    status: STATUS[refund.state],
    ...none('balance_transaction', 'receipt_number', 'source_transfer_reversal', 'transfer_reversal'),
  }
}
