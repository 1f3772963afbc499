/**
 * Finds card numbers where none belongs: references, metadata, names, URLs, log lines. A find has a known issuer prefix
 * with a length of that network and passes Luhn (ISO/IEC 7812-1). Written plainly it is one run of digits; written in
 * groups, the groups share one kind of separator and have three digits or more, but for the last; or every digit stands
 * alone. A run of 20 digits is no card, nor is a UUID, a long hexadecimal id, a fraction or a valid EAN-13.
 */
export function containsPan(text: string): boolean {
  return findPans(text, 1).length > 0
}

/** For logs: every find becomes `[card number]`. Not even the last four: a log has no use for them. */
export function maskPans(text: string): string {
  let masked = ''
  let from = 0
  for (const [start, end] of findPans(text, Infinity)) {
    masked += `${text.slice(from, start)}[card number]`
    from = end
  }
  return masked + text.slice(from)
}

type Group = { readonly start: number; readonly end: number; readonly digits: string }
type Span = readonly [start: number, end: number]

/** Prefix ranges and lengths, of four digits each: what issuers print today, and the old 13-digit Visa. */
const RANGES: readonly (readonly [first: number, last: number, lengths: readonly number[]])[] = [
  [1800, 1800, [15]], // JCB
  [2131, 2131, [15]],
  [2200, 2204, [16, 17, 18, 19]], // Mir
  [2221, 2720, [16]], // Mastercard
  [3000, 3059, [14, 16, 19]], // Diners Club
  [3095, 3095, [14, 16, 19]],
  [3400, 3499, [15]], // American Express
  [3528, 3589, [16, 17, 18, 19]], // JCB
  [3600, 3699, [14, 16, 19]], // Diners Club
  [3700, 3799, [15]], // American Express
  [3800, 3999, [14, 16, 19]], // Diners Club
  [4000, 4999, [13, 16, 18, 19]], // Visa
  [5000, 5099, [16, 18, 19]], // Maestro, Elo, Verve, RuPay
  [5100, 5599, [16]], // Mastercard
  [5600, 5899, [16, 18, 19]], // Maestro
  [6000, 6099, [16, 19]], // Discover, RuPay, Hipercard
  [6200, 6299, [16, 17, 18, 19]], // UnionPay
  [6304, 6304, [16, 17, 18, 19]], // Maestro
  [6360, 6379, [16]], // Elo, Hiper
  [6440, 6599, [16, 18, 19]], // Discover, Troy, Elo, RuPay
  [6759, 6763, [16, 17, 18, 19]], // Maestro
  [8100, 8299, [16, 17, 18, 19]], // UnionPay, RuPay
  [9792, 9792, [16]], // Troy
]
const SHORTEST = 13
const LONGEST = 19
/** A card in groups has at most this many (19 digits as 4-4-4-4-3, one to spare); it also bounds the work per group. */
const MOST_GROUPS = 6

/** Ids that may hold a card number by chance. Both patterns start at a word's start only, so they stay linear. */
const IDS = /(?<![0-9a-z])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{24,})(?![0-9a-z])/gi
/** What people put between groups: spaces, dashes, a dot, an underscore or a slash, or what nobody sees. */
const SEPARATOR =
  /^(?:([ \t\u00a0\u2009\u202f]{1,3})|( ?[-\u2010-\u2015\u2212] ?)|([._/])|(\u00ad|\u200b|\u200c|\u200d|\u2060|\ufeff)+)$/
