import type { EventFact, WebhookEndpoint } from './event.ts'
import type { Tenant, Uuid } from './ids.ts'

/** The bytes of an event in one shape: made once, so that every try sends the same. */
export type EventBody = { readonly shape: string; readonly body: Uint8Array }

/** What goes with an event's number: one delivery per endpoint that wants it, each naming the shape it gets. */
export type NumberedEvent = {
  readonly bodies: readonly EventBody[]
  readonly deliveries: readonly { readonly endpointId: Uuid; readonly shape: string }[]
}

/**
 * Asked for each event that is about to get its number; pure, and called outside any transaction, possibly again with
 * another number. Undefined leaves the event and the later ones of its root in the queue: it cannot be rendered.
 */
export type PlanEvent = (
  event: EventFact,
  number: bigint,
  endpoints: readonly WebhookEndpoint[],
) => NumberedEvent | undefined

/** One try to make, held by a lease. */
export type ClaimedDelivery = {
  readonly tenant: Tenant
  readonly endpointId: Uuid
  readonly number: bigint
  readonly eventId: Uuid
  /** Tries made before this one. */
  readonly tries: number
  /** Proves who holds the lease: whoever claims next has a higher one. */
  readonly fence: number
  readonly url: string
  readonly sealedSecret: Uint8Array
  readonly body: Uint8Array
}

/** What became of a try. `released`: none was made, somebody else may make it at once. */
export type DeliveryOutcome =
  | { readonly state: 'delivered'; readonly at: Date; readonly status: number }
  | { readonly state: 'pending'; readonly nextAt: Date; readonly status: number | null; readonly error: string }
  | { readonly state: 'failed'; readonly status: number | null; readonly error: string }
  | { readonly state: 'released' }
