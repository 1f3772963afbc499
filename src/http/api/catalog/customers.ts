import { type Static, Type } from '@fastify/type-provider-typebox'
import {
  type CustomerChanges,
  createCustomer,
  deleteCustomer,
  updateCustomer,
} from '../../../flows/catalog/change-customer.ts'
import { accepted, answerChange } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, ownId } from '../api.ts'
import { expandAll } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderCustomer, renderDeleted } from '../render/render-customer.ts'
import { given, parseAddress, parseShipping } from '../sessions/parse-session.ts'
import { CustomerShape } from '../shapes/catalog.ts'
import { deleted, listOf } from '../shapes/words.ts'
import { CreateCustomer, type CustomerBody, Empty, ListCustomers, UpdateCustomer } from './parameters.ts'
import { registerSearch } from './search.ts'

export function registerCustomers(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const response = { 200: CustomerShape }
  const one = '/customers/:id'

  api.post('/customers', { schema: { body: CreateCustomer, response } }, async (request, reply) => {
    const result = await createCustomer(deps, callOf(request, 'customer'), parseChanges(request.body))
    return answerChange<Static<typeof CustomerShape>>(deps, request, reply, 'customer', result)
  })

  api.post(one, { schema: { params: Named, body: UpdateCustomer, response } }, async (request, reply) => {
    const id = ownId(callerOf(request), 'customer', request.params.id)
    const result = await updateCustomer(deps, callOf(request, 'customer'), id, parseChanges(request.body))
    return answerChange<Static<typeof CustomerShape>>(deps, request, reply, 'customer', result)
  })

  const gone = { schema: { params: Named, querystring: Empty, response: { 200: deleted('customer') } } }
  api.delete(one, gone, async (request) => {
    const id = ownId(callerOf(request), 'customer', request.params.id)
    accepted(await deleteCustomer(deps, callOf(request, 'customer'), id), request, 'customer')
    return renderDeleted('customer', request.params.id)
  })

  registerSearch(api, deps, 'customer', CustomerShape, renderCustomer)

  const either = { 200: Type.Union([CustomerShape, deleted('customer')]) }
  api.get(one, { schema: { params: Named, querystring: Retrieve, response: either } }, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findCustomer(tenant, ownId(callerOf(request), 'customer', request.params.id))
    const customer = found(record, 'customer', request.params.id)
    if (customer.deleted) return renderDeleted('customer', request.params.id)
    const rendered = renderCustomer(customer)
    await expandAll(deps, tenant, 'customer', [rendered], request.query.expand)
    return rendered
  })

  const list = { schema: { querystring: ListCustomers, response: { 200: listOf(CustomerShape) } } }
  api.get('/customers', list, async (request) => {
    const { tenant } = callerOf(request)
    const { query } = request
    const page = await pageOf(request, query, 'customer', (id) => storage.findCustomer(tenant, id))
    const items = await storage.listCustomers(tenant, page, given({ email: query.email }))
    return answerPage(deps, request, 'customer', items, (customers) => customers.map(renderCustomer))
  })
}

/** Every text of a customer may be taken away again, on a new one too: the SDK's users send empty fields of forms. */
function parseChanges(body: CustomerBody): CustomerChanges {
  return given({
    email: body.email,
    name: body.name,
    metadata: body.metadata,
    document: given({
      address: body.address && parseAddress(body.address),
      description: body.description,
      invoicePrefix: body.invoice_prefix,
      phone: body.phone,
      preferredLocales: body.preferred_locales,
      shipping: body.shipping && parseShipping(body.shipping),
      taxExempt: body.tax_exempt,
    }),
  })
}
