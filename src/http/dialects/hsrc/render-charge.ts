import { amountRefunded, type Charge } from '../../../core/charge.ts'
import type { ChargeState } from '../../../core/charge-machine.ts'
import { declineFacts } from '../../../core/declines.ts'
import { accountTenant, nameOf, type Tenant, type Uuid } from '../../../core/ids.ts'
import type { Payment } from '../../../core/payment.ts'
import type { Refund } from '../../../core/refund.ts'
import type { RefundState } from '../../../core/refund-machine.ts'
import { errCodeOf } from './confirm-result.ts'
import { paymentId, planId } from './ids.ts'

export type PaymentName = Pick<Payment, 'tenant' | 'id' | 'sessionId'>

/** Doubt has no word in the system; `PROCESSING` is ours. */
const STATUS: { readonly [state in ChargeState]: string } = {
  intent: 'CREATED',
  requires_action: 'REQUIRES_ACTION',
  pending: 'PROCESSING',
  unknown: 'PROCESSING',
  needs_review: 'PROCESSING',
  authorized: 'AUTHORIZED',
  captured: 'CAPTURED',
  declined: 'DECLINED',
  failed: 'FAILED',
  voided: 'VOIDED',
  surplus: 'VOIDED',
}

function statusOf(charge: Charge): string {
  if (charge.captured > 0n && amountRefunded(charge) >= charge.captured) return 'REFUNDED'
  return STATUS[charge.state]
}

/** The routing is one provider so far: its only candidate is the one that was tried. */
export function renderCharge(charge: Charge, payment: PaymentName) {
  const { tenant, document } = charge
  const { decline, card } = document
  const status = statusOf(charge)
  return {
    object: 'charge' as const,
    id: nameOf('charge', tenant, charge.id),
    account_id: accountId(tenant),
    payment_id: paymentId(payment),
    payment_method_id: document.methodId === undefined ? null : nameOf('method', tenant, document.methodId),
    customer_id: charge.customerId === null ? null : nameOf('customer', tenant, charge.customerId),
    status,
    amount: Number(charge.amount),
    authorized_amount: Number(charge.authorized),
    captured_amount: Number(charge.captured),
    refunded_amount: Number(charge.captured > 0n ? amountRefunded(charge) : 0n),
    currency: charge.currency,
    installments: null,
    security: { ...document.authentication },
    transaction: { provider_transaction_id: charge.providerId },
    exchanges: [],
    details: {
      ...(card ? { card: { brand: card.brand, last4: card.last4, month: card.expMonth, year: card.expYear } } : {}),
      ...(decline ? { errCode: errCodeOf(decline), message: declineFacts(decline.code).message } : {}),
      ...(status === 'FAILED' && !decline ? { errCode: 'system_network_other' } : {}),
    },
    performance: {},
    metadata: { ...document.metadata },
    routing_plan_id: planId(payment),
    routing_origin: 'MERCHANT_DIRECT',
    attempt_no: charge.attempt,
    payment_provider_id: charge.connector,
    payment_provider_method_id: 'card',
    payment_provider_config_snapshot: { provider_identifier: charge.connector },
    created_at: charge.createdAt.toISOString(),
    updated_at: charge.createdAt.toISOString(),
  }
}

/** The plan of a payment, as its charges tell it. @param charges oldest first */
export function renderPlan(payment: Payment, charges: readonly Charge[]) {
  const latest = charges.at(-1)
  return {
    object: 'routing_plan' as const,
    id: planId(payment),
    account_id: accountId(payment.tenant),
    payment_id: paymentId(payment),
    request_id: null,
    trace_id: paymentId(payment),
    current_index: 0,
    routing_origin: 'MERCHANT_DIRECT',
    candidates: latest
      ? [
          {
            payment_provider_config_id: latest.connector,
            provider_identifier: latest.connector,
            status: statusOf(latest),
            reason: latest.document.decline ? errCodeOf(latest.document.decline) : null,
          },
        ]
      : [],
    metadata: {},
    charges: charges.map((charge) => renderCharge(charge, payment)),
    created_at: payment.createdAt.toISOString(),
    updated_at: (latest?.createdAt ?? payment.createdAt).toISOString(),
  }
}

/** Doubt about a refund shows as `PENDING`: it is not over. */
const REFUND_STATUS: { readonly [state in RefundState]: string } = {
  requested: 'PENDING',
  pending: 'PENDING',
  needs_review: 'PENDING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  canceled: 'CANCELED',
}

export function renderRefund(refund: Refund) {
  const { tenant, document } = refund
  const { reason_other = null, ...metadata } = document.metadata ?? {}
  return {
    object: 'refund' as const,
    id: nameOf('refund', tenant, refund.id),
    charge_id: nameOf('charge', tenant, refund.chargeId),
    status: REFUND_STATUS[refund.state],
    reason: document.reason?.toUpperCase() ?? (reason_other === null ? null : 'OTHER'),
    reason_other,
    metadata,
    amount: Number(refund.amount),
    currency: refund.currency,
    created_at: refund.createdAt.toISOString(),
    updated_at: refund.createdAt.toISOString(),
  }
}

/** Accounts have a name in the native API by a UUID of their own; here the tenant's number is enough, and is the same at every call. */
export const accountId = (tenant: Tenant): string => nameOf('account', accountTenant(tenant), NO_UUID)
const NO_UUID = '00000000-0000-0000-0000-000000000000' as Uuid
