import { type Authentication, renderAction, renderThreeDSecure } from './authentication.ts'
import { DECLINES, type DeclineCode } from './declines.ts'
import { type Dispute, isOverdue, renderDispute } from './dispute.ts'
import type { Check } from './judge-card.ts'
import type { Brand, Funding } from './test-cards.ts'

export type AuthorizationStatus = 'requires_action' | 'authorized' | 'captured' | 'voided' | 'expired' | 'declined'

/** The money of an authorization: captured + released <= amount, refunded + refundPending + disputed <= captured. */
export type Money = {
  readonly status: AuthorizationStatus
  readonly amount: number
  readonly captured: number
  readonly released: number
  readonly refunded: number
  readonly refundPending: number
  /** What issuers have taken back for their cardholders, and not given back. */
  readonly disputed: number
}

export type Authorization = Money & {
  readonly id: string
  readonly reference: string
  readonly currency: string
  readonly declineCode: DeclineCode | null
  readonly testCard: string
  readonly brand: Brand
  readonly funding: Funding
  readonly last4: string
  readonly cvcCheck: Check
  readonly postalCheck: Check
  readonly networkTransaction: string
  readonly authorizationCode: string | null
  readonly statementDescriptor: string | null
  readonly createdAt: Date
  /** When what is held runs out. */
  readonly expiresAt: Date | null
  readonly authentication: Authentication | null
  /** When the next of its refunds takes a step by itself. */
  readonly refundSettlesAt: Date | null
  /** Oldest first. */
  readonly disputes: readonly Dispute[]
}

export type OperationKind = 'capture' | 'void' | 'refund'
export type OperationStatus = 'pending' | 'succeeded' | 'failed' | 'canceled'
export type Operation = {
  readonly id: string
  readonly kind: OperationKind
  readonly authorizationId: string
  readonly reference: string
  readonly amount: number
  readonly currency: string
  readonly status: OperationStatus
  readonly origin: 'merchant' | 'bank'
  readonly failureReason: string | null
  readonly settlesAt: Date | null
  readonly settlesAs: 'succeeded' | 'failed' | null
  readonly createdAt: Date
}

/** @param origin of the bank, as browsers reach it */
export function renderAuthorization(authorization: Authorization, origin: string): object {
  const { authentication, status } = authorization
  return {
    id: authorization.id,
    object: 'authorization',
    reference: authorization.reference,
    status,
    amount: authorization.amount,
    currency: authorization.currency,
    captured_amount: authorization.captured,
    released_amount: authorization.released,
    refunded_amount: authorization.refunded,
    refund_pending_amount: authorization.refundPending,
    disputed_amount: authorization.disputed,
    decline: authorization.declineCode === null ? null : DECLINES[authorization.declineCode],
    network: {
      brand: authorization.brand,
      funding: authorization.funding,
      transaction_id: authorization.networkTransaction,
      authorization_code: authorization.authorizationCode,
      cvc_check: authorization.cvcCheck,
      postal_check: authorization.postalCheck,
    },
    three_d_secure: authentication && renderThreeDSecure(authentication),
    action: status === 'requires_action' && authentication ? renderAction(authentication, origin) : null,
    disputes: authorization.disputes.map(renderDispute),
    created: authorization.createdAt.toISOString(),
    expires: status === 'authorized' ? (authorization.expiresAt?.toISOString() ?? null) : null,
  }
}

export function renderOperation(operation: Operation): object {
  return {
    id: operation.id,
    object: operation.kind,
    authorization: operation.authorizationId,
    reference: operation.reference,
    status: operation.status,
    amount: operation.amount,
    currency: operation.currency,
    origin: operation.origin,
    ...(operation.kind === 'refund' ? { failure_reason: operation.failureReason } : {}),
    created: operation.createdAt.toISOString(),
  }
}

/** Whether something of it is due that only the clock decides. */
export function isDue(authorization: Authorization, now: Date): boolean {
  const { status, authentication, expiresAt, refundSettlesAt, disputes } = authorization
  const passed = (moment: Date | null | undefined) => moment !== null && moment !== undefined && moment <= now
  return (
    (status === 'authorized' && passed(expiresAt)) ||
    (status === 'requires_action' && passed(authentication?.expiresAt)) ||
    passed(refundSettlesAt) ||
    disputes.some((dispute) => isOverdue(dispute, now))
  )
}
