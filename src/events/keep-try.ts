import { maskPans } from '../core/pan-in-text.ts'

/** Of an answer so many bytes are kept. */
const KEPT_BYTES = 4096
const LOOKED_BEYOND = 256
const MOST_HEADERS = 30
const LONGEST_NAME = 64
const LONGEST_VALUE = 256

const SECRET_HEADER = /auth|cookie|credential|key|password|secret|session|token/i
/** Signing secrets and API keys, of ours and of those who name theirs alike. */
const SECRET_TEXT = /\b(whsec|sk|rk)_[\w+/=-]{4,}/g
const HIDDEN = '[redacted]'

/** An answer's headers as they are kept: cut to size, what names itself a secret hidden. */
export function keptHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept = Object.entries(headers)
    .slice(0, MOST_HEADERS)
    .map(([name, value]) => {
      const shown = SECRET_HEADER.test(name) ? HIDDEN : withoutSecrets(printable(value)).slice(0, LONGEST_VALUE)
      return [printable(name).slice(0, LONGEST_NAME).toLowerCase(), shown] as const
    })
  return Object.fromEntries(kept)
}

/** Our own headers: of each signature only its beginning, for a whole one lets its bearer send the event again. */
export function keptSignedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      /-signature$/i.test(name) ? value.replace(/([\w+/]{8})[\w+/=]{16,}/g, '$1…') : value,
    ]),
  )
}

/**
 * The first bytes of an answer, as text: no card number, no key, nothing that a database cannot hold. What the cut goes
 * through is looked for before it: half a card number would not be known for one.
 */
export function keptBody(body: Uint8Array): string {
  const text = new TextDecoder().decode(body.subarray(0, KEPT_BYTES + LOOKED_BEYOND))
  return withoutSecrets(text.replaceAll('\0', '\ufffd')).slice(0, KEPT_BYTES)
}

const withoutSecrets = (text: string): string => maskPans(text.replace(SECRET_TEXT, `$1_${HIDDEN}`))

/** Visible ASCII and spaces: a header may hold any byte. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]|["\\]/g, '?')
