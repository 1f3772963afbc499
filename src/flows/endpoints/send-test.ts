import type { EventFact } from '../../core/event.ts'
import { newUuid, type Tenant, type Uuid } from '../../core/ids.ts'
import { type Call, tell } from '../call.ts'
import { done, type Result, refuse } from '../refusals.ts'
import { endpointSnapshot } from './change-endpoint.ts'
import type { TellingContext } from './resend.ts'

/** Tells an event that goes to one endpoint and says nothing: it takes the way of all others, signature and number too. */
export async function sendTest(
  { env, storage, doors }: TellingContext,
  tenant: Tenant,
  id: Uuid,
  call?: Call,
): Promise<Result<EventFact>> {
  const endpoint = await storage.findEndpoint(tenant, id)
  if (!endpoint || endpoint.deleted) return refuse('resource_missing')
  if (endpoint.status === 'disabled') return refuse('endpoint_disabled')
  // A root of its own: a test waits for no other test.
  const place = { root: newUuid(env), rootVersion: 1, ordinal: 0 }
  const event = tell(env, tenant, 'webhook_endpoint.test', place, endpointSnapshot(endpoint), { call })
  if (doors[endpoint.door]?.typeOf(event) === undefined) return refuse('event_not_told', undefined, endpoint.door)
  const committed = await storage.commit({ events: [event] })
  if (!committed.ok) throw new Error(`a test event was refused: ${committed.conflict}`)
  return done(event)
}
