import type { Static } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import type { WebhookEndpoint } from '../../../core/event.ts'
import { accountTenant, parseName } from '../../../core/ids.ts'
import { resendEvent, resendToListeners, resendUndelivered } from '../../../flows/endpoints/resend.ts'
import { LONGEST_OVERLAP_SECONDS, rollSecret } from '../../../flows/endpoints/roll-secret.ts'
import { sendTest } from '../../../flows/endpoints/send-test.ts'
import type { Answer } from '../../../flows/once.ts'
import type { ToldEvent } from '../../../storage/events.ts'
import { Refused } from '../../errors.ts'
import { boolean, created, expand, integer, name, object, oneOf, optional, page } from '../../parameters/fields.ts'
import { accepted, answerChange, markReplay } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, lookOf, ownId } from '../api.ts'
import { answerPage, createdRange, pageOf, pathOf } from '../list.ts'
import { Named } from '../named.ts'
import { seconds } from '../render/parts.ts'
import { renderAttempt, renderDelivery, renderHealth } from '../render/render-delivery.ts'
import { renderEvent } from '../render/render-event.ts'
import { AttemptShape, DeliveryShape, HealthShape, ResendShape } from '../shapes/delivery.ts'
import { type EndpointShape, EventShape, RolledShape } from '../shapes/event.ts'
import { listOf } from '../shapes/words.ts'

const ListAttempts = object({ ...page, created: created() })
const ListDeliveries = object({ ...page, status: optional(oneOf(['delivered', 'failed', 'pending'])) })
const Nothing = object({ expand: expand() })
const RollSecret = object({ expand: expand(), expires_in: optional(integer(0, LONGEST_OVERLAP_SECONDS)) })
const Resend = object({ created: created(), expand: expand() })
/** What the Stripe CLI's `events resend` sends. */
const RetryEvent = object({
  account: optional(name()),
  expand: expand(),
  for_stripecli: optional(boolean()),
  webhook_endpoint: optional(name()),
})

/** What becomes of events on their way: ours, but for `retry`, which is the way of Stripe's CLI. */
export function registerDeliveries(api: Api, deps: ApiDeps): void {
  registerReads(api, deps)
  registerResends(api, deps)

  const rolled = { schema: { params: Named, body: RollSecret, response: { 200: RolledShape } } }
  api.post('/webhook_endpoints/:id/roll_secret', rolled, async (request, reply) => {
    const id = ownId(callerOf(request), 'endpoint', request.params.id)
    const result = await rollSecret(deps, callOf(request, 'endpoint'), id, request.body.expires_in)
    const endpoint = await answerChange<Static<typeof EndpointShape>>(deps, request, reply, 'endpoint', result)
    const until =
      result.ok && result.value.snapshot.is === 'endpoint' ? result.value.snapshot.endpoint.previousUntil : null
    const secret = result.ok ? result.value.secret : undefined
    const rolled = { ...endpoint, previous_secret_expires_at: until && seconds(until) }
    return secret === undefined ? rolled : { ...rolled, secret }
  })

  const tested = { schema: { params: Named, body: Nothing, response: { 200: EventShape } } }
  api.post('/webhook_endpoints/:id/test', tested, async (request, reply) => {
    const { tenant } = callerOf(request)
    const id = ownId(callerOf(request), 'endpoint', request.params.id)
    const sent = await sendTest(deps, tenant, id, callOf(request, 'endpoint'))
    const { event } = await eventOf(deps, request, reply, accepted(sent, request, 'endpoint'))
    return renderEvent({ event, pending: 1 }, lookOf(deps))
  })
}

