import type { FastifyReply, FastifyRequest } from 'fastify'
import { settingsOf } from '../core/account.ts'
import { parseAppearance } from '../core/appearance.ts'
import type { CardFacts } from '../core/charge.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import { isLive } from '../core/ids.ts'
import type { PageAlias } from '../core/page-alias.ts'
import type { PaymentReturn, ShopReturn } from '../core/shop-returns.ts'
import { connectorFor } from '../flows/charging.ts'
import type { Payments } from '../flows/pay.ts'
import type { Receipts } from '../flows/receipts.ts'
import { pageCredential } from '../flows/visit.ts'
import type { Visited } from '../storage/sessions.ts'
import type { BuiltAssets } from './assets.ts'
import type { PageModel, Shell, VisitScreen } from './model.ts'
import { allowedBy, answerHeaders, bareHeaders, type PageOrigins, pageHeaders } from './page-headers.ts'
import { renderPage } from './render-page.ts'
import type { Arrival } from './screen-of.ts'
import { renderUnexpected, UNEXPECTED_PAGE_POLICY } from './views/unexpected.ts'

/** A card in transit that only the vault can open. */
export type ClosedCard = { toJSON(): string }
/** What the page asks of the vault. The vault alone sees the bytes of a posted card form. */
export type CardDesk<Card extends ClosedCard = ClosedCard> = {
  take(
    body: Uint8Array,
  ):
    | { readonly ok: true; readonly card: Card; readonly others: Readonly<Record<string, string>> }
    | { readonly ok: false; readonly because: string }
  check(tenant: Tenant, card: Card): Readonly<Record<string, string>>
  tokenize(
    tenant: Tenant,
    sessionId: Uuid,
    card: Card,
  ): Promise<
    | { readonly ok: true; readonly token: { readonly id: Uuid; readonly card: CardFacts } }
    | { readonly ok: false; readonly errors: Readonly<Record<string, string>> }
  >
}

/** All that the page's routes share. */
export type Desk = {
  readonly payments: Payments
  readonly cards: CardDesk
  readonly receipts: Pick<Receipts, 'receiptFor'>
  readonly assets: BuiltAssets
  readonly origins: PageOrigins
  /** Where a shopper goes from here, in the shape that the session's door has for it. */
  readonly returns: ShopReturn
  /** The same for a payment without a session. */
  readonly paymentReturns: PaymentReturn
  /** The doors' own addresses of the page. */
  readonly aliases: readonly PageAlias[]
  /** Proves what the page for errors without a session is told; without it there is no such page. */
  readonly errorPageKey?: Uint8Array
  /** Published test numbers that fail the check digit. */
  readonly oddTestNumbers: readonly string[]
  readonly testCardGroups: Extract<PageModel['screen'], { kind: 'test_cards' }>['groups']
  /** Keeps an outcome that nobody waits for alive until shutdown has seen its end. */
  readonly track: (work: Promise<unknown>) => void
  readonly log: { error(fields: object, message: string): void }
}

/** All of the page lives under it. */
export const PAGE_ROOT = '/c'
export const ASSET_PREFIX = `${PAGE_ROOT}/assets/`
export const TEST_CARDS_PATH = `${PAGE_ROOT}/test-cards`

/** The page's path, whether or not there is a session behind it. */
export const pathOf = (credential: string): string => `${PAGE_ROOT}/pay/${encodeURIComponent(credential)}`

export function urlsOf(desk: Desk, visited: Visited) {
  const path = pathOf(pageCredential(visited.session))
  const self = `${desk.origins.publicOrigin}${path}`
  const vaulted = `${desk.origins.vaultOrigin}${path}`
  return {
    self,
    state: `${self}/state`,
    cancel: `${self}/cancel`,
    pay: `${vaulted}/pay`,
    goOn: `${self}/go-on`,
    abandon: `${self}/abandon`,
    back: `${self}/return`,
    returned: `${self}/returned`,
  }
}

export function arrivalOf(desk: Desk, visited: Visited, request: FastifyRequest): Arrival {
  const live = isLive(visited.session.tenant)
  const { try: sent } = request.query as { readonly try?: unknown }
  return {
    now: desk.payments.env.now(),
    sentTry: typeof sent === 'string' && /^\d{1,3}$/.test(sent) ? Number(sent) : undefined,
    urls: urlsOf(desk, visited),
    returns: desk.returns,
    asksPostalCode: connectorFor(desk.payments.connectors, live)?.can.checksPostalCode ?? false,
    testNumbers: live ? [] : desk.oddTestNumbers,
  }
}

