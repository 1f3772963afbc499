import { COUNTRIES } from '../core/countries.ts'

type Choice = { readonly value: string; readonly label: string }
const SORTED = new Map<string, readonly Choice[]>()

/** Named and sorted for a locale; kept, because 249 look-ups are most of what a page would cost. */
export function countryChoices(locale: string, codes: readonly string[] = COUNTRIES): readonly Choice[] {
  const all = SORTED.get(locale) ?? sortedChoices(locale)
  // The locale comes from outside: a bounded memory, whoever asks.
  if (SORTED.size < 100) SORTED.set(locale, all)
  return codes === COUNTRIES ? all : all.filter(({ value }) => codes.includes(value))
}

function sortedChoices(locale: string): readonly Choice[] {
  const names = new Intl.DisplayNames(locale, { type: 'region' })
  const collator = new Intl.Collator(locale)
  return COUNTRIES.map((value) => ({ value, label: names.of(value) ?? value })).sort((one, other) =>
    collator.compare(one.label, other.label),
  )
}
