import type { IdempotencyRow } from '../core/idempotency.ts'
import type { Tenant } from '../core/ids.ts'
import type { Door } from '../core/session.ts'
import type { Sql } from './connect.ts'
import type { JsonRow } from './shape.ts'
import { decodeIdempotency } from './snapshots.ts'

export async function findIdempotency(
  sql: Sql,
  tenant: Tenant,
  door: Door,
  key: string,
): Promise<IdempotencyRow | undefined> {
  const [row] = await sql<JsonRow[]>`
    select * from idempotency where tenant = ${tenant} and door = ${door} and key = ${key}`
  return row && decodeIdempotency(row)
}

/** The tenants that have keys made before a moment: an unlocked look. */
export async function tenantsWithOldKeys(sql: Sql, before: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (select from idempotency i where i.tenant = t.tenant and i.created_at < ${before} offset 0)
    order by tenant`
  return rows.map((row) => row.tenant)
}

/** Forgets keys made before a moment. @returns how many */
export async function forgetIdempotency(sql: Sql, tenant: Tenant, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from idempotency where tenant = ${tenant} and key in (
      select key from idempotency where tenant = ${tenant} and created_at < ${before} order by created_at limit ${limit}
    ) and created_at < ${before}`
  return result.count
}
