import { isNamed } from '../../core/door-events.ts'
import { newUuid, type Tenant, type Uuid } from '../../core/ids.ts'
import { type Call, tell } from '../call.ts'
import { type Answer, once } from '../once.ts'
import { done, type Result, refuse } from '../refusals.ts'
import { endpointSnapshot } from './change-endpoint.ts'
import type { TellingContext } from './resend.ts'

/**
 * Tells an event that goes to one endpoint and says nothing: it takes the way of all others, signature and number too.
 * @returns an answer with the event
 */
export function sendTest(context: TellingContext, tenant: Tenant, id: Uuid, call?: Call): Promise<Result<Answer>> {
  const { env, storage, doors } = context
  return once(context, call, async () => {
    const endpoint = await storage.findEndpoint(tenant, id)
    if (!endpoint || endpoint.deleted) return refuse('resource_missing')
    if (endpoint.status === 'disabled') return refuse('endpoint_disabled')
    // A root of its own: a test waits for no other test.
    const place = { root: newUuid(env), rootVersion: 1, ordinal: 0 }
    const snapshot = endpointSnapshot(endpoint)
    const event = tell(env, tenant, 'webhook_endpoint.test', place, snapshot, { call })
    if (isNamed(endpoint) || doors[endpoint.door]?.typeOf(event) === undefined) {
      return refuse('event_not_told', undefined, endpoint.door)
    }
    return done({ set: { events: [event] }, objectId: id, snapshot, eventId: event.id })
  })
}
