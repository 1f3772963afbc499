import type { Charge } from '../core/charge.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Operation } from '../core/operation.ts'
import type { Payment } from '../core/payment.ts'
import type { Sql } from './connect.ts'
import { type Condition, type Page, type PageOf, readMany, readOne, readPage } from './page-of.ts'
import { decodeRow, type JsonRow } from './shape.ts'
import { CHARGES, OPERATIONS, PAYMENTS } from './shapes.ts'

export const findPayment = (sql: Sql, tenant: Tenant, id: Uuid): Promise<Payment | undefined> =>
  readOne(sql, PAYMENTS, tenant, id)

export const readPayments = (sql: Sql, tenant: Tenant, ids: readonly Uuid[]): Promise<readonly Payment[]> =>
  readMany(sql, PAYMENTS, tenant, ids)

export const findCharge = (sql: Sql, tenant: Tenant, id: Uuid): Promise<Charge | undefined> =>
  readOne(sql, CHARGES, tenant, id)

export const readCharges = (sql: Sql, tenant: Tenant, ids: readonly Uuid[]): Promise<readonly Charge[]> =>
  readMany(sql, CHARGES, tenant, ids)

export function listPayments(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  filter: { readonly customerId?: Uuid },
): Promise<Page<Payment>> {
  const conditions: Condition[] = filter.customerId ? [sql`and customer_id = ${filter.customerId}`] : []
  return readPage(sql, PAYMENTS, tenant, page, conditions)
}

export function listCharges(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  filter: { readonly customerId?: Uuid; readonly paymentId?: Uuid; readonly needsReview?: boolean },
): Promise<Page<Charge>> {
  const conditions: Condition[] = []
  if (filter.customerId) conditions.push(sql`and customer_id = ${filter.customerId}`)
  if (filter.paymentId) conditions.push(sql`and payment_id = ${filter.paymentId}`)
  if (filter.needsReview !== undefined) {
    // An order to authorize goes with its charge; a refund may be in doubt after its order succeeded.
    const doubtful = sql`
      select charge_id from operations where tenant = ${tenant} and state = 'needs_review'
      union all
      select charge_id from refunds where tenant = ${tenant} and state = 'needs_review'`
    conditions.push(filter.needsReview ? sql`and id in (${doubtful})` : sql`and id not in (${doubtful})`)
  }
  return readPage(sql, CHARGES, tenant, page, conditions)
}

export const findOperation = (sql: Sql, tenant: Tenant, id: Uuid): Promise<Operation | undefined> =>
  readOne(sql, OPERATIONS, tenant, id)

/** Orders whose outcome is not known and whose time to ask has come, oldest first. */
export async function dueOperations(sql: Sql, tenant: Tenant, now: Date, limit: number): Promise<readonly Operation[]> {
  const rows = await sql<JsonRow[]>`
    select * from operations where tenant = ${tenant} and ask_at <= ${now} order by ask_at limit ${limit}`
  return rows.map((row) => decodeRow(OPERATIONS, row))
}

export async function tenantsWithDueOperations(sql: Sql, now: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (select from operations o where o.tenant = t.tenant and o.ask_at <= ${now})`
  return rows.map((row) => row.tenant)
}

/** What the books say is where, per currency: debits minus credits of each ledger account. */
export async function readBalances(
  sql: Sql,
  tenant: Tenant,
): Promise<readonly { readonly account: string; readonly currency: string; readonly amount: bigint }[]> {
  return sql<{ account: string; currency: string; amount: bigint }[]>`
    select account, currency, sum(amount)::bigint as amount
    from (
      select debit as account, currency, amount from postings where tenant = ${tenant}
      union all
      select credit, currency, -amount from postings where tenant = ${tenant}
    ) lines
    group by account, currency
    order by currency, account`
}