/** Sends a screen of a session with the policy that belongs to it. */
export function sendScreen(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  visited: Visited,
  screen: VisitScreen,
  status: number,
): FastifyReply {
  const shell = shellOf(desk, localeOf(request, visited), !isLive(visited.session.tenant))
  const { name } = visited.account
  const { displayName, appearance } = visited.session.document
  const settings = settingsOf(visited.account, visited.session.tenant)
  const urls = urlsOf(desk, visited)
  const { sentTry } = arrivalOf(desk, visited, request)
  // Whose attempt is in flight: the one this window sent, or would send by the form that it is about to get.
  const ownTry = screen.kind === 'form' ? visited.session.tries + 1 : sentTry
  const query = ownTry === undefined ? '' : `?try=${ownTry}`
  const model: PageModel = {
    ...shell,
    visit: {
      merchant: {
        displayName: displayName ?? settings.displayName ?? name,
        ...(settings.supportEmail === undefined ? {} : { supportEmail: settings.supportEmail }),
        ...(settings.supportUrl === undefined ? {} : { supportUrl: settings.supportUrl }),
        ...(settings.termsUrl === undefined ? {} : { termsUrl: settings.termsUrl }),
        ...(settings.privacyUrl === undefined ? {} : { privacyUrl: settings.privacyUrl }),
        ...domainOf(desk, visited),
      },
      ...(appearance ? { appearance: parseAppearance(appearance) } : {}),
      selfUrl: `${urls.self}${query}`,
      waitUrl: `${urls.self}${query}${query ? '&' : '?'}wait=1`,
      stateUrl: `${urls.state}${query}`,
    },
    screen,
  }
  return sendModel(desk, reply, model, status, visited)
}

/** Sends a screen that belongs to no session. */
export function sendNeutral(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  screen: Extract<PageModel, { readonly visit?: undefined }>['screen'],
  status: number,
): FastifyReply {
  const testMode = screen.kind === 'test_cards'
  return sendModel(desk, reply, { ...shellOf(desk, localeOf(request), testMode), screen }, status)
}

export function redirect(desk: Desk, reply: FastifyReply, location: string): FastifyReply {
  return reply.code(303).headers(bareHeaders(desk.origins)).header('location', spelled(location)).send()
}

/** From one address of a page to another, as it is asked for: nothing happened in between. */
export function redirectFound(desk: Desk, reply: FastifyReply, location: string): FastifyReply {
  return reply.code(302).headers(bareHeaders(desk.origins)).header('location', spelled(location)).send()
}

/** A header takes ASCII alone; a shop may write its own URL in any script, and browsers then spell it like this. */
function spelled(location: string): string {
  return /^[\x21-\x7e]+$/.test(location) ? location : new URL(location).href
}

export function sendJson(desk: Desk, reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).headers(answerHeaders(desk.origins)).type('application/json').send(JSON.stringify(body))
}

/** Screen 19: stands on nothing that may be what broke. The log has the cause; the shopper gets a number and no detail. */
export function sendUnexpected(desk: Desk, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(500)
    .headers({ ...bareHeaders(desk.origins), 'content-security-policy': UNEXPECTED_PAGE_POLICY })
    .type('text/html; charset=utf-8')
    .send(renderUnexpected(request.id))
}

export const wantsJson = (request: FastifyRequest): boolean =>
  (request.headers.accept ?? '').split(',')[0]?.trim().startsWith('application/json') === true

function sendModel(desk: Desk, reply: FastifyReply, model: PageModel, status: number, visited?: Visited): FastifyReply {
  const page = renderPage(BANK_SCREENS.includes(model.screen.kind) ? { ...model, assets: bankAssets(desk) } : model)
  return reply
    .code(status)
    .headers(pageHeaders(desk.origins, model.cspNonce, visited && allowedBy(desk.returns, visited), model.screen))
    .header('content-language', 'en')
    .header('vary', 'accept, accept-language')
    .type('text/html; charset=utf-8')
    .send(page)
}

const BANK_SCREENS: readonly PageModel['screen']['kind'][] = [
  'challenge',
  'device_check',
  'hand_off',
  'handed_back',
  'returned',
]

function bankAssets({ assets: { css, bank } }: Desk): Shell['assets'] {
  return { css, scriptUrl: `${ASSET_PREFIX}${bank.scriptName}`, scriptIntegrity: bank.scriptIntegrity }
}

function shellOf(desk: Desk, locale: string, testMode: boolean): Shell {
  return {
    locale,
    cspNonce: Buffer.from(desk.payments.env.randomBytes(16)).toString('base64url'),
    assets: {
      css: desk.assets.css,
      scriptUrl: `${ASSET_PREFIX}${desk.assets.scriptName}`,
      scriptIntegrity: desk.assets.scriptIntegrity,
    },
    testMode,
    ...(testMode ? { testCardsUrl: TEST_CARDS_PATH } : {}),
  }
}

/** The session's own choice, else the browser's first, else the account's. */
function localeOf(request: FastifyRequest, visited?: Visited): string {
  const chosen = visited?.session.document.locale
  if (chosen && chosen !== 'auto') return chosen
  const first = request.headers['accept-language']?.split(',')[0]?.split(';')[0]?.trim()
  const usual = visited && settingsOf(visited.account, visited.session.tenant).defaultLocale
  return first || usual || 'en'
}

/** Where the shopper will be sent back to: shown, so that a look-alike page gives itself away. */
function domainOf({ returns }: Desk, visited: Visited): { readonly domain?: string } {
  const url = URL.parse(returns(visited, 'success') ?? returns(visited, 'cancel') ?? '')
  return url && url.hostname !== '' ? { domain: url.hostname } : {}
}
