import { firstUuidAt, type Tenant, type Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'
import type { Condition } from './page-of.ts'

/** Money that came or went by a link: its payment, money back to the shopper, money that an issuer took or gave back. */
export type LinkMovement = {
  readonly kind: 'payment' | 'refund' | 'dispute' | 'dispute_refund'
  /** Of the charge, the refund or the dispute. */
  readonly id: Uuid
  readonly sessionId: Uuid
}

export type MovementFilter = {
  readonly linkNumber?: bigint
  readonly createdFrom?: Date
  readonly createdBefore?: Date
  /** Part of the reference, the amount, the transaction's name or the method, in any case. */
  readonly search?: string
  readonly limit: number
  readonly offset: number
}

/** Newest first. Each kind is read along its own primary key, which is in the order of time, and no further than asked for. */
export async function listLinkMovements(
  sql: Sql,
  tenant: Tenant,
  filter: MovementFilter,
): Promise<readonly LinkMovement[]> {
  const { linkNumber, createdFrom, createdBefore, search, limit, offset } = filter
  const bounds: Condition[] = [sql``]
  if (linkNumber !== undefined) bounds.push(sql`and s.link_number = ${linkNumber}`)
  if (createdFrom) bounds.push(sql`and x.id >= ${firstUuidAt(createdFrom)}`)
  if (createdBefore) bounds.push(sql`and x.id < ${firstUuidAt(createdBefore)}`)
  if (search !== undefined) {
    bounds.push(sql`
      and position(lower(${search}) in lower(concat_ws(
        ' ', s.document->>'clientReferenceId', round(x.amount / 100.0, 2), 'card',
        to_char(x.created_at at time zone 'utc', 'YYYYMMDD') || '-pi-' || right(replace(x.id::text, '-', ''), 10)
      ))) > 0`)
  }
  const branch = (kind: LinkMovement['kind'], table: string, which: Condition): Condition => sql`(
    select ${kind}::text as kind, x.id, s.id as session_id
    from ${sql(table)} x
    join payments p on p.tenant = x.tenant and p.id = x.payment_id
    join sessions s on s.tenant = p.tenant and s.id = p.session_id
    where x.tenant = ${tenant} and s.link_number is not null ${which} ${bounds}
    order by x.id desc
    limit ${limit + offset}
  )`
  const rows = await sql<{ kind: LinkMovement['kind']; id: Uuid; session_id: Uuid }[]>`
    select kind, id, session_id from (
      ${branch('payment', 'charges', sql`and x.state = 'captured' and p.latest_charge_id = x.id`)}
      union all
      ${branch('refund', 'refunds', sql`and x.state in ('pending', 'succeeded') and x.origin <> 'surplus'`)}
      union all
      ${branch('dispute', 'disputes', sql`and x.withdrawn_at is not null`)}
      union all
      ${branch('dispute_refund', 'disputes', sql`and x.reinstated_at is not null`)}
    ) movements
    order by id desc, kind desc
    limit ${limit} offset ${offset}`
  return rows.map(({ kind, id, session_id }) => ({ kind, id, sessionId: session_id }))
}

export type LinkFilter = {
  readonly used: boolean
  /** Part of the shop's reference, in any case. */
  readonly search?: string
  readonly limit: number
}

/** Sessions with a number that wait for their payment, newest first, or that were paid, the newest payment first. */
export async function listLinks(sql: Sql, tenant: Tenant, filter: LinkFilter): Promise<readonly Uuid[]> {
  const { used, search, limit } = filter
  const found =
    search === undefined ? sql`` : sql`and position(lower(${search}) in lower(s.document->>'clientReferenceId')) > 0`
  const rows = used
    ? await sql<{ id: Uuid }[]>`
        select s.id from charges c
        join payments p on p.tenant = c.tenant and p.id = c.payment_id and p.latest_charge_id = c.id
        join sessions s on s.tenant = p.tenant and s.id = p.session_id
        where c.tenant = ${tenant} and c.state = 'captured' and s.link_number is not null and s.state = 'complete'
          and c.captured >= s.amount_total ${found}
        order by c.id desc
        limit ${limit}`
    : await sql<{ id: Uuid }[]>`
        select s.id from sessions s
        left join payments p on p.tenant = s.tenant and p.id = s.payment_id
        left join charges c on c.tenant = p.tenant and c.id = p.latest_charge_id
        where s.tenant = ${tenant} and s.link_number is not null
          and (s.state in ('open', 'processing') or (s.state = 'complete' and coalesce(c.captured, 0) < s.amount_total))
          ${found}
        order by s.id desc
        limit ${limit}`
  return rows.map(({ id }) => id)
}
