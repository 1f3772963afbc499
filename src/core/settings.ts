import type { Dialect } from './session.ts'

/** An account's choices in one mode: one typed object, through the API, the command line and later the dashboard. */
export type AccountSettings = {
  /** The name on the page; falls back to the account's name. */
  readonly displayName?: string
  /** What the shopper's card statement shows: 5 to 22 characters, at least one letter. */
  readonly statementDescriptor?: string
  readonly supportEmail?: string
  readonly supportUrl?: string
  readonly termsUrl?: string
  readonly privacyUrl?: string
  /** Origins that return URLs may have; empty allows any https origin. */
  readonly returnUrlOrigins?: readonly string[]
  /** Origins of the account's own payment pages: their scripts may use a session's token. */
  readonly pageOrigins?: readonly string[]
  /** An app's own URL schemes, such as `myshop`, that return URLs may have. */
  readonly returnUrlSchemes?: readonly string[]
  /** Used when a session names none. */
  readonly defaultSuccessUrl?: string
  readonly defaultCancelUrl?: string
  readonly defaultLocale?: string
  /** The doors for clients of other systems that are open; where unset, all of them. */
  readonly doors?: readonly Dialect[]
  /** Where SecPaid's links send shoppers and tell of payments, each named by its place in the list. */
  readonly secpaidCallbackUrls?: readonly string[]
  readonly secpaidPaymentEndpoints?: readonly string[]
  /** How SecPaid's links tell of payments. */
  readonly secpaidNoticeFormat?: 'json' | 'urlencoded'
  readonly secpaidCancelNotice?: 'yes' | 'no'
  readonly secpaidEncryption?: 'yes' | 'no'
  /** Sealed and in base64: nobody but the one who tells opens it. */
  readonly secpaidEncryptionKey?: string
  /** Whether refunds that are asked for at that door wait for an operator. */
  readonly secpaidRefundApproval?: 'at_once' | 'operator'
}
