import type { Account } from '../core/account.ts'
import type { Charge } from '../core/charge.ts'
import { accountTenant, type Tenant, type Uuid } from '../core/ids.ts'
import type { Payment } from '../core/payment.ts'
import type { Session } from '../core/session.ts'
import type { SessionState } from '../core/session-machine.ts'
import type { Sql } from './connect.ts'
import { type Condition, type Page, type PageOf, readPage } from './page-of.ts'
import { decodeRow, type JsonRow } from './shape.ts'
import { ACCOUNTS, CHARGES, PAYMENTS, SESSIONS } from './shapes.ts'

/** A session with the money beside it: the payment, once there is one, and its latest charge. */
export type SessionView = {
  readonly session: Session
  readonly payment: Payment | null
  readonly charge: Charge | null
}

type ViewRow = { readonly session: JsonRow; readonly payment: JsonRow | null; readonly charge: JsonRow | null }

/** One indexed read. */
export async function findSessionView(sql: Sql, tenant: Tenant, id: Uuid): Promise<SessionView | undefined> {
  const [row] = await selectViews(sql, sql`s.tenant = ${tenant} and s.id = ${id}`)
  return row && decodeView(row)
}

/** The session that a client who counts its links knows by a number. One indexed read. */
export async function findLink(sql: Sql, tenant: Tenant, linkNumber: bigint): Promise<SessionView | undefined> {
  const [row] = await selectViews(sql, sql`s.tenant = ${tenant} and s.link_number = ${linkNumber}`)
  return row && decodeView(row)
}

/** The views of several sessions at once, for a page of a list. */
export async function readSessionViews(
  sql: Sql,
  tenant: Tenant,
  ids: readonly Uuid[],
): Promise<ReadonlyMap<Uuid, SessionView>> {
  const rows = await selectViews(sql, sql`s.tenant = ${tenant} and s.id = any(${ids as Uuid[]}::uuid[])`)
  return new Map(rows.map(decodeView).map((view) => [view.session.id, view]))
}

/** A session as its page needs it: with the account it belongs to. */
export type Visited = SessionView & { readonly account: Account }

/** One indexed read for a whole page. */
export async function findVisit(sql: Sql, tenant: Tenant, id: Uuid): Promise<Visited | undefined> {
  const [row] = await sql<(ViewRow & { readonly account: JsonRow })[]>`
    select to_jsonb(s) as session, to_jsonb(p) as payment, to_jsonb(c) as charge, to_jsonb(a) as account
    from sessions s
    join accounts a on a.tenant = ${accountTenant(tenant)}
    left join payments p on p.tenant = s.tenant and p.id = s.payment_id
    left join charges c on c.tenant = p.tenant and c.id = p.latest_charge_id
    where s.tenant = ${tenant} and s.id = ${id}`
  return row && { ...decodeView(row), account: decodeRow(ACCOUNTS, row.account) }
}

export type SessionFilter = {
  readonly states?: readonly SessionState[]
  readonly customerId?: Uuid
  readonly paymentId?: Uuid
  /** The address the shopper typed or the shop passed. */
  readonly email?: string
}

export function listSessions(sql: Sql, tenant: Tenant, page: PageOf, filter: SessionFilter): Promise<Page<Session>> {
  const conditions: Condition[] = []
  if (filter.states) conditions.push(sql`and state = any(${filter.states as SessionState[]}::text[])`)
  if (filter.customerId) conditions.push(sql`and customer_id = ${filter.customerId}`)
  if (filter.email) {
    conditions.push(sql`
      and (document->'collected'->>'email' = ${filter.email} or document->>'customerEmail' = ${filter.email})`)
  }
  if (filter.paymentId) {
    // A payment knows its session: no index on sessions is needed for the way back.
    conditions.push(sql`
      and id = (select session_id from payments where tenant = ${tenant} and id = ${filter.paymentId})`)
  }
  return readPage(sql, SESSIONS, tenant, page, conditions)
}

/** Open sessions whose time is over, oldest first. */
export async function dueSessions(sql: Sql, tenant: Tenant, now: Date, limit: number): Promise<readonly Session[]> {
  const rows = await sql<JsonRow[]>`
    select * from sessions
    where tenant = ${tenant} and state = 'open' and expires_at <= ${now}
    order by expires_at
    limit ${limit}`
  return rows.map((row) => decodeRow(SESSIONS, row))
}

/** The tenants that have sessions to close: an unlocked look, so that a busy merchant starves nobody. */
export async function tenantsWithDueSessions(sql: Sql, now: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (
      select from sessions s where s.tenant = t.tenant and s.state = 'open' and s.expires_at <= ${now}
    )`
  return rows.map((row) => row.tenant)
}

function selectViews(sql: Sql, condition: Condition) {
  return sql<ViewRow[]>`
    select to_jsonb(s) as session, to_jsonb(p) as payment, to_jsonb(c) as charge
    from sessions s
    left join payments p on p.tenant = s.tenant and p.id = s.payment_id
    left join charges c on c.tenant = p.tenant and c.id = p.latest_charge_id
    where ${condition}`
}

function decodeView(row: ViewRow): SessionView {
  return {
    session: decodeRow(SESSIONS, row.session),
    payment: row.payment && decodeRow(PAYMENTS, row.payment),
    charge: row.charge && decodeRow(CHARGES, row.charge),
  }
}
