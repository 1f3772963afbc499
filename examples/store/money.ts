/**
 * The currencies of this shop, with 2, 0 and 3 decimals (ISO 4217). Amounts are whole numbers of the smallest unit, as
 * the API takes them: 1650 is EUR 16.50, JPY 1650 or KWD 1.650.
 */
export const CURRENCIES = {
  eur: { decimals: 2, name: 'Euro' },
  jpy: { decimals: 0, name: 'Japanese yen' },
  kwd: { decimals: 3, name: 'Kuwaiti dinar' },
} as const

export type Currency = keyof typeof CURRENCIES

export const CURRENCY_CODES = Object.keys(CURRENCIES).filter(isCurrency)

export function isCurrency(text: string | null): text is Currency {
  return text !== null && Object.hasOwn(CURRENCIES, text)
}

/** `€16.50`, `¥1,650`, `KWD 1.650`. The amount reaches Intl as decimal text, so no float can round it. */
export function formatMoney(amount: number, currency: Currency): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: currency.toUpperCase() })
  return format.format(toDecimal(amount, CURRENCIES[currency].decimals))
}

function toDecimal(amount: number, decimals: number): `${number}` {
  if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError('an amount is a whole number of minor units')
  const digits = String(amount).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  // A cast, because no type follows the digits: both parts hold nothing else.
  return `${whole}.${digits.slice(digits.length - decimals) || '0'}` as `${number}`
}
