import type { Static } from '@fastify/type-provider-typebox'
import type { Caller } from '../../../core/account.ts'
import { cancelRefund, updateRefund } from '../../../flows/change-refund.ts'
import { type RefundInput, requestRefund } from '../../../flows/order-refund.ts'
import { Refused } from '../../errors.ts'
import {
  boolean,
  created,
  expand,
  integer,
  later,
  metadata,
  name,
  object,
  oneOf,
  optional,
  page,
  unsettable,
} from '../../parameters/fields.ts'
import { answerChange } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, missing, ownId, ownIdIfNamed } from '../api.ts'
import { expandAll, renderRefunds } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { given, newMetadata, requireAmount } from '../sessions/parse-session.ts'
import { RefundShape } from '../shapes/refund.ts'
import { listOf } from '../shapes/words.ts'

const CreateRefund = object({
  amount: optional(integer(1, 999_999_999_999)),
  charge: optional(name()),
  currency: later(),
  customer: later(),
  expand: expand(),
  instructions_email: later(),
  metadata: unsettable(metadata()),
  origin: later(),
  payment_intent: optional(name()),
  reason: optional(oneOf(['duplicate', 'fraudulent', 'requested_by_customer'])),
  refund_application_fee: later(),
  reverse_transfer: later(),
})
const UpdateRefund = object({ expand: expand(), metadata: unsettable(metadata()) })
const CancelRefund = object({ expand: expand() })
const ListRefunds = object({
  ...page,
  charge: optional(name()),
  created: created(),
  needs_review: optional(boolean()),
  payment_intent: optional(name()),
})
type CreateRefundBody = Static<typeof CreateRefund>
type Wire = Static<typeof RefundShape>

export function registerRefunds(api: Api, deps: ApiDeps): void {
  const response = { 200: RefundShape }
  const one = '/refunds/:id'

  api.post('/refunds', { schema: { body: CreateRefund, response } }, async (request, reply) => {
    const call = callOf(request, 'refund')
    const input = await parseRefund(deps, callerOf(request), request.body)
    return answerChange<Wire>(deps, request, reply, 'refund', await requestRefund(deps, call, input))
  })

  api.post(one, { schema: { params: Named, body: UpdateRefund, response } }, async (request, reply) => {
    const id = ownId(callerOf(request), 'refund', request.params.id)
    const { metadata: change = {} } = request.body
    const result = await updateRefund(deps, callOf(request, 'refund'), id, change)
    return answerChange<Wire>(deps, request, reply, 'refund', result)
  })

  api.post(`${one}/cancel`, { schema: { params: Named, body: CancelRefund, response } }, async (request, reply) => {
    const id = ownId(callerOf(request), 'refund', request.params.id)
    const result = await cancelRefund(deps, callOf(request, 'refund'), id)
    return answerChange<Wire>(deps, request, reply, 'refund', result)
  })

  registerReads(api, deps)
}

function registerReads(api: Api, deps: ApiDeps): void {
  const { storage } = deps

  const one = { schema: { params: Named, querystring: Retrieve, response: { 200: RefundShape } } }
  api.get('/refunds/:id', one, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findRefund(tenant, ownId(callerOf(request), 'refund', request.params.id))
    const refunds = await renderRefunds(deps, tenant, [found(record, 'refund', request.params.id)])
    await expandAll(deps, tenant, 'refund', refunds, request.query.expand)
    return found(refunds[0], 'refund', request.params.id)
  })

  const list = { schema: { querystring: ListRefunds, response: { 200: listOf(RefundShape) } } }
  api.get('/refunds', list, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const page = await pageOf(request, query, 'refund', (id) => storage.findRefund(caller.tenant, id))
    const filter = given({
      chargeId: ownIdIfNamed(caller, 'charge', query.charge, 'charge'),
      paymentId: ownIdIfNamed(caller, 'payment', query.payment_intent, 'payment_intent'),
      needsReview: query.needs_review,
    })
    const items = await storage.listRefunds(caller.tenant, page, filter)
    return answerPage(deps, request, 'refund', items, (refunds) => renderRefunds(deps, caller.tenant, refunds))
  })
}

/** Names only; the amount waits for its currency, which is the payment's. */
async function parseRefund(deps: ApiDeps, caller: Caller, body: CreateRefundBody): Promise<RefundInput> {
  const { charge, payment_intent: payment, amount: minor } = body
  if (charge === undefined && payment === undefined) {
    throw new Refused({ code: 'parameter_missing', param: 'payment_intent' })
  }
  const chargeId = ownIdIfNamed(caller, 'charge', charge, 'charge')
  const paymentId = ownIdIfNamed(caller, 'payment', payment, 'payment_intent')
  const rest = { reason: body.reason, metadata: newMetadata(body.metadata ?? undefined) }
  if (minor === undefined) return given({ chargeId, paymentId, ...rest })
  const { storage } = deps
  const paid = chargeId
    ? await storage.findCharge(caller.tenant, chargeId)
    : paymentId && (await storage.findPayment(caller.tenant, paymentId))
  if (!paid)
    throw charge === undefined
      ? missing('payment', payment ?? '', 'payment_intent')
      : missing('charge', charge, 'charge')
  return given({ chargeId, paymentId, amount: requireAmount(minor, paid.currency, 'amount'), ...rest })
}