function registerReads(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const attempts = { schema: { params: Named, querystring: ListAttempts, response: { 200: listOf(AttemptShape) } } }
  const deliveries = {
    schema: { params: Named, querystring: ListDeliveries, response: { 200: listOf(DeliveryShape) } },
  }

  api.get('/events/:id/attempts', attempts, async (request) => {
    const { tenant } = callerOf(request)
    const eventId = ownId(callerOf(request), 'event', request.params.id)
    found(await storage.findEvent(tenant, eventId), 'event', request.params.id)
    const asked = await pageOf(request, request.query, 'attempt', (id) => storage.findTry(tenant, id))
    const items = await storage.listTries(tenant, asked, { eventId })
    return answerPage(deps, request, 'attempt', items, (made) => made.map(renderAttempt))
  })

  api.get('/webhook_endpoints/:id/attempts', attempts, async (request) => {
    const { tenant, id: endpointId } = await ownEndpoint(deps, request)
    const asked = await pageOf(request, request.query, 'attempt', (id) => storage.findTry(tenant, id))
    const items = await storage.listTries(tenant, asked, { endpointId })
    return answerPage(deps, request, 'attempt', items, (made) => made.map(renderAttempt))
  })

  const few = { schema: { params: Named, querystring: Nothing, response: { 200: listOf(DeliveryShape) } } }
  api.get('/events/:id/deliveries', few, async (request) => {
    const { tenant } = callerOf(request)
    const eventId = ownId(callerOf(request), 'event', request.params.id)
    found(await storage.findEvent(tenant, eventId), 'event', request.params.id)
    const all = await storage.deliveriesOf(tenant, eventId)
    const data = all.map((one) => renderDelivery(tenant, one))
    return { object: 'list' as const, data, has_more: false, url: pathOf(request) }
  })

  api.get('/webhook_endpoints/:id/deliveries', deliveries, async (request) => {
    const { tenant, id: endpointId } = await ownEndpoint(deps, request)
    const asked = await pageOf(request, request.query, 'event', (id) => storage.findEvent(tenant, id))
    const items = await storage.listDeliveries(tenant, endpointId, asked, request.query.status)
    return answerPage(deps, request, 'event', items, (all) => all.map((one) => renderDelivery(tenant, one)))
  })

  const health = { schema: { params: Named, querystring: Nothing, response: { 200: HealthShape } } }
  api.get('/webhook_endpoints/:id/health', health, async (request) => {
    const endpoint = await ownEndpoint(deps, request)
    return renderHealth(endpoint, await storage.readHealth(endpoint.tenant, endpoint.id, deps.env.now()))
  })
}

function registerResends(api: Api, deps: ApiDeps): void {
  const retried = { schema: { params: Named, body: RetryEvent, response: { 200: EventShape } } }
  api.post('/events/:id/retry', retried, async (request, reply) => {
    const caller = callerOf(request)
    const eventId = ownId(caller, 'event', request.params.id)
    const { webhook_endpoint: endpoint, account } = request.body
    const call = callOf(request, 'event')
    refuseOtherAccount(request, account)
    const resent =
      endpoint === undefined
        ? await resendToListeners(deps, eventId, call)
        : await resendEvent(deps, caller.tenant, eventId, ownId(caller, 'endpoint', endpoint, 'webhook_endpoint'), call)
    // Without an endpoint the event is for whoever listens with the Stripe CLI, and nobody does.
    if (!resent) throw new Refused({ code: 'parameter_missing', param: 'webhook_endpoint' })
    return renderEvent(await eventOf(deps, request, reply, accepted(resent, request, 'event')), lookOf(deps))
  })

  const many = { schema: { params: Named, body: Resend, response: { 200: ResendShape } } }
  api.post('/webhook_endpoints/:id/resend', many, async (request, reply) => {
    const { tenant } = callerOf(request)
    const id = ownId(callerOf(request), 'endpoint', request.params.id)
    const { createdFrom: from, createdBefore: before } = createdRange(request.body.created)
    const resent = await resendUndelivered(deps, tenant, id, { from, before }, callOf(request, 'endpoint'))
    return answerChange<Static<typeof ResendShape>>(deps, request, reply, 'endpoint', resent)
  })
}

type Request = Parameters<typeof callerOf>[0]
type NamedRequest = Request & { readonly params: { readonly id: string } }

async function ownEndpoint(deps: ApiDeps, request: NamedRequest): Promise<WebhookEndpoint> {
  const { id: named } = request.params
  const record = await deps.storage.findEndpoint(callerOf(request).tenant, ownId(callerOf(request), 'endpoint', named))
  return found(record?.deleted ? undefined : record, 'endpoint', named)
}

/** The event that an answer is about, and the mark of an answer that is repeated. */
async function eventOf(deps: ApiDeps, request: Request, reply: FastifyReply, answer: Answer): Promise<ToldEvent> {
  if (answer.replayed) markReplay(reply, answer)
  const told = answer.eventId && (await deps.storage.findEvent(callerOf(request).tenant, answer.eventId))
  if (!told) throw new Error('an answer about an event without one')
  return told
}

function refuseOtherAccount(request: Request, named: string | undefined): void {
  if (named === undefined) return
  const own = accountTenant(callerOf(request).tenant)
  if (parseName('account', named)?.tenant !== own) throw new Refused({ code: 'account_invalid', param: 'account' })
}