/** Where the digits 0 to 9 of the scripts begin in which a shopper may type: ASCII, Arabic, Indic, full width. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xff10]

function findPans(text: string, most: number): Span[] {
  const found: Span[] = []
  if (text.length < SHORTEST) return found
  const readable = text.replace(IDS, (id) => 'x'.repeat(id.length))
  const groups = digitGroups(readable)
  for (let at = 0; at < groups.length && found.length < most; ) {
    const count = panAt(readable, groups, at)
    const [first, last] = [groups[at], groups[at + count - 1]]
    if (first && last && count > 0) found.push([first.start, last.end])
    at += Math.max(count, 1)
  }
  return found
}

function digitGroups(text: string): Group[] {
  const groups: Group[] = []
  let start = 0
  let digits = ''
  for (let at = 0; at <= text.length; at++) {
    const digit = digitAt(text, at)
    if (digit === undefined) {
      if (digits) groups.push({ start, end: at, digits })
      digits = ''
    } else {
      if (!digits) start = at
      digits += digit
    }
  }
  return groups
}

function digitAt(text: string, at: number): number | undefined {
  const code = text.charCodeAt(at)
  for (const zero of ZEROS) if (code >= zero && code < zero + 10) return code - zero
  return undefined
}

/** How many groups from `at` on make a card number; the most that do, so a following CVC is masked with it. 0: none. */
function panAt(text: string, groups: readonly Group[], at: number): number {
  const first = groups[at]
  if (!first || first.digits.length > LONGEST) return 0
  if (first.digits.length === 1) return digitByDigit(text, groups, at)
  const kind = separatorBetween(text, first, groups[at + 1])
  let longest = !followsPoint(text, first) && isPan(first.digits) ? 1 : 0
  let joined = first.digits
  for (let count = 2; count <= MOST_GROUPS; count++) {
    const [before, group] = [groups[at + count - 2], groups[at + count - 1]]
    if (!before || !group || before.digits.length < 3) break
    if (kind === undefined || separatorBetween(text, before, group) !== kind) break
    joined += group.digits
    if (joined.length > LONGEST) break
    // One point makes a fraction, however its digits fall.
    if (isPan(joined) && !(kind === '.' && count === 2)) longest = count
  }
  return longest
}

/** `4 2 4 2 …`: only a whole row counts, or every table of single figures would hold a card somewhere. */
function digitByDigit(text: string, groups: readonly Group[], at: number): number {
  const kind = separatorBetween(text, groups[at], groups[at + 1])
  if (kind === undefined || (at > 0 && separatorBetween(text, groups[at - 1], groups[at]) === kind)) return 0
  let joined = ''
  for (let next = at; joined.length <= LONGEST; next++) {
    const group = groups[next]
    if (group?.digits.length !== 1) break
    if (next > at && separatorBetween(text, groups[next - 1], group) !== kind) break
    joined += group.digits
  }
  return isPan(joined) ? joined.length : 0
}

function separatorBetween(text: string, before: Group | undefined, after: Group | undefined): string | undefined {
  if (!before || !after || after.start - before.end > 3) return undefined
  const [, space, dash, mark, unseen] = SEPARATOR.exec(text.slice(before.end, after.start)) ?? []
  if (space) return ' '
  return dash ? '-' : (mark ?? (unseen && 'unseen'))
}

/** `0.4242424242424242` is a fraction that some program printed. */
function followsPoint(text: string, group: Group): boolean {
  return text[group.start - 1] === '.' && digitAt(text, group.start - 2) !== undefined
}

function isPan(digits: string): boolean {
  if (digits.length < SHORTEST || digits.length > LONGEST) return false
  const prefix = Number(digits.slice(0, 4))
  const known = RANGES.some(([from, to, lengths]) => prefix >= from && prefix <= to && lengths.includes(digits.length))
  return known && luhn(digits) && !(digits.length === 13 && isEan13(digits))
}

function luhn(digits: string): boolean {
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place])
    sum += place % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)
  }
  return sum % 10 === 0
}

/** German and Japanese articles begin with 4 as Visa does (GS1 General Specifications, §7.9 check digit). */
function isEan13(digits: string): boolean {
  return [...digits].reduce((sum, digit, place) => sum + Number(digit) * (place % 2 === 0 ? 1 : 3), 0) % 10 === 0
}
