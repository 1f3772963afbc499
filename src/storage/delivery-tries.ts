import type { DeliveryTry } from '../core/delivery.ts'
import { firstUuidAt, type Tenant, type Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'
import type { Condition, Page, PageOf } from './page-of.ts'
import { decodeRow, type JsonRow, type Shape } from './shape.ts'

const TRIES: Shape<DeliveryTry> = {
  table: 'delivery_tries',
  fields: {
    tenant: 'plain',
    id: 'plain',
    endpointId: 'plain',
    eventId: 'plain',
    number: 'bigint',
    kind: 'plain',
    nth: 'plain',
    url: 'plain',
    startedAt: 'date',
    durationMs: 'plain',
    status: 'plain',
    error: 'plain',
    nextAt: 'date',
    requestHeaders: 'plain',
    responseHeaders: 'plain',
    responseBody: 'plain',
    requestBody: 'plain',
  },
}
/** Of what was sent so many bytes are shown; all of it is the event. */
const SHOWN_BYTES = 4096

/** The tries of one event or of one endpoint, newest first. */
export async function listTries(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  of: { readonly eventId: Uuid } | { readonly endpointId: Uuid },
): Promise<Page<DeliveryTry>> {
  const backwards = page.endingBefore !== undefined
  const bounds: Condition[] = [
    'eventId' in of ? sql`and t.event_id = ${of.eventId}` : sql`and t.endpoint_id = ${of.endpointId}`,
  ]
  if (page.startingAfter) bounds.push(sql`and t.id < ${page.startingAfter}`)
  if (page.endingBefore) bounds.push(sql`and t.id > ${page.endingBefore}`)
  if (page.createdFrom) bounds.push(sql`and t.id >= ${firstUuidAt(page.createdFrom)}`)
  if (page.createdBefore) bounds.push(sql`and t.id < ${firstUuidAt(page.createdBefore)}`)
  const rows = await sql<JsonRow[]>`
    select t.*, ${shownBody(sql)} as request_body
    from delivery_tries t
    left join event_bodies b on b.tenant = t.tenant and b.number = t.number and b.shape = t.shape
    where t.tenant = ${tenant} ${bounds}
    order by t.id ${backwards ? sql`asc` : sql`desc`}
    limit ${page.limit + 1}`
  const items = rows.slice(0, page.limit).map(tryOf)
  return { items: backwards ? items.reverse() : items, hasMore: rows.length > page.limit }
}

export async function findTry(sql: Sql, tenant: Tenant, id: Uuid): Promise<DeliveryTry | undefined> {
  const [row] = await sql<JsonRow[]>`
    select t.*, ${shownBody(sql)} as request_body
    from delivery_tries t
    left join event_bodies b on b.tenant = t.tenant and b.number = t.number and b.shape = t.shape
    where t.tenant = ${tenant} and t.id = ${id}`
  return row && tryOf(row)
}

const shownBody = (sql: Sql): Condition => sql`substring(b.body from 1 for ${SHOWN_BYTES}::int4)`

function tryOf(row: JsonRow): DeliveryTry {
  const { request_body: bytes } = row
  return decodeRow(TRIES, {
    ...row,
    request_body: bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : null,
  })
}
