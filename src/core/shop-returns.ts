import type { Account } from './account.ts'
import type { Charge } from './charge.ts'
import { nameOf } from './ids.ts'
import type { Payment } from './payment.ts'
import { fillSessionId } from './return-urls.ts'
import type { Door, Session } from './session.ts'

/** How a shopper leaves: paid, of their own accord (or because time is over), or because no try is left. */
export type ReturnEnd = 'success' | 'cancel' | 'failure'

/**
 * All that a door may tell the shop by the address: the charge is the latest one, with the card's brand and last digits
 * and the provider's id; the session was paid at `completedAt`. Payment and charge are null before the first try, and the
 * page asks for every end beforehand too, because its policy has to name the origins: such an answer is shown to nobody.
 */
export type Returning = {
  readonly session: Session
  readonly payment: Payment | null
  readonly charge: Charge | null
  readonly account: Account
}

/** Where the shopper is sent, in the shape that a door's shops expect; undefined where the page keeps the shopper. */
export type ShopReturn = (returning: Returning, end: ReturnEnd) => string | undefined

/** A door that says nothing else sends its shoppers to the session's own URLs, with the session's name filled in. */
export type ShopReturns = { readonly [door in Door]?: ShopReturn }

export const shopReturnOf =
  (returns: ShopReturns): ShopReturn =>
  (returning, end) =>
    (returns[returning.session.door] ?? filledReturn)(returning, end)

export function filledReturn({ session }: Pick<Returning, 'session'>, end: ReturnEnd): string | undefined {
  const url = session.document[RETURN_FIELDS[end]]
  return url === undefined ? undefined : fillSessionId(url, nameOf('session', session.tenant, session.id))
}

const RETURN_FIELDS = {
  success: 'successUrl',
  cancel: 'cancelUrl',
  failure: 'failureUrl',
} as const satisfies Record<ReturnEnd, string>

/** The same for a payment that no session shows, whose shopper comes back from the issuer. */
export type PaymentReturn = (payment: Payment) => string | undefined

/** @param otherwise for payments of our own door, and of doors that say nothing else */
export const paymentReturnOf =
  (returns: { readonly [door in Door]?: PaymentReturn }, otherwise: PaymentReturn): PaymentReturn =>
  (payment) =>
    (returns[payment.document.door ?? 'native'] ?? otherwise)(payment)
