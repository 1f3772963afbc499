import type { EventBody } from './delivery.ts'
import type { EventFact, WebhookEndpoint } from './event.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { Door } from './session.ts'
import type { SignedAttempt } from './sign-delivery.ts'

/** An event as it is told: with its number and the count of deliveries that are to be made of it. */
export type EventToTell = { readonly event: EventFact; readonly number: bigint; readonly pending: number }

/** What the bytes of an event may depend on besides the event. */
export type Recipient = Pick<WebhookEndpoint, 'apiVersion'>

/** One try as its headers are made: `shape` names what the bytes are, as `render` called it. */
export type AttemptToSign = SignedAttempt & {
  readonly tenant: Tenant
  readonly eventId: Uuid
  readonly number: bigint
  readonly shape: string
}

/**
 * How a front door tells events: under which names, in which bytes, signed in which way. Pure: an event
 * may be planned twice, and all tries send the bytes of one `render`.
 */
export type DoorEvents = {
  /** Every name that the door tells something under: what an endpoint may ask for. */
  readonly types: readonly string[]
  /** Names among them that `*` leaves out. */
  readonly explicit?: readonly string[]
  /** Names that may be asked for besides, although nothing is told under them. */
  readonly accepts?: (name: string) => boolean
  /** The door's name of a fact. Undefined: this door does not tell it. */
  typeOf(event: EventFact): string | undefined
  /**
   * The bytes, and what that shape is called: the door's name, a slash and what else tells two shapes of one event apart,
   * at most 60 characters. Equal names stand for equal bytes. Asked for what `typeOf` names, and for nothing else.
   */
  render(told: EventToTell, to: Recipient): EventBody
  /** Content type and signature, and what else the door's receivers read. The event's numbers are added to them. */
  headers(attempt: AttemptToSign): Readonly<Record<string, string>>
  /** A new signing secret, as text; `whsec_` and base64 where a door says nothing. */
  newSecret?(randomBytes: (count: number) => Uint8Array): string
}

/** The doors that tell events. A door without a row has no webhook endpoints. */
export type EventDoors = { readonly [door in Door]?: DoorEvents }

/** Whether an endpoint of the door may ask for a name. */
export function mayAskFor({ types, accepts }: DoorEvents, name: string): boolean {
  return name === '*' || types.includes(name) || (accepts?.(name) ?? false)
}

/** A hidden endpoint: it stands for addresses that sessions name, and has none of its own. */
export const isNamed = ({ named }: Pick<WebhookEndpoint, 'named'>): boolean => typeof named === 'number'
