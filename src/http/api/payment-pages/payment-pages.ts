import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { isLive, nameOf } from '../../../core/ids.ts'
import { confirmPage } from '../../../flows/confirm-page.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import { Refused } from '../../errors.ts'
import { amount, expand, name, object, optional } from '../../parameters/fields.ts'
import { accepted, markReplay } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, lookOf, ownId } from '../api.ts'
import { methodData, parseChoice } from '../methods/method-parameters.ts'
import { Named } from '../named.ts'
import { renderPayment } from '../render/render-payment.ts'
import { renderSession } from '../render/render-session.ts'
import { requireAmount } from '../sessions/parse-session.ts'
import { PaymentShape } from '../shapes/payment.ts'
import { SessionShape } from '../shapes/session.ts'

const ConfirmPage = object({
  expand: expand(),
  expected_amount: optional(amount()),
  payment_method: optional(name()),
  payment_method_data: optional(methodData()),
})
const PageShape = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('payment_page'),
    livemode: Type.Boolean(),
    payment_intent: Type.Union([PaymentShape, Type.Null()]),
    session: SessionShape,
    session_id: Type.String(),
  },
  { additionalProperties: false },
)

/**
 * What the Stripe CLI calls to play the shopper: the page of a session, and its pay button. Stripe does not document
 * these routes; they are a convenience of test mode, and what they do goes the page's own way.
 */
export function registerPages(api: Api, deps: ApiDeps): void {
  const response = { 200: PageShape }
  const one = '/payment_pages/:id'

  api.get(one, { schema: { params: Named, querystring: object({ expand: expand() }), response } }, async (request) => {
    const { tenant } = callerOf(request)
    if (isLive(tenant)) throw new Refused({ code: 'test_mode_only' })
    const id = ownId(callerOf(request), 'session', request.params.id)
    const view = await deps.storage.findSessionView(tenant, id)
    return renderPage(deps, found(view, 'session', request.params.id))
  })

  const confirm = {
    config: { card: 'payment_method_data' as const },
    schema: { params: Named, body: ConfirmPage, response },
  }
  api.post(`${one}/confirm`, confirm, async (request, reply) => {
    const { body } = request
    const caller = callerOf(request)
    const id = ownId(caller, 'session', request.params.id)
    const view = found(await deps.storage.findSessionView(caller.tenant, id), 'session', request.params.id)
    const choice = parseChoice(deps, request, body)
    if (!choice) throw new Refused({ code: 'parameter_missing', param: 'payment_method' })
    const { expected_amount: expected } = body
    const minor = expected === undefined ? undefined : requireAmount(expected, view.session.currency, 'expected_amount')
    const confirmed = await confirmPage(deps, callOf(request, 'session'), id, choice, minor)
    const { view: after, replay } = accepted(confirmed, request, 'session')
    if (replay) markReplay(reply, replay)
    const page = renderPage(deps, after)
    const error = page.payment_intent?.last_payment_error
    if (after.payment?.state !== 'requires_payment_method' || !error) return page
    return sendDecline(reply, { ...error, request_id: request.id }) as unknown as typeof page
  })
}

/** As with a payment that is confirmed through the API, a decline is an error to whoever asked for it. */
function sendDecline(reply: FastifyReply, error: object): FastifyReply {
  return reply
    .code(402)
    .type('application/json; charset=utf-8')
    .serializer((answer: unknown) => String(answer))
    .send(JSON.stringify({ error }))
}

function renderPage(deps: ApiDeps, view: SessionView): Static<typeof PageShape> {
  const { session, payment, charge } = view
  const look = lookOf(deps)
  return {
    id: nameOf('session', session.tenant, session.id),
    object: 'payment_page',
    livemode: isLive(session.tenant),
    payment_intent: payment && renderPayment({ payment, charge }, look),
    session: renderSession({ session, payment, captured: charge?.captured ?? 0n }, look),
    session_id: nameOf('session', session.tenant, session.id),
  }
}
