import type { Tenant, Uuid } from '../core/ids.ts'
import type { Movement, MovementType } from '../core/posting.ts'
import type { Sql } from './connect.ts'
import { type Condition, type Page, type PageOf, readMany, readOne, readPage } from './page-of.ts'
import type { Shape } from './shape.ts'

/** A view of the ledger: nothing is ever written by this shape. */
const MOVEMENTS: Shape<Movement> = {
  table: 'movements',
  fields: {
    tenant: 'plain',
    id: 'plain',
    type: 'plain',
    chargeId: 'plain',
    refundId: 'plain',
    disputeId: 'plain',
    currency: 'plain',
    amount: 'bigint',
    createdAt: 'date',
  },
}

export const findMovement = (sql: Sql, tenant: Tenant, id: Uuid): Promise<Movement | undefined> =>
  readOne(sql, MOVEMENTS, tenant, id)

export const readMovements = (sql: Sql, tenant: Tenant, ids: readonly Uuid[]): Promise<readonly Movement[]> =>
  readMany(sql, MOVEMENTS, tenant, ids)

export function listMovements(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  filter: {
    readonly types?: readonly MovementType[]
    readonly currency?: string
    readonly chargeId?: Uuid
    readonly refundId?: Uuid
    readonly disputeId?: Uuid
  },
): Promise<Page<Movement>> {
  const conditions: Condition[] = []
  if (filter.types) conditions.push(sql`and type = any(${[...filter.types]}::text[])`)
  if (filter.currency) conditions.push(sql`and currency = ${filter.currency}`)
  if (filter.chargeId) conditions.push(sql`and type = 'charge' and charge_id = ${filter.chargeId}`)
  if (filter.refundId) conditions.push(sql`and refund_id = ${filter.refundId}`)
  if (filter.disputeId) conditions.push(sql`and dispute_id = ${filter.disputeId}`)
  return readPage(sql, MOVEMENTS, tenant, page, conditions)
}
