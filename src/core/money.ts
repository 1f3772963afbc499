import { type Currency, exponentOf, parseCurrency } from './currencies.ts'

/** An amount in ISO 4217 minor units: 1050n is EUR 10.50, or JPY 1050. Never a float, not on the wire either. */
export type Money = { readonly minor: bigint; readonly currency: Currency }

/**
 * The largest amount taken from outside, for every currency: 12 digits. Stripe takes 8 digits for most currencies and
 * 12 for those like IDR, so nothing that works there is refused here; and a hundred such lines still stay below 2^53,
 * so no JSON reader on the way rounds a sum.
 */
export const MAX_MINOR = 999_999_999_999n

export function add(a: Money, b: Money): Money {
  return { minor: a.minor + b.minor, currency: sameCurrency(a, b) }
}

export function subtract(a: Money, b: Money): Money {
  return { minor: a.minor - b.minor, currency: sameCurrency(a, b) }
}

/** Below, equal, above. */
export function compare(a: Money, b: Money): -1 | 0 | 1 {
  sameCurrency(a, b)
  if (a.minor === b.minor) return 0
  return a.minor < b.minor ? -1 : 1
}

/** @throws RangeError when the quantity is not a whole number, 0 or more: input is judged before it comes here. */
export function multiply(money: Money, quantity: bigint | number): Money {
  if (typeof quantity === 'number' && !Number.isSafeInteger(quantity)) throw new RangeError('a quantity is whole')
  const times = BigInt(quantity)
  if (times < 0n) throw new RangeError('a quantity is not negative')
  return { minor: money.minor * times, currency: money.currency }
}

/** An amount from JSON: 0 to `MAX_MINOR`, whole, not -0, not text. */
export function parseMinor(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return inRange(value)
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || Object.is(value, -0)) return undefined
  return inRange(BigInt(value))
}

/** An amount from a form: ASCII digits and nothing else, one spelling per amount. */
export function parseMinorText(text: unknown): bigint | undefined {
  return typeof text === 'string' && /^(?:0|[1-9][0-9]{0,11})$/.test(text) ? BigInt(text) : undefined
}

/**
 * `10.50` as EUR is 1050n; `10.5` and `10` are exact, too. Undefined for more decimals than the currency has (even
 * zeros: they show that the sender thinks in another exponent), signs, spaces, exponents, grouping and leading zeros.
 */
export function parseDecimal(text: unknown, currency: Currency): Money | undefined {
  if (typeof text !== 'string') return undefined
  const [, whole, fraction = ''] = /^(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,4}))?$/.exec(text) ?? []
  const exponent = exponentOf(currency)
  if (whole === undefined || fraction.length > exponent) return undefined
  const minor = inRange(BigInt(whole + fraction.padEnd(exponent, '0')))
  return minor === undefined ? undefined : { minor, currency }
}

/** The inverse of `parseDecimal`, always with the currency's decimals: `10.50`, `1050`, `-0.05`. */
export function formatDecimal(money: Money): string {
  const exponent = exponentOf(money.currency)
  const sign = money.minor < 0n ? '-' : ''
  const digits = (money.minor < 0n ? -money.minor : money.minor).toString().padStart(exponent + 1, '0')
  if (exponent === 0) return sign + digits
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/**
 * An amount in words for a developer: `10.50 EUR`, for the smallest unit's number reads as a hundred times too much. A
 * stored currency that is none any more keeps that number.
 */
export function sayMoney(minor: bigint, currency: string): string {
  const known = parseCurrency(currency)
  return `${known === undefined ? minor : formatDecimal({ minor, currency: known })} ${currency}`
}

function inRange(minor: bigint): bigint | undefined {
  return minor >= 0n && minor <= MAX_MINOR ? minor : undefined
}

/** Two currencies in one sum are a bug of ours, never an input: whoever parses has compared them before. */
function sameCurrency(a: Money, b: Money): Currency {
  if (a.currency !== b.currency) throw new RangeError(`${a.currency} and ${b.currency} do not add up`)
  return a.currency
}

/** `Math.min` and `Math.max` know no bigint. */
export const smallerOf = (one: bigint, other: bigint): bigint => (one < other ? one : other)
export const largerOf = (one: bigint, other: bigint): bigint => (one > other ? one : other)
