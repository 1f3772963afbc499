import type { DisputeState } from './dispute-machine.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { Metadata } from './session.ts'

/** What a shop says to an issuer, under Stripe's names, texts alone. */
export const EVIDENCE_TEXTS = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_tracking_number',
  'uncategorized_text',
] as const
export type EvidenceText = (typeof EVIDENCE_TEXTS)[number]
export type Evidence = { readonly [name in EvidenceText]?: string }

/**
 * A cardholder's doubt about a charge, as the issuer hands it on: an inquiry, by which no money moves, or a chargeback,
 * which takes money back at once and gives it back when the merchant wins.
 */
export type Dispute = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly chargeId: Uuid
  readonly paymentId: Uuid
  /** What the provider calls it: by this one report of it is told from another. */
  readonly providerId: string
  readonly kind: 'inquiry' | 'chargeback'
  readonly state: DisputeState
  readonly amount: bigint
  readonly currency: string
  readonly createdAt: Date
  /** When we heard that the money was taken back; each of these moments is booked once. */
  readonly withdrawnAt: Date | null
  readonly reinstatedAt: Date | null
  readonly document: {
    /** In the provider's words: `fraudulent`, `general`. */
    readonly reason: string
    readonly networkReasonCode?: string
    readonly brand?: string
    /** ISO 8601. */
    readonly respondBy?: string
    readonly metadata?: Metadata
    /** What the shop has gathered; it counts once it was submitted. */
    readonly evidence?: Evidence
    /** How often the provider has taken evidence. */
    readonly submissions?: number
    /** The evidence was submitted when the issuer waited no longer. */
    readonly pastDue?: true
    /** The provider said this against what it had said before. Nothing followed from it: a person must look. */
    readonly contradiction?: { readonly seen: string; readonly at: string }
  }
}

/** A dispute as the provider shows it with its charge. */
export type ObservedDispute = {
  readonly providerId: string
  readonly state: DisputeState
  readonly amount: bigint
  readonly reason: string
  readonly networkReasonCode?: string
  readonly respondBy?: Date
  /** How often it has taken evidence, where it says so. */
  readonly submissions?: number
}

/** What of the merchant's money an issuer has now. */
export const takenBy = ({ withdrawnAt, reinstatedAt, amount }: Dispute): bigint =>
  withdrawnAt !== null && reinstatedAt === null ? amount : 0n

export const sumTaken = (disputes: readonly Dispute[]): bigint =>
  disputes.reduce((sum, dispute) => sum + takenBy(dispute), 0n)
