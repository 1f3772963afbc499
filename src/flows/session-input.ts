import type { Currency } from '../core/currencies.ts'
import type { Uuid } from '../core/ids.ts'
import type { MetadataChange } from '../core/metadata.ts'
import type { CustomField, CustomText, LineKind, Metadata, PaymentTemplate, SessionDocument } from '../core/session.ts'

/**
 * A session as a door asks for it: its form is right (types, lengths, lists of values, no card numbers), its sense is
 * not judged yet. What needs storage or the clock is the flow's: whether a price or a customer exists, return URLs,
 * totals, the expiry's range. A refusal names its field in the native API's brackets, such as `line_items[0][price]`.
 */
export type NewSessionInput = {
  readonly lineItems: readonly NewLineItem[]
  /** The session's currency where the request says it beside its lines: they must agree. */
  readonly currency?: Currency
  readonly customerId?: Uuid
  /** From one minute to thirty days from now; where it is left out, as the door has it. */
  readonly expiresAt?: Date
  /** 1 to 20; where it is left out, as many as the door allows. */
  readonly maxTries?: number
} & Pick<
  SessionDocument,
  | 'successUrl'
  | 'cancelUrl'
  | 'failureUrl'
  | 'displayName'
  | 'cancelable'
  | 'appearance'
  | 'dialect'
  | 'clientReferenceId'
  | 'customerEmail'
  | 'metadata'
  | 'locale'
  | 'submitType'
  | 'billingAddressCollection'
  | 'phoneNumberCollection'
  | 'shippingCountries'
  | 'paymentMethodTypes'
  | 'signedReceipt'
  | 'notify'
> & {
    readonly customText?: CustomText
    readonly customFields?: readonly CustomField[]
    readonly paymentTemplate?: PaymentTemplate
  }

export type NewLineItem = ({ readonly priceId: Uuid } | { readonly priceData: NewPriceData }) & {
  readonly quantity: number
  readonly adjustableQuantity?: { readonly enabled: boolean; readonly minimum?: number; readonly maximum?: number }
  readonly metadata?: Metadata
  readonly kind?: LineKind
}

/** A price for this session alone, of a product that exists or of one that is described here. */
export type NewPriceData = {
  readonly currency: Currency
  /** ISO minor units. */
  readonly unitAmount: bigint
  readonly taxBehavior?: 'exclusive' | 'inclusive' | 'unspecified'
} & ({ readonly productId: Uuid } | { readonly productData: NewProductData })

export type NewProductData = {
  readonly name: string
  readonly description?: string
  readonly images?: readonly string[]
  readonly metadata?: Metadata
  readonly taxCode?: string
  readonly unitLabel?: string
}

/** What may change while a session is open. Null unsets a field; a field that is left out stays. */
export type SessionChanges = {
  readonly metadata?: MetadataChange
  readonly paymentTemplate?: {
    readonly description?: string | null
    readonly metadata?: MetadataChange
    readonly statementDescriptor?: string | null
    readonly statementDescriptorSuffix?: string | null
  }
}
