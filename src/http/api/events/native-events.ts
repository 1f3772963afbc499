import type { DoorEvents } from '../../../core/door-events.ts'
import { EVENT_TYPES, EXPLICIT_EVENT_TYPES } from '../../../core/event.ts'
import { signatureHeaders } from '../../../core/sign-delivery.ts'
import type { Look } from '../render/parts.ts'
import { eventBody } from '../render/render-event.ts'
import { API_VERSION } from '../render/versions.ts'
import { isEventType } from './stripe-event-types.ts'

/** The native door tells every fact under its own name, as Stripe's event object, signed in both schemes. */
export function nativeEvents(look: () => Look): DoorEvents {
  const render = eventBody(look)
  return {
    types: EVENT_TYPES,
    explicit: EXPLICIT_EVENT_TYPES,
    accepts: isEventType,
    typeOf: ({ type }) => type,
    render: ({ event, pending }, { apiVersion }) => ({
      shape: `native/${apiVersion ?? API_VERSION}`,
      body: render(event, apiVersion, pending),
    }),
    headers: (attempt) => ({
      'content-type': 'application/json; charset=utf-8',
      ...signatureHeaders(attempt),
    }),
  }
}
