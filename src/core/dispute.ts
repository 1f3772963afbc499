import type { Tenant, Uuid } from './ids.ts'
import type { Metadata } from './session.ts'

/**
 * A cardholder's doubt about a charge, as the issuer hands it on. So far inquiries alone: the issuer asks before it takes
 * anything back, so no money moves. `closed`: the shop has nothing to say to it.
 */
export type Dispute = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly chargeId: Uuid
  readonly paymentId: Uuid
  /** What the provider calls it: by this one report of it is told from another. */
  readonly providerId: string
  readonly kind: 'inquiry'
  readonly state: 'needs_response' | 'closed'
  readonly amount: bigint
  readonly currency: string
  readonly createdAt: Date
  readonly document: {
    /** In the provider's words: `fraudulent`, `general`. */
    readonly reason: string
    readonly networkReasonCode?: string
    readonly brand?: string
    /** ISO 8601. */
    readonly respondBy?: string
    readonly metadata?: Metadata
  }
}

/** An inquiry as the provider shows it with its charge. */
export type ObservedInquiry = {
  readonly providerId: string
  readonly amount: bigint
  readonly reason: string
  readonly networkReasonCode?: string
  readonly respondBy?: Date
}
