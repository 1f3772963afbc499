import type { Charge } from '../src/core/charge.ts'
import type { Dispute } from '../src/core/dispute.ts'
import type { EventFact, WebhookEndpoint } from '../src/core/event.ts'
import { nameOf, type Uuid } from '../src/core/ids.ts'
import type { Operation } from '../src/core/operation.ts'
import type { Payment } from '../src/core/payment.ts'
import type { Posting } from '../src/core/posting.ts'
import type { Refund } from '../src/core/refund.ts'
import type { Session } from '../src/core/session.ts'
import { decodeRow, type JsonRow, type Shape } from '../src/storage/shape.ts'
import {
  CHARGES,
  DISPUTES,
  ENDPOINTS,
  OPERATIONS,
  PAYMENTS,
  POSTINGS,
  REFUNDS,
  SESSIONS,
} from '../src/storage/shapes.ts'
import { decodeEvent } from '../src/storage/snapshots.ts'
import type { RowChange } from './tables.ts'

export type Change<T> = { readonly before: T | null; readonly after: T }

/** What one command of the database changed, all of it at one moment. */
export type Commit = {
  readonly sessions: readonly Change<Session>[]
  readonly payments: readonly Change<Payment>[]
  readonly charges: readonly Change<Charge>[]
  readonly operations: readonly Change<Operation>[]
  readonly refunds: readonly Change<Refund>[]
  readonly disputes: readonly Change<Dispute>[]
  readonly postings: readonly Posting[]
  readonly events: readonly EventFact[]
  readonly numbered: readonly { readonly number: bigint; readonly eventId: Uuid }[]
  readonly deliveries: readonly Change<JsonRow>[]
  readonly keys: readonly Change<JsonRow>[]
  readonly notices: readonly Change<JsonRow>[]
}

/** All that is stored, kept beside the storage for whoever judges it. */
export type Books = {
  readonly sessions: Map<Uuid, Session>
  readonly payments: Map<Uuid, Payment>
  readonly charges: Map<Uuid, Charge>
  readonly operations: Map<Uuid, Operation>
  readonly refunds: Map<Uuid, Refund>
  readonly disputes: Map<Uuid, Dispute>
  readonly endpoints: Map<Uuid, WebhookEndpoint>
  readonly postings: Posting[]
  readonly events: Map<Uuid, EventFact>
  /** Event ids by number. */
  readonly log: Map<bigint, Uuid>
  readonly deliveries: Map<string, JsonRow>
  readonly notices: Map<string, JsonRow>
  readonly chargeByReference: Map<string, Uuid>
  /** Idempotency keys, as they are now. */
  readonly keys: Map<string, JsonRow>
  apply(changes: readonly RowChange[]): Commit
}

export function makeBooks(): Books {
  const books = {
    sessions: new Map<Uuid, Session>(),
    payments: new Map<Uuid, Payment>(),
    charges: new Map<Uuid, Charge>(),
    operations: new Map<Uuid, Operation>(),
    refunds: new Map<Uuid, Refund>(),
    disputes: new Map<Uuid, Dispute>(),
    endpoints: new Map<Uuid, WebhookEndpoint>(),
    postings: [] as Posting[],
    events: new Map<Uuid, EventFact>(),
    log: new Map<bigint, Uuid>(),
    deliveries: new Map<string, JsonRow>(),
    notices: new Map<string, JsonRow>(),
    chargeByReference: new Map<string, Uuid>(),
    keys: new Map<string, JsonRow>(),
  }

  return {
    ...books,
    apply(changes) {
      const of = (table: string) => changes.filter((change) => change.table === table && change.after !== null)
      const records = <T extends { readonly id: Uuid }>(shape: Shape<T>, into: Map<Uuid, T>): readonly Change<T>[] =>
        of(shape.table).map((change) => {
          const after = decodeRow(shape, change.after ?? {})
          const before = into.get(after.id) ?? null
          into.set(after.id, after)
          return { before, after }
        })
      const rows = (table: string): readonly Change<JsonRow>[] =>
        of(table).map(({ before, after }) => ({ before, after: after ?? {} }))
      records(ENDPOINTS, books.endpoints)
      const commit: Commit = {
        sessions: records(SESSIONS, books.sessions),
        payments: records(PAYMENTS, books.payments),
        charges: records(CHARGES, books.charges),
        operations: records(OPERATIONS, books.operations),
        refunds: records(REFUNDS, books.refunds),
        disputes: records(DISPUTES, books.disputes),
        postings: of('postings').map(({ after }) => decodeRow(POSTINGS, after ?? {})),
        events: of('events').map(({ after }) => decodeEvent(after ?? {})),
        numbered: of('event_log').map(({ after }) => ({
          number: BigInt(String(after?.number)),
          eventId: after?.event_id as Uuid,
        })),
        deliveries: rows('deliveries'),
        keys: rows('idempotency'),
        notices: rows('notices'),
      }
      for (const { after } of commit.charges) {
        books.chargeByReference.set(nameOf('charge', after.tenant, after.id), after.id)
      }
      for (const { after } of commit.keys) books.keys.set(String(after.key), after)
      books.postings.push(...commit.postings)
      for (const event of commit.events) books.events.set(event.id, event)
      for (const { number, eventId } of commit.numbered) books.log.set(number, eventId)
      for (const { after } of commit.notices) books.notices.set(String(after.notice_id), after)
      for (const { after } of commit.deliveries) books.deliveries.set(`${after.endpoint_id} ${after.number}`, after)
      return commit
    },
  }
}

export const referenceOf = ({ tenant, id }: Charge): string => nameOf('charge', tenant, id)

/** A cardholder who does not come back: the provider was told to let go, and did. */
export const givenUp = (books: Pick<Books, 'operations'>, chargeId: Uuid): boolean =>
  [...books.operations.values()].some(
    (one) => one.chargeId === chargeId && one.kind === 'void' && one.document.givesUp === true,
  )
