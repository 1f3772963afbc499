import { type EventType, EXPLICIT_EVENT_TYPES, type WebhookEndpoint } from '../core/event.ts'

/** Whether an endpoint asked for a type. `*` is all that Stripe's clients expect; our own types are named or not sent. */
export function wantsEvent(endpoint: Pick<WebhookEndpoint, 'enabledEvents'>, type: EventType): boolean {
  if (endpoint.enabledEvents.includes(type)) return true
  return endpoint.enabledEvents.includes('*') && !EXPLICIT_EVENT_TYPES.includes(type)
}
