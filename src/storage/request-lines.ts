import { firstUuidAt, type Tenant } from '../core/ids.ts'
import type { RequestLine } from '../core/listener.ts'
import type { Sql } from './connect.ts'
import { decodeRow, encodeRow, type JsonRow, type Shape } from './shape.ts'

const LINES: Shape<RequestLine> = {
  table: 'request_lines',
  fields: {
    tenant: 'plain',
    id: 'plain',
    requestId: 'plain',
    method: 'plain',
    path: 'plain',
    status: 'plain',
    address: 'plain',
    error: 'plain',
    createdAt: 'date',
  },
}

/** The tenants whose requests somebody looks at, each with the moment until which that is sure. */
export async function tenantsWithTails(sql: Sql, now: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select distinct tenant from listeners where feature = 'request_logs' and expires_at > ${now}`
  return rows.map((row) => row.tenant)
}

/** Lines of one tenant; the older ones, which nobody looks at any more, go. */
export async function insertLines(
  sql: Sql,
  tenant: Tenant,
  lines: readonly RequestLine[],
  forgetBefore: Date,
): Promise<void> {
  await sql`
    with gone as (
      delete from request_lines where tenant = ${tenant} and id < ${firstUuidAt(forgetBefore)}
    )
    insert into request_lines
    select * from jsonb_populate_recordset(
      null::request_lines, ${JSON.stringify(lines.map((line) => encodeRow(LINES, line)))}::text::jsonb)`
}

/** The tenants that have lines from before a moment. There are lines only while somebody looks, and for minutes after. */
export async function tenantsWithOldLines(sql: Sql, before: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select distinct tenant from request_lines where id < ${firstUuidAt(before)} order by tenant`
  return rows.map((row) => row.tenant)
}

/** Forgets lines from before a moment. @returns how many */
export async function forgetLines(sql: Sql, tenant: Tenant, before: Date): Promise<number> {
  const result = await sql`delete from request_lines where tenant = ${tenant} and id < ${firstUuidAt(before)}`
  return result.count
}

/** Lines from a moment on, oldest first. Ids carry the time of the process that wrote them. */
export async function readLines(sql: Sql, tenant: Tenant, from: Date, limit: number): Promise<readonly RequestLine[]> {
  const rows = await sql<JsonRow[]>`
    select * from request_lines where tenant = ${tenant} and id >= ${firstUuidAt(from)} order by id limit ${limit}`
  return rows.map((row) => decodeRow(LINES, row))
}
