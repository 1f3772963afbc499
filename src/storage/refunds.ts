import type { Tenant, Uuid } from '../core/ids.ts'
import type { Refund } from '../core/refund.ts'
import type { Sql } from './connect.ts'
import { type Condition, type Page, type PageOf, readMany, readOne, readPage } from './page-of.ts'
import { decodeRow, type JsonRow } from './shape.ts'
import { REFUNDS } from './shapes.ts'

export const findRefund = (sql: Sql, tenant: Tenant, id: Uuid): Promise<Refund | undefined> =>
  readOne(sql, REFUNDS, tenant, id)

export const readRefunds = (sql: Sql, tenant: Tenant, ids: readonly Uuid[]): Promise<readonly Refund[]> =>
  readMany(sql, REFUNDS, tenant, ids)

export function listRefunds(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  filter: {
    readonly chargeId?: Uuid
    readonly paymentId?: Uuid
    readonly needsReview?: boolean
    readonly waiting?: true
  },
): Promise<Page<Refund>> {
  const conditions: Condition[] = []
  if (filter.chargeId) conditions.push(sql`and charge_id = ${filter.chargeId}`)
  if (filter.paymentId) conditions.push(sql`and payment_id = ${filter.paymentId}`)
  if (filter.needsReview === true) conditions.push(sql`and state = 'needs_review'`)
  if (filter.needsReview === false) conditions.push(sql`and state <> 'needs_review'`)
  if (filter.waiting) conditions.push(sql`and approval = 'waiting'`)
  return readPage(sql, REFUNDS, tenant, page, conditions)
}

/** All refunds of a charge, oldest first: how many there can be is bounded where they are asked for. */
export async function refundsOf(sql: Sql, tenant: Tenant, chargeId: Uuid): Promise<readonly Refund[]> {
  const rows = await sql<JsonRow[]>`
    select * from refunds where tenant = ${tenant} and charge_id = ${chargeId} order by id`
  return rows.map((row) => decodeRow(REFUNDS, row))
}
