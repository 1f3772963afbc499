import { parseCurrency } from '../../../core/currencies.ts'
import type { Address, Shipping } from '../../../core/session.ts'
import { toStripeMinor } from '../../../core/stripe-amounts.ts'

/** What every renderer needs besides the record. */
export type Look = { readonly publicUrl: string }

export const seconds = (moment: Date): number => Math.floor(moment.getTime() / 1000)

/**
 * The wire's integer for an amount: ISK and UGX in hundredths, MGA whole.
 * @throws RangeError for an amount that this wire cannot say: another door's, in fractions of an ariary
 */
export function wireAmount(minor: bigint, code: string): number {
  const currency = parseCurrency(code)
  const amount = currency && toStripeMinor({ minor, currency })
  if (amount === undefined) throw new RangeError(`an amount in ${code} has no form on this wire`)
  return Number(amount)
}

export function wireAddress(address: Address | undefined) {
  return {
    city: address?.city ?? null,
    country: address?.country ?? null,
    line1: address?.line1 ?? null,
    line2: address?.line2 ?? null,
    postal_code: address?.postalCode ?? null,
    state: address?.state ?? null,
  }
}

export function wireShipping(shipping: Shipping | undefined) {
  if (!shipping) return null
  return {
    address: wireAddress(shipping.address),
    carrier: shipping.carrier ?? null,
    name: shipping.name,
    phone: shipping.phone ?? null,
    tracking_number: shipping.trackingNumber ?? null,
  }
}

/** Null for each name: the fields of Stripe's object that ours never fills. */
export function none<const K extends string>(...names: readonly K[]): { [name in K]: null } {
  return Object.fromEntries(names.map((name) => [name, null])) as { [name in K]: null }
}
