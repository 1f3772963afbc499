import type { PageMoney } from '../format-money.ts'

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
