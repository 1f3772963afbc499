import type { Static } from '@fastify/type-provider-typebox'
import type { EventFact, Snapshot } from '../../../core/event.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import type { EventShape } from '../shapes/event.ts'
import { type Look, seconds } from './parts.ts'
import { renderSnapshot } from './render-snapshot.ts'
import { API_VERSION, inVersion } from './versions.ts'

export type Told = { readonly event: EventFact; readonly pending: number }

/** An event in the version that its endpoint asked for, or the newest. The version is named as it was asked for. */
export function renderEvent({ event, pending }: Told, look: Look, version = API_VERSION): Static<typeof EventShape> {
  const render = (snapshot: Snapshot) => inVersion(renderSnapshot(snapshot, look), version)
  const object = render(event.snapshot)
  const before = event.previous && render(withPrevious(event.snapshot, event.previous))
  return {
    id: nameOf('event', event.tenant, event.id),
    object: 'event',
    api_version: version,
    created: seconds(event.createdAt),
    data: { object, ...(before ? { previous_attributes: differences(before, object) } : {}) },
    livemode: isLive(event.tenant),
    pending_webhooks: pending,
    request: { id: event.requestId, idempotency_key: event.idempotencyKey },
    type: event.type,
  }
}

/** The bytes of an event, in the version that was asked for. */
export function eventBody(look: () => Look) {
  return (event: EventFact, apiVersion: string | null, pending = 1): Uint8Array =>
    Buffer.from(JSON.stringify(renderEvent({ event, pending }, look(), apiVersion ?? API_VERSION)))
}

/** The snapshot as it was: `previous` holds the fields of its record that the change replaced. */
function withPrevious(snapshot: Snapshot, previous: Readonly<Record<string, unknown>>): Snapshot {
  const record = snapshot[snapshot.is as keyof Snapshot] as unknown as object
  return { ...snapshot, [snapshot.is]: { ...record, ...previous } } as Snapshot
}

type Members = Readonly<Record<string, unknown>>

/** What `before` says otherwise, as Stripe tells it: members of an object one by one, null for what was not there. */
function differences(before: Members, after: Members): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]]
    if (JSON.stringify(old) === JSON.stringify(now)) continue
    out[key] = isMembers(old) && isMembers(now) ? differences(old, now) : (old ?? null)
  }
  return out
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
