import { originOf } from '../core/return-urls.ts'
import type { Session } from '../core/session.ts'

export type PageOrigins = {
  readonly publicOrigin: string
  readonly vaultOrigin: string
}

/** What every answer of the page carries: nothing is stored, leaked by a referrer, framed or indexed. */
const ALWAYS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(self)',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
}

/**
 * @param nonce the one that this answer's style and script elements carry
 * @param session whose return origins a form may lead to: Chromium holds a redirect after a POST to `form-action` too
 */
export function pageHeaders(origins: PageOrigins, nonce: string, session?: Session): Readonly<Record<string, string>> {
  return { ...ALWAYS, ...transport(origins), 'content-security-policy': policy(origins, nonce, session) }
}

/** For redirects and JSON, which render nothing. */
export function bareHeaders(origins: PageOrigins): Readonly<Record<string, string>> {
  return { ...ALWAYS, ...transport(origins), 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" }
}

/** Where the vault has an origin of its own, the page's script may read its answers: that page's, and no other's. */
export function answerHeaders(origins: PageOrigins): Readonly<Record<string, string>> {
  const { publicOrigin, vaultOrigin } = origins
  const shared = publicOrigin === vaultOrigin ? {} : { 'access-control-allow-origin': publicOrigin }
  return { ...bareHeaders(origins), ...shared }
}

function transport({ publicOrigin }: PageOrigins): Readonly<Record<string, string>> {
  return publicOrigin.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}
}

function policy({ vaultOrigin }: PageOrigins, nonce: string, session: Session | undefined): string {
  const { successUrl, cancelUrl, lineItems = [] } = session?.document ?? {}
  const returns = [successUrl, cancelUrl].flatMap((url) => (url === undefined ? [] : (originOf(url) ?? [])))
  const images = lineItems.flatMap((line) => originOf(line.images?.[0] ?? '') ?? [])
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `img-src ${sources(["'self'", 'data:', ...images])}`,
    `connect-src ${sources(["'self'", vaultOrigin])}`,
    `form-action ${sources(["'self'", vaultOrigin, ...returns])}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

function sources(list: readonly string[]): string {
  return [...new Set(list)].join(' ')
}
