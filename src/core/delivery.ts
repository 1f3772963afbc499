import type { EventFact, WebhookEndpoint } from './event.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { Door } from './session.ts'

/** The bytes of an event in one shape: made once, so that every try sends the same. */
export type EventBody = { readonly shape: string; readonly body: Uint8Array }

/** What goes with an event's number: one delivery per endpoint that wants it, each naming the shape it gets. */
export type NumberedEvent = {
  readonly bodies: readonly EventBody[]
  readonly deliveries: readonly {
    readonly endpointId: Uuid
    readonly shape: string
    /** Where it goes, if not to the endpoint's own address. */
    readonly url?: string | undefined
  }[]
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

/**
 * Why a try is made: its time has come; its endpoint is asked once an hour whether it takes a late event; or somebody
 * wants one more try, which is made once and changes nothing of what else is planned.
 */
export type TryKind = 'scheduled' | 'probe' | 'resend'

/** One try to make, held by a lease. */
export type ClaimedDelivery = {
  readonly tenant: Tenant
  readonly endpointId: Uuid
  readonly number: bigint
  /** The number of the delivery before this one to the same endpoint, 0 for its first; null where it is not known. */
  readonly previousNumber: bigint | null
  readonly eventId: Uuid
  readonly kind: TryKind
  /** Tries made before this one. */
  readonly tries: number
  /** Proves who holds the lease: whoever claims next has a higher one. */
  readonly fence: number
  /** The endpoint has refused so much lately that it gets one call at a time. */
  readonly failing: boolean
  /** Its endpoint's: who signs, and in which way. */
  readonly door: Door
  readonly url: string
  readonly sealedSecret: Uint8Array
  /** The secret before the one that is now, which signs as well until its time is over. */
  readonly sealedPrevious: Uint8Array | null
  readonly previousUntil: Date | null
  readonly shape: string
  readonly body: Uint8Array
}

/** What became of a try. `released`: none was made, somebody else may make it at once. */
export type DeliveryOutcome =
  | { readonly state: 'delivered'; readonly at: Date; readonly status: number }
  | {
      readonly state: 'pending'
      readonly at: Date
      /** The next try; of a late delivery the endpoint's next probe. */
      readonly nextAt: Date
      /** All scheduled tries are used up. */
      readonly late: boolean
      /** The endpoint said that it will never be there again (410), so it is disabled. */
      readonly gone: boolean
      readonly status: number | null
      readonly error: string
    }
  | { readonly state: 'released' }

/** What is kept of one try, besides its outcome: cut to size, and without secrets. */
export type TryRecord = {
  readonly id: Uuid
  readonly startedAt: Date
  readonly durationMs: number
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly responseHeaders: Readonly<Record<string, string>> | null
  readonly responseBody: string | null
}

/** A try as it is read back. */
export type DeliveryTry = TryRecord & {
  readonly tenant: Tenant
  readonly endpointId: Uuid
  readonly eventId: Uuid
  readonly number: bigint
  readonly kind: TryKind
  /** Which one of its delivery, from 1. */
  readonly nth: number
  readonly url: string
  readonly status: number | null
  /** Null where the event was taken. */
  readonly error: string | null
  readonly nextAt: Date | null
  /** The first bytes of what was sent, while they are kept. */
  readonly requestBody: string | null
}
