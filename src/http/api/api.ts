import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify'
import type { Caller } from '../../core/account.ts'
import type { EventDoors } from '../../core/door-events.ts'
import { type Kind, parseName, type Tenant, type Uuid } from '../../core/ids.ts'
import type { Dialect, Session } from '../../core/session.ts'
import type { Bell } from '../../flows/bell.ts'
import type { Call } from '../../flows/call.ts'
import type { CardDesk } from '../../flows/card-desk.ts'
import type { RequestTails } from '../../flows/listeners/tails.ts'
import type { Payments } from '../../flows/pay.ts'
import type { Receipts } from '../../flows/receipts.ts'
import type { KnownKeys } from '../authenticate.ts'
import { Refused } from '../errors.ts'
import { claimKey } from '../idempotency.ts'
import type { EdgeDeps } from '../server.ts'
import { planExpansion } from './expansion-paths.ts'
import type { Look } from './render/parts.ts'

/** How webhook secrets rest; `main` gives the one that the events room opens again. */
export type SealSecret = { seal(tenant: Tenant, secret: string): Uint8Array }

/** Signs what a CLI forwards, with a secret that belongs to the API key; `main` gives the one of the events room. */
export type ListenerSigner = {
  secretOf(key: Pick<Caller, 'tenant' | 'keyId'>): string
  sign(key: Pick<Caller, 'tenant' | 'keyId'>, eventName: string, body: Uint8Array): Readonly<Record<string, string>>
}

/** What is wired by `main`. */
export type DoorsDeps = EdgeDeps &
  Payments & {
    readonly sealer: SealSecret
    /** How each front door tells events. */
    readonly doors: EventDoors
    /** Tells of numbered events. */
    readonly bell: Bell
    readonly receipts: Receipts
    /** What of the vault the API asks for. */
    readonly cards: CardDesk
    /** Published test numbers by the names that shops know: `visa` of `pm_card_visa` and `tok_visa`. Test mode only. */
    readonly testCards: ReadonlyMap<string, string>
    /** Signs the cookies of dashboards. */
    readonly cookieKey: Uint8Array
    /** Endpoints on this very machine, in test mode: for shops under development. False unless said otherwise. */
    readonly allowLoopbackEndpoints?: boolean
    /** What a Stripe CLI that listens needs. */
    readonly stripeCli: { readonly signer: ListenerSigner; readonly tails: RequestTails }
  }

/** Keys are known to all doors: one that came through the first is known at once at the next. */
export type ApiDeps = DoorsDeps & {
  readonly keys: KnownKeys
  /** What another door calls a session; null where it is closed, or has no name for it. */
  readonly nameAt: (dialect: Dialect, session: Session) => string | null
}

/** Looks again whether the key that a request came with is good: whoever waits outlives the look at the beginning. */
export type Identify = (request: FastifyRequest) => Promise<Caller>

/** An instance whose routes infer their types from their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse<IncomingMessage>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error('a route of the API ran without a caller')
  return request.caller
}

/** The request behind a change, with its claim to an idempotency key. What cannot be answered is refused before. */
export function callOf(request: FastifyRequest, kind: NamedKind): Call {
  planExpansion(kind, ((request.body ?? {}) as { readonly expand?: readonly string[] }).expand)
  return { caller: callerOf(request), requestId: request.id, key: claimKey(request, request.body) }
}

export const lookOf = (deps: ApiDeps): Look => ({ publicUrl: deps.publicUrl() })

/** What objects are called in errors. */
export const NOUNS = {
  account: 'account',
  attempt: 'webhook_attempt',
  charge: 'charge',
  customer: 'customer',
  dispute: 'dispute',
  endpoint: 'webhook_endpoint',
  event: 'event',
  method: 'payment_method',
  movement: 'balance_transaction',
  payment: 'payment_intent',
  price: 'price',
  product: 'product',
  refund: 'refund',
  session: 'checkout.session',
} as const
export type NamedKind = keyof typeof NOUNS & Kind

/** A missing object, another account's and another mode's look the same from outside. */
export function missing(kind: NamedKind, name: string, param = 'id'): Refused {
  return new Refused({ code: 'resource_missing', param, detail: name, noun: NOUNS[kind] })
}

/** The key of the caller's own object by its name. @throws Refused when it cannot be one of theirs */
export function ownId(caller: Caller, kind: NamedKind, name: string, param = 'id'): Uuid {
  const parsed = parseName(kind, name)
  if (!parsed || parsed.tenant !== caller.tenant) throw missing(kind, name, param)
  return parsed.id
}

/** The same for a name that may be left out. */
export function ownIdIfNamed(
  caller: Caller,
  kind: NamedKind,
  name: string | undefined,
  param: string,
): Uuid | undefined {
  return name === undefined ? undefined : ownId(caller, kind, name, param)
}

/** What was asked for, or 404. */
export function found<T>(record: T | undefined, kind: NamedKind, name: string): T {
  if (record === undefined) throw missing(kind, name)
  return record
}
