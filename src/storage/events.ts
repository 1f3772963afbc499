import type { EventFact, WebhookEndpoint } from '../core/event.ts'
import { firstUuidAt, type Tenant, type Uuid } from '../core/ids.ts'
import type { Door } from '../core/session.ts'
import type { Sql } from './connect.ts'
import { type Page, type PageOf, readOne, readPage } from './page-of.ts'
import { decodeRow, type JsonRow } from './shape.ts'
import { ENDPOINTS } from './shapes.ts'
import { decodeEvent } from './snapshots.ts'

/** An event with what has become of it: its number, once it has one, and how many deliveries still wait. */
export type ToldEvent = { readonly event: EventFact; readonly number: bigint | null; readonly pending: number }

export async function findEvent(sql: Sql, tenant: Tenant, id: Uuid): Promise<ToldEvent | undefined> {
  const [told] = await readEvents(sql, tenant, sql`and e.id = ${id}`, 1)
  return told
}

/** Newest first. Types are exact names; delivered is what every endpoint took that it went to. */
export async function listEvents(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  filter: { readonly types?: readonly string[]; readonly delivered?: boolean },
): Promise<Page<ToldEvent>> {
  const backwards = page.endingBefore !== undefined
  const told = await readEvents(
    sql,
    tenant,
    [
      sql``,
      ...(page.startingAfter ? [sql`and e.id < ${page.startingAfter}`] : []),
      ...(page.endingBefore ? [sql`and e.id > ${page.endingBefore}`] : []),
      ...(page.createdFrom ? [sql`and e.id >= ${firstUuidAt(page.createdFrom)}`] : []),
      ...(page.createdBefore ? [sql`and e.id < ${firstUuidAt(page.createdBefore)}`] : []),
      ...(filter.types ? [sql`and e.type = any(${filter.types as string[]}::text[])`] : []),
      ...(filter.delivered === undefined ? [] : [sql`and ${filter.delivered ? sql`not` : sql``} ${undelivered(sql)}`]),
    ],
    page.limit + 1,
    backwards,
  )
  const items = told.slice(0, page.limit)
  return { items: backwards ? items.reverse() : items, hasMore: told.length > page.limit }
}

/** What was told of one root, oldest first. */
export const eventsOfRoot = (sql: Sql, tenant: Tenant, root: Uuid, limit: number): Promise<ToldEvent[]> =>
  readEvents(sql, tenant, [sql`and e.root = ${root}`], limit, true)

export const findEndpoint = (sql: Sql, tenant: Tenant, id: Uuid): Promise<WebhookEndpoint | undefined> =>
  readOne(sql, ENDPOINTS, tenant, id)

export const listEndpoints = (sql: Sql, tenant: Tenant, page: PageOf): Promise<Page<WebhookEndpoint>> =>
  readPage(sql, ENDPOINTS, tenant, page, [sql`and not deleted`])

/** The hidden endpoints of a door at these origins. */
export async function findNamedEndpoints(
  sql: Sql,
  tenant: Tenant,
  door: Door,
  origins: readonly string[],
): Promise<readonly WebhookEndpoint[]> {
  const rows = await sql<JsonRow[]>`
    select * from webhook_endpoints
    where tenant = ${tenant} and door = ${door} and url = any(${origins as string[]}::text[])
      and named is not null and not deleted`
  return rows.map((row) => decodeRow(ENDPOINTS, row))
}

/** How many there are of those that the shop made, and of the hidden ones. */
export async function countEndpoints(
  sql: Sql,
  tenant: Tenant,
): Promise<{ readonly made: number; readonly named: number }> {
  const [row] = await sql<{ made: number; named: number }[]>`
    select count(*) filter (where named is null)::int4 as made, count(named)::int4 as named
    from webhook_endpoints where tenant = ${tenant} and not deleted`
  return { made: row?.made ?? 0, named: row?.named ?? 0 }
}

/** From the side of the deliveries: few are not delivered, and they have an index of their own. */
const undelivered = (sql: Sql) => sql`exists (
  select from deliveries d where d.tenant = e.tenant and d.event_id = e.id and d.state <> 'delivered'
)`

async function readEvents(
  sql: Sql,
  tenant: Tenant,
  conditions: Parameters<Sql>[1],
  limit: number,
  backwards = false,
): Promise<ToldEvent[]> {
  const rows = await sql<(JsonRow & { number: bigint | null; pending: number })[]>`
    select e.*, l.number,
      (select count(*)::int4 from deliveries d
       where d.tenant = e.tenant and d.event_id = e.id and d.state = 'pending') as pending
    from events e
    left join event_log l on l.tenant = e.tenant and l.event_id = e.id
    where e.tenant = ${tenant} ${conditions as never}
    order by e.id ${backwards ? sql`asc` : sql`desc`}
    limit ${limit}`
  return rows.map((row) => ({ event: decodeEvent(row), number: row.number, pending: row.pending }))
}
