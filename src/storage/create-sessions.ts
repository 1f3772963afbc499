import type { EventFact } from '../core/event.ts'
import type { IdempotencyRow } from '../core/idempotency.ts'
import type { Session } from '../core/session.ts'
import type { Sql } from './connect.ts'
import { columnsOf, encodeRow } from './shape.ts'
import { EVENTS, IDEMPOTENCY, SESSIONS } from './shapes.ts'
import { encodeEvent, encodeIdempotency } from './snapshots.ts'

const KEY_COLUMNS = columnsOf(IDEMPOTENCY).join(', ')
const SESSION_COLUMNS = columnsOf(SESSIONS).join(', ')
const EVENT_COLUMNS = columnsOf(EVENTS).join(', ')

/** All that a new session writes: one commit holds it whole. */
export type NewSession = {
  readonly session: Session
  readonly event: EventFact
  readonly idempotency: IdempotencyRow | null
}

/**
 * Commits many new sessions of any tenants in one statement. Units go in key order, so that two batches which share
 * idempotency keys never wait for each other crosswise.
 * @returns per unit whether it was written; false means that its idempotency key was taken
 */
export async function insertSessions(sql: Sql, units: readonly NewSession[]): Promise<readonly boolean[]> {
  const sorted = [...units].sort(byKey)
  const json = JSON.stringify(
    sorted.map(({ session, event, idempotency }) => ({
      claim: idempotency === null ? null : encodeIdempotency(idempotency),
      session: encodeRow(SESSIONS, session),
      event: encodeEvent(event),
    })),
  )
  const written = await sql<{ id: string }[]>`
    with units as materialized (
      select * from jsonb_to_recordset(${json}::text::jsonb) as unit(claim jsonb, session jsonb, event jsonb)
    ),
    claimed as (
      insert into idempotency (${sql.unsafe(KEY_COLUMNS)})
      select ${sql.unsafe(KEY_COLUMNS)} from units, lateral jsonb_populate_record(null::idempotency, units.claim) row
      where units.claim is not null
      on conflict do nothing
      returning object_id
    ),
    won as materialized (
      select * from units
      where claim is null or (session->>'id')::uuid in (select object_id from claimed)
    ),
    stored as (
      insert into sessions (${sql.unsafe(SESSION_COLUMNS)})
      select ${sql.unsafe(SESSION_COLUMNS)} from won, lateral jsonb_populate_record(null::sessions, won.session) row
      returning id
    ),
    told as (
      insert into events (${sql.unsafe(EVENT_COLUMNS)})
      select ${sql.unsafe(EVENT_COLUMNS)} from won, lateral jsonb_populate_record(null::events, won.event) row
      returning tenant, id
    ),
    queued as (
      insert into event_queue (tenant, event_id) select tenant, id from told
    )
    select id from stored`
  const ids = new Set(written.map((row) => row.id))
  return units.map((unit) => ids.has(unit.session.id))
}

function byKey(one: NewSession, other: NewSession): number {
  return spell(one) < spell(other) ? -1 : 1
}

function spell({ session, idempotency }: NewSession): string {
  return `${String(session.tenant).padStart(10, '0')} ${idempotency?.door ?? ''} ${idempotency?.key ?? session.id}`
}
