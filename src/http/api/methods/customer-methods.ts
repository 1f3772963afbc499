import { Type } from '@fastify/type-provider-typebox'
import type { Caller } from '../../../core/account.ts'
import type { Uuid } from '../../../core/ids.ts'
import { later, object, oneOf, optional, page } from '../../parameters/fields.ts'
import { type Api, type ApiDeps, callerOf, found, missing, ownId } from '../api.ts'
import { expandAll } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderMethod } from '../render/render-method.ts'
import { MethodShape } from '../shapes/method.ts'
import { listOf } from '../shapes/words.ts'

const ListMethods = object({ ...page, allow_redisplay: later(), type: optional(oneOf(['card'])) })
const OfCustomer = Type.Object({ id: Type.String(), method: Type.String() })

/** The cards that a customer keeps, as the customer's own. */
export function registerCustomerMethods(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const all = '/customers/:id/payment_methods'

  const list = { schema: { params: Named, querystring: ListMethods, response: { 200: listOf(MethodShape) } } }
  api.get(all, list, async (request) => {
    const caller = callerOf(request)
    const customerId = await presentCustomer(deps, caller, request.params.id)
    const page = await pageOf(request, request.query, 'method', (id) => storage.findMethod(caller.tenant, id))
    const items = await storage.listMethods(caller.tenant, page, customerId)
    return answerPage(deps, request, 'method', items, (methods) => methods.map(renderMethod))
  })

  const one = { schema: { params: OfCustomer, querystring: Retrieve, response: { 200: MethodShape } } }
  api.get(`${all}/:method`, one, async (request) => {
    const caller = callerOf(request)
    const { method: name } = request.params
    const customerId = await presentCustomer(deps, caller, request.params.id)
    const record = await storage.findMethod(caller.tenant, ownId(caller, 'method', name))
    const method = found(record?.customerId === customerId ? record : undefined, 'method', name)
    const rendered = renderMethod(method)
    await expandAll(deps, caller.tenant, 'method', [rendered], request.query.expand)
    return rendered
  })
}

/** A customer who was deleted keeps nothing. */
async function presentCustomer({ storage }: ApiDeps, caller: Caller, name: string): Promise<Uuid> {
  const customer = await storage.findCustomer(caller.tenant, ownId(caller, 'customer', name))
  if (!customer || customer.deleted) throw missing('customer', name)
  return customer.id
}
