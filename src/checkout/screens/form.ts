import type { CardBrand, FieldCode, Month } from '../../core/card-fields.ts'
import type { DeclineClass } from '../../core/declines.ts'
import type { LineKind } from '../../core/session.ts'
import type { PageMoney } from '../format-money.ts'

export type LineItem = {
  readonly name: string
  /** No goods: it stands below them. */
  readonly kind?: LineKind
  readonly description?: string
  readonly quantity: number
  readonly unitAmount: PageMoney
  readonly totalAmount: PageMoney
  /** Shown only when it is https. */
  readonly imageUrl?: string
}

export type SubmitType = 'auto' | 'pay' | 'book' | 'donate' | 'subscribe'

/** The merchant's own words: text, in which `**` marks what is bold. */
export type CustomText = {
  readonly submit?: string
  readonly afterSubmit?: string
  readonly shippingAddress?: string
  readonly termsOfService?: string
}

type CustomFieldBase = { readonly key: string; readonly label: string; readonly optional: boolean }
export type CustomField =
  | (CustomFieldBase & {
      readonly type: 'text' | 'numeric'
      readonly defaultValue?: string
      readonly minimumLength?: number
      readonly maximumLength?: number
    })
  | (CustomFieldBase & {
      readonly type: 'dropdown'
      readonly defaultValue?: string
      readonly options: readonly { readonly value: string; readonly label: string }[]
    })

/** Which questions the form asks besides the card itself. */
export type FormFields = {
  /**
   * Questions answered at an earlier try. A page that anyone with its URL can load never shows what a shopper typed, so
   * these come back empty and need no second answer.
   */
  readonly kept?: readonly FieldName[]

  /** False when the shop passed an address of its own. */
  readonly email: boolean
  readonly phone: boolean
  readonly billing: 'none' | 'postcode' | 'full'
  /** ISO 3166-1 alpha-2 codes the shop delivers to. */
  readonly shippingCountries?: readonly string[]
  readonly custom: readonly CustomField[]
}

/** The box that makes the delivery address the billing address as well. */
export const SAME_ADDRESS = 'billingSameAsShipping'
export const CARD_FIELD_NAMES = ['cardNumber', 'cardExpiry', 'cardCvc'] as const
export type CardFieldName = (typeof CARD_FIELD_NAMES)[number]
export type FieldName =
  | CardFieldName
  | 'email'
  | 'phoneNumber'
  | 'billingName'
  | 'billingCountry'
  | 'billingPostalCode'
  | 'billingAddressLine1'
  | 'billingAddressLine2'
  | 'billingLocality'
  | 'billingAdministrativeArea'
  | 'shippingName'
  | 'shippingCountry'
  | 'shippingAddressLine1'
  | 'shippingAddressLine2'
  | 'shippingLocality'
  | 'shippingAdministrativeArea'
  | 'shippingPostalCode'
  | typeof SAME_ADDRESS
  | `customFields[${string}]`

/** Why a field is refused; each has its sentence in the catalog under `error_`. */
export type FieldErrorCode =
  | FieldCode
  | 'number_declined'
  | 'expiry_declined'
  | 'code_declined'
  | 'postcode_empty'
  | 'postcode_wrong'
  | 'postcode_declined'
  | 'phone_wrong'
  | 'country_empty'
  | 'country_refused'
  | 'field_empty'
  | 'field_long'
  | 'field_short'
  | 'field_digits'
  | 'field_choice'
  | 'field_card'
export type FieldErrors = Readonly<Partial<Record<FieldName, FieldErrorCode>>>
/** What was typed before. Card number and code have no place here. */
export type FieldValues = Readonly<Partial<Record<Exclude<FieldName, 'cardNumber' | 'cardCvc'>, string>>>

/** Above the form: a decline, or `old` when the form's one-use attempt had been spent or was too old. */
export type Notice = DeclineClass | 'old'

export type Cancel =
  | { readonly href: string }
  /** A POST with the form's attempt: where canceling changes the session. */
  | { readonly action: string }

export type FormScreen = {
  readonly kind: 'form'
  readonly amount: PageMoney
  readonly lineItems: readonly LineItem[]
  readonly submitType: SubmitType
  readonly customText: CustomText
  /** The vault's route: the only code that sees the card. */
  readonly payUrl: string
  /** One use: the first POST with it wins. */
  readonly attempt: string
  readonly fields: FormFields
  readonly brands: readonly CardBrand[]
  /** Published numbers that fail Luhn and are taken in test mode; only their first eight digits reach the page. */
  readonly testNumbers?: readonly string[]
  /** From `earliestMonth(now)`. */
  readonly today: Month
  readonly values: FieldValues
  readonly errors: FieldErrors
  readonly notice?: Notice
  readonly cancel?: Cancel
  /** Whether the box is ticked that saves the billing address; there is none where only one address is asked for. */
  readonly sameAddress?: boolean
  /** The address that the shop passed, and only the shop: it is shown and not asked for. */
  readonly customerEmail?: string
  /** How long the form may be sent; the script then looks what became of the session. */
  readonly secondsLeft: number
}
