import type { EventBody } from '../core/delivery.ts'
import { DRAIN_EVERY_MS } from '../core/delivery-schedule.ts'
import { firstUuidAt, type Tenant, type Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'

export type Resending = {
  readonly event: { readonly id: Uuid; readonly root: Uuid }
  readonly number: bigint
  readonly endpointId: Uuid
  readonly now: Date
  /** For an endpoint that the event did not go to; one that it went to gets the same bytes as before. */
  readonly body: EventBody
  /** And where it goes there, if not to the endpoint's own address. */
  readonly url?: string | undefined
}

/**
 * Has an event sent to an endpoint once more. What still waits there is hurried, with the earlier ones of its root, which
 * go first; what is over gets one more try, beside everything else that goes there.
 */
export async function resendDelivery(
  sql: Sql,
  tenant: Tenant,
  { event, number, endpointId, now, body, url }: Resending,
): Promise<void> {
  await sql`
    with present as materialized (
      select state from deliveries where tenant = ${tenant} and endpoint_id = ${endpointId} and number = ${number}
    ),
    rendered as (
      insert into event_bodies (tenant, number, shape, body)
      select ${tenant}, ${number}, ${body.shape}, ${body.body}::bytea
      where not exists (select from present)
      on conflict do nothing
    ),
    added as (
      insert into deliveries (
        tenant, endpoint_id, number, event_id, root, shape, url, state, tries, told_at, resend_at, fence
      )
      select ${tenant}, ${endpointId}, ${number}, ${event.id}, ${event.root}, ${body.shape}, ${url ?? null}::text, 'failed', 0, ${now}, ${now}, 0
      where not exists (select from present)
      on conflict do nothing
    ),
    once_more as (
      update deliveries d set resend_at = ${now}
      from present
      where d.tenant = ${tenant} and d.endpoint_id = ${endpointId} and d.number = ${number} and d.state <> 'pending'
    )
    update deliveries d set next_at = ${now}
    from present
    where present.state = 'pending' and d.tenant = ${tenant} and d.endpoint_id = ${endpointId}
      and d.root = ${event.root} and d.state = 'pending' and d.number <= ${number} and d.next_at > ${now}`
}

export type Range = {
  /** Of the events: from ≤ made < before. */
  readonly from: Date
  readonly before: Date
  readonly now: Date
  readonly limit: number
  /** The part that is taken: numbers after this one, and how many of the range have their times already. */
  readonly after: bigint
  readonly placed: number
}

/**
 * Has everything of a range sent that an endpoint has not taken, oldest first, at the pace of a backlog that drains.
 * @returns how many, at most `limit`, and the number of the last
 */
export async function resendUndelivered(
  sql: Sql,
  tenant: Tenant,
  endpointId: Uuid,
  { from, before, now, limit, after, placed }: Range,
): Promise<{ readonly count: number; readonly last: bigint }> {
  const [row] = await sql<{ count: number; last: bigint }[]>`
    with wanted as materialized (
      select number, state, ${now}::timestamptz + (${placed}::int4 + place) * ${DRAIN_EVERY_MS}::int4 * interval '1 millisecond' as slot
      from (
        select number, state, row_number() over (order by number) as place
        from (
          select number, state, event_id from deliveries
          where tenant = ${tenant} and endpoint_id = ${endpointId} and state = 'failed' and number > ${after}
          union all
          select number, state, event_id from deliveries
          where tenant = ${tenant} and endpoint_id = ${endpointId} and state = 'pending' and number > ${after}
        ) untaken
        where event_id >= ${firstUuidAt(from)} and event_id < ${firstUuidAt(before)}
        order by number limit ${limit}
      ) placed
    ),
    hurried as (
      update deliveries d set next_at = wanted.slot
      from wanted
      where d.tenant = ${tenant} and d.endpoint_id = ${endpointId} and d.number = wanted.number
        and d.state = 'pending' and d.next_at > wanted.slot
    ),
    once_more as (
      update deliveries d set resend_at = wanted.slot
      from wanted
      where d.tenant = ${tenant} and d.endpoint_id = ${endpointId} and d.number = wanted.number
        and d.state = 'failed' and d.resend_at is null
    )
    select count(*)::int4 as count, coalesce(max(number), ${after}::bigint) as last from wanted`
  return { count: row?.count ?? 0, last: row?.last ?? after }
}
