import type { ChargeState } from './charge-machine.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { Address, Metadata, Shipping } from './session.ts'
import type { Authentication, ShopperAction } from './three-d-secure.ts'

/** What may be known of a card outside the vault. */
export type CardFacts = {
  readonly brand: string
  readonly last4: string
  readonly expMonth: number
  readonly expYear: number
  /** Keyed hash of the number, per account: the same card twice looks the same, and nothing more can be learnt. */
  readonly fingerprint: string
}

/** A card in the vault, and the session or payment method it may be used for: nobody else's confirm can spend it. */
export type CardRef = { readonly tenant: Tenant; readonly owner: Uuid; readonly token: Uuid }

export type Billing = {
  readonly name?: string
  readonly email?: string
  readonly phone?: string
  readonly address?: Address
}

export type Decline = {
  /** Our normalized code, from the closed list of `declines.ts`. */
  readonly code: string
  /** The provider's own word, for the operator. */
  readonly raw?: string
  readonly networkCode?: string
}

export type ChargeDocument = {
  readonly card?: CardFacts
  /** The saved method that it is paid with; without one, the card is the session's own. */
  readonly methodId?: Uuid
  readonly billing?: Billing
  readonly description?: string
  readonly metadata?: Metadata
  readonly receiptEmail?: string
  readonly shipping?: Shipping
  readonly statementDescriptor?: string
  readonly statementDescriptorSuffix?: string
  readonly decline?: Decline
  /** The shop takes a demand of the issuer for a decline: it has nobody who could act. */
  readonly unattended?: true
  readonly checks?: { readonly cvc?: string; readonly postalCode?: string; readonly line1?: string }
  readonly network?: { readonly authorizationCode?: string; readonly transactionId?: string }
  /** What the shopper has to do next, while the charge waits for it. */
  readonly action?: ShopperAction
  readonly authentication?: Authentication
  /** Its void was ordered because the shopper took another card or did not come back: nobody is sent to the issuer. */
  readonly givenUp?: true
  /** The provider said this against what it had said before. Nothing followed from it: a person must look. */
  readonly contradiction?: { readonly seen: string; readonly at: string }
  /**
   * What the provider said that no order of ours explains, in its own numbers; since when its answers are strange, and
   * when this one was first heard. Nothing follows from it until it is said again and believed.
   */
  readonly strange?: {
    readonly fact: string
    readonly since: string
    readonly at: string
    readonly believedAt?: string
  }
  /** When the provider says that it lets go of the hold by itself. */
  readonly heldUntil?: string
  /** An issuer has taken money of it back once, whatever became of that. */
  readonly chargedBack?: true
  /** The hold was not voided by anybody: it ran out. */
  readonly ranOut?: true
  /** The connector's sealed state: only the connector reads it. */
  readonly connectorState?: unknown
}

/** One attempt of a payment at one provider with one method. */
export type Charge = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly paymentId: Uuid
  readonly customerId: Uuid | null
  /** 0 unless a payment is split over several methods. */
  readonly leg: number
  readonly attempt: number
  readonly state: ChargeState
  readonly connector: string
  /** What the provider calls it, once it said so. */
  readonly providerId: string | null
  readonly tokenId: Uuid | null
  readonly currency: string
  /** Ordered by us: the database keeps refunds ≤ captures ≤ amount. */
  readonly amount: bigint
  readonly captureOrdered: bigint
  readonly refundOrdered: bigint
  /** Observed at the provider: recorded as told, without ceilings. */
  readonly authorized: bigint
  readonly captured: bigint
  readonly refunded: bigint
  /** What an open authorization still holds of the shopper's money. */
  readonly held: bigint
  /** Refunds made at the provider's own side, however far they have come. */
  readonly refundedElsewhere: bigint
  /** What issuers have taken back of it, and not given back. */
  readonly disputed: bigint
  /** When to ask the provider about it although nobody waits. */
  readonly lookAt: Date | null
  readonly createdAt: Date
  readonly document: ChargeDocument
}

/** What went back, or is promised to: an accepted refund counts at once, and so does a hold that was released. */
export function amountRefunded(charge: Charge): bigint {
  if (charge.state === 'voided') return charge.amount
  if (charge.state === 'surplus' && charge.held === 0n && charge.captured === 0n) return charge.amount
  return charge.refundOrdered + charge.refundedElsewhere
}
