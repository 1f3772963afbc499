import type { Static } from '@fastify/type-provider-typebox'
import { isNamed } from '../../../core/door-events.ts'
import type { WebhookEndpoint } from '../../../core/event.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import type { EndpointShape } from '../shapes/event.ts'
import { seconds } from './parts.ts'

/** The secret is not here: only the answer that made the endpoint adds it. */
export function renderEndpoint(endpoint: WebhookEndpoint): Static<typeof EndpointShape> {
  return {
    id: nameOf('endpoint', endpoint.tenant, endpoint.id),
    object: 'webhook_endpoint',
    api_version: endpoint.apiVersion,
    application: null,
    created: seconds(endpoint.createdAt),
    description: endpoint.document.description ?? null,
    ...(endpoint.door === 'native' ? {} : { door: endpoint.door }),
    enabled_events: [...endpoint.enabledEvents],
    livemode: isLive(endpoint.tenant),
    metadata: { ...endpoint.document.metadata },
    ...(isNamed(endpoint) ? { named_by_sessions: true } : {}),
    status: endpoint.status,
    url: endpoint.url,
  }
}
