import type { FastifyRequest } from 'fastify'
import type { WebhookEndpoint } from '../../../core/event.ts'
import { nameOf } from '../../../core/ids.ts'
import { createEndpoint, deleteEndpoint } from '../../../flows/endpoints/change-endpoint.ts'
import { type Api, type ApiDeps, callerOf, found, ownId } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { given } from '../../api/sessions/parse-session.ts'
import { Refused } from '../../errors.ts'
import { list, openObject, optional, text } from '../../parameters/fields.ts'
import { callThrough, granted } from '../door.ts'
import { envelope, listed, superset } from './envelope.ts'
import { List, numberedPage, Plain } from './pages.ts'
import { accountId } from './render-charge.ts'

const CreateWebhook = openObject({
  endpoint: text(2048),
  enabled_events: list(text(80), 100),
  secret: optional(text(200)),
})

/** The account's webhook endpoints that hear events in this door's form; others are other doors' business. */
export function registerWebhooks(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const context = {
    ...deps,
    allowLoopback: deps.allowLoopbackEndpoints ?? false,
    get ownOrigins() {
      return [deps.publicUrl()]
    },
  }

  async function own(request: FastifyRequest, id: string): Promise<WebhookEndpoint> {
    const caller = callerOf(request)
    const endpoint = await storage.findEndpoint(caller.tenant, ownId(caller, 'endpoint', id))
    return found(endpoint?.deleted || endpoint?.door !== 'hsrc' ? undefined : endpoint, 'endpoint', id)
  }

  api.post('/webhooks', { schema: { body: CreateWebhook } }, async (request, reply) => {
    const { endpoint: url, enabled_events: names, secret } = request.body
    // An endpoint that names nothing hears everything.
    const enabledEvents = names.length === 0 ? ['*'] : names
    const input = { url, enabledEvents, door: 'hsrc' as const, ...given({ secret }) }
    const result = await createEndpoint(context, callThrough(request), input)
    if (!result.ok && result.refusal.param === 'url') throw new Refused({ ...result.refusal, param: 'endpoint' })
    const made = granted(result)
    if (made.snapshot.is !== 'endpoint') throw new Error('an endpoint was answered with something else')
    return reply.code(201).send(superset('webhook', renderWebhook(made.snapshot.endpoint, made.secret ?? null)))
  })

  api.get('/webhooks', { schema: { querystring: List } }, async (request) => {
    const { tenant } = callerOf(request)
    const page = await numberedPage(request.query, (keys) => storage.listEndpoints(tenant, keys))
    const ours = page.items.filter(({ door }) => door === 'hsrc')
    return listed(
      ours.map((endpoint) => renderWebhook(endpoint, null)),
      page.hasMore,
      request.query,
    )
  })

  api.get('/webhooks/:id', { schema: { params: Named, querystring: Plain } }, async (request) =>
    superset('webhook', renderWebhook(await own(request, request.params.id), null)),
  )

  api.delete('/webhooks/:id', { schema: { params: Named } }, async (request) => {
    const { id } = await own(request, request.params.id)
    granted(await deleteEndpoint(deps, callThrough(request), id))
    return envelope({ object: 'webhook', id: request.params.id, deleted: true })
  })
}

/** @param secret told once, when it is made: nobody but the sender can open it afterwards */
function renderWebhook(endpoint: WebhookEndpoint, secret: string | null) {
  const { tenant, url, enabledEvents, createdAt } = endpoint
  return {
    object: 'webhook' as const,
    id: nameOf('endpoint', tenant, endpoint.id),
    account_id: accountId(tenant),
    endpoint: url,
    enabled_events: [...enabledEvents],
    secret,
    status: endpoint.status.toUpperCase(),
    created_at: createdAt.toISOString(),
    updated_at: (endpoint.disabledAt ?? createdAt).toISOString(),
  }
}
