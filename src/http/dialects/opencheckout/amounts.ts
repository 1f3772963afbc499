import { type Currency, type Exponent, exponentOf, parseCurrency } from '../../../core/currencies.ts'
import { rescale } from '../../../core/stripe-amounts.ts'

/**
 * Decimals as OpenCheckout counts them, where ISO 4217 says otherwise: its own list has two for every currency that it
 * does not name (release 0.2, `scaleFor`).
 */
const EXPONENTS: ReadonlyMap<string, Exponent> = new Map([
  ['IQD', 2],
  ['ISK', 2],
  ['LYD', 2],
  ['MGA', 0],
])

const exponentHere = (currency: Currency): Exponent => EXPONENTS.get(currency) ?? exponentOf(currency)

/** Our amount for one on the wire; undefined where it has no such unit: 10.50 krónur. */
export function fromWire(amount: number, currency: Currency): bigint | undefined {
  return rescale(BigInt(amount), exponentHere(currency), exponentOf(currency))
}

/** The wire's amount for ours. What was made through another door may have a fraction here; it is shown, not rounded. */
export function wireAmount(minor: bigint, code: string): number {
  const currency = parseCurrency(code)
  if (currency === undefined) throw new RangeError(`${code} is no currency`)
  return Number(minor) * 10 ** (exponentHere(currency) - exponentOf(currency))
}
