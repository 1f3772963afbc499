import type { FastifyReply, FastifyRequest } from 'fastify'
import { abandonChallenge, goOnFromDeviceCheck, returnFromBank } from '../flows/challenge.ts'
import { isPresentAttempt } from '../flows/visit.ts'
import type { Visited } from '../storage/sessions.ts'
import { arrivalOf, type Desk, redirect, sendScreen, urlsOf } from './desk.ts'
import { inTime, nextUrl } from './outcome.ts'

/**
 * The issuer sends the shopper's browser back: by GET or POST, from another site, without a cookie, and perhaps twice.
 * Whatever it carries is not read; the bank is asked. The answer leads to a page of ours and no further: the issuer's
 * `form-action` would stop a redirect that went on to the shop.
 */
export async function takeReturn(desk: Desk, request: FastifyRequest, reply: FastifyReply, visited: Visited) {
  await inTime(desk, returnFromBank(desk.payments, visited))
  const { returned } = urlsOf(desk, visited)
  const { sentTry } = arrivalOf(desk, visited, request)
  return redirect(desk, reply, sentTry === undefined ? returned : `${returned}?try=${sentTry}`)
}

/** In a frame it tells the page around it; on its own it leads on to the session's page. */
export function showReturned(desk: Desk, request: FastifyRequest, reply: FastifyReply, visited: Visited): FastifyReply {
  const framed = /^i?frame$/.test(String(request.headers['sec-fetch-dest'] ?? ''))
  return sendScreen(desk, request, reply, visited, { kind: 'returned', framed }, 200)
}

export async function postGoOn(desk: Desk, _: FastifyRequest, reply: FastifyReply, visited: Visited) {
  await inTime(desk, goOnFromDeviceCheck(desk.payments, visited))
  return leadOn(desk, reply, visited)
}

/** A form that is older than the present attempt gives nothing up. */
export async function postAbandon(desk: Desk, request: FastifyRequest, reply: FastifyReply, visited: Visited) {
  const form = desk.cards.take(request.body as Uint8Array)
  const isPresent = form.ok && isPresentAttempt(visited.session, form.others.attempt ?? '')
  if (isPresent) await inTime(desk, abandonChallenge(desk.payments, visited))
  return leadOn(desk, reply, visited)
}

/** Where it stands now: the shop for whoever has paid, a screen of ours for everybody else. */
async function leadOn(desk: Desk, reply: FastifyReply, visited: Visited) {
  const { tenant, id } = visited.session
  const after = (await desk.payments.storage.findVisit(tenant, id)) ?? visited
  return redirect(desk, reply, await nextUrl(desk, after, urlsOf(desk, visited).self))
}
