import type { Tenant, Uuid } from './ids.ts'
import type { RefundState } from './refund-machine.ts'
import type { Metadata } from './session.ts'

export type RefundReason = 'duplicate' | 'fraudulent' | 'requested_by_customer'

/** Who ordered it: the shop, the provider's own side, or we ourselves for money that nobody owed. */
export type RefundOrigin = 'merchant' | 'provider' | 'surplus'
export const REFUND_ORIGINS: readonly RefundOrigin[] = ['merchant', 'provider', 'surplus']

/**
 * Whether an operator has let it leave. A refund that waits is reserved and has no order; one that was rejected never gets
 * one.
 */
export type RefundApproval = 'waiting' | 'granted' | 'rejected'

/** Money back to the shopper, whole or part of one charge. */
export type Refund = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly chargeId: Uuid
  readonly paymentId: Uuid
  readonly state: RefundState
  readonly origin: RefundOrigin
  readonly amount: bigint
  readonly currency: string
  /** What the provider calls it, once it said so. */
  readonly providerId: string | null
  /** Null and left out: nobody was to be asked. */
  readonly approval?: RefundApproval | null
  readonly createdAt: Date
  readonly document: {
    readonly reason?: RefundReason
    readonly metadata?: Metadata
    /** The provider's word, or `not_received` where it has no record of it. */
    readonly failureReason?: string
  }
}
