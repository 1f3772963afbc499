import { type Currency, type Exponent, exponentOf } from './currencies.ts'
import type { Money } from './money.ts'

/**
 * Where Stripe's wire counts otherwise than ISO 4217 (docs.stripe.com/currencies, "Zero-decimal currencies" and
 * "Special cases", read 2026-11): MGA whole, ISK and UGX in hundredths. It stands in core because the native API and the
 * Stripe connector both speak it and may not know each other. For payouts HUF and TWD are whole as well; no payout here.
 * That the last digit of a three-decimal amount must be 0 there is a rule of Stripe's, so its connector's to keep.
 */
const STRIPE_EXPONENTS: ReadonlyMap<string, Exponent> = new Map([
  ['ISK', 2],
  ['MGA', 0],
  ['UGX', 2],
])

export function stripeExponent(currency: Currency): Exponent {
  return STRIPE_EXPONENTS.get(currency) ?? exponentOf(currency)
}

/** Stripe's integer for an amount, or undefined where it has none: 10.50 MGA. */
export function toStripeMinor(money: Money): bigint | undefined {
  return rescale(money.minor, exponentOf(money.currency), stripeExponent(money.currency))
}

/** The amount behind Stripe's integer, or undefined where ISO has none: `1050` ISK on the wire are 10.50 krónur. */
export function fromStripeMinor(amount: bigint, currency: Currency): Money | undefined {
  const minor = rescale(amount, stripeExponent(currency), exponentOf(currency))
  return minor === undefined ? undefined : { minor, currency }
}

/** An amount counted in another exponent, or undefined where it has none there. */
export function rescale(minor: bigint, from: Exponent, to: Exponent): bigint | undefined {
  if (to >= from) return minor * 10n ** BigInt(to - from)
  const divisor = 10n ** BigInt(from - to)
  return minor % divisor === 0n ? minor / divisor : undefined
}
