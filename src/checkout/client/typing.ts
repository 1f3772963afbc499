/** What a field shows while it is typed into: pure, so that every keystroke can be tested without a browser. */
import { asciiDigits, groupNumber, splitExpiry } from '../../core/card-fields.ts'

export type Typed = { readonly text: string; readonly caret: number }

/** Groups the digits by brand and leaves the caret behind the same digit. */
export function typeNumber(text: string, caret: number, deleting: boolean): Typed {
  const digits = onlyDigits(text).slice(0, 19)
  const grouped = groupNumber(digits)
  return { text: grouped, caret: caretAfter(grouped, onlyDigits(text.slice(0, caret)).length, deleting) }
}

/**
 * Shows `09 / 28` for whatever way of writing it. A zero before 2 to 9 is added, a four-digit year shortened.
 * @param before what the field showed until now: tells a deleted slash from a deleted digit
 */
export function typeExpiry(text: string, caret: number, deleting: boolean, before: string): Typed {
  const month = deleting ? undefined : monthThatIsNone(text, before)
  if (month !== undefined) return { text: `${month} / `, caret: month.length + 3 }
  const kept = deleting && onlyDigits(text) === onlyDigits(before) ? dropDigit(text, caret) : { text, caret }
  const shown = showExpiry(asciiDigits(kept.text), deleting)
  // A zero came in or a year got shorter: counting digits would leave the caret inside what was just typed.
  const moved = onlyDigits(shown) !== onlyDigits(kept.text)
  if (moved || kept.caret >= kept.text.length) return { text: shown, caret: shown.length }
  return { text: shown, caret: caretAfter(shown, onlyDigits(kept.text.slice(0, kept.caret)).length, deleting) }
}

/**
 * 13 shows as `1 / 3`, for 130 means January. A separator typed behind it says that 13 was meant as the month, which the
 * form then refuses: turned into another date, the mistake would go unseen.
 */
function monthThatIsNone(text: string, before: string): string | undefined {
  const second = /^1 \/ (\d)$/.exec(before)?.[1]
  const isSeparated = text.startsWith(before) && /^[\s/.,-]$/.test(text.slice(before.length))
  return second !== undefined && isSeparated ? `1${second}` : undefined
}

/** Deleting a separator means the digit before it: it would only come back otherwise. */
function dropDigit(text: string, caret: number): Typed {
  const head = text.slice(0, caret).replace(/\d\D*$/, '')
  return { text: head + text.slice(caret), caret: head.length }
}

function showExpiry(text: string, deleting: boolean): string {
  const { month, year } = halves(text)
  if (month === '' && year === '') return ''
  if (deleting) return year === '' ? month : `${month} / ${year}`
  if (year === '' && !/\D/.test(text.trim()) && month.length < 2) return month
  const settled = year === '' || year.length > 1
  return `${settled ? month.padStart(2, '0') : month} / ${year}`
}

function halves(text: string): { month: string; year: string } {
  const whole = splitExpiry(text)
  // Six digits, or a four-digit year beside a separator, are a complete date however they are ordered.
  if (whole?.year.length === 4) return { month: whole.month, year: whole.year.slice(2) }
  const [first = '', ...others] = text.match(/\d+/g) ?? []
  if (others.length > 0 && first.length <= 2) return { month: first, year: shortYear(others.join('')) }
  if (/^\d{1,2}\D/.test(text.trim())) return { month: first, year: '' }
  const digits = first + others.join('')
  const monthLength = /^[2-9]/.test(digits) || Number(digits.slice(0, 2)) > 12 ? 1 : 2
  const month = digits.slice(0, monthLength)
  return { month: /^[2-9]$/.test(month) ? `0${month}` : month, year: shortYear(digits.slice(monthLength)) }
}

function shortYear(digits: string): string {
  if (!digits.startsWith('20')) return digits.slice(0, 2)
  return digits.length >= 4 ? digits.slice(2, 4) : digits
}

function caretAfter(text: string, digitCount: number, deleting: boolean): number {
  let at = 0
  for (let seen = 0; at < text.length && seen < digitCount; at++) if (/\d/.test(text.charAt(at))) seen++
  // Typing goes on behind the gap; deleting stays before it.
  while (!deleting && digitCount > 0 && at < text.length && /\D/.test(text.charAt(at))) at++
  return at
}

function onlyDigits(text: string): string {
  return asciiDigits(text).replace(/\D/g, '')
}
