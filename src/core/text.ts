/** Lengths count Unicode code points, as Postgres' `char_length` does: an emoji of four bytes is one. */
export type TextRule = { readonly max: number; readonly min?: number; readonly multiline?: boolean }
export type TextFault =
  | 'bidi_override'
  | 'blank'
  | 'control_character'
  | 'lone_surrogate'
  | 'nul'
  | 'too_long'
  | 'too_short'
  | 'zero_width_edge'

/** C0 and C1 controls, DEL, and the two separators that break a line for some readers only. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u
/** Embeddings, overrides and isolates turn a merchant's name or an address around. The plain marks LRM and RLM stay. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/u
/** Joiners shape Persian, Hindi and emoji inside a word; at the ends zero-width characters only make twins of names. */
const ZERO_WIDTH_EDGE = /^[\u200b-\u200d\u2060\ufeff]|[\u200b-\u200d\u2060\ufeff]$/u

/**
 * What forbids a text, or undefined. NUL and lone surrogates are refused because Postgres would; controls because a
 * value may later stand in a header, a mail or a terminal.
 *
 * Text is stored as it was sent, so that a shop reads back what it wrote: it is not normalized. Whoever compares two
 * texts of people (a search, a duplicate check) compares their `comparableText`.
 */
export function textFault(value: string, { max, min = 0, multiline = false }: TextRule): TextFault | undefined {
  if (value.length > max * 2) return 'too_long' // no code point has more than two units: a bound before any scan
  if (value.includes('\u0000')) return 'nul'
  if (!value.isWellFormed()) return 'lone_surrogate'
  const length = codePoints(value)
  if (length > max) return 'too_long'
  if (CONTROL.test(multiline ? value.replace(/[\t\n\r]/g, '') : value)) return 'control_character'
  if (BIDI.test(value)) return 'bidi_override'
  if (ZERO_WIDTH_EDGE.test(value)) return 'zero_width_edge'
  if (length < min) return 'too_short'
  return min > 0 && value.trim() === '' ? 'blank' : undefined
}

/** NFC (UAX 15): `é` typed as one character or as two is the same name. */
export const comparableText = (text: string): string => text.normalize('NFC')

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
