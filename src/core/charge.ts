import type { ChargeState } from './charge-machine.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { Address, Metadata, Shipping } from './session.ts'

/** What may be known of a card outside the vault. */
export type CardFacts = {
  readonly brand: string
  readonly last4: string
  readonly expMonth: number
  readonly expYear: number
  /** Keyed hash of the number, per account: the same card twice looks the same, and nothing more can be learnt. */
  readonly fingerprint: string
}

/** A card in the vault, and the session it may be used for: nobody else's confirm can spend it. */
export type CardRef = { readonly tenant: Tenant; readonly sessionId: Uuid; readonly token: Uuid }

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
  readonly billing?: Billing
  readonly description?: string
  readonly metadata?: Metadata
  readonly receiptEmail?: string
  readonly shipping?: Shipping
  readonly statementDescriptor?: string
  readonly statementDescriptorSuffix?: string
  readonly decline?: Decline
  readonly checks?: { readonly cvc?: string; readonly postalCode?: string; readonly line1?: string }
  readonly network?: { readonly authorizationCode?: string; readonly transactionId?: string }
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
  readonly createdAt: Date
  readonly document: ChargeDocument
}
