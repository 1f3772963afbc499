import type { Static } from '@fastify/type-provider-typebox'
import { type RefundInput, requestRefund } from '../../../flows/order-refund.ts'
import { type Api, type ApiDeps, callerOf, found, ownId, ownIdIfNamed } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { given, newMetadata } from '../../api/sessions/parse-session.ts'
import { lines, metadata, name, oneOf, openObject, optional } from '../../parameters/fields.ts'
import { callThrough, granted } from '../door.ts'
import { listed, superset } from './envelope.ts'
import { numbered, numberedPage, Plain } from './pages.ts'
import { amount } from './parse-session.ts'
import { renderRefund } from './render-charge.ts'

const REASONS = {
  DUPLICATE: 'duplicate',
  FRAUDULENT: 'fraudulent',
  REQUESTED_BY_CUSTOMER: 'requested_by_customer',
} as const
const KNOWN = Object.keys(REASONS) as readonly (keyof typeof REASONS)[]

const CreateRefund = openObject({
  amount: optional(amount()),
  charge_id: name(),
  metadata: optional(metadata()),
  reason: optional(oneOf([...KNOWN, ...Object.values(REASONS), 'OTHER', 'other'])),
  reason_other: optional(lines(500)),
})
const List = openObject({ ...numbered, charge_id: optional(name()) })

/** On a path that the native door has too: reached by keys that are for this door. */
export function registerRefunds(api: Api, deps: ApiDeps): void {
  const { storage } = deps

  api.post('/refunds', { schema: { body: CreateRefund } }, async (request, reply) => {
    const { body } = request
    const chargeId = ownId(callerOf(request), 'charge', body.charge_id, 'charge_id')
    const { snapshot } = granted(await requestRefund(deps, callThrough(request), { chargeId, ...parseRefund(body) }))
    if (snapshot.is !== 'refund') throw new Error('a refund was answered with something else')
    return reply.code(201).send(superset('refund', renderRefund(snapshot.refund)))
  })

  api.get('/refunds', { schema: { querystring: List } }, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const filter = given({ chargeId: ownIdIfNamed(caller, 'charge', query.charge_id, 'charge_id') })
    const page = await numberedPage(query, (keys) => storage.listRefunds(caller.tenant, keys, filter))
    return listed(page.items.map(renderRefund), page.hasMore, query)
  })

  api.get('/refunds/:id', { schema: { params: Named, querystring: Plain } }, async (request) => {
    const caller = callerOf(request)
    const refund = await storage.findRefund(caller.tenant, ownId(caller, 'refund', request.params.id))
    return superset('refund', renderRefund(found(refund, 'refund', request.params.id)))
  })
}

/** A reason in the shop's own words is kept beside its metadata. */
function parseRefund(body: Static<typeof CreateRefund>): Omit<RefundInput, 'chargeId' | 'paymentId'> {
  const known = KNOWN.find((reason) => reason === body.reason?.toUpperCase())
  const { reason_other } = body
  const kept = { ...newMetadata(body.metadata), ...(reason_other === undefined ? {} : { reason_other }) }
  return given({
    amount: body.amount === undefined ? undefined : BigInt(body.amount),
    reason: known && REASONS[known],
    metadata: Object.keys(kept).length === 0 ? undefined : kept,
  })
}
