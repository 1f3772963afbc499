import { firstUuidAt, type Tenant } from '../core/ids.ts'
import type { Sql } from './connect.ts'

export type Retention = {
  /** What was told before it and is still pending is given up. */
  readonly toldBefore: Date
  readonly triesBefore: Date
  readonly bodiesBefore: Date
}

/**
 * The tenants that may have deliveries to give up, or tries or bytes to forget: an unlocked look at the oldest of each, so
 * that a round does nothing for the many that have none.
 */
export async function tenantsWithOldDeliveries(sql: Sql, before: Retention): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (
      select from delivery_tries r where r.tenant = t.tenant and r.id < ${firstUuidAt(before.triesBefore)} offset 0
    )
    or (
      select l.event_id
      from (select number from event_bodies b where b.tenant = t.tenant order by number limit 1) first
      join event_log l on l.tenant = t.tenant and l.number = first.number
    ) < ${firstUuidAt(before.bodiesBefore)}
    or exists (
      select from webhook_endpoints w
      cross join lateral (
        select d.told_at from deliveries d
        where d.tenant = t.tenant and d.endpoint_id = w.id and d.state = 'pending' order by d.number limit 1
      ) oldest
      where w.tenant = t.tenant and oldest.told_at <= ${before.toldBefore}
    )
    order by tenant`
  return rows.map((row) => row.tenant)
}

/**
 * Gives up deliveries that were told before a moment, of each endpoint the oldest `limit` being looked at.
 * @returns how many
 */
export async function giveUpDeliveries(
  sql: Sql,
  tenant: Tenant,
  { toldBefore, now, limit }: { readonly toldBefore: Date; readonly now: Date; readonly limit: number },
): Promise<number> {
  const result = await sql`
    update deliveries d
    set state = 'failed', next_at = null, leased_until = null,
      last_error = left('given up after 30 days' || coalesce(': ' || d.last_error, ''), 500)
    from webhook_endpoints w
    cross join lateral (
      select one.number from deliveries one
      where one.tenant = ${tenant} and one.endpoint_id = w.id and one.state = 'pending'
      order by one.number limit ${limit}
    ) oldest
    where w.tenant = ${tenant} and d.tenant = ${tenant} and d.endpoint_id = w.id and d.number = oldest.number
      and d.state = 'pending' and d.told_at <= ${toldBefore}
      and (d.leased_until is null or d.leased_until <= ${now})`
  return result.count
}

/** Forgets what is kept of old tries. @returns how many */
export async function forgetTries(sql: Sql, tenant: Tenant, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from delivery_tries t
    using (
      select id from delivery_tries where tenant = ${tenant} and id < ${firstUuidAt(before)} order by id limit ${limit}
    ) old
    where t.tenant = ${tenant} and t.id = old.id`
  return result.count
}

/**
 * Forgets the bytes of old events, with the deliveries of them that are over. An endpoint's newest delivery stays, unless
 * the endpoint is deleted: the next one names its number. One that somebody wanted once more stays until it was sent,
 * but not for an endpoint that was disabled instead. The events themselves and their numbers are kept.
 * @returns how many events were looked at
 */
export async function forgetBodies(sql: Sql, tenant: Tenant, before: Date, limit: number): Promise<number> {
  const oldest = firstUuidAt(before)
  const [row] = await sql<{ count: number }[]>`
    with first as materialized (
      select distinct b.number, l.event_id
      from (select number from event_bodies where tenant = ${tenant} order by number limit ${limit}) b
      join event_log l on l.tenant = ${tenant} and l.number = b.number
    ),
    old as materialized (select * from first where event_id < ${oldest}),
    over as (
      delete from deliveries d
      using old, webhook_endpoints w
      where d.tenant = ${tenant} and d.event_id = old.event_id and d.state <> 'pending'
        and w.tenant = ${tenant} and w.id = d.endpoint_id
        and (w.deleted or ((d.resend_at is null or w.status <> 'enabled') and exists (
          select from deliveries later
          where later.tenant = ${tenant} and later.endpoint_id = d.endpoint_id and later.number > d.number
        )))
    )
    select count(*)::int4 as count from old`
  await sql`
    delete from event_bodies b
    using (select number from event_bodies where tenant = ${tenant} order by number limit ${limit}) first, event_log l
    where b.tenant = ${tenant} and b.number = first.number and l.tenant = ${tenant} and l.number = b.number
      and l.event_id < ${oldest}
      and not exists (
        select from deliveries d where d.tenant = ${tenant} and d.event_id = l.event_id
      )`
  return row?.count ?? 0
}
