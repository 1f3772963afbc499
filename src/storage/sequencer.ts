import type { PlanEvent } from '../core/delivery.ts'
import { HELD_BACK_MS } from '../core/delivery-schedule.ts'
import type { EventFact, WebhookEndpoint } from '../core/event.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'
import { NUMBERED_CHANNEL, spellNumbered } from './numbered.ts'
import { decodeRow, type JsonRow } from './shape.ts'
import { ENDPOINTS } from './shapes.ts'
import { decodeEvent } from './snapshots.ts'

/** Several sequencers may meet at one tenant; each time one of them wins, so the others are soon through. */
const ROUNDS = 20

/** The tenants whose events wait for a number: an unlocked look. */
export async function tenantsWithQueuedEvents(sql: Sql): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (select from event_queue q where q.tenant = t.tenant)`
  return rows.map((row) => row.tenant)
}

/**
 * Gives up to `limit` waiting events their gap-free numbers, and writes with them the bytes and the deliveries that
 * `plan` names. Planning happens between the read and the commit; the tenant's last number is the fence between the two:
 * when another sequencer was faster, all is read again.
 * @param batch.now when the deliveries are due
 * @returns how many events were numbered
 */
export async function numberEvents(
  sql: Sql,
  tenant: Tenant,
  batch: { readonly limit: number; readonly now: Date },
  plan: PlanEvent,
): Promise<number> {
  for (let round = 0; round < ROUNDS; round++) {
    const { last, queued } = await readQueue(sql, tenant, batch.limit)
    // Read after the events: an endpoint that stood before an event was told is here.
    const endpoints = queued.length === 0 ? [] : await readEndpoints(sql, tenant)
    const writes = planAll(inOrder(queued).slice(0, batch.limit), last, endpoints, plan)
    if (writes.length === 0) return 0
    if (await writeNumbers(sql, tenant, last, writes, batch.now)) return writes.length
  }
  return 0
}

type Queue = { readonly last: bigint; readonly queued: readonly EventFact[] }

/**
 * The roots of the oldest waiting events, and of these roots all that waits, earliest first: cut anywhere, what is left
 * has no hole within a root. It is read by state, never from a high-water mark, for commits do not become visible in the
 * order of their ids.
 */
async function readQueue(sql: Sql, tenant: Tenant, limit: number): Promise<Queue> {
  const [row] = await sql<{ last: bigint; queued: JsonRow[] }[]>`
    with oldest as (
      select event_id from event_queue where tenant = ${tenant} order by event_id limit ${limit}
    ),
    roots as (
      select distinct e.root from oldest join events e on e.tenant = ${tenant} and e.id = oldest.event_id
    ),
    queued as (
      select e.*
      from roots
      join events e on e.tenant = ${tenant} and e.root = roots.root
      join event_queue q on q.tenant = ${tenant} and q.event_id = e.id
      order by e.root, e.root_version, e.ordinal
      limit ${limit * 2}
    )
    select
      (select last_number from tenants where tenant = ${tenant}) as last,
      (select coalesce(jsonb_agg(to_jsonb(queued)), '[]') from queued) as queued`
  return { last: row?.last ?? 0n, queued: row?.queued.map(decodeEvent) ?? [] }
}

/** An endpoint that said of itself that it is gone may be back tomorrow: events are kept for it. */
async function readEndpoints(sql: Sql, tenant: Tenant): Promise<readonly WebhookEndpoint[]> {
  const rows = await sql<JsonRow[]>`
    select * from webhook_endpoints
    where tenant = ${tenant} and not deleted and (status = 'enabled' or disabled_reason = 'gone')
    order by id`
  return rows.map((row) => decodeRow(ENDPOINTS, row))
}

/**
 * Oldest first as far as the order within each root allows: an event with an older id than its predecessor (clocks of
 * two servers differ) takes the predecessor's place in time.
 */
function inOrder(events: readonly EventFact[]): readonly EventFact[] {
  const latest = new Map<Uuid, Uuid>()
  const placed = [...events].sort(byPlace).map((event) => {
    const before = latest.get(event.root)
    const at = before !== undefined && before > event.id ? before : event.id
    latest.set(event.root, at)
    return { event, at }
  })
  return placed.sort((a, b) => compare(a.at, b.at) || byPlace(a.event, b.event)).map(({ event }) => event)
}

const byPlace = (a: EventFact, b: EventFact): number => a.rootVersion - b.rootVersion || a.ordinal - b.ordinal
const compare = (a: Uuid, b: Uuid): number => (a < b ? -1 : Number(a > b))

type NumberWrite = {
  readonly number: string
  readonly event_id: Uuid
  readonly root: Uuid
  readonly bodies: readonly { readonly shape: string; readonly body: string }[]
  readonly deliveries: readonly {
    readonly endpoint_id: Uuid
    readonly shape: string
    readonly url?: string | undefined
  }[]
}

/** An event without a plan keeps its place: it and its root's later ones stay in the queue, the others go on. */
function planAll(
  events: readonly EventFact[],
  last: bigint,
  endpoints: readonly WebhookEndpoint[],
  plan: PlanEvent,
): readonly NumberWrite[] {
  const held = new Set<Uuid>()
  const writes: NumberWrite[] = []
  for (const event of events) {
    if (held.has(event.root)) continue
    const number = last + BigInt(writes.length + 1)
    const planned = plan(event, number, endpoints)
    if (planned === undefined) {
      held.add(event.root)
      continue
    }
    writes.push({
      number: number.toString(),
      event_id: event.id,
      root: event.root,
      bodies: planned.bodies.map(({ shape, body }) => ({ shape, body: `\\x${Buffer.from(body).toString('hex')}` })),
      deliveries: planned.deliveries.map(({ endpointId, shape, url }) => ({ endpoint_id: endpointId, shape, url })),
    })
  }
  return writes
}

/**
 * One statement, so one commit and one round trip. Each delivery names the one before it to the same endpoint: the fence
 * says as well that nobody has numbered anything since the statement began to read. The update takes the tenant's row first and only from its expected
 * number; everything else hangs on it. It must not be `for update`: every insert with a foreign key to the tenant holds
 * `for key share` on that row, and payments would wait for the sequencer. Whoever waits for events is told by the same
 * commit; only sequencers notify, so nobody else waits for the server's one queue of notifications.
 */
async function writeNumbers(
  sql: Sql,
  tenant: Tenant,
  last: bigint,
  writes: readonly NumberWrite[],
  now: Date,
): Promise<boolean> {
  const reached = last + BigInt(writes.length)
  const said = spellNumbered(
    tenant,
    reached,
    writes.map(({ root }) => root),
  )
  const heldUntil = new Date(now.getTime() + HELD_BACK_MS)
  const rows = await sql`
    with fence as (
      update tenants set last_number = ${reached}
      where tenant = ${tenant} and last_number = ${last}
      returning tenant
    ),
    numbered as materialized (
      select fence.tenant, w.*
      from fence, jsonb_to_recordset(${JSON.stringify(writes)}::text::jsonb)
        as w(number bigint, event_id uuid, root uuid, bodies jsonb, deliveries jsonb)
    ),
    logged as (
      insert into event_log (tenant, number, event_id) select tenant, number, event_id from numbered
    ),
    rendered as (
      insert into event_bodies (tenant, number, shape, body)
      select n.tenant, n.number, b.shape, b.body
      from numbered n, jsonb_to_recordset(n.bodies) as b(shape text, body bytea)
    ),
    due as (
      insert into deliveries (
        tenant, endpoint_id, number, previous_number, event_id, root, shape, url, state, tries, next_at, told_at, fence
      )
      select n.tenant, d.endpoint_id, n.number,
        coalesce(
          lag(n.number) over (partition by d.endpoint_id order by n.number),
          (select max(b.number) from deliveries b where b.tenant = ${tenant} and b.endpoint_id = d.endpoint_id),
          0
        ),
        n.event_id, n.root, d.shape, d.url, 'pending', 0,
        coalesce((
          select least(${heldUntil}, greatest(${now}, max(b.next_at))) from deliveries b
          where b.tenant = ${tenant} and b.endpoint_id = d.endpoint_id and b.root = n.root and b.state = 'pending'
          having count(*) > 0
        ), ${now}),
        ${now}, 0
      from numbered n, jsonb_to_recordset(n.deliveries) as d(endpoint_id uuid, shape text, url text)
    ),
    taken as (
      delete from event_queue q using numbered n where q.tenant = n.tenant and q.event_id = n.event_id
    )
    select pg_notify(${NUMBERED_CHANNEL}, ${said}) from fence`
  return rows.length === 1
}
