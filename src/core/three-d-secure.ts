/** What is known of the shopper's browser, for the issuer (EMV 3-D Secure 2.2.0, table A.1). Nobody keeps it. */
export type BrowserFacts = {
  readonly acceptHeader?: string
  readonly userAgent?: string
  readonly language?: string
  /** False where the page's script did not run: then no device can be checked in a hidden frame. */
  readonly javascript: boolean
  readonly colorDepth?: number
  readonly screenWidth?: number
  readonly screenHeight?: number
  /** Minutes from local time to UTC, as `Date.getTimezoneOffset` counts them. */
  readonly timeZoneOffset?: number
}

export type ThreeDSecureWish = {
  /** Where the issuer sends the shopper's browser back to. Coming back proves nothing. */
  readonly returnUrl: string
  /** `automatic`: as the card wants it; `any`, `challenge`: wherever the card can, the latter with a challenge. */
  readonly request: 'automatic' | 'any' | 'challenge'
  readonly browser?: BrowserFacts
}

/** What the shopper's browser has to do before the bank decides. */
export type ShopperAction = {
  readonly type: 'device_check' | 'challenge'
  /** The issuer's page: https, or http in test mode; it leads to the end whatever comes. */
  readonly url: string
  /** What is posted there. */
  readonly fields: Readonly<Record<string, string>>
  /** With `device_check`: what a hidden frame loads. */
  readonly frameUrl?: string
}

/** How an authentication went, by the provider's own word. It belongs to one attempt, and to no other. */
export type Authentication = {
  readonly version: string
  readonly result: string
  readonly reason?: string
  readonly flow?: string
  readonly eci?: string
  readonly transactionId?: string
}
