import type { DoorEvents, EventToTell } from '../../src/core/door-events.ts'
import { EVENT_TYPES, EXPLICIT_EVENT_TYPES } from '../../src/core/event.ts'
import type { Door } from '../../src/core/session.ts'
import { signatureHeaders } from '../../src/core/sign-delivery.ts'

/** A door that tells every fact under its own name, as JSON that a test chooses, signed as the native door signs. */
export function plainDoor(door: Door, say: (told: EventToTell) => unknown, more: Partial<DoorEvents> = {}): DoorEvents {
  return {
    types: EVENT_TYPES,
    explicit: EXPLICIT_EVENT_TYPES,
    typeOf: ({ type }) => type,
    render: (told, { apiVersion }) => ({
      shape: `${door}/${apiVersion ?? 'plain'}`,
      body: Buffer.from(JSON.stringify(say(told))),
    }),
    headers: (attempt) => ({ 'content-type': 'application/json; charset=utf-8', ...signatureHeaders(attempt) }),
    ...more,
  }
}
