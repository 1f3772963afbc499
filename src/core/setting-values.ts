import { parseEmail } from './card-fields.ts'
import { judgeWebhookUrl } from './outgoing-hosts.ts'
import { containsPan } from './pan-in-text.ts'
import { isLoopbackName, judgeReturnUrl, SESSION_ID_TEMPLATE } from './return-urls.ts'
import { type TextFault, textFault } from './text.ts'

/** A value as it is stored, or what it must be, as the end of a sentence that begins with the setting's name. */
export type SettingValue =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly message: string }
export type ParseSetting = (text: string) => SettingValue

const good = (value: string): SettingValue => ({ ok: true, value })
const bad = (message: string): SettingValue => ({ ok: false, message })

/** What a text of this length may not be, before its own rule looks at it. */
export function plainText(max: number): ParseSetting {
  return (text) => {
    const fault = textFault(text, { min: 1, max })
    if (fault) return bad(fault === 'too_long' ? `must be at most ${max} characters` : COMPLAINTS[fault])
    return containsPan(text) ? bad('must not hold a card number') : good(text)
  }
}

const COMPLAINTS: Readonly<Record<Exclude<TextFault, 'too_long'>, string>> = {
  bidi_override: 'must not contain characters that change the direction of text',
  blank: 'must not be blank',
  control_character: 'must not contain control characters or line breaks',
  lone_surrogate: 'contains half of a surrogate pair',
  nul: 'must not contain a NUL character',
  too_short: 'must not be empty',
  zero_width_edge: 'must not begin or end with an invisible character',
}

/** A plain text first, then what this setting asks of it. */
function text(max: number, parse: ParseSetting): ParseSetting {
  const plain = plainText(max)
  return (value) => {
    const read = plain(value)
    return read.ok ? parse(value) : read
  }
}

/** What card networks print: Stripe's rule (docs.stripe.com/get-started/account/statement-descriptors). */
export const statementDescriptor = text(22, (value) => {
  if (!/^[\x20-\x7e]*$/.test(value)) return bad('must be of the letters A to Z, digits and plain signs')
  if (/[<>\\'"*]/.test(value)) return bad(`must not contain any of < > \\ ' " *`)
  if (value.trim().length < 5) return bad('must be at least 5 characters')
  return /[a-z]/i.test(value) ? good(value.trim()) : bad('must contain at least one letter')
})

export const email = text(254, (value) => {
  const parsed = parseEmail(value)
  return parsed.ok ? good(parsed.value) : bad('must be an email address, such as help@shop.example')
})

/** A page that the shopper may open. */
export const pageUrl = text(2048, (value) => {
  const verdict = judgeReturnUrl(value, { live: false, schemes: [], origins: [] })
  if (verdict.ok && value.includes(SESSION_ID_TEMPLATE)) return bad(`must not contain ${SESSION_ID_TEMPLATE}`)
  if (verdict.ok) return good(value)
  return bad(verdict.code === 'url_scheme' ? 'must begin with https://' : verdict.message)
})

/** As browsers compare origins: host in lower case, no default port, no path. */
export const origin = text(300, (value) => {
  const url = URL.parse(value)
  const bare = url?.pathname === '/' && !/[?#@\\\s]/.test(value)
  if (!url || !bare || !/^https?:\/\/[^/]/i.test(value)) {
    return bad('must be scheme, host and port only, such as https://shop.example')
  }
  const secure = url.protocol === 'https:' || isLoopbackName(url.hostname)
  return secure ? good(url.origin) : bad('must begin with https://; http:// is allowed for localhost')
})

/** The letters before the colon of an app's URL. A scheme that browsers themselves act on is nobody's app. */
export const appScheme = text(50, (value) => {
  const scheme = value.toLowerCase()
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return bad('must be a URL scheme without colon, such as myshop')
  const web = scheme === 'https' || scheme === 'http'
  const verdict = judgeReturnUrl(`${scheme}://app/`, { live: true, schemes: [scheme], origins: [] })
  return verdict.ok && !web ? good(scheme) : bad(`must be a scheme of an app's own, not ${scheme}`)
})

/** Whether the account's origins and schemes allow it is judged when both are known. */
export const returnUrl: ParseSetting = (value) => {
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(value)?.[0].toLowerCase()
  const verdict = judgeReturnUrl(value, { live: false, schemes: scheme === undefined ? [] : [scheme], origins: [] })
  if (!verdict.ok) return bad(verdict.message)
  return plainText(5000)(value)
}

/** BCP 47, in the spelling of RFC 5646 section 2.1.1: `pt-BR`. */
export const locale = text(35, (value) => {
  try {
    const [tag] = Intl.getCanonicalLocales(value)
    if (tag !== undefined) return good(tag)
  } catch {
    // A RangeError is how Intl says that it is no tag; that is an ordinary input here.
  }
  return bad('must be a language tag, such as de or pt-BR')
})

export function oneOf(words: readonly string[]): ParseSetting {
  return (value) => (words.includes(value) ? good(value) : bad(`must be one of ${words.join(', ')}`))
}

/** Where events may be sent: judged once more when a session names it, by its mode and by where this server runs. */
export const paymentEndpoint = text(5000, (value) => {
  const verdict = judgeWebhookUrl(value, { live: false, allowLoopback: true })
  return verdict.ok ? good(value) : bad(verdict.message)
})

export const ENCRYPTION_KEY_LENGTH = 32

/** An AES-256 key as SecPaid writes it: its 32 characters are its bytes. */
export const encryptionKey: ParseSetting = (value) =>
  isEncryptionKey(value) ? good(value) : bad(`must be ${ENCRYPTION_KEY_LENGTH} letters, digits or plain signs`)

export const isEncryptionKey = (text: string): boolean =>
  text.length === ENCRYPTION_KEY_LENGTH && /^[\x21-\x7e]+$/.test(text)
