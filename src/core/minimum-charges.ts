import type { Currency } from './currencies.ts'

/**
 * The smallest amount worth a card payment, in ISO minor units: docs.stripe.com/currencies, "Minimum and maximum charge
 * amounts", read 2026-11 through public copies. Stripe means the currency that an account is paid out in; here the table
 * speaks of the amount asked for, because that is what is known when a session is made.
 */
const MINIMUMS: ReadonlyMap<string, bigint> = new Map([
  ['AED', 200n],
  ['CZK', 1500n],
  ['DKK', 250n],
  ['GBP', 30n],
  ['HKD', 400n],
  ['HUF', 17500n],
  ['MXN', 1000n],
  ['MYR', 200n],
  ['NOK', 300n],
  ['PLN', 200n],
  ['RON', 200n],
  ['SEK', 300n],
  ['THB', 1000n],
  ...'ARS AUD BRL CAD CHF COP EUR ILS INR JPY KRW NZD PHP RUB SGD USD ZAR'
    .split(' ')
    .map((code) => [code, 50n] as const),
])

/** A currency without a published minimum has one minor unit. The maximum is `MAX_MINOR` for all. */
export function minimumCharge(currency: Currency): bigint {
  return MINIMUMS.get(currency) ?? 1n
}
