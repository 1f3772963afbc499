import type { Static } from '@fastify/type-provider-typebox'
import type { EventFact, Snapshot } from '../../../core/event.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import type { Door } from '../../../core/session.ts'
import type { EventShape } from '../shapes/event.ts'
import { type Look, seconds } from './parts.ts'
import { renderSnapshot } from './render-snapshot.ts'

/** The one version of the wire: whatever `Stripe-Version` asks for, this is what is answered. */
export const API_VERSION = '2026-10-28.endive'

export type Told = { readonly event: EventFact; readonly pending: number }

export function renderEvent({ event, pending }: Told, look: Look): Static<typeof EventShape> {
  const object = renderSnapshot(event.snapshot, look)
  const before = event.previous && renderSnapshot(withPrevious(event.snapshot, event.previous), look)
  return {
    id: nameOf('event', event.tenant, event.id),
    object: 'event',
    api_version: API_VERSION,
    created: seconds(event.createdAt),
    data: { object, ...(before ? { previous_attributes: differences(before, object) } : {}) },
    livemode: isLive(event.tenant),
    pending_webhooks: pending,
    request: { id: event.requestId, idempotency_key: event.idempotencyKey },
    type: event.type,
  }
}

/**
 * The bytes of an event for an endpoint. There is one shape yet, for every door and version: it says which version it is,
 * whatever the endpoint asked for.
 */
export function eventBody(look: () => Look) {
  return (event: EventFact, _door: Door, _apiVersion: string | null, pending = 1): Uint8Array =>
    Buffer.from(JSON.stringify(renderEvent({ event, pending }, look())))
}

/** Every door's shape of an event; today all doors speak the native one, in its one version. */
export function renderShaped(look: () => Look) {
  const render = eventBody(look)
  return (
    { event, pending }: Told & { readonly number: bigint },
    door: Door,
    apiVersion: string | null,
  ): { readonly shape: string; readonly body: Uint8Array } => ({
    shape: `${door}/${API_VERSION}`,
    body: render(event, door, apiVersion, pending),
  })
}

/** The snapshot as it was: `previous` holds the fields of its record that the change replaced. */
function withPrevious(snapshot: Snapshot, previous: Readonly<Record<string, unknown>>): Snapshot {
  const record = snapshot[snapshot.is as keyof Snapshot] as unknown as object
  const dates = typeof previous.updatedAt === 'string' ? { updatedAt: new Date(previous.updatedAt) } : {}
  return { ...snapshot, [snapshot.is]: { ...record, ...previous, ...dates } } as Snapshot
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
