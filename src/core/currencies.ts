import type { Brand } from './ids.ts'

/**
 * ISO 4217, List One, as of 2026-11: put together from public copies of the list and compared with ICU 78, code by code
 * (see the test); not compared with the maintenance agency's own file. Recent changes in it: EUR for HRK (2023), SLE for
 * SLL and ZWG for ZWL (2024), XCG for ANG, CUC withdrawn, XAD added (2025), EUR for BGN (2026).
 *
 * Exponents come from here alone. ICU, and so `Intl`, shows HUF, IDR or COP without decimals and IQD without its three:
 * that is how people write prices, not how banks count them.
 */
const CODES_BY_EXPONENT = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY ' +
    'COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS ' +
    'INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR ' +
    'MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP ' +
    'STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
} as const

/** An active ISO 4217 code in upper case that money can be asked in. */
export type Currency = Brand<string, 'Currency'>
export type Exponent = 0 | 2 | 3 | 4

/** Listed, but nobody's money: metals, bond and accounting units, the test code and "no currency". Exponent "N.A." */
export const NOT_CHARGEABLE: ReadonlySet<string> = new Set(
  'XAD XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX'.split(' '),
)

/** Funds codes of List One. They parse, for an invoice may be counted in one; no card is ever issued in one. */
export const FUNDS_CODES: ReadonlySet<string> = new Set('BOV CHE CHW CLF COU MXV USN UYI UYW'.split(' '))

const EXPONENTS: ReadonlyMap<string, Exponent> = new Map(
  ([0, 2, 3, 4] as const).flatMap((exponent) =>
    CODES_BY_EXPONENT[exponent].split(' ').map((code) => [code, exponent] as const),
  ),
)

/** Every chargeable code, sorted. */
export const CURRENCIES: readonly Currency[] = [...EXPONENTS.keys()].sort().map((code) => code as Currency)

/** Takes `EUR` or `eur`. Undefined for what is unknown, retired, mixed in case or not money. */
export function parseCurrency(text: unknown): Currency | undefined {
  // ASCII is asked for first: 'uſd'.toUpperCase() is 'USD'.
  if (typeof text !== 'string' || !/^(?:[A-Z]{3}|[a-z]{3})$/.test(text)) return undefined
  const code = text.toUpperCase()
  return EXPONENTS.has(code) ? (code as Currency) : undefined
}

/** Decimals of the minor unit. */
export function exponentOf(currency: Currency): Exponent {
  const exponent = EXPONENTS.get(currency)
  if (exponent === undefined) throw new RangeError('not a currency that parseCurrency let in')
  return exponent
}
