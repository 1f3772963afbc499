import type { EventBody, PlanEvent } from '../core/delivery.ts'
import type { EventFact, WebhookEndpoint } from '../core/event.ts'
import type { Door } from '../core/session.ts'
import { wantsEvent } from './wants.ts'

/** An event as it is told: with its number and the count of deliveries that are to be made of it. */
export type EventToTell = { readonly event: EventFact; readonly number: bigint; readonly pending: number }
/** The bytes for a door and the version an endpoint asked for, and the name of that shape: equal names, equal bytes. */
export type RenderEvent = (told: EventToTell, door: Door, apiVersion: string | null) => EventBody

/**
 * Who gets an event, and the bytes: rendered once per shape.
 * @param onFault hears of an event that cannot be rendered: a bug of ours, and its root waits until it is mended
 */
export function planWith(render: RenderEvent, onFault: (event: EventFact, fault: unknown) => void): PlanEvent {
  return (event, number, endpoints) => {
    const wanting = endpoints.filter((endpoint) => isFor(endpoint, event))
    const rendered = new Map<string, EventBody>()
    const bodies = new Map<string, EventBody>()
    try {
      const deliveries = wanting.map(({ id, door, apiVersion }) => {
        const asked = `${door} ${apiVersion}`
        const body = rendered.get(asked) ?? render({ event, number, pending: wanting.length }, door, apiVersion)
        rendered.set(asked, body)
        bodies.set(body.shape, body)
        return { endpointId: id, shape: body.shape }
      })
      return { bodies: [...bodies.values()], deliveries }
    } catch (fault) {
      onFault(event, fault)
      return undefined
    }
  }
}

/** A test goes to the endpoint that is tested, whatever this one asked for. */
function isFor(endpoint: WebhookEndpoint, { type, snapshot }: EventFact): boolean {
  if (type !== 'webhook_endpoint.test') return wantsEvent(endpoint, type)
  return snapshot.is === 'endpoint' && snapshot.endpoint.id === endpoint.id
}
