import { DRAIN_EVERY_MS } from '../core/delivery-schedule.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'

/** How far ahead a backlog is given its times: so many rows at once, and not again before these are nearly over. */
export const RELEASE_AHEAD_MS = 10_000
const AT_ONCE = RELEASE_AHEAD_MS / DRAIN_EVERY_MS

/**
 * Gives the next part of each backlog that drains its times: oldest first, one after the other at the pace of the drain.
 * What is due already, or sooner, keeps its time. New events do not wait behind an old backlog.
 */
export async function releaseBacklog(sql: Sql, tenant: Tenant, now: Date): Promise<void> {
  await sql`
    with draining as materialized (
      select h.endpoint_id, h.release_after, greatest(h.release_at, ${now}) as release_at
      from endpoint_health h
      where h.tenant = ${tenant} and h.release_at <= ${new Date(now.getTime() + RELEASE_AHEAD_MS)}
      for update skip locked
    ),
    slots as materialized (
      select draining.endpoint_id, d.number, d.place,
        draining.release_at + d.place * ${DRAIN_EVERY_MS}::int4 * interval '1 millisecond' as slot
      from draining
      cross join lateral (
        select one.number, row_number() over (order by one.number) as place
        from (
          select d.number from deliveries d
          where d.tenant = ${tenant} and d.endpoint_id = draining.endpoint_id and d.state = 'pending'
            and d.number > draining.release_after
          order by d.number limit ${AT_ONCE}
        ) one
      ) d
    ),
    moved as (
      update deliveries d set next_at = slots.slot
      from slots
      where d.tenant = ${tenant} and d.endpoint_id = slots.endpoint_id and d.number = slots.number
        and d.state = 'pending' and d.next_at > slots.slot and (d.leased_until is null or d.leased_until <= ${now})
    )
    update endpoint_health h
    set release_after = case when part.count = ${AT_ONCE} then part.last end,
      release_at = case when part.count = ${AT_ONCE} then part.slot end
    from (
      select draining.endpoint_id, count(slots.number) as count, max(slots.number) as last, max(slots.slot) as slot
      from draining left join slots on slots.endpoint_id = draining.endpoint_id
      group by draining.endpoint_id
    ) part
    where h.tenant = ${tenant} and h.endpoint_id = part.endpoint_id`
}

/** Forgets what an endpoint's answers said, and lets go what waits for it: it was enabled, or lives elsewhere now. */
export async function wakeEndpoint(sql: Sql, tenant: Tenant, endpointId: Uuid, now: Date): Promise<void> {
  await sql`
    insert into endpoint_health (tenant, endpoint_id, failures, several_roots, release_after, release_at)
    values (${tenant}, ${endpointId}, 0, false, 0, ${now})
    on conflict (tenant, endpoint_id) do update
    set failures = 0, failing_since = null, failing_root = null, several_roots = false, down_since = null,
      release_after = 0, release_at = ${now}`
}
