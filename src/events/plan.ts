import type { EventBody, PlanEvent } from '../core/delivery.ts'
import { type EventDoors, type EventToTell, isNamed } from '../core/door-events.ts'
import type { EventFact, WebhookEndpoint } from '../core/event.ts'
import { namedAddress, wantsEvent } from './wants.ts'

/**
 * Who gets an event, and the bytes: rendered once per shape, each endpoint in the form of its door.
 * @param onFault hears of an event that cannot be rendered: a bug of ours, and its root waits until it is mended
 */
export function planWith(doors: EventDoors, onFault: (event: EventFact, fault: unknown) => void): PlanEvent {
  return (event, number, endpoints) => {
    const wanting = endpoints.filter((endpoint) => wantsEvent(doors, endpoint, event))
    const rendered = new Map<string, EventBody>()
    const bodies = new Map<string, EventBody>()
    try {
      const deliveries = wanting.map((endpoint) => {
        const asked = `${endpoint.door} ${endpoint.apiVersion}`
        const body = rendered.get(asked) ?? renderFor(doors, endpoint, { event, number, pending: wanting.length })
        rendered.set(asked, body)
        bodies.set(body.shape, body)
        const url = isNamed(endpoint) ? namedAddress(endpoint, event) : undefined
        return { endpointId: endpoint.id, shape: body.shape, url }
      })
      return { bodies: [...bodies.values()], deliveries }
    } catch (fault) {
      onFault(event, fault)
      return undefined
    }
  }
}

/** @throws when the door is none that tells events, or calls the bytes by a name that another door may use */
export function renderFor(
  doors: EventDoors,
  { door, apiVersion }: Pick<WebhookEndpoint, 'door' | 'apiVersion'>,
  told: EventToTell,
): EventBody {
  const body = doors[door]?.render(told, { apiVersion })
  if (!body?.shape.startsWith(`${door}/`)) throw new Error(`the door ${door} gave no bytes of its own`)
  return body
}
