import type { Charge } from './charge.ts'
import type { Dispute } from './dispute.ts'
import type { Uuid } from './ids.ts'
import type { Operation } from './operation.ts'
import type { Payment } from './payment.ts'
import type { Refund } from './refund.ts'
import type { Session } from './session.ts'

/** One attempt and everything it moves. A payment made through the API alone has no session. */
export type Attempt = {
  readonly session: Session | null
  readonly payment: Payment
  readonly charge: Charge
  /** The order to authorize. */
  readonly operation: Operation
  /** Captures, voids, refunds and answers to disputes that we ordered, oldest first. */
  readonly orders: readonly Operation[]
  /** All refunds of the charge, whoever ordered them, oldest first. */
  readonly refunds: readonly Refund[]
  /** What issuers have raised about the charge, oldest first. */
  readonly disputes: readonly Dispute[]
}

/** What a decision needs of the world, so that it can stay pure. */
export type Means = {
  readonly now: Date
  readonly newId: () => Uuid
  readonly provider: {
    /** How long a repeated key gets the first answer. */
    readonly idempotencyWindowMs: number
    /** The longest that the provider may still be at work on an order that we lost sight of. */
    readonly horizonMs: number
  }
}

/** Orders that were sent, or may have been, and whose outcome is not known. */
export const isOpen = ({ state }: Operation): boolean => state === 'intent' || state === 'unknown'
