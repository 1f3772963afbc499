import type { PageMoney } from '../format-money.ts'

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
