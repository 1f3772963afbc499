import type { DeliveryState, EndpointHealth } from '../core/delivery-health.ts'
import { SCHEDULED_TRIES } from '../core/delivery-schedule.ts'
import { firstUuidAt, type Tenant, type Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'
import type { Condition, Page, PageOf } from './page-of.ts'
import { decodeRow, type JsonRow, type Shape } from './shape.ts'

const STATES: Shape<DeliveryState> = {
  table: 'deliveries',
  fields: {
    endpointId: 'plain',
    eventId: 'plain',
    number: 'bigint',
    previousNumber: 'bigint',
    state: 'plain',
    tries: 'plain',
    nextAt: 'date',
    late: 'plain',
    resendAt: 'date',
    lastStatus: 'plain',
    lastError: 'plain',
    deliveredAt: 'date',
    toldAt: 'date',
  },
}
const MOST_ENDPOINTS = 200
const DAY_MS = 24 * 60 * 60 * 1000
/** So many tries, the newest, say how an endpoint does. */
const MOST_TRIES = 5_000
/** What waits is counted as far as that. */
const MOST_COUNTED = 10_000

/** What has become of an event, one row for each endpoint that it goes to. */
export async function deliveriesOf(sql: Sql, tenant: Tenant, eventId: Uuid): Promise<readonly DeliveryState[]> {
  const rows = await sql<JsonRow[]>`
    select ${columns(sql)} from deliveries d
    where d.tenant = ${tenant} and d.event_id = ${eventId}
    order by d.endpoint_id limit ${MOST_ENDPOINTS}`
  return rows.map((row) => decodeRow(STATES, row))
}

/** An endpoint's deliveries, newest first; the page's bounds are events. */
export async function listDeliveries(
  sql: Sql,
  tenant: Tenant,
  endpointId: Uuid,
  page: PageOf,
  state: DeliveryState['state'] | undefined,
): Promise<Page<DeliveryState>> {
  const backwards = page.endingBefore !== undefined
  const numberOf = (id: Uuid) => sql`(select number from event_log where tenant = ${tenant} and event_id = ${id})`
  const bounds: Condition[] = [sql``]
  if (page.startingAfter) bounds.push(sql`and d.number < ${numberOf(page.startingAfter)}`)
  if (page.endingBefore) bounds.push(sql`and d.number > ${numberOf(page.endingBefore)}`)
  // Written out, so that each finds its partial index.
  if (state === 'pending') bounds.push(sql`and d.state = 'pending'`)
  if (state === 'failed') bounds.push(sql`and d.state = 'failed'`)
  if (state === 'delivered') bounds.push(sql`and d.state = 'delivered'`)
  const rows = await sql<JsonRow[]>`
    select ${columns(sql)} from deliveries d
    where d.tenant = ${tenant} and d.endpoint_id = ${endpointId} ${bounds}
    order by d.number ${backwards ? sql`asc` : sql`desc`}
    limit ${page.limit + 1}`
  const items = rows.slice(0, page.limit).map((row) => decodeRow(STATES, row))
  return { items: backwards ? items.reverse() : items, hasMore: rows.length > page.limit }
}

function columns(sql: Sql): Condition {
  const late = sql`(d.state = 'pending' and d.tries >= ${SCHEDULED_TRIES} and d.next_at >= d.told_at + interval '30 days')`
  const enabled = sql`exists (
    select from webhook_endpoints w where w.tenant = d.tenant and w.id = d.endpoint_id and w.status = 'enabled'
  )`
  return sql`d.endpoint_id, d.event_id, d.number, d.previous_number, d.state, d.tries, ${late} as late,
    case when not ${late} and ${enabled} then d.next_at end as next_at,
    case when ${enabled} then d.resend_at end as resend_at, d.last_status, d.last_error, d.delivered_at, d.told_at`
}

type HealthRow = {
  readonly failures: number | null
  readonly failing_since: Date | null
  readonly down_since: Date | null
  readonly probe_at: Date | null
  readonly draining: boolean | null
  readonly tries: number
  readonly taken: number
  readonly p95_ms: number | null
  readonly oldest_event: Uuid | null
  readonly oldest_told: Date | null
  readonly pending: number
  readonly failed: number
  readonly late: boolean
}

/** How an endpoint does, over the tries of the day before `now`. */
export async function readHealth(sql: Sql, tenant: Tenant, endpointId: Uuid, now: Date): Promise<EndpointHealth> {
  const yesterday = firstUuidAt(new Date(now.getTime() - DAY_MS))
  const [row] = await sql<HealthRow[]>`
    with recent as (
      select error, duration_ms from delivery_tries
      where tenant = ${tenant} and endpoint_id = ${endpointId} and id >= ${yesterday}
      order by id desc limit ${MOST_TRIES}
    ),
    oldest as (
      select event_id, told_at from deliveries
      where tenant = ${tenant} and endpoint_id = ${endpointId} and state = 'pending' order by number limit 1
    )
    select h.failures, h.failing_since, h.down_since, h.probe_at, h.release_after is not null as draining,
      (select count(*)::int4 from recent) as tries,
      (select count(*)::int4 from recent where error is null) as taken,
      (select percentile_disc(0.95) within group (order by duration_ms) from recent) as p95_ms,
      (select event_id from oldest) as oldest_event,
      (select told_at from oldest) as oldest_told,
      (select count(*)::int4 from (
        select from deliveries
        where tenant = ${tenant} and endpoint_id = ${endpointId} and state = 'pending' limit ${MOST_COUNTED}
      ) p) as pending,
      (select count(*)::int4 from (
        select from deliveries
        where tenant = ${tenant} and endpoint_id = ${endpointId} and state = 'failed' limit ${MOST_COUNTED}
      ) f) as failed,
      exists (
        select from deliveries d
        where d.tenant = ${tenant} and d.endpoint_id = ${endpointId} and d.state = 'pending'
          and d.tries >= ${SCHEDULED_TRIES}
      ) as late
    from (select) one
    left join endpoint_health h on h.tenant = ${tenant} and h.endpoint_id = ${endpointId}`
  return {
    failures: row?.failures ?? 0,
    failingSince: row?.failing_since ?? null,
    downSince: row?.down_since ?? null,
    probeAt: row?.late ? row.probe_at : null,
    draining: row?.draining ?? false,
    tries: row?.tries ?? 0,
    taken: row?.taken ?? 0,
    p95Ms: row?.p95_ms ?? null,
    oldest: row?.oldest_event && row.oldest_told ? { eventId: row.oldest_event, toldAt: row.oldest_told } : null,
    pending: row?.pending ?? 0,
    failed: row?.failed ?? 0,
  }
}
