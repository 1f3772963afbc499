import type { Charge } from '../core/charge.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Attempt } from '../core/settlement.ts'
import type { Sql } from './connect.ts'
import { decodeRow, type JsonRow } from './shape.ts'
import { CHARGES, DISPUTES, OPERATIONS, PAYMENTS, REFUNDS, SESSIONS } from './shapes.ts'

type AttemptRow = {
  readonly session: JsonRow | null
  readonly payment: JsonRow
  readonly charge: JsonRow
  readonly operations: readonly JsonRow[]
  readonly refunds: readonly JsonRow[]
  readonly disputes: readonly JsonRow[]
}

/** A charge with everything that it moves, as of one moment: one statement, one snapshot. */
export async function findAttempt(sql: Sql, tenant: Tenant, chargeId: Uuid): Promise<Attempt | undefined> {
  const [row] = await sql<AttemptRow[]>`
    select to_jsonb(c) as charge, to_jsonb(p) as payment, to_jsonb(s) as session,
      array(
        select to_jsonb(o) from operations o where o.tenant = c.tenant and o.charge_id = c.id order by o.id
      ) as operations,
      array(
        select to_jsonb(r) from refunds r where r.tenant = c.tenant and r.charge_id = c.id order by r.id
      ) as refunds,
      array(
        select to_jsonb(d) from disputes d where d.tenant = c.tenant and d.charge_id = c.id order by d.id
      ) as disputes
    from charges c
    join payments p on p.tenant = c.tenant and p.id = c.payment_id
    left join sessions s on s.tenant = p.tenant and s.id = p.session_id
    where c.tenant = ${tenant} and c.id = ${chargeId}`
  if (!row) return undefined
  const operations = row.operations.map((one) => decodeRow(OPERATIONS, one))
  const operation = operations.find(({ kind }) => kind === 'authorize')
  if (!operation) throw new Error('a charge without its order')
  return {
    session: row.session && decodeRow(SESSIONS, row.session),
    payment: decodeRow(PAYMENTS, row.payment),
    charge: decodeRow(CHARGES, row.charge),
    operation,
    orders: operations.filter(({ kind }) => kind !== 'authorize'),
    refunds: row.refunds.map((one) => decodeRow(REFUNDS, one)),
    disputes: row.disputes.map((one) => decodeRow(DISPUTES, one)),
  }
}

/** Charges that nobody waits for and whose time to be asked about has come, the longest waiting first. */
export async function dueCharges(sql: Sql, tenant: Tenant, now: Date, limit: number): Promise<readonly Charge[]> {
  const rows = await sql<JsonRow[]>`
    select * from charges where tenant = ${tenant} and look_at <= ${now} order by look_at limit ${limit}`
  return rows.map((row) => decodeRow(CHARGES, row))
}

export async function tenantsWithDueCharges(sql: Sql, now: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (select from charges c where c.tenant = t.tenant and c.look_at <= ${now})`
  return rows.map((row) => row.tenant)
}
