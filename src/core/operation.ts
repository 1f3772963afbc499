import type { Evidence } from './dispute.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { CancellationReason } from './payment-machine.ts'
import type { Door } from './session.ts'

/** Every order to a provider is a row of its own, written before the first byte leaves. */
export const OPERATION_KINDS = [
  'authorize',
  'capture',
  'void',
  'refund',
  'query',
  /** Evidence for an issuer. */
  'answer_dispute',
  /** The merchant has nothing to say to an issuer. */
  'accept_dispute',
] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]

export type OperationState = 'intent' | 'unknown' | 'succeeded' | 'failed' | 'needs_review'
export const OPERATION_STATES: readonly OperationState[] = ['intent', 'unknown', 'succeeded', 'failed', 'needs_review']

export type Operation = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly chargeId: Uuid
  readonly kind: OperationKind
  /** 1, 2, … per charge and kind. */
  readonly sequence: number
  readonly amount: bigint
  readonly currency: string
  /** Settles the whole charge: a void, or a capture after which nothing more is captured. They exclude each other. */
  readonly final: boolean
  readonly state: OperationState
  /** The idempotency key at the provider, and until when the provider honors it. */
  readonly providerKey: string
  readonly providerKeyValidUntil: Date
  /** Raised by each worker that takes the operation over; a result with an older fence is thrown away. */
  readonly fence: number
  readonly createdAt: Date
  readonly askAt: Date | null
  readonly asked: number
  /** When the provider first said that it has no record of the order; nothing else has been heard since. */
  readonly absentSince: Date | null
  readonly document: {
    /** The idempotency key that waits for this order's outcome. */
    readonly answers?: { readonly door: Door; readonly key: string }
    /** Why a void was asked for. */
    readonly reason?: CancellationReason
    /** The shopper wants another card, or never came back: whatever the charge still brings is not wanted any more. */
    readonly givesUp?: true
    /** The dispute that it answers: under the provider's name, with what is said and the how-manieth answer it is. */
    readonly dispute?: {
      readonly id: Uuid
      readonly providerId: string
      readonly evidence?: Evidence
      readonly submission: number
    }
    /** The provider's word for refusing it. */
    readonly refusal?: string
  }
}
