import type { Tenant } from '../core/ids.ts'
import type { ClaimedNotice, Notice, SettledNotice } from '../core/notice.ts'
import type { Sql } from './connect.ts'
import { decodeRow, type JsonRow, type Shape } from './shape.ts'

/** What a claim reads of a notice: not its place in the queue. */
export const CLAIMED_NOTICES: Shape<ClaimedNotice> = {
  table: 'notices',
  fields: {
    tenant: 'plain',
    connector: 'plain',
    account: 'plain',
    noticeId: 'plain',
    type: 'plain',
    reference: 'plain',
    receivedAt: 'date',
    tries: 'plain',
    fence: 'plain',
  },
}

/** Keeps a notice, due at once. @returns `known` when it was told before */
export async function keepNotice(sql: Sql, notice: Notice): Promise<'kept' | 'known' | 'no_tenant'> {
  const { tenant, connector, account, noticeId, type, reference, receivedAt } = notice
  const [row] = await sql<{ tenants: number; kept: number }[]>`
    with owner as (select tenant from tenants where tenant = ${tenant}),
    kept as (
      insert into notices (
        tenant, connector, account, notice_id, type, reference, received_at, state, next_at, tries, fence
      )
      select tenant, ${connector}, ${account}, ${noticeId}, ${type}, ${reference}, ${receivedAt}, 'waiting',
        ${receivedAt}, 0, 0
      from owner
      on conflict do nothing
      returning tenant
    )
    select (select count(*) from owner)::int4 as tenants, (select count(*) from kept)::int4 as kept`
  return row?.tenants === 1 ? (row.kept === 1 ? 'kept' : 'known') : 'no_tenant'
}

export async function tenantsWithDueNotices(sql: Sql, now: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (select from notices n where n.tenant = t.tenant and n.next_at <= ${now})`
  return rows.map((row) => row.tenant)
}

/** Takes notices that are due, the longest waiting first, for a while: when nobody settles them they are due again. */
export async function claimNotices(
  sql: Sql,
  tenant: Tenant,
  { now, until, limit }: { readonly now: Date; readonly until: Date; readonly limit: number },
): Promise<readonly ClaimedNotice[]> {
  const rows = await sql<JsonRow[]>`
    with due as materialized (
      select connector, account, notice_id
      from notices
      where tenant = ${tenant} and next_at <= ${now}
      order by next_at
      limit ${limit}
      for update skip locked
    ),
    claimed as (
      update notices n set next_at = ${until}, tries = n.tries + 1, fence = n.fence + 1
      from due d
      where n.tenant = ${tenant} and n.connector = d.connector and n.account = d.account and n.notice_id = d.notice_id
      returning n.*
    )
    select * from claimed
    order by received_at, connector collate "C", account collate "C", notice_id collate "C"`
  return rows.map((row) => decodeRow(CLAIMED_NOTICES, row))
}

/** Writes what became of notices; those that somebody else has claimed since stay as they are. @returns how many were written */
export async function settleNotices(sql: Sql, tenant: Tenant, settled: readonly SettledNotice[]): Promise<number> {
  const rows = settled.map((one) => ({
    connector: one.connector,
    account: one.account,
    notice_id: one.noticeId,
    fence: one.fence,
    state: one.state,
    next_at: one.state === 'waiting' ? one.nextAt.toISOString() : null,
  }))
  const result = await sql`
    update notices n set state = s.state, next_at = s.next_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as s (connector text, account text, notice_id text, fence int4, state text, next_at timestamptz)
    where n.tenant = ${tenant} and n.connector = s.connector and n.account = s.account and n.notice_id = s.notice_id
      and n.fence = s.fence and n.state = 'waiting'`
  return result.count
}

/** The tenants that were told something before a moment: an unlocked look. */
export async function tenantsWithOldNotices(sql: Sql, before: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (select from notices n where n.tenant = t.tenant and n.received_at < ${before} offset 0)
    order by tenant`
  return rows.map((row) => row.tenant)
}

/** Forgets notices that came before a moment. @returns how many */
export async function forgetNotices(sql: Sql, tenant: Tenant, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from notices n
    using (
      select connector, account, notice_id from notices
      where tenant = ${tenant} and received_at < ${before}
      order by received_at limit ${limit}
    ) old
    where n.tenant = ${tenant} and n.connector = old.connector and n.account = old.account
      and n.notice_id = old.notice_id and n.received_at < ${before}`
  return result.count
}
