import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isLive } from '../core/ids.ts'
import { isBusy } from '../core/overload.ts'
import { connectorFor } from '../flows/charging.ts'
import { cancelSession } from '../flows/close-session.ts'
import { findVisited, isPresentAttempt } from '../flows/visit.ts'
import type { Visited } from '../storage/sessions.ts'
import { registerAliases } from './aliases.ts'
import { postAbandon, postGoOn, showReturned, takeReturn } from './challenge-routes.ts'
import {
  ASSET_PREFIX,
  arrivalOf,
  type Desk,
  PAGE_ROOT,
  pathOf,
  redirect,
  sendJson,
  sendNeutral,
  sendScreen,
  sendUnexpected,
  TEST_CARDS_PATH,
  wantsJson,
} from './desk.ts'
import { registerErrorPage } from './error-page.ts'
import { handBack, handOff } from './hand-off.ts'
import { statusOf } from './model.ts'
import { leadsOn, nextUrl, withOwnReceipt } from './outcome.ts'
import { postPay, sendUnavailable } from './pay-route.ts'
import { formOf, screenOf } from './screen-of.ts'

const BODY_LIMIT = 32 * 1024

/** The hosted page. GET shows the screen of the present state and changes nothing; every POST is answered with 303. */
export function registerCheckout(app: FastifyInstance, desk: Desk): void {
  void app.register(async (door) => {
    door.setErrorHandler((error, request, reply) => answerFailure(desk, error, request, reply))
    registerAliases(door, desk)
    if (desk.errorPageKey) registerErrorPage(door, desk, desk.errorPageKey)
  })
  void app.register(
    async (page) => {
      page.removeAllContentTypeParsers()
      page.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
        (_, body, done) => done(null, body),
      )
      page.setErrorHandler((error, request, reply) => answerFailure(desk, error, request, reply))

      page.setNotFoundHandler((request, reply) => sendNeutral(desk, request, reply, { kind: 'not_found' }, 404))

      const path = '/pay/:credential'
      page.get(path, (request, reply) => visit(desk, request, reply, showScreen))
      page.get(`${path}/state`, (request, reply) => visit(desk, request, reply, tellState))
      page.post(`${path}/pay`, (request, reply) => visit(desk, request, reply, postPay))
      page.get(`${path}/return`, (request, reply) => visit(desk, request, reply, takeReturn))
      page.post(`${path}/return`, (request, reply) => visit(desk, request, reply, takeReturn))
      page.get(`${path}/returned`, (request, reply) => visit(desk, request, reply, showReturned))
      page.post(`${path}/go-on`, (request, reply) => visit(desk, request, reply, postGoOn))
      page.post(`${path}/abandon`, (request, reply) => visit(desk, request, reply, postAbandon))
      page.post(`${path}/cancel`, (request, reply) => visit(desk, request, reply, postCancel))
      page.get('/3ds/:credential', (request, reply) => handOff(desk, request, reply))
      page.get('/3ds/:credential/return', (request, reply) => handBack(desk, request, reply))
      page.post('/3ds/:credential/return', (request, reply) => handBack(desk, request, reply))
      page.get(inPage(TEST_CARDS_PATH), (request, reply) =>
        sendNeutral(desk, request, reply, { kind: 'test_cards', groups: desk.testCardGroups }, 200),
      )
      page.get(inPage(`${ASSET_PREFIX}:name`), (request, reply) => sendAsset(desk, request, reply))
    },
    { prefix: PAGE_ROOT },
  )
}

const inPage = (path: string): string => path.slice(PAGE_ROOT.length)

type Show = (desk: Desk, request: FastifyRequest, reply: FastifyReply, visited: Visited) => unknown

/** Finds the session that the URL opens; unknown and foreign look the same. */
async function visit(desk: Desk, request: FastifyRequest, reply: FastifyReply, show: Show): Promise<unknown> {
  const { credential } = request.params as { readonly credential: string }
  const visited = await findVisited(desk.payments, credential)
  if (!visited) return sendNeutral(desk, request, reply, { kind: 'not_found' }, 404)
  return show(desk, request, reply, visited)
}

