import type { ClaimedDelivery, TryKind } from '../core/delivery.ts'
import { FAILING_AFTER, PROBE_EVERY_MS, SCHEDULED_TRIES } from '../core/delivery-schedule.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Door } from '../core/session.ts'
import type { Sql } from './connect.ts'
import { RELEASE_AHEAD_MS, releaseBacklog } from './release-backlog.ts'

/**
 * The tenants that may have something to send, or to drop with a deleted endpoint: an unlocked look, so that a busy merchant
 * starves nobody. `offset 0` has each question asked of its index, endpoint by endpoint and event by event. Without it a
 * planner that remembers a quiet day joins everything that waits with everything that waits.
 */
export async function tenantsWithDueDeliveries(sql: Sql, now: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (
      select from webhook_endpoints w
      where w.tenant = t.tenant
        and case when w.deleted
          then exists (
            select from deliveries d
            where d.tenant = w.tenant and d.endpoint_id = w.id and d.state = 'pending'
              and (d.leased_until is null or d.leased_until <= ${now})
            offset 0
          )
          else w.status = 'enabled' and (exists (
            select from deliveries d
            where d.tenant = w.tenant and d.endpoint_id = w.id and d.state = 'pending' and d.next_at <= ${now}
              and (d.leased_until is null or d.leased_until <= ${now})
              and not exists (
                select from deliveries earlier
                where earlier.tenant = d.tenant and earlier.endpoint_id = d.endpoint_id and earlier.root = d.root
                  and earlier.state = 'pending' and earlier.number < d.number
                offset 0
              )
            offset 0
          )
          or exists (
            select from deliveries d
            where d.tenant = w.tenant and d.endpoint_id = w.id and d.resend_at <= ${now}
              and (d.leased_until is null or d.leased_until <= ${now})
            offset 0
          )
          or exists (
            select from endpoint_health h
            where h.tenant = w.tenant and h.endpoint_id = w.id
              and (h.release_at <= ${new Date(now.getTime() + RELEASE_AHEAD_MS)} or (h.probe_at <= ${now} and exists (
                select from deliveries d
                where d.tenant = w.tenant and d.endpoint_id = w.id and d.state = 'pending'
                  and d.tries >= ${SCHEDULED_TRIES} and (d.leased_until is null or d.leased_until <= ${now})
              )))
          ))
        end
    )`
  return rows.map((row) => row.tenant)
}

export type DeliveryClaim = {
  readonly now: Date
  readonly leasedUntil: Date
  readonly limit: number
  /** Of these so many to endpoints that are failing. */
  readonly failingLimit: number
  readonly perEndpoint: number
  /** What the claimer has under way, by endpoint: it counts against `perEndpoint`. */
  readonly underWay: ReadonlyMap<Uuid, number>
}

/**
 * Leases deliveries that are due, the longest due first, to enabled endpoints. Of each root and endpoint only the first
 * pending one can be had, which is what keeps their order; what somebody wants once more goes out of turn. A late one is
 * had by its endpoint's hourly probe alone: the oldest first, at the next hour the one after it, so that an event that is
 * never taken does not keep an endpoint down. A lease that has ended is anybody's again.
 */
export async function claimDeliveries(
  sql: Sql,
  tenant: Tenant,
  { now, leasedUntil, limit, failingLimit, perEndpoint, underWay }: DeliveryClaim,
): Promise<readonly ClaimedDelivery[]> {
  await failDeleted(sql, tenant, now)
  await releaseBacklog(sql, tenant, now)
  const rows = await sql<ClaimRow[]>`
    with places as materialized (
      select w.id, h.probe_at, h.probed_number, coalesce(h.failures, 0) >= ${FAILING_AFTER} as failing,
        greatest(
          0,
          case when coalesce(h.failures, 0) >= ${FAILING_AFTER} then 1 else ${perEndpoint}::int4 end
            - coalesce((${JSON.stringify(Object.fromEntries(underWay))}::text::jsonb ->> w.id::text)::int4, 0)
        ) as free
      from webhook_endpoints w
      left join endpoint_health h on h.tenant = w.tenant and h.endpoint_id = w.id
      where w.tenant = ${tenant} and w.status = 'enabled' and not w.deleted
    ),
    heads as materialized (
      select p.id as endpoint_id, head.number, head.next_at as due_at, head.fence, 'scheduled' as kind
      from places p
      cross join lateral (
        select d.number, d.next_at, d.fence
        from deliveries d
        where d.tenant = ${tenant} and d.endpoint_id = p.id and d.state = 'pending' and d.next_at <= ${now}
          and (d.leased_until is null or d.leased_until <= ${now})
          and not exists (
            select from deliveries earlier
            where earlier.tenant = d.tenant and earlier.endpoint_id = d.endpoint_id and earlier.root = d.root
              and earlier.state = 'pending' and earlier.number < d.number
            offset 0
          )
        order by d.next_at, d.number
        limit p.free
        for update of d skip locked
      ) head
    ),
    wanted as materialized (
      select p.id as endpoint_id, again.number, again.resend_at as due_at, again.fence, 'resend' as kind
      from places p
      cross join lateral (
        select d.number, d.resend_at, d.fence
        from deliveries d
        where d.tenant = ${tenant} and d.endpoint_id = p.id and d.resend_at <= ${now}
          and (d.leased_until is null or d.leased_until <= ${now})
        order by d.resend_at, d.number
        limit p.free
        for update of d skip locked
      ) again
    ),
    probes as (
      select p.id as endpoint_id, late.number, p.probe_at as due_at, late.fence, 'probe' as kind
      from places p
      cross join lateral (
        select one.number, one.fence from (
          (select d.number, d.fence from deliveries d
           where d.tenant = ${tenant} and d.endpoint_id = p.id and d.state = 'pending' and d.tries >= ${SCHEDULED_TRIES}
             and d.next_at > ${now} and (d.leased_until is null or d.leased_until <= ${now})
             and d.number > coalesce(p.probed_number, 0)
           order by d.number limit 1)
          union all
          (select d.number, d.fence from deliveries d
           where d.tenant = ${tenant} and d.endpoint_id = p.id and d.state = 'pending' and d.tries >= ${SCHEDULED_TRIES}
             and d.next_at > ${now} and (d.leased_until is null or d.leased_until <= ${now})
           order by d.number limit 1)
        ) one
        order by one.number <= coalesce(p.probed_number, 0), one.number
        limit 1
      ) late
      where p.probe_at <= ${now} and p.free > 0
    ),
    fitting as (
      select due.*, p.failing, p.free,
        row_number() over (partition by due.endpoint_id order by due.due_at, due.number, due.kind) as place
      from (select * from heads union all select * from wanted union all select * from probes) due
      join places p on p.id = due.endpoint_id
    ),
    chosen as (
      select f.* from (
        select *, count(*) filter (where failing) over (order by due_at, number, endpoint_id) as failing_before
        from fitting where place <= free
      ) f
      where not f.failing or f.failing_before <= ${failingLimit}
      order by f.due_at, f.number, f.endpoint_id
      limit ${limit}
    ),
    claimed as (
      update deliveries d set leased_until = ${leasedUntil}, fence = d.fence + 1
      from chosen
      where d.tenant = ${tenant} and d.endpoint_id = chosen.endpoint_id and d.number = chosen.number
        and d.fence = chosen.fence
      returning d.*, chosen.kind, chosen.failing
    ),
    probed as (
      update endpoint_health h
      set probe_at = ${new Date(now.getTime() + PROBE_EVERY_MS)}, probed_number = claimed.number
      from claimed
      where claimed.kind = 'probe' and h.tenant = ${tenant} and h.endpoint_id = claimed.endpoint_id
    )
    select c.endpoint_id, c.number, c.previous_number, c.event_id, c.kind, c.tries, c.fence, c.failing,
      w.door, coalesce(c.url, w.url) as url, w.sealed_secret, w.sealed_previous, w.previous_until, c.shape, b.body
    from claimed c
    join webhook_endpoints w on w.tenant = ${tenant} and w.id = c.endpoint_id
    join event_bodies b on b.tenant = ${tenant} and b.number = c.number and b.shape = c.shape
    order by c.number, c.endpoint_id`
  return rows.map((row) => claimedOf(tenant, row))
}

type ClaimRow = {
  readonly endpoint_id: Uuid
  readonly number: bigint
  readonly previous_number: bigint | null
  readonly event_id: Uuid
  readonly kind: TryKind
  readonly tries: number
  readonly fence: number
  readonly failing: boolean
  readonly door: Door
  readonly url: string
  readonly sealed_secret: Buffer
  readonly sealed_previous: Buffer | null
  readonly previous_until: Date | null
  readonly shape: string
  readonly body: Buffer
}

const claimedOf = (tenant: Tenant, row: ClaimRow): ClaimedDelivery => ({
  tenant,
  endpointId: row.endpoint_id,
  number: row.number,
  previousNumber: row.previous_number,
  eventId: row.event_id,
  kind: row.kind,
  tries: row.tries,
  fence: row.fence,
  failing: row.failing,
  door: row.door,
  url: row.url,
  sealedSecret: Uint8Array.from(row.sealed_secret),
  sealedPrevious: row.sealed_previous && Uint8Array.from(row.sealed_previous),
  previousUntil: row.previous_until,
  shape: row.shape,
  body: Uint8Array.from(row.body),
})

/** What an endpoint had to come when it was deleted goes nowhere; a try under way ends by itself. */
async function failDeleted(sql: Sql, tenant: Tenant, now: Date): Promise<void> {
  await sql`
    update deliveries d
    set state = 'failed', next_at = null, leased_until = null, last_error = 'the endpoint was deleted'
    from (
      select d.endpoint_id, d.number
      from webhook_endpoints w
      join deliveries d on d.tenant = w.tenant and d.endpoint_id = w.id
      where w.tenant = ${tenant} and w.deleted and d.state = 'pending'
        and (d.leased_until is null or d.leased_until <= ${now})
      limit 1000
      for update of d skip locked
    ) gone
    where d.tenant = ${tenant} and d.endpoint_id = gone.endpoint_id and d.number = gone.number`
}
