import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BrowserFacts } from '../core/three-d-secure.ts'
import { pay } from '../flows/pay.ts'
import { isPresentAttempt } from '../flows/visit.ts'
import type { Visited } from '../storage/sessions.ts'
import { browserFactsOf } from './browser-facts.ts'
import { checkForm } from './check-form.ts'
import { collectedFrom } from './collected.ts'
import { arrivalOf, type ClosedCard, type Desk, redirect, sendJson, sendScreen, urlsOf, wantsJson } from './desk.ts'
import { messagesFor } from './messages.ts'
import { inTime, nextUrl, watchOutcome } from './outcome.ts'
import { renderPayErrors, renderPayNotice } from './protocol.ts'
import { formOf, lastDecline, screenNameOf, screenOf } from './screen-of.ts'
import type { FieldErrors, FieldValues, FormScreen, Notice } from './screens/form.ts'

/**
 * The shopper pressed Pay. The body is bytes until the vault has taken the card out of it. Errors in fields are told
 * with 422 and store nothing; everything that changes or finds a state is answered with 303.
 */
export async function postPay(desk: Desk, request: FastifyRequest, reply: FastifyReply, visited: Visited) {
  const intake = desk.cards.take(request.body as Uint8Array)
  if (!intake.ok) return answerOutcome(desk, request, reply, visited, 'old')
  const arrival = arrivalOf(desk, visited, request)
  if (screenNameOf(visited, arrival) !== 'form') {
    return answerOutcome(desk, request, reply, await watchOutcome(desk, visited))
  }
  if (!isPresentAttempt(visited.session, intake.others.attempt ?? '')) {
    return answerOutcome(desk, request, reply, visited, 'old')
  }
  const form = formOf(visited, arrival, {})
  const { values, errors } = checkForm(form.fields, intake.others)
  const refused = { ...errors, ...desk.cards.check(visited.session.tenant, intake.card) } as FieldErrors
  if (Object.keys(refused).length > 0) return refuseFields(desk, request, reply, visited, values, refused)
  const browser = browserFactsOf(request, intake.others.browser)
  return charge(desk, request, reply, visited, { card: intake.card, form, values, browser })
}

async function charge(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  visited: Visited,
  given: {
    readonly card: ClosedCard
    readonly form: FormScreen
    readonly values: FieldValues
    readonly browser: BrowserFacts
  },
) {
  const { tenant, id, tries } = visited.session
  const tokenized = await desk.cards.tokenize(tenant, id, given.card)
  if (!tokenized.ok) {
    return refuseFields(desk, request, reply, visited, given.values, tokenized.errors as FieldErrors)
  }
  const paying = await pay(desk.payments, {
    tenant,
    sessionId: id,
    attempt: tries,
    token: tokenized.token,
    collected: collectedFrom(visited.session, given.form.fields, given.values),
    threeDSecure: {
      returnUrl: `${urlsOf(desk, visited).back}?try=${tries + 1}`,
      request: visited.session.document.paymentTemplate?.requestThreeDSecure ?? 'automatic',
      browser: given.browser,
    },
  })
  if (paying.is === 'unavailable') return sendUnavailable(desk, request, reply, visited)
  if (paying.is === 'begun') await inTime(desk, paying.outcome)
  const after = await desk.payments.storage.findVisit(tenant, id)
  const settled = after && paying.is === 'too_late' ? await watchOutcome(desk, after) : after
  return answerOutcome(desk, request, reply, settled ?? visited)
}

/** Sends the shopper where the session's state leads, or tells the script what to say beside the form. */
async function answerOutcome(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  visited: Visited,
  said?: Notice,
): Promise<FastifyReply> {
  const arrival = arrivalOf(desk, visited, request)
  const next = await nextUrl(desk, visited, arrival.urls.self)
  if (!wantsJson(request)) return redirect(desk, reply, said === 'old' ? `${arrival.urls.self}?old=1` : next)
  const screen = screenOf(visited, arrival)
  const notice = said ?? lastDecline(visited)
  if (screen.kind !== 'form' || notice === undefined) return sendJson(desk, reply, 200, { next })
  const t = messagesFor('en')
  if (notice === 'details' && Object.keys(screen.errors).length > 0) {
    return sendJson(desk, reply, 200, renderPayErrors(screen, screen.errors, t, true))
  }
  return sendJson(desk, reply, 200, renderPayNotice(notice, screen.attempt, screen.testNumbers !== undefined, t))
}

function refuseFields(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  visited: Visited,
  values: FieldValues,
  errors: FieldErrors,
): FastifyReply {
  const screen = formOf(visited, arrivalOf(desk, visited, request), { values, errors })
  if (wantsJson(request)) {
    return sendJson(desk, reply, 422, renderPayErrors(screen, errors, messagesFor('en')))
  }
  return sendScreen(desk, request, reply, visited, screen, 422)
}

/** Screen 18: no provider can be asked. Nothing was sent, so nothing was taken. */
export function sendUnavailable(desk: Desk, request: FastifyRequest, reply: FastifyReply, visited: Visited) {
  const { urls } = arrivalOf(desk, visited, request)
  void reply.header('retry-after', '60')
  if (wantsJson(request)) return sendJson(desk, reply, 503, { next: urls.self })
  const screen = { kind: 'unavailable', incident: request.id, nothingTaken: true, retryUrl: urls.self } as const
  return sendScreen(desk, request, reply, visited, screen, 503)
}
