import { originOf } from '../core/return-urls.ts'
import type { ShopReturn } from '../core/shop-returns.ts'
import type { Visited } from '../storage/sessions.ts'
import type { PageModel } from './model.ts'

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
 * @param allowed what this session lets its page reach
 * @param screen which may show the issuer's page, or be shown where that page was, in a frame of our own page
 */
export function pageHeaders(
  origins: PageOrigins,
  nonce: string,
  allowed?: Allowed,
  screen?: PageModel['screen'],
): Readonly<Record<string, string>> {
  const bank = screen ? bankOrigins(screen) : []
  const framed = screen?.kind === 'returned' && screen.framed
  return {
    ...ALWAYS,
    ...transport(origins),
    ...(framed ? { 'x-frame-options': 'SAMEORIGIN' } : {}),
    ...(bank.length > 0 ? { 'permissions-policy': allowing(bank) } : {}),
    'content-security-policy': policy(origins, nonce, allowed, { bank, framed }),
  }
}

/** Origins of a session: a form may end at these shops, and these pictures may be shown. */
export type Allowed = { readonly returns: readonly string[]; readonly images: readonly string[] }

/** Chromium holds a redirect after a POST to `form-action` too, so every way out is named, and no more than its origin. */
export function allowedBy(returns: ShopReturn, visited: Visited): Allowed {
  const { lineItems, appearance } = visited.session.document
  const ends = (['success', 'cancel', 'failure'] as const).map((end) => returns(visited, end))
  const images = [...lineItems.map((line) => line.images?.[0]), appearance?.logoUrl]
  return { returns: originsOf(ends), images: originsOf(images) }
}

const originsOf = (urls: readonly (string | undefined)[]): readonly string[] =>
  urls.flatMap((url) => (url === undefined ? [] : (originOf(url) ?? [])))

/** The issuer's origins, as the action that the shopper has to follow names them. */
function bankOrigins(screen: PageModel['screen']): readonly string[] {
  if (screen.kind === 'challenge' || screen.kind === 'hand_off') return [originOf(screen.bank.action) ?? []].flat()
  if (screen.kind !== 'device_check') return []
  return [screen.bank.action, screen.frameUrl].flatMap((url) => originOf(url) ?? [])
}

/** Passkeys and payment confirmation run in the issuer's frame (page §2.9). */
function allowing(bank: readonly string[]): string {
  const quoted = [...new Set(bank)].map((origin) => `"${origin}"`).join(' ')
  return `camera=(), geolocation=(), microphone=(), payment=(self ${quoted}), publickey-credentials-get=(self ${quoted})`
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

type Framing = { readonly bank: readonly string[]; readonly framed: boolean }

function policy(
  { vaultOrigin }: PageOrigins,
  nonce: string,
  { returns, images }: Allowed = { returns: [], images: [] },
  { bank, framed }: Framing,
): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `img-src ${sources(["'self'", 'data:', ...images])}`,
    `connect-src ${sources(["'self'", vaultOrigin])}`,
    `form-action ${sources(["'self'", vaultOrigin, ...returns, ...bank])}`,
    // The issuer's page ends where ours takes over again, in the same frame.
    ...(bank.length > 0 ? [`frame-src ${sources([...bank, "'self'"])}`] : []),
    "base-uri 'none'",
    `frame-ancestors ${framed ? "'self'" : "'none'"}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

function sources(list: readonly string[]): string {
  return [...new Set(list)].join(' ')
}
