import { type DoorEvents, type EventDoors, isNamed } from '../core/door-events.ts'
import type { EventFact, WebhookEndpoint } from '../core/event.ts'

/**
 * Whether an endpoint gets an event: its door tells it, and the endpoint asked for it by the door's name. `*` is all that a
 * door's clients expect; what they do not is named or not sent. A test goes to the endpoint that is tested, whatever this
 * one asked for.
 */
export function wantsEvent(doors: EventDoors, endpoint: WebhookEndpoint, event: EventFact): boolean {
  const door = doors[endpoint.door]
  const type = door?.typeOf(event)
  if (!door || type === undefined) return false
  if (isNamed(endpoint)) return namedAddress(endpoint, event) !== undefined
  if (event.type !== 'webhook_endpoint.test') return asksFor(door, endpoint, type)
  return event.snapshot.is === 'endpoint' && event.snapshot.endpoint.id === endpoint.id
}

function asksFor({ explicit }: DoorEvents, { enabledEvents }: WebhookEndpoint, type: string): boolean {
  if (enabledEvents.includes(type)) return true
  return enabledEvents.includes('*') && !(explicit?.includes(type) ?? false)
}

/**
 * Where an event goes at a hidden endpoint: the address that its session names there. Events of the session itself alone
 * are told to it, for they hold what the session says.
 */
export function namedAddress({ id }: Pick<WebhookEndpoint, 'id'>, { snapshot }: EventFact): string | undefined {
  if (snapshot.is !== 'session') return undefined
  return snapshot.session.document.notify?.find(({ endpointId }) => endpointId === id)?.url
}
