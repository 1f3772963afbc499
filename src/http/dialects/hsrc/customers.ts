import { createCustomer } from '../../../flows/catalog/change-customer.ts'
import { type Api, type ApiDeps, callerOf, found, ownId } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { given } from '../../api/sessions/parse-session.ts'
import { email, metadata, openObject, optional, text } from '../../parameters/fields.ts'
import { callThrough, granted } from '../door.ts'
import { listed, superset } from './envelope.ts'
import { include, numbered, numberedPage } from './pages.ts'
import { renderCustomer, renderMethod } from './render-customer.ts'

const CreateCustomer = openObject({
  email: optional(email()),
  metadata: optional(metadata()),
  name: optional(text(256)),
  phone: optional(text(40)),
})
const Retrieve = openObject({ include_payment_methods: include() })
const List = openObject({ ...numbered, include_payment_methods: include() })
const MOST_METHODS = 100

/** On a path that the native door has too: reached by keys that are for this door. */
export function registerCustomers(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  type Found = NonNullable<Awaited<ReturnType<typeof storage.findCustomer>>>

  async function shown(customer: Found, withMethods: boolean | undefined) {
    if (!withMethods) return renderCustomer(customer)
    const { items } = await storage.listMethods(customer.tenant, { limit: MOST_METHODS }, customer.id)
    return { ...renderCustomer(customer), payment_methods: items.map(renderMethod) }
  }

  api.post('/customers', { schema: { body: CreateCustomer } }, async (request, reply) => {
    const { phone, ...rest } = request.body
    const { snapshot } = granted(
      await createCustomer(deps, callThrough(request), { ...given(rest), document: given({ phone }) }),
    )
    if (snapshot.is !== 'customer') throw new Error('a customer was answered with something else')
    return reply.code(201).send(superset('customer', renderCustomer(snapshot.customer)))
  })

  api.get('/customers', { schema: { querystring: List } }, async (request) => {
    const { tenant } = callerOf(request)
    const { query } = request
    const page = await numberedPage(query, (keys) => storage.listCustomers(tenant, keys, {}))
    const items = page.items.map((customer) => shown(customer, query.include_payment_methods))
    return listed(await Promise.all(items), page.hasMore, query)
  })

  api.get('/customers/:id', { schema: { params: Named, querystring: Retrieve } }, async (request) => {
    const caller = callerOf(request)
    const { id } = request.params
    const customer = found(await storage.findCustomer(caller.tenant, ownId(caller, 'customer', id)), 'customer', id)
    return superset('customer', await shown(customer, request.query.include_payment_methods))
  })
}
