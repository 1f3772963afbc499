/** An amount as a view needs it: the exponent comes with it, because `Intl` is wrong for 17 currencies. */
export type PageMoney = { readonly minor: bigint; readonly currency: string; readonly exponent: number }

/**
 * As a shopper reads it: "€24.00", "CA$24.00" where a bare "$" would be another currency. The fraction digits are
 * ISO 4217's, never those of `Intl` (its display data drops the decimals of HUF, IDR, COP and others).
 */
export function formatMoney(money: PageMoney, locale: string): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: money.exponent,
    maximumFractionDigits: money.exponent,
  })
  return format.format(decimalOf(money))
}

/** Exact at any size: no step goes through a float. */
function decimalOf({ minor, exponent }: PageMoney): `${number}` {
  const sign = minor < 0n ? '-' : ''
  const digits = String(minor < 0n ? -minor : minor).padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  const fraction = digits.slice(digits.length - exponent)
  return `${sign}${whole}${exponent > 0 ? `.${fraction}` : ''}` as `${number}`
}
