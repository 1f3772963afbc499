/**
 * The rules for what a shopper types into a card form. The vault, the page's server side and the page's script all
 * import this one module, so that no two of them can judge a value differently. Verdicts are codes; the words for
 * them live in the page's catalog.
 */
import cardTypes from 'credit-card-type'

export type CardBrand = (typeof BRAND_IDS)[keyof typeof BRAND_IDS]

/** The library's names on the left, the payment field's on the right. */
const BRAND_IDS = {
  'american-express': 'amex',
  'diners-club': 'diners',
  discover: 'discover',
  elo: 'elo',
  hiper: 'hiper',
  hipercard: 'hipercard',
  jcb: 'jcb',
  maestro: 'maestro',
  mastercard: 'mastercard',
  mir: 'mir',
  naranja: 'naranja',
  troy: 'troy',
  unionpay: 'unionpay',
  verve: 'verve',
  visa: 'visa',
} as const

export type BrandRules = {
  readonly brand: CardBrand
  /** How people write it: "American Express". */
  readonly name: string
  readonly lengths: readonly number[]
  /** Positions before which a space is shown. */
  readonly gaps: readonly number[]
  readonly codeLength: number
}

export type FieldCode =
  | 'number_empty'
  | 'number_wrong'
  | 'brand_refused'
  | 'expiry_empty'
  | 'expiry_wrong'
  | 'expiry_month'
  | 'expiry_past'
  | 'expiry_far'
  | 'code_empty'
  | 'code_length'
  | 'name_empty'
  | 'name_number'
  | 'name_long'
  | 'email_wrong'

export type Verdict<T, Code extends string = FieldCode> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: Code }

export type CardNumber = { readonly digits: string; readonly brand: CardBrand | undefined }
export type Expiry = { readonly month: number; readonly year: number }
/** A calendar month, `month` from 1 to 12. */
export type Month = Expiry

/** Full-width, Arabic-Indic and Persian digits as ASCII ones: people type with the keyboard they have. */
export function asciiDigits(text: string): string {
  return text.replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) & 15))
}

/** Spaces of every width, every dash, dots, and the invisible marks that travel with copied text. */
const SEPARATORS = /[\s.\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\p{Pd}\u2212\u00b7\u30fb]/gu

/** The digits of a card number as typed, or undefined when something stands there that no card number holds. */
export function cleanNumber(text: string): string | undefined {
  const digits = withoutSeparators(text)
  return /^\d*$/.test(digits) ? digits : undefined
}

function withoutSeparators(text: string): string {
  return asciiDigits(text).replace(SEPARATORS, '')
}

/** Brands these first digits may still belong to; several until the range is certain, none for an unknown range. */
export function brandCandidates(digits: string): readonly BrandRules[] {
  return cardTypes(digits).flatMap((type) => {
    const brand = BRAND_IDS[type.type as keyof typeof BRAND_IDS]
    return { brand, name: type.niceType, lengths: type.lengths, gaps: type.gaps, codeLength: type.code.size }
  })
}

/** The brand when exactly one is left, else undefined: "65" may be Discover, Troy, Maestro or Elo. */
export function brandOf(digits: string): BrandRules | undefined {
  const candidates = digits === '' ? [] : brandCandidates(digits)
  return candidates.length === 1 ? candidates[0] : undefined
}

export function brandRules(brand: CardBrand): BrandRules {
  const found = brandCandidates('').find((rules) => rules.brand === brand)
  if (!found) throw new RangeError('every card brand has rules')
  return found
}

/** The check digit of ISO/IEC 7812-1, annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const value = digits.charCodeAt(digits.length - 1 - i) - 48
    sum += i % 2 === 0 ? value : value * 2 - (value > 4 ? 9 : 0)
  }
  return digits !== '' && sum % 10 === 0
}

/** Groups digits as they stand on the card: 4-4-4-4, or 4-6-5 for American Express. */
export function groupNumber(digits: string): string {
  const gaps = brandOf(digits)?.gaps ?? [4, 8, 12, 16]
  return [...digits].map((digit, at) => (gaps.includes(at) ? ` ${digit}` : digit)).join('')
}

/** How many digits this number can have at most, once complete. */
export function longestNumber(digits: string): number {
  return Math.max(...brandCandidates(digits).flatMap((rules) => rules.lengths), 0) || 19
}

export type NumberRules = {
  /** Undefined accepts every brand; a number whose brand is not certain is left to the provider. */
  readonly accepted?: readonly CardBrand[]
  /** Published test numbers that are taken whatever Luhn and brand say; empty in live mode. */
  readonly testNumbers?: ReadonlySet<string>
}

export function parseNumber(text: string, rules: NumberRules = {}): Verdict<CardNumber> {
  if (withoutSeparators(text) === '') return no('number_empty')
  const digits = cleanNumber(text)
  if (digits === undefined) return no('number_wrong')
  const isTestNumber = rules.testNumbers?.has(digits) === true
  const candidates = brandCandidates(digits)
  // Said before the number is complete: nobody should type on for a card that is not taken.
  const [certain, ...others] = candidates
  const refused = certain && others.length === 0 && rules.accepted?.includes(certain.brand) === false
  if (refused && !isTestNumber) return no('brand_refused')
  if (!/^\d{12,19}$/.test(digits)) return no('number_wrong')
  const fitting = candidates.filter(({ lengths }) => lengths.includes(digits.length))
  if (!isTestNumber && (!passesLuhn(digits) || (candidates.length > 0 && fitting.length === 0))) {
    return no('number_wrong')
  }
  return { ok: true, value: { digits, brand: fitting.length === 1 ? fitting[0]?.brand : undefined } }
}

