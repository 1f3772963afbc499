/**
 * All that a view may know. No record of the domain comes in here, so a view cannot show what was not meant for the
 * shopper, and every screen can be rendered from a fixture.
 */
import type { CardBrand, FieldCode, Month } from '../core/card-fields.ts'
import type { DeclineClass } from '../core/declines.ts'
import type { PageMoney } from './format-money.ts'

export type Merchant = {
  readonly displayName: string
  readonly domain?: string
  readonly supportEmail?: string
  readonly supportUrl?: string
  readonly termsUrl?: string
  readonly privacyUrl?: string
}

export type Assets = {
  /** The whole style sheet: it stands inline under the nonce. */
  readonly css: string
  readonly scriptUrl: string
  /** `sha384-…` of the script's bytes. */
  readonly scriptIntegrity: string
}

export type Shell = {
  /** BCP 47, as the session or the browser asked for it. */
  readonly locale: string
  readonly cspNonce: string
  readonly assets: Assets
  readonly testMode: boolean
  /** Where the test bar's link leads; no link without it. */
  readonly testCardsUrl?: string
}

/** What every screen of one session shares. */
export type Visit = {
  readonly merchant: Merchant
  /** This session's page. */
  readonly selfUrl: string
  /** The same, for a window that waits: it leads on to the shop as soon as nothing is left to do here. */
  readonly waitUrl: string
  /** Answers GET with a `StateAnswer`, see protocol.ts. */
  readonly stateUrl: string
}

export type PageModel =
  | (Shell & { readonly visit: Visit; readonly screen: VisitScreen })
  | (Shell & { readonly visit?: undefined; readonly screen: NeutralScreen })

export type VisitScreen =
  | FormScreen
  | ProcessingScreen
  | DeviceCheckScreen
  | ChallengeScreen
  | ReturnedScreen
  | ConfirmingScreen
  | PaidScreen
  | FailedScreen
  | CanceledScreen
  | ClosedScreen
  | ExpiredScreen
  | ElsewhereScreen
  | UnavailableScreen
export type NeutralScreen = HandOffScreen | HandedBackScreen | NotFoundScreen | UnavailableScreen | TestCardsScreen
export type ScreenKind = PageModel['screen']['kind']

export type LineItem = {
  readonly name: string
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

export type ProcessingScreen = {
  readonly kind: 'processing'
  readonly amount: PageMoney
  /** Without a script the page reloads itself after so many seconds. */
  readonly refreshSeconds?: number
}

/** A form that takes the shopper to the issuer's page. */
export type BankForm = { readonly action: string; readonly fields: Readonly<Record<string, string>> }

/** The issuer looks at the shopper's device before it decides (screen 6). */
export type DeviceCheckScreen = {
  readonly kind: 'device_check'
  readonly amount: PageMoney
  /** For a hidden frame. */
  readonly frameUrl: string
  /** Where the page goes after that. */
  readonly goOnUrl: string
  /** The same as a page, where there is no script. */
  readonly bank: BankForm
}

/** The issuer asks the shopper (screen 7). */
export type ChallengeScreen = {
  readonly kind: 'challenge'
  readonly amount: PageMoney
  readonly bank: BankForm
  /** "Use another card": a POST with the attempt that is given up. */
  readonly abandon: { readonly action: string; readonly attempt: string }
}

/** On the way to the issuer, for a payment that no session shows. */
export type HandOffScreen = { readonly kind: 'hand_off'; readonly bank: BankForm }
/** On the way from the issuer to the shop; without an address of the shop's it is the end of the way. */
export type HandedBackScreen = { readonly kind: 'handed_back'; readonly returnUrl?: string }

/** Where the issuer sends the browser back to: it leads on to this session's page, out of the frame if it is in one. */
export type ReturnedScreen = { readonly kind: 'returned'; readonly framed: boolean }

export type ConfirmingScreen = {
  readonly kind: 'confirming'
  readonly amount: PageMoney
  readonly reference: string
  readonly refreshSeconds?: number
}

export type PaidScreen = {
  readonly kind: 'paid'
  /** `opened_again`: the shopper came back to a payment that was done (screen 14). */
  readonly seen: 'first' | 'opened_again'
  /** False while the money is only reserved. */
  readonly captured: boolean
  readonly submitType: SubmitType
  readonly amount: PageMoney
  readonly at: Date
  readonly reference: string
  readonly card?: { readonly brand?: CardBrand; readonly last4: string }
  readonly receiptEmail?: string
  readonly receiptUrl?: string
  readonly afterSubmit?: string
  readonly returnUrl?: string
}

type Closing = {
  readonly amount: PageMoney
  /** Said only when the provider's state is final. */
  readonly nothingTaken: boolean
  readonly returnUrl?: string
}
export type FailedScreen = Closing & { readonly kind: 'failed'; readonly because: 'tries' | 'stopped' }
export type CanceledScreen = Closing & {
  readonly kind: 'canceled'
  /** While the session is open. */
  readonly resumeUrl?: string
}
/** The merchant ended the session. */
export type ClosedScreen = Closing & { readonly kind: 'closed' }
export type ExpiredScreen = Closing & { readonly kind: 'expired' }

export type ElsewhereScreen = {
  readonly kind: 'elsewhere'
  readonly amount: PageMoney
  readonly refreshSeconds?: number
  /** Only while no attempt is in flight. */
  readonly takeOver?: { readonly action: string; readonly attempt: string }
}

export type UnavailableScreen = {
  readonly kind: 'unavailable'
  readonly incident: string
  readonly nothingTaken: boolean
  readonly retryUrl?: string
  readonly returnUrl?: string
}

export type NotFoundScreen = { readonly kind: 'not_found' }

/** `outcome`: the card and what the bank makes of it, as far as the group's title does not say it. */
export type TestCard = { readonly number: string; readonly outcome: string }
export type TestCardsScreen = {
  readonly kind: 'test_cards'
  readonly groups: readonly {
    readonly title: string
    readonly text?: string
    readonly cards: readonly TestCard[]
  }[]
  readonly backUrl?: string
}

/** The HTTP status each screen goes out with; a form with field errors is 422. */
export function statusOf(screen: PageModel['screen']): 200 | 404 | 410 | 422 | 503 {
  switch (screen.kind) {
    case 'form':
      return Object.keys(screen.errors).length > 0 ? 422 : 200
    case 'closed':
    case 'expired':
      return 410
    case 'not_found':
      return 404
    case 'unavailable':
      return 503
    default:
      return 200
  }
}
