import { boolean, created, later, name, object, optional, page } from '../../parameters/fields.ts'
import { type Api, type ApiDeps, callerOf, found, ownId, ownIdIfNamed } from '../api.ts'
import { expandAll, renderPayments } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderCharge } from '../render/render-charge.ts'
import { given } from '../sessions/parse-session.ts'
import { ChargeShape, PaymentShape } from '../shapes/payment.ts'
import { listOf } from '../shapes/words.ts'

const ListPayments = object({ ...page, created: created(), customer: optional(name()), customer_account: later() })
const ListCharges = object({
  ...page,
  created: created(),
  customer: optional(name()),
  needs_review: optional(boolean()),
  payment_intent: optional(name()),
  transfer_group: later(),
})

export function registerPayments(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const one = { schema: { params: Named, querystring: Retrieve, response: { 200: PaymentShape } } }
  api.get('/payment_intents/:id', one, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findPayment(tenant, ownId(callerOf(request), 'payment', request.params.id))
    const payments = await renderPayments(deps, tenant, [found(record, 'payment', request.params.id)])
    await expandAll(deps, tenant, 'payment', payments, request.query.expand)
    return found(payments[0], 'payment', request.params.id)
  })

  const list = { schema: { querystring: ListPayments, response: { 200: listOf(PaymentShape) } } }
  api.get('/payment_intents', list, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const page = await pageOf(request, query, 'payment', (id) => storage.findPayment(caller.tenant, id))
    const customerId = ownIdIfNamed(caller, 'customer', query.customer, 'customer')
    const items = await storage.listPayments(caller.tenant, page, given({ customerId }))
    return answerPage(deps, request, 'payment', items, (payments) => renderPayments(deps, caller.tenant, payments))
  })
}

export function registerCharges(api: Api, deps: ApiDeps): void {
  const { storage } = deps

  const one = { schema: { params: Named, querystring: Retrieve, response: { 200: ChargeShape } } }
  api.get('/charges/:id', one, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findCharge(tenant, ownId(callerOf(request), 'charge', request.params.id))
    const charge = renderCharge(found(record, 'charge', request.params.id))
    await expandAll(deps, tenant, 'charge', [charge], request.query.expand)
    return charge
  })

  const list = { schema: { querystring: ListCharges, response: { 200: listOf(ChargeShape) } } }
  api.get('/charges', list, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const page = await pageOf(request, query, 'charge', (id) => storage.findCharge(caller.tenant, id))
    const filter = given({
      customerId: ownIdIfNamed(caller, 'customer', query.customer, 'customer'),
      paymentId: ownIdIfNamed(caller, 'payment', query.payment_intent, 'payment_intent'),
      needsReview: query.needs_review,
    })
    const items = await storage.listCharges(caller.tenant, page, filter)
    return answerPage(deps, request, 'charge', items, (charges) => charges.map(renderCharge))
  })
}
