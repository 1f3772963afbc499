/** The ways in which a card number could lie somewhere without being seen: threat S-12 and the ways of a database. */
export type Needle = { readonly what: string; readonly bytes: Buffer }

/** @param digits a card number, or any other digits that were planted */
export function needlesFor(digits: string): readonly Needle[] {
  const groups = digits.length === 15 ? [4, 6, 5] : digits.length === 14 ? [4, 6, 4] : [4, 4, 4, 4, 4]
  const parts = split(digits, groups)
  const raw = Buffer.from(digits)
  const texts: Record<string, string> = {
    raw: digits,
    spaced: parts.join(' '),
    dashed: parts.join('-'),
    'spaced, URL-encoded': parts.join('%20'),
    'spaced, form-encoded': parts.join('+'),
    'every byte URL-encoded': [...digits].map((digit) => `%3${digit}`).join(''),
    'escaped as JSON may': [...digits].map((digit) => `\\u003${digit}`).join(''),
    reversed: [...digits].reverse().join(''),
    hex: raw.toString('hex'),
    'hex of UTF-16': [...digits].map((digit) => `3${digit}00`).join(''),
    'base64, offset 0': base64Core(raw, 0),
    'base64, offset 1': base64Core(raw, 1),
    'base64, offset 2': base64Core(raw, 2),
  }
  const bytes: Record<string, Buffer> = {
    'UTF-16LE': Buffer.from(digits, 'utf16le'),
    'UTF-16BE': Buffer.from(digits, 'utf16le').swap16(),
    'packed decimal': Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex'),
    'an integer, little-endian': int64(digits, 'LE'),
    'an integer, big-endian': int64(digits, 'BE'),
    'a numeric of Postgres': numeric(digits),
  }
  return [
    ...Object.entries(texts).map(([what, text]) => ({ what, bytes: Buffer.from(text) })),
    ...Object.entries(bytes).map(([what, found]) => ({ what, bytes: found })),
  ]
}

/** How each of the needles is spelled in this pile, or nothing. */
export function findIn(pile: Buffer, digits: string): readonly string[] {
  return needlesFor(digits)
    .filter(({ bytes }) => pile.includes(bytes))
    .map(({ what }) => what)
}

/** Whether a code of four digits stands somewhere by itself: not inside a longer number, word or id. */
export function standsAlone(pile: Buffer, code: string): boolean {
  const wanted = Buffer.from(code)
  for (let at = pile.indexOf(wanted); at !== -1; at = pile.indexOf(wanted, at + 1)) {
    if (!isWordByte(pile[at - 1]) && !isWordByte(pile[at + wanted.length])) return true
  }
  return false
}

/** Letters, digits, and what joins them in a number, a time or an id. */
function isWordByte(byte: number | undefined): boolean {
  return byte !== undefined && /[\w.,:-]/.test(String.fromCharCode(byte)) && byte < 0x80
}

function split(digits: string, sizes: readonly number[]): string[] {
  const parts: string[] = []
  let rest = digits
  for (const size of sizes) {
    if (rest) parts.push(rest.slice(0, size))
    rest = rest.slice(size)
  }
  return parts
}

/** The characters that do not depend on what stands before and after. */
function base64Core(raw: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), raw]).toString('base64')
  const from = offset === 0 ? 0 : offset + 1
  return text.slice(from, Math.floor(((offset + raw.length) * 8) / 6))
}

function int64(digits: string, order: 'LE' | 'BE'): Buffer {
  const bytes = Buffer.alloc(8)
  if (order === 'LE') bytes.writeBigInt64LE(BigInt(digits))
  else bytes.writeBigInt64BE(BigInt(digits))
  return bytes
}

/** Postgres keeps a numeric as digits to the base of 10,000, two bytes each in the machine's order. */
function numeric(digits: string): Buffer {
  const padded = digits.padStart(Math.ceil(digits.length / 4) * 4, '0')
  const words = padded.match(/\d{4}/g) ?? []
  const bytes = Buffer.alloc(words.length * 2)
  for (const [at, word] of words.entries()) bytes.writeInt16LE(Number(word), at * 2)
  return bytes
}
