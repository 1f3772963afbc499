import type { Dispute } from '../core/dispute.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'
import { type Condition, type Page, type PageOf, readMany, readOne, readPage } from './page-of.ts'
import { decodeRow, type JsonRow } from './shape.ts'
import { DISPUTES } from './shapes.ts'

export const findDispute = (sql: Sql, tenant: Tenant, id: Uuid): Promise<Dispute | undefined> =>
  readOne(sql, DISPUTES, tenant, id)

export const readDisputes = (sql: Sql, tenant: Tenant, ids: readonly Uuid[]): Promise<readonly Dispute[]> =>
  readMany(sql, DISPUTES, tenant, ids)

export function listDisputes(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  filter: { readonly chargeId?: Uuid; readonly paymentId?: Uuid },
): Promise<Page<Dispute>> {
  const conditions: Condition[] = []
  if (filter.chargeId) conditions.push(sql`and charge_id = ${filter.chargeId}`)
  if (filter.paymentId) conditions.push(sql`and payment_id = ${filter.paymentId}`)
  return readPage(sql, DISPUTES, tenant, page, conditions)
}

/** All disputes of a charge; a provider opens one after the other. */
export async function disputesOf(sql: Sql, tenant: Tenant, chargeId: Uuid): Promise<readonly Dispute[]> {
  const rows = await sql<JsonRow[]>`
    select * from disputes where tenant = ${tenant} and charge_id = ${chargeId} order by id`
  return rows.map((row) => decodeRow(DISPUTES, row))
}
