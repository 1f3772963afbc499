import type { ClaimedDelivery, DeliveryOutcome } from '../core/delivery.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'

/** The tenants that may have something to send: an unlocked look, so that a busy merchant starves nobody. */
export async function tenantsWithDueDeliveries(sql: Sql, now: Date): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`
    select tenant from tenants t
    where exists (
      select from webhook_endpoints w
      where w.tenant = t.tenant and (w.deleted or w.status = 'enabled')
        and exists (
          select from deliveries d
          where d.tenant = w.tenant and d.endpoint_id = w.id and d.state = 'pending' and d.next_at <= ${now}
            and (d.leased_until is null or d.leased_until <= ${now})
        )
    )`
  return rows.map((row) => row.tenant)
}

export type DeliveryClaim = {
  readonly now: Date
  readonly leasedUntil: Date
  readonly limit: number
  readonly perEndpoint: number
  /** What the claimer has under way, by endpoint: it counts against `perEndpoint`. */
  readonly underWay: ReadonlyMap<Uuid, number>
}

/**
 * Leases deliveries that are due, oldest first, to enabled endpoints. Of each root and endpoint only the first pending
 * one can be had, which is what keeps their order. A lease that has ended is anybody's again.
 */
export async function claimDeliveries(
  sql: Sql,
  tenant: Tenant,
  { now, leasedUntil, limit, perEndpoint, underWay }: DeliveryClaim,
): Promise<readonly ClaimedDelivery[]> {
  await failDeleted(sql, tenant, now)
  const rows = await sql<ClaimRow[]>`
    with due as materialized (
      select head.endpoint_id, head.number
      from webhook_endpoints w
      cross join lateral (
        select d.endpoint_id, d.number, d.next_at
        from deliveries d
        where d.tenant = ${tenant} and d.endpoint_id = w.id and d.state = 'pending' and d.next_at <= ${now}
          and (d.leased_until is null or d.leased_until <= ${now})
          and not exists (
            select from deliveries earlier
            where earlier.tenant = d.tenant and earlier.endpoint_id = d.endpoint_id and earlier.root = d.root
              and earlier.state = 'pending' and earlier.number < d.number
          )
        order by d.next_at, d.number
        limit greatest(
          0,
          ${perEndpoint}::int4
            - coalesce((${JSON.stringify(Object.fromEntries(underWay))}::text::jsonb ->> w.id::text)::int4, 0)
        )
        for update of d skip locked
      ) head
      where w.tenant = ${tenant} and w.status = 'enabled' and not w.deleted
      order by head.next_at, head.number
      limit ${limit}
    ),
    claimed as (
      update deliveries d set leased_until = ${leasedUntil}, fence = d.fence + 1
      from due
      where d.tenant = ${tenant} and d.endpoint_id = due.endpoint_id and d.number = due.number
      returning d.endpoint_id, d.number, d.event_id, d.shape, d.tries, d.fence
    )
    select c.endpoint_id, c.number, c.event_id, c.tries, c.fence, w.url, w.sealed_secret, b.body
    from claimed c
    join webhook_endpoints w on w.tenant = ${tenant} and w.id = c.endpoint_id
    join event_bodies b on b.tenant = ${tenant} and b.number = c.number and b.shape = c.shape
    order by c.number`
  return rows.map((row) => ({
    tenant,
    endpointId: row.endpoint_id,
    number: row.number,
    eventId: row.event_id,
    tries: row.tries,
    fence: row.fence,
    url: row.url,
    sealedSecret: Uint8Array.from(row.sealed_secret),
    body: Uint8Array.from(row.body),
  }))
}

type ClaimRow = {
  readonly endpoint_id: Uuid
  readonly number: bigint
  readonly event_id: Uuid
  readonly tries: number
  readonly fence: number
  readonly url: string
  readonly sealed_secret: Buffer
  readonly body: Buffer
}

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

/**
 * Writes what became of a try. A claimer whose lease somebody else has taken over changes nothing.
 * A pause holds for the root's later events as well: they wait behind this one, and would be looked at for nothing.
 * @returns whether the fence was still the claimer's
 */
export async function settleDelivery(
  sql: Sql,
  tenant: Tenant,
  endpointId: Uuid,
  number: bigint,
  fence: number,
  outcome: DeliveryOutcome,
): Promise<boolean> {
  const tried = outcome.state !== 'released'
  const rows = await sql`
    with settled as (
      update deliveries set
        state = ${tried ? outcome.state : 'pending'},
        tries = tries + ${tried ? 1 : 0},
        next_at = ${tried ? (outcome.state === 'pending' ? outcome.nextAt : null) : sql`next_at`},
        leased_until = null,
        fence = fence + 1,
        last_status = ${tried ? outcome.status : sql`last_status`},
        last_error = ${tried ? ('error' in outcome ? outcome.error.slice(0, 500) : null) : sql`last_error`},
        delivered_at = ${outcome.state === 'delivered' ? outcome.at : null}
      where tenant = ${tenant} and endpoint_id = ${endpointId} and number = ${number}
        and state = 'pending' and fence = ${fence}
      returning tenant, endpoint_id, number, root, next_at
    ),
    held_back as (
      update deliveries d set next_at = settled.next_at
      from settled
      where d.tenant = ${tenant} and d.endpoint_id = settled.endpoint_id and d.root = settled.root
        and d.state = 'pending' and d.number > settled.number and d.next_at < settled.next_at
    )
    select from settled`
  return rows.length === 1
}
