import type { Billing, CardFacts } from './charge.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { Metadata } from './session.ts'

/** `fresh`: good for one payment, for a while. `attached`: a customer keeps it. `spent`: used once, or detached. */
export type MethodState = 'fresh' | 'attached' | 'spent'

/** A card that a shop may pay with by name; its number is in the vault. */
export type PaymentMethod = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly state: MethodState
  readonly customerId: Uuid | null
  readonly tokenId: Uuid
  readonly createdAt: Date
  readonly document: {
    readonly card: CardFacts
    readonly billing?: Billing
    readonly metadata?: Metadata
  }
}

/** The vault shreds a card that nobody keeps after an hour; a payment must not begin with one that is about to go. */
const FRESH_MS = 50 * 60_000

/** Whether a payment of this customer may be made with it now. */
export function isUsable(method: PaymentMethod, customerId: Uuid | null, now: Date): boolean {
  if (method.state === 'attached') return method.customerId === customerId
  return method.state === 'fresh' && now.getTime() - method.createdAt.getTime() < FRESH_MS
}
