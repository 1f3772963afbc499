import type { FastifyRequest } from 'fastify'
import { callOffSession } from '../../../flows/close-session.ts'
import { type Confirmation, confirmPayment } from '../../../flows/confirm-payment.ts'
import { createPayment, type MethodChoice } from '../../../flows/create-payment.ts'
import type { Answer } from '../../../flows/once.ts'
import { requestCapture } from '../../../flows/order-capture.ts'
import { cancelPayment } from '../../../flows/order-void.ts'
import { type Api, type ApiDeps, callerOf, lookOf, ownId, ownIdIfNamed } from '../../api/api.ts'
import { namedTestMethod } from '../../api/methods/method-parameters.ts'
import { Named } from '../../api/named.ts'
import { given, requireCurrency } from '../../api/sessions/parse-session.ts'
import { Refused } from '../../errors.ts'
import { flag, later, metadata, name, openObject, optional, text } from '../../parameters/fields.ts'
import { callThrough, granted } from '../door.ts'
import { confirmResult } from './confirm-result.ts'
import { confirmOne, isNoCard, NO_CARD_RESULT } from './confirm-session.ts'
import { listed, superset } from './envelope.ts'
import { type PaymentFacts, paymentId, requirePayment } from './ids.ts'
import { Included, includedOf } from './included.ts'
import { numbered, numberedPage } from './pages.ts'
import { Confirm, type ConfirmBody, collectedFrom } from './parse-payer.ts'
import { amount, parseTemplate, secureMode } from './parse-session.ts'
import { renderPayment } from './render-payment.ts'

const CreatePayment = openObject({
  amount: amount(),
  auto_capture: optional(flag()),
  currency: text(3),
  customer_id: optional(name()),
  description: optional(text(500)),
  installments: later(),
  metadata: optional(metadata()),
  routing_strategy: later(),
  secure_mode: secureMode(),
})
const Capture = openObject({ amount: optional(amount()) })
const Retrieve = openObject(Included)
const List = openObject({ ...numbered, ...Included, customer_id: optional(name()) })

export function registerPayments(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const one = '/payments/:id'
  const own = (request: FastifyRequest, id: string) => requirePayment(storage, callerOf(request), id)
  const again = async (request: FastifyRequest, id: string) =>
    superset('payment', renderPayment(await own(request, id)))

  api.post('/payments', { schema: { body: CreatePayment } }, async (request, reply) => {
    const { body } = request
    const input = given({
      amount: BigInt(body.amount),
      currency: requireCurrency(body.currency, 'currency'),
      customerId: ownIdIfNamed(callerOf(request), 'customer', body.customer_id, 'customer_id'),
      description: body.description,
      ...parseTemplate(body),
      door: 'hsrc' as const,
    })
    const made = granted(await createPayment(deps, callThrough(request), input))
    return reply.code(201).send(superset('payment', renderPayment(factsOf(made))))
  })

  api.get('/payments', { schema: { querystring: List } }, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const filter = given({ customerId: ownIdIfNamed(caller, 'customer', query.customer_id, 'customer_id') })
    const page = await numberedPage(query, (keys) => storage.listPayments(caller.tenant, keys, filter))
    const items = page.items.map(async (payment) => {
      const facts = await requirePayment(storage, caller, paymentId(payment))
      return { ...renderPayment(facts), ...(await includedOf(deps, facts, query)) }
    })
    return listed(await Promise.all(items), page.hasMore, query)
  })

  api.get(one, { schema: { params: Named, querystring: Retrieve } }, async (request) => {
    const facts = await own(request, request.params.id)
    return superset('payment', { ...renderPayment(facts), ...(await includedOf(deps, facts, request.query)) })
  })

  api.get('/transactions/:id', { schema: { params: Named } }, async (request) => {
    const facts = await own(request, request.params.id)
    return superset('payment', {
      ...renderPayment(facts),
      ...(await includedOf(deps, facts, { include_charges: true })),
    })
  })

  const confirm = { config: { card: 'hsrc' as const }, schema: { params: Named, body: Confirm } }
  api.post(`${one}/confirm`, confirm, async (request) => {
    const { body } = request
    const facts = await own(request, request.params.id)
    if (facts.session) {
      const { payment, confirmResult: result } = await confirmOne(deps, request, facts.session, body)
      return superset('payment', payment, { confirmResult: result })
    }
    if (!facts.payment) throw new Error('a payment without a row has a session')
    const confirmation = parseConfirmation(deps, request, body)
    const confirmed = await confirmPayment(deps, callThrough(request), facts.payment.id, confirmation)
    if (isNoCard(confirmed)) {
      return superset('payment', renderPayment(facts), { confirmResult: NO_CARD_RESULT })
    }
    const after = factsOf(granted(confirmed))
    return superset('payment', renderPayment(after), { confirmResult: confirmResult(after, lookOf(deps)) })
  })

  api.post(`${one}/capture`, { schema: { params: Named, body: Capture } }, async (request) => {
    const { payment } = await own(request, request.params.id)
    const { amount: minor } = request.body
    if (!payment) throw new Refused({ code: 'payment_intent_unexpected_state', detail: 'nobody has tried to pay it' })
    granted(
      await requestCapture(deps, callThrough(request), payment.id, minor === undefined ? undefined : BigInt(minor)),
    )
    return again(request, request.params.id)
  })

  api.post(`${one}/cancel`, { schema: { params: Named, body: openObject({}) } }, async (request) => {
    const { payment, session } = await own(request, request.params.id)
    const call = callThrough(request)
    // What a session offers is given up with it, so that nobody pays it afterwards.
    if (session?.state === 'open') granted(await callOffSession(deps, call, session.id))
    else if (payment) granted(await cancelPayment(deps, call, payment.id))
    return again(request, request.params.id)
  })
}

function factsOf({ snapshot }: Answer): Extract<PaymentFacts, { readonly payment: object }> {
  if (snapshot.is !== 'payment') throw new Error('a change of a payment was answered with something else')
  return { payment: snapshot.payment, charge: snapshot.charge, session: null }
}

function parseConfirmation(deps: ApiDeps, request: FastifyRequest, body: ConfirmBody): Confirmation {
  return given({ method: parseMethod(deps, request, body), returnUrl: body.return_url })
}

function parseMethod(deps: ApiDeps, request: FastifyRequest, body: ConfirmBody): MethodChoice {
  const { name: holder, email, phone, billing } = collectedFrom(body)
  if (request.card) {
    return { made: { card: request.card, billing: given({ name: holder, email, phone, address: billing }) } }
  }
  const id = body.payment_method?.id
  if (id === undefined) throw new Refused({ code: 'parameter_missing', param: 'payment_method[data][pan]' })
  return namedTestMethod(deps, request, id) ?? { id: ownId(callerOf(request), 'method', id, 'payment_method[id]') }
}
