export type ReturnUrlRules = {
  readonly live: boolean
  /** An account's own app schemes, lower case, without the colon. */
  readonly schemes: readonly string[]
  /** Origins that the account's shoppers may be sent to, as `URL.origin` spells them. Empty: any. */
  readonly origins: readonly string[]
}
export type ReturnUrlFault =
  | 'url_characters'
  | 'url_invalid'
  | 'url_not_https'
  | 'url_origin'
  | 'url_scheme'
  | 'url_template'
  | 'url_too_long'
  | 'url_userinfo'
export type ReturnUrlVerdict =
  | { readonly ok: true; readonly href: string }
  | { readonly ok: false; readonly code: ReturnUrlFault; readonly message: string }

/** What a shop writes where it wants the session's id; in path, query or fragment. */
export const SESSION_ID_TEMPLATE = '{CHECKOUT_SESSION_ID}'
/** Stripe's own limit for a URL. */
const MAX_LENGTH = 5000

/** Schemes that run, read or leave the browser. No account can list them. */
const NEVER: ReadonlySet<string> = new Set(
  (
    'about blob chrome content data file filesystem ftp gopher http https intent jar javascript mailto resource sms tel ' +
    'urn vbscript view-source ws wss'
  ).split(' '),
)

const MESSAGES = {
  url_characters: 'must not contain spaces, control characters or backslashes',
  url_invalid: 'must be an absolute URL, such as https://shop.example/done',
  url_not_https: 'must begin with https://; in test mode http:// is allowed for localhost',
  url_origin: "must be on one of the account's allowed origins",
  url_scheme: 'has a scheme that the account does not list',
  url_template: `may hold ${SESSION_ID_TEMPLATE} in its path, query or fragment only`,
  url_too_long: `must be at most ${MAX_LENGTH} characters`,
  url_userinfo: 'must not contain a user name or password',
} as const satisfies Record<ReturnUrlFault, string>

/**
 * Whether a shopper may be sent to a shop's URL. Parsed once, here, with the parser that browsers use (WHATWG URL); what
 * that parser would quietly mend is refused. The `href` is its normal form with the template kept as it was.
 */
export function judgeReturnUrl(text: unknown, { live, schemes, origins }: ReturnUrlRules): ReturnUrlVerdict {
  if (typeof text !== 'string') return refuse('url_invalid')
  if (text.length > MAX_LENGTH) return refuse('url_too_long')
  if (/[\p{Cc}\s\\]/u.test(text) || !text.isWellFormed()) return refuse('url_characters')
  const stand = standInFor(text)
  const filled = text.replaceAll(SESSION_ID_TEMPLATE, stand)
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/iu.exec(filled) ?? []
  const url = URL.parse(filled)
  if (!url || rest === '') return refuse('url_invalid')
  const web = url.protocol === 'https:' || url.protocol === 'http:'
  // https:shop.example and https:///shop.example reach the same host for a browser, and another for many a reader.
  if (web && !/^\/\/[^/?#]/.test(rest)) return refuse('url_invalid')
  if (/^\/\/[^/?#]*@/.test(rest)) return refuse('url_userinfo')
  if (url.host.includes(stand) || scheme.includes(stand)) return refuse('url_template')
  if (!web && !isListed(scheme.toLowerCase(), schemes)) return refuse('url_scheme')
  if (url.protocol === 'http:' && (live || !isLoopbackName(url.hostname))) return refuse('url_not_https')
  if (web && origins.length > 0 && !origins.includes(url.origin)) return refuse('url_origin')
  return { ok: true, href: url.href.replaceAll(stand, SESSION_ID_TEMPLATE) }
}

/** The URL to send a shopper to. A URL without the template stays as it is. */
export function fillSessionId(url: string, id: string): string {
  return url.replaceAll(SESSION_ID_TEMPLATE, () => encodeURIComponent(id))
}

/** What a shop that asked for signed receipts finds in its success URL. */
export const RECEIPT_PARAMETER = 'opentill_receipt'

/** The URL with a receipt at the end of its query. */
export const withReceipt = (url: string, receipt: string): string => withParameter(url, RECEIPT_PARAMETER, receipt)

/** The URL with one parameter more at the end of its query. Nothing else of it is touched: not a character of the shop's. */
export function withParameter(url: string, name: string, value: string): string {
  const hash = url.indexOf('#')
  const [page, fragment] = hash < 0 ? [url, ''] : [url.slice(0, hash), url.slice(hash)]
  const joint = !page.includes('?') ? '?' : /[?&]$/.test(page) ? '' : '&'
  return `${page}${joint}${name}=${encodeURIComponent(value)}${fragment}`
}

/**
 * What a policy must name so that the way to a URL is open: an origin, or `scheme:` for an app. Undefined where it would say
 * something else there: WHATWG URL lets a host hold `;`, `,` and `*`, which end a directive, a policy, or name every host.
 */
export function originOf(url: string): string | undefined {
  const parsed = URL.parse(url)
  if (!parsed) return undefined
  if (parsed.origin === 'null') return parsed.protocol
  return /^[\w.:[\]-]+$/.test(parsed.host) ? parsed.origin : undefined
}

/** Names of this very machine, as `URL.hostname` spells them (RFC 6761 §6.3, RFC 8252 §7.3). */
export function isLoopbackName(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true
  return /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function isListed(scheme: string, schemes: readonly string[]): boolean {
  return !NEVER.has(scheme) && schemes.includes(scheme)
}

/** Letters that no parser changes and the text does not hold: braces in a path would be percent-encoded. */
function standInFor(text: string): string {
  let stand = 'checkoutsessionid'
  while (text.toLowerCase().includes(stand)) stand += 'x'
  return stand
}

function refuse(code: ReturnUrlFault): ReturnUrlVerdict {
  return { ok: false, code, message: MESSAGES[code] }
}
