import type { ChargeDocument, Decline } from './charge.ts'
import type { ObservedDispute } from './dispute.ts'
import type { Authentication, ShopperAction } from './three-d-secure.ts'

/** How a charge stands at its provider. `expired`: an authorization that ran out before anybody captured it. */
export type ObservedState =
  | 'requires_action'
  | 'waiting'
  | 'authorized'
  | 'captured'
  | 'declined'
  | 'voided'
  | 'expired'

export type ObservedRefund = {
  /** Our name for it; null when it was made at the provider's own side. */
  readonly reference: string | null
  readonly providerId: string
  readonly amount: bigint
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled'
  readonly failureReason?: string
}

/** The whole of a charge as its provider shows it: facts without ceilings, compared with what we ordered and know. */
export type Observation = {
  readonly state: ObservedState
  readonly providerId: string | null
  /** Left out where it is the order's own. */
  readonly currency?: string
  readonly authorized: bigint
  readonly captured: bigint
  readonly refunds: readonly ObservedRefund[]
  /** With `authorized`: when the provider lets go of it by itself, where it says so. */
  readonly heldUntil?: Date
  readonly decline?: Decline
  readonly checks?: ChargeDocument['checks']
  readonly network?: ChargeDocument['network']
  /** With `requires_action`: what the shopper has to do. */
  readonly action?: ShopperAction
  readonly authentication?: Authentication
  /** What the issuer asks about the charge, or has taken back of it. */
  readonly disputes?: readonly ObservedDispute[]
}

/**
 * What asking came to. `absent` is the provider's own word that it has no record of the charge; `lost` is silence, or
 * an answer that cannot be read.
 */
export type Seen = Observation | 'absent' | 'lost'

/**
 * How sending an order went. `refused` is the provider's definite no to this order; `not_sent` means that no byte left;
 * `asked` that nothing was sent, only asked.
 */
export type Sent = 'accepted' | 'refused' | 'lost' | 'not_sent' | 'asked'

/** Everything heard about a charge at once, whoever brings it. */
export type Heard = {
  readonly seen: Seen
  readonly sent: Sent
  /** The provider's word for a refusal. */
  readonly refusal?: string
}
