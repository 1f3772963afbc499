/**
 * Postcodes by country: enough to catch a slip before a bank's address check would. Patterns after the public postal
 * formats of the Universal Postal Union's member pages; a country that is not listed takes 2 to 12 letters and digits.
 */
export type PostcodeRule = { readonly pattern: RegExp; readonly example: string }
export type PostcodeVerdict =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: 'postcode_empty' | 'postcode_wrong' }

const digits = (count: number, example: string): PostcodeRule => ({ pattern: new RegExp(`^\\d{${count}}$`), example })

const FIVE = 'DE FR ES IT FI HR EE LT TR MX UA MY TH KW SA EG MA ID KR RS ME'.split(' ')
const FOUR = 'AT BE CH DK NO LU HU BG SI AU NZ ZA CY TN PH GE AM'.split(' ')
const SIX = 'IN CN SG RO RU KZ VN CO'.split(' ')

const RULES: ReadonlyMap<string, PostcodeRule> = new Map<string, PostcodeRule>([
  ...FIVE.map((country) => [country, digits(5, '10115')] as const),
  ...FOUR.map((country) => [country, digits(4, '1010')] as const),
  ...SIX.map((country) => [country, digits(6, '110001')] as const),
  ['US', { pattern: /^\d{5}(-?\d{4})?$/, example: '94103' }],
  ['GB', { pattern: /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/, example: 'SW1A 1AA' }],
  ['CA', { pattern: /^[A-Z]\d[A-Z][ -]?\d[A-Z]\d$/, example: 'K1A 0B1' }],
  ['NL', { pattern: /^\d{4} ?[A-Z]{2}$/, example: '1012 AB' }],
  ['PL', { pattern: /^\d{2}-?\d{3}$/, example: '00-001' }],
  ['PT', { pattern: /^\d{4}-?\d{3}$/, example: '1000-001' }],
  ['BR', { pattern: /^\d{5}-?\d{3}$/, example: '01001-000' }],
  ['JP', { pattern: /^\d{3}-?\d{4}$/, example: '100-0001' }],
  ['SE', { pattern: /^\d{3} ?\d{2}$/, example: '111 22' }],
  ['CZ', { pattern: /^\d{3} ?\d{2}$/, example: '110 00' }],
  ['SK', { pattern: /^\d{3} ?\d{2}$/, example: '811 01' }],
  ['GR', { pattern: /^\d{3} ?\d{2}$/, example: '105 57' }],
  ['LV', { pattern: /^(LV-?)?\d{4}$/, example: 'LV-1010' }],
])

/** Countries that have no postcodes at all: nobody there can fill the field. */
const WITHOUT = new Set(
  'AE AG AN AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GD GH GM GQ GY HK JM KI'.split(' '),
)
for (const country of 'KM KN KP LC ML MO MR MW NR NU QA RW SB SC SL SR SS ST SY TD TG TK TL TO TV UG VU YE ZW'.split(
  ' ',
)) {
  WITHOUT.add(country)
}

export function hasPostcodes(country: string): boolean {
  return !WITHOUT.has(country)
}

export function postcodeExample(country: string): string {
  return RULES.get(country)?.example ?? '10115'
}

/** Upper-cased, spaces collapsed; empty where the country has no postcodes. */
export function parsePostcode(country: string, text: string): PostcodeVerdict {
  const postcode = text.normalize('NFKC').replace(/\s+/gu, ' ').trim().toUpperCase()
  if (!hasPostcodes(country)) return { ok: true, value: '' }
  if (postcode === '') return { ok: false, code: 'postcode_empty' }
  const pattern = RULES.get(country)?.pattern ?? /^[A-Z\d](?:[ -]?[A-Z\d]){1,11}$/
  return pattern.test(postcode) ? { ok: true, value: postcode } : { ok: false, code: 'postcode_wrong' }
}
