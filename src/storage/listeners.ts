import type { EventFact } from '../core/event.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Listener, ListenerFeature } from '../core/listener.ts'
import { LISTENER_LIFE_MS, MOST_AGAIN, MOST_LISTENERS } from '../core/listener.ts'
import type { Sql } from './connect.ts'
import type { JsonRow } from './shape.ts'
import { decodeEvent } from './snapshots.ts'

export type NewListener = Omit<Listener, 'position' | 'again' | 'expiresAt'>

/**
 * Writes a new listener, which hears what happens from now on. Those that are gone, and beyond the most that may be those
 * that were silent longest, make room.
 */
export async function openListener(sql: Sql, listener: NewListener): Promise<void> {
  const { tenant, id, seenAt } = listener
  await sql`
    with gone as (
      delete from listeners l
      where l.tenant = ${tenant} and (
        l.expires_at <= ${seenAt} or l.id in (
          select o.id from listeners o where o.tenant = ${tenant} order by o.seen_at desc, o.id desc
          offset ${MOST_LISTENERS - 1}
        )
      )
    )
    insert into listeners
      (tenant, id, key_id, feature, device, filters, secret, position, again, seen_at, expires_at)
    select t.tenant, ${id}, ${listener.keyId}, ${listener.feature}, ${listener.device},
      ${JSON.stringify(listener.filters)}::text::jsonb, ${listener.secret}, t.last_number, '{}', ${seenAt},
      ${endOfLife(seenAt)}
    from tenants t where t.tenant = ${tenant}`
}

const endOfLife = (seenAt: Date): Date => new Date(seenAt.getTime() + LISTENER_LIFE_MS)

/** A listener that has not been away too long, and whose key still opens something. */
export async function findListener(sql: Sql, tenant: Tenant, id: Uuid, now: Date): Promise<Listener | undefined> {
  const [row] = await sql<ListenerRow[]>`
    select l.* from listeners l
    join api_keys k on k.tenant = l.tenant and k.id = l.key_id and k.revoked_at is null
    where l.tenant = ${tenant} and l.id = ${id} and l.expires_at > ${now}`
  return row && decodeListener(row)
}

/**
 * Says that a listener is there, and what it has heard.
 * @returns it as it is now, with what it is to hear again; undefined when it may not listen any more
 */
export async function seeListener(
  sql: Sql,
  tenant: Tenant,
  id: Uuid,
  now: Date,
  heard: { readonly position: bigint; readonly again: readonly bigint[] },
): Promise<Listener | undefined> {
  const [row] = await sql<ListenerRow[]>`
    update listeners l set
      seen_at = ${now},
      expires_at = ${endOfLife(now)},
      position = greatest(l.position, ${heard.position}),
      again = array(
        select number from unnest(l.again) as number
        where number <> all(${heard.again.map(String)}::text[]::bigint[])
      )
    from api_keys k
    where l.tenant = ${tenant} and l.id = ${id}
      and k.tenant = l.tenant and k.id = l.key_id and k.revoked_at is null
    returning l.*`
  return row && decodeListener(row)
}

/** What is to be heard: an event with its number and, where an endpoint was sent one, the bytes that it was sent. */
export type HeardEvent = { readonly event: EventFact; readonly number: bigint; readonly body: Uint8Array | null }

/**
 * In the order of their numbers: what a listener is to hear again, and the events after a number. Nothing for a key that
 * was revoked.
 */
export async function readFeed(
  sql: Sql,
  { tenant, id }: Pick<Listener, 'tenant' | 'id'>,
  from: { readonly after: bigint; readonly limit: number; readonly shape: string },
): Promise<readonly HeardEvent[]> {
  const rows = await sql<(JsonRow & { number: bigint; body: Buffer | null })[]>`
    select e.*, l.number, b.body
    from (
      (select number, event_id from event_log
       where tenant = ${tenant}
         and number in (select unnest(again) from listeners where tenant = ${tenant} and id = ${id}))
      union
      (select number, event_id from event_log
       where tenant = ${tenant} and number > ${from.after} order by number limit ${from.limit})
    ) l
    join events e on e.tenant = ${tenant} and e.id = l.event_id
    join listeners who on who.tenant = ${tenant} and who.id = ${id}
    join api_keys k on k.tenant = ${tenant} and k.id = who.key_id and k.revoked_at is null
    left join event_bodies b on b.tenant = ${tenant} and b.number = l.number and b.shape = ${from.shape}
    order by l.number`
  return rows.map((row) => ({
    event: decodeEvent(row),
    number: row.number,
    body: row.body && Uint8Array.from(row.body),
  }))
}

/** Asks everyone who listens to hear an event once more. @returns how many do */
export async function hearAgain(sql: Sql, tenant: Tenant, number: bigint, now: Date): Promise<number> {
  const rows = await sql`
    update listeners set again = case when ${number}::bigint = any(again) then again else again || ${number}::bigint end
    where tenant = ${tenant} and feature = 'webhooks' and expires_at > ${now}
      and (${number}::bigint = any(again) or cardinality(again) < ${MOST_AGAIN})
    returning id`
  return rows.length
}

type ListenerRow = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly key_id: Uuid
  readonly feature: ListenerFeature
  readonly device: string
  readonly filters: Listener['filters']
  readonly secret: Buffer
  readonly position: bigint
  readonly again: readonly (bigint | string)[]
  readonly seen_at: Date
  readonly expires_at: Date
}

function decodeListener(row: ListenerRow): Listener {
  return {
    tenant: row.tenant,
    id: row.id,
    keyId: row.key_id,
    feature: row.feature,
    device: row.device,
    filters: row.filters,
    secret: Uint8Array.from(row.secret),
    position: row.position,
    again: row.again.map(BigInt),
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
  }
}