/**
 * The month that is not over anywhere on Earth yet (UTC−12): a card is good through the last moment of its month where
 * the shopper is, and the server cannot know where that is.
 */
export function earliestMonth(now: Date): Month {
  const behind = new Date(now.getTime() - 12 * 60 * 60 * 1000)
  return { month: behind.getUTCMonth() + 1, year: behind.getUTCFullYear() }
}

const FURTHEST_YEARS = 20

/** @param today the month that counts as the present one, see `earliestMonth` */
export function parseExpiry(text: string, today: Month): Verdict<Expiry> {
  const plain = asciiDigits(text).replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
  if (plain.trim() === '') return no('expiry_empty')
  const parts = splitExpiry(plain)
  if (!parts) return no('expiry_wrong')
  const month = Number(parts.month)
  if (month < 1 || month > 12) return no('expiry_month')
  const year = parts.year.length === 4 ? Number(parts.year) : expandYear(Number(parts.year), today)
  const ahead = (year - today.year) * 12 + month - today.month
  if (ahead < 0) return no('expiry_past')
  return ahead > FURTHEST_YEARS * 12 ? no('expiry_far') : { ok: true, value: { month, year } }
}

/** Reads every usual way to write an expiry: 0928, 928, 9/28, 09-28, 09 / 28, 09/2028, 092028, 2028-09. */
export function splitExpiry(text: string): { month: string; year: string } | undefined {
  if (/[^\d\s/\\.,|'\p{Pd}\u2212]/u.test(text)) return undefined
  const [first = '', second, ...more] = text.match(/\d+/g) ?? []
  if (more.length > 0) return undefined
  if (second !== undefined) {
    const [month, year] = first.length === 4 ? [second, first] : [first, second]
    return /^\d{1,2}$/.test(month) && /^(\d\d|\d{4})$/.test(year) ? { month, year } : undefined
  }
  if (/^20(1[3-9]|[2-9]\d)(0[1-9]|1[0-2])$/.test(first)) return { month: first.slice(4), year: first.slice(0, 4) }
  const yearDigits = first.length >= 5 ? 4 : 2
  if (first.length < 3 || first.length > 6) return undefined
  return { month: first.slice(0, -yearDigits), year: first.slice(-yearDigits) }
}

/** Two digits name the year nearest to today, so that 01 in 2099 is 2101 and 98 stays in the past. */
function expandYear(twoDigits: number, today: Month): number {
  const year = today.year - (today.year % 100) + twoDigits
  if (year < today.year - 50) return year + 100
  return year > today.year + 50 ? year - 100 : year
}

export function formatExpiry({ month, year }: Expiry): string {
  return `${String(month).padStart(2, '0')} / ${String(year % 100).padStart(2, '0')}`
}

/** @param digits of the card number, as far as known: they say how long the code must be */
export function parseCode(text: string, digits: string): Verdict<string> {
  const code = withoutSeparators(text)
  if (code === '') return no('code_empty')
  return /^\d+$/.test(code) && codeLengths(digits).includes(code.length) ? { ok: true, value: code } : no('code_length')
}

/** 4 on American Express, 3 on the rest; both while the brand is open. */
export function codeLengths(digits: string): readonly number[] {
  const lengths = digits === '' ? [] : brandCandidates(digits).map((rules) => rules.codeLength)
  return lengths.length === 0 ? [3, 4] : [...new Set(lengths)]
}

const NAME_LIMIT = 200

/** Any script and punctuation. A card number or security code in this box is refused (as GOV.UK Pay does). */
export function parseCardName(text: string): Verdict<string> {
  const name = text.replace(/\s+/gu, ' ').trim()
  if (name === '') return no('name_empty')
  if (name.length > NAME_LIMIT) return no('name_long')
  const digits = asciiDigits(name).replace(/\D/g, '').length
  return digits > 11 || /^\d{3,4}$/.test(asciiDigits(name)) ? no('name_number') : { ok: true, value: name }
}

/** One @, a dot in the domain, at most 254 characters (RFC 5321, 4.5.3.1.3); internationalized domains pass. */
export function parseEmail(text: string): Verdict<string> {
  const email = text.trim()
  const wellFormed = /^[^\s@<>"(),:;[\]\\\p{Cc}]{1,64}@[^\s@<>"(),:;[\]\\\p{Cc}.]+(\.[^\s@<>"(),:;[\]\\\p{Cc}.]+)+$/u
  return email.length <= 254 && wellFormed.test(email) ? { ok: true, value: email } : no('email_wrong')
}

function no(code: FieldCode): { readonly ok: false; readonly code: FieldCode } {
  return { ok: false, code }
}
