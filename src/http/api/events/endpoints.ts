import type { Static } from '@fastify/type-provider-typebox'
import { DOORS } from '../../../core/session.ts'
import { createEndpoint, deleteEndpoint, updateEndpoint } from '../../../flows/endpoints/change-endpoint.ts'
import { Refused } from '../../errors.ts'
import {
  boolean,
  expand,
  lines,
  list,
  metadata,
  object,
  oneOf,
  optional,
  page,
  text,
  unsettable,
} from '../../parameters/fields.ts'
import { accepted, answerChange } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, ownId } from '../api.ts'
import { expandAll } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderDeleted } from '../render/render-customer.ts'
import { renderEndpoint } from '../render/render-endpoint.ts'
import { given } from '../sessions/parse-session.ts'
import { EndpointShape } from '../shapes/event.ts'
import { deleted, listOf } from '../shapes/words.ts'

const CreateEndpoint = object({
  api_version: optional(text(40)),
  connect: optional(boolean('true')),
  description: unsettable(lines(5000)),
  door: optional(oneOf(DOORS)),
  enabled_events: list(text(80), 100),
  expand: expand(),
  metadata: unsettable(metadata()),
  secret: optional(text(200)),
  url: text(2048),
})
const UpdateEndpoint = object({
  description: unsettable(lines(5000)),
  disabled: optional(boolean()),
  enabled_events: optional(list(text(80), 100)),
  expand: expand(),
  metadata: unsettable(metadata()),
  url: optional(text(2048)),
})

export function registerEndpoints(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const context = {
    ...deps,
    allowLoopback: deps.allowLoopbackEndpoints ?? false,
    get ownOrigins() {
      return [deps.publicUrl()]
    },
  }
  const response = { 200: EndpointShape }
  const one = '/webhook_endpoints/:id'

  api.post('/webhook_endpoints', { schema: { body: CreateEndpoint, response } }, async (request, reply) => {
    const { body } = request
    const made = await createEndpoint(context, callOf(request, 'endpoint'), {
      url: body.url,
      enabledEvents: notEmpty(body.enabled_events),
      ...given({
        apiVersion: body.api_version,
        description: body.description,
        door: body.door,
        metadata: body.metadata,
        secret: body.secret,
      }),
    })
    const rendered = await answerChange<Static<typeof EndpointShape>>(deps, request, reply, 'endpoint', made)
    const secret = made.ok ? made.value.secret : undefined
    return secret === undefined ? rendered : { ...rendered, secret }
  })

  api.post(one, { schema: { params: Named, body: UpdateEndpoint, response } }, async (request, reply) => {
    const { body } = request
    const id = ownId(callerOf(request), 'endpoint', request.params.id)
    const changes = given({
      url: body.url,
      enabledEvents: body.enabled_events && notEmpty(body.enabled_events),
      disabled: body.disabled,
      description: body.description,
      metadata: body.metadata,
    })
    const result = await updateEndpoint(context, callOf(request, 'endpoint'), id, changes)
    return answerChange<Static<typeof EndpointShape>>(deps, request, reply, 'endpoint', result)
  })

  const gone = { schema: { params: Named, querystring: object({}), response: { 200: deleted('webhook_endpoint') } } }
  api.delete(one, gone, async (request) => {
    const id = ownId(callerOf(request), 'endpoint', request.params.id)
    accepted(await deleteEndpoint(deps, callOf(request, 'endpoint'), id), request, 'endpoint')
    return renderDeleted('webhook_endpoint', request.params.id)
  })

  api.get(one, { schema: { params: Named, querystring: Retrieve, response } }, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findEndpoint(tenant, ownId(callerOf(request), 'endpoint', request.params.id))
    const endpoint = renderEndpoint(found(record?.deleted ? undefined : record, 'endpoint', request.params.id))
    await expandAll(deps, tenant, 'endpoint', [endpoint], request.query.expand)
    return endpoint
  })

  const many = { schema: { querystring: object(page), response: { 200: listOf(EndpointShape) } } }
  api.get('/webhook_endpoints', many, async (request) => {
    const { tenant } = callerOf(request)
    const asked = await pageOf(request, request.query, 'endpoint', (id) => storage.findEndpoint(tenant, id))
    const items = await storage.listEndpoints(tenant, asked)
    return answerPage(deps, request, 'endpoint', items, (endpoints) => endpoints.map(renderEndpoint))
  })
}

function notEmpty(names: readonly string[]): readonly string[] {
  if (names.length === 0) throw new Refused({ code: 'parameter_missing', param: 'enabled_events' })
  return names
}
