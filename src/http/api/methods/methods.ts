import type { Static } from '@fastify/type-provider-typebox'
import { attachMethod, attachNew, createMethod, detachMethod, updateMethod } from '../../../flows/payment-methods.ts'
import { Refused } from '../../errors.ts'
import { expand, later, metadata, name, object, oneOf, optional, page, unsettable } from '../../parameters/fields.ts'
import { answerChange } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, ownId } from '../api.ts'
import { expandAll } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderMethod } from '../render/render-method.ts'
import { given } from '../sessions/parse-session.ts'
import { MethodShape } from '../shapes/method.ts'
import { listOf } from '../shapes/words.ts'
import { billingDetails, methodFields, namedTestMethod, parseBilling, parseMethod } from './method-parameters.ts'

const CreateMethod = object({ ...methodFields, customer: later(), expand: expand(), payment_method: later() })
const UpdateMethod = object({
  allow_redisplay: later(),
  billing_details: unsettable(billingDetails()),
  card: later(),
  expand: expand(),
  metadata: unsettable(metadata()),
})
const AttachMethod = object({ customer: optional(name()), expand: expand() })
const DetachMethod = object({ expand: expand() })
const ListMethods = object({
  ...page,
  allow_redisplay: later(),
  customer: name(),
  type: optional(oneOf(['card'])),
})
type Wire = Static<typeof MethodShape>

export function registerMethods(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const response = { 200: MethodShape }
  const one = '/payment_methods/:id'

  const create = { config: { card: 'card' as const }, schema: { body: CreateMethod, response } }
  api.post('/payment_methods', create, async (request, reply) => {
    const call = callOf(request, 'method')
    const input = parseMethod(deps, request, request.body, 'card')
    return answerChange<Wire>(deps, request, reply, 'method', await createMethod(deps, call, input))
  })

  api.post(one, { schema: { params: Named, body: UpdateMethod, response } }, async (request, reply) => {
    const id = ownId(callerOf(request), 'method', request.params.id)
    const { billing_details: details, metadata: change } = request.body
    const changes = given({ billing: details && parseBilling(details), metadata: change })
    return answerChange<Wire>(
      deps,
      request,
      reply,
      'method',
      await updateMethod(deps, callOf(request, 'method'), id, changes),
    )
  })

  api.post(`${one}/attach`, { schema: { params: Named, body: AttachMethod, response } }, async (request, reply) => {
    const caller = callerOf(request)
    const { id: name } = request.params
    const test = namedTestMethod(deps, request, name)
    const choice = test ?? { id: ownId(caller, 'method', name) }
    if ('id' in choice) found(await storage.findMethod(caller.tenant, choice.id), 'method', name)
    const { customer } = request.body
    if (customer === undefined) throw new Refused({ code: 'parameter_missing', param: 'customer' })
    const customerId = ownId(caller, 'customer', customer, 'customer')
    const call = callOf(request, 'method')
    const result =
      'made' in choice
        ? await attachNew(deps, call, choice.made, customerId)
        : await attachMethod(deps, call, choice.id, customerId)
    return answerChange<Wire>(deps, request, reply, 'method', result)
  })

  api.post(`${one}/detach`, { schema: { params: Named, body: DetachMethod, response } }, async (request, reply) => {
    const id = ownId(callerOf(request), 'method', request.params.id)
    const result = await detachMethod(deps, callOf(request, 'method'), id)
    return answerChange<Wire>(deps, request, reply, 'method', result)
  })

  api.get(one, { schema: { params: Named, querystring: Retrieve, response } }, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findMethod(tenant, ownId(callerOf(request), 'method', request.params.id))
    const method = renderMethod(found(record, 'method', request.params.id))
    await expandAll(deps, tenant, 'method', [method], request.query.expand)
    return method
  })

  const list = { schema: { querystring: ListMethods, response: { 200: listOf(MethodShape) } } }
  api.get('/payment_methods', list, async (request) => {
    const caller = callerOf(request)
    const page = await pageOf(request, request.query, 'method', (id) => storage.findMethod(caller.tenant, id))
    const customerId = ownId(caller, 'customer', request.query.customer, 'customer')
    const items = await storage.listMethods(caller.tenant, page, customerId)
    return answerPage(deps, request, 'method', items, (methods) => methods.map(renderMethod))
  })
}