async function showScreen(desk: Desk, request: FastifyRequest, reply: FastifyReply, visited: Visited) {
  const arrival = arrivalOf(desk, visited, request)
  const screen = screenOf(visited, arrival)
  const { old, wait } = request.query as { readonly old?: unknown; readonly wait?: unknown }
  // Back leads to the address without `wait`, and so to a screen, not to the shop again.
  if (wait !== undefined && leadsOn(desk, visited)) {
    return redirect(desk, reply, await nextUrl(desk, visited, arrival.urls.self))
  }
  if (screen.kind === 'paid' && screen.returnUrl !== undefined) {
    const returnUrl = await withOwnReceipt(desk, visited, screen.returnUrl)
    return sendScreen(desk, request, reply, visited, { ...screen, returnUrl }, statusOf(screen))
  }
  if (screen.kind !== 'form') return sendScreen(desk, request, reply, visited, screen, statusOf(screen))
  if (!connectorFor(desk.payments.connectors, isLive(visited.session.tenant))) {
    return sendUnavailable(desk, request, reply, visited)
  }
  const shown = old === undefined ? screen : formOf(visited, arrival, { notice: 'old' })
  return sendScreen(desk, request, reply, visited, shown, 200)
}

async function tellState(desk: Desk, request: FastifyRequest, reply: FastifyReply, visited: Visited) {
  const arrival = arrivalOf(desk, visited, request)
  const screen = screenOf(visited, arrival)
  return sendJson(desk, reply, 200, {
    screen: screen.kind,
    ...(screen.kind === 'form' ? { attempt: screen.attempt } : {}),
    ...(leadsOn(desk, visited) ? { next: await nextUrl(desk, visited, arrival.urls.self) } : {}),
  })
}

async function postCancel(desk: Desk, request: FastifyRequest, reply: FastifyReply, visited: Visited) {
  const { self } = arrivalOf(desk, visited, request).urls
  const form = desk.cards.take(request.body as Uint8Array)
  if (!form.ok || !isPresentAttempt(visited.session, form.others.attempt ?? '')) return redirect(desk, reply, self)
  const { tenant, id } = visited.session
  await cancelSession(desk.payments, tenant, id)
  const after = await desk.payments.storage.findVisit(tenant, id)
  // A second press finds the session closed by the first, and is sent where that one was.
  const isCanceled = after?.session.state === 'canceled' && after.session.closedBy === 'shopper'
  return redirect(desk, reply, (isCanceled ? desk.returns(after, 'cancel') : undefined) ?? self)
}

/** The script's name carries its hash: it may be kept for ever. */
function sendAsset(desk: Desk, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { name } = request.params as { readonly name: string }
  const asset = [desk.assets, desk.assets.bank].find(({ scriptName }) => scriptName === name)
  if (!asset) return sendNeutral(desk, request, reply, { kind: 'not_found' }, 404)
  return reply
    .headers({
      'cache-control': 'public, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    })
    .type('text/javascript; charset=utf-8')
    .send(Buffer.from(asset.script))
}

/** A request that cannot be read finds nothing here; everything else is a failure of ours. */
function answerFailure(desk: Desk, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode } = error as { readonly statusCode?: number }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return sendNeutral(desk, request, reply, { kind: 'not_found' }, statusCode)
  }
  if (isBusy(error)) return answerBusy(desk, error, request, reply)
  desk.log.error({ err: error, request_id: request.id }, 'the page failed')
  return sendUnexpected(desk, request, reply)
}

/** Screen 18 of no session, for none could be read. What an attempt came to is not known either, so nothing is said of it. */
function answerBusy(desk: Desk, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  desk.log.error({ err: error, request_id: request.id }, 'the page waits for the database')
  const { credential } = request.params as { readonly credential?: string }
  const self = `${desk.origins.publicOrigin}${credential === undefined ? TEST_CARDS_PATH : pathOf(credential)}`
  void reply.header('retry-after', '5')
  if (wantsJson(request)) return sendJson(desk, reply, 503, { next: self })
  const screen = { kind: 'unavailable', incident: request.id, nothingTaken: false, retryUrl: self } as const
  return sendNeutral(desk, request, reply, screen, 503)
}
