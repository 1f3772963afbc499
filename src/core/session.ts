import type { Appearance } from './appearance.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { ClosedBy, SessionState } from './session-machine.ts'
import type { ThreeDSecureWish } from './three-d-secure.ts'

/** Which front door made a session or a key, and so which wire shape and which manners it keeps. */
export type Door = 'native' | 'opencheckout' | 'ozura' | 'bpc' | 'hsrc' | 'secpaid'
export const DOORS: readonly Door[] = ['native', 'opencheckout', 'ozura', 'bpc', 'hsrc', 'secpaid']
/** The doors beside our own, for clients of other systems: each may be closed. */
export type Dialect = Exclude<Door, 'native'>
export const DIALECTS: readonly Dialect[] = DOORS.filter((door) => door !== 'native')

export type Metadata = Readonly<Record<string, string>>

export type Address = {
  readonly line1?: string
  readonly line2?: string
  readonly city?: string
  readonly state?: string
  readonly postalCode?: string
  readonly country?: string
}
export type Shipping = {
  readonly name: string
  readonly address: Address
  readonly phone?: string
  readonly carrier?: string
  readonly trackingNumber?: string
}

/** One line of the basket, frozen when the session is made: a later change of the price does not reach it. */
export type LineItem = {
  readonly id: Uuid
  readonly quantity: number
  readonly unitAmount: bigint
  readonly name: string
  readonly description?: string
  readonly images?: readonly string[]
  readonly priceId: Uuid
  readonly productId: Uuid
  /** Set when `price_data` made the price for this session alone; the API shows such a price as inactive. */
  readonly inline?: { readonly metadata?: Metadata; readonly taxBehavior?: string; readonly productIsNew?: boolean }
  readonly metadata?: Metadata
  /** Where it is not goods: the page shows it below them. It counts in the total like any other line. */
  readonly kind?: LineKind
  readonly adjustable?: { readonly enabled: boolean; readonly minimum?: number; readonly maximum?: number }
}

export type LineKind = 'surcharge' | 'tax' | 'shipping'

export type CustomField = {
  readonly key: string
  readonly label: string
  readonly type: 'dropdown' | 'numeric' | 'text'
  readonly optional: boolean
  readonly options?: readonly { readonly label: string; readonly value: string }[]
  readonly defaultValue?: string
  readonly minimumLength?: number
  readonly maximumLength?: number
}

/** Plain text beside the form, by place. */
export type CustomText = {
  readonly afterSubmit?: string
  readonly shippingAddress?: string
  readonly submit?: string
  readonly termsOfService?: string
}

export type PaymentTemplate = {
  readonly captureMethod?: 'automatic' | 'automatic_async' | 'manual'
  /** `manual`: after the issuer's page the shop would confirm once more, so no shopper is sent there. */
  readonly confirmationMethod?: 'automatic' | 'manual'
  readonly description?: string
  readonly metadata?: Metadata
  readonly receiptEmail?: string
  /** When to ask for 3-D Secure; as the card wants it unless it says otherwise. */
  readonly requestThreeDSecure?: ThreeDSecureWish['request']
  readonly shipping?: Shipping
  readonly statementDescriptor?: string
  readonly statementDescriptorSuffix?: string
}

/** What the shopper typed that may be kept: never a card number, never a security code. */
export type Collected = {
  readonly email?: string
  readonly name?: string
  readonly phone?: string
  readonly billing?: Address
  readonly shipping?: { readonly name: string; readonly address: Address }
  readonly customFields?: Readonly<Record<string, string>>
}

export type DoorNotes = Readonly<Record<string, unknown>>

/** Where a session's own events go besides: a hidden endpoint, and the address at its origin. */
export type NotifyAddress = { readonly endpointId: Uuid; readonly url: string }
export const MOST_NOTIFY = 10

/** Everything about a session that no query asks for: one jsonb column. Keys are left out, never null, to stay small. */
export type SessionDocument = {
  readonly lineItems: readonly LineItem[]
  readonly successUrl?: string
  readonly cancelUrl?: string
  /** Where the shopper of a session that failed is sent; without it the page says what happened. */
  readonly failureUrl?: string
  /** The merchant's name on this session's page, instead of the account's. */
  readonly displayName?: string
  /** Whoever opened the page cannot cancel it: it has no button for that, and no way out but paying. */
  readonly cancelable?: false
  /** An attempt that never reached the provider ends the session, for its shop has a page for such trouble. Set by the door. */
  readonly troubleEnds?: true
  readonly appearance?: Appearance
  /** What the session's door wants to say again later, in its own words. Nothing but that door reads it. */
  readonly dialect?: DoorNotes
  readonly clientReferenceId?: string
  readonly customerEmail?: string
  readonly metadata?: Metadata
  readonly locale?: string
  readonly submitType?: 'auto' | 'pay' | 'book' | 'donate' | 'subscribe'
  readonly customText?: CustomText
  readonly customFields?: readonly CustomField[]
  readonly billingAddressCollection?: 'auto' | 'required'
  readonly phoneNumberCollection?: boolean
  readonly shippingCountries?: readonly string[]
  readonly paymentTemplate?: PaymentTemplate
  readonly collected?: Collected
  /** The shopper carries a signed receipt back to the shop. */
  readonly signedReceipt?: true
  /** Addresses that are told of this session alone; at most `MOST_NOTIFY`. */
  readonly notify?: readonly NotifyAddress[]
  /** The request parameter spelled `payment_method_types`, kept to be shown again. */
  readonly paymentMethodTypes?: readonly string[]
}

export type Session = {
  readonly tenant: Tenant
  readonly id: Uuid
  /** Raised by one with every change; a write that expects another version loses. */
  readonly version: number
  readonly door: Door
  readonly state: SessionState
  readonly closedBy: ClosedBy | null
  readonly currency: string
  readonly amountSubtotal: bigint
  readonly amountTotal: bigint
  readonly customerId: Uuid | null
  /** Reserved when the session is made; the payment's row is written at the first confirm. */
  readonly paymentId: Uuid
  /** 16 random bytes: the page's URL, its nonces and the client secret are HMACs under it. */
  readonly secret: Uint8Array
  readonly tries: number
  readonly maxTries: number
  /** Whether the shopper's cancel ends the session or only leaves it. Set by the door. */
  readonly cancelEnds: boolean
  /** What a client that counts its links in numbers calls it: random, below 2^53. Only where that door is wanted. */
  readonly linkNumber: bigint | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly completedAt: Date | null
  readonly document: SessionDocument
}

/** The wire's `payment_status`, from the money beside the session. */
export function paymentStatusOf(session: Session, captured: bigint): 'paid' | 'unpaid' | 'no_payment_required' {
  if (session.amountTotal === 0n) return 'no_payment_required'
  return captured >= session.amountTotal ? 'paid' : 'unpaid'
}
