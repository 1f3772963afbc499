import type { Tenant } from '../core/ids.ts'
import type { Sql } from './connect.ts'
import type { ToldEvent } from './events.ts'
import type { JsonRow } from './shape.ts'
import { decodeEvent } from './snapshots.ts'

/** Numbered events in their order, and the tenant's last number at the same moment. */
export type FeedRead = { readonly last: bigint; readonly entries: readonly (ToldEvent & { readonly number: bigint })[] }

/**
 * The events after a number. One statement, so one moment: numbers are given in the commit that raises the last one, hence
 * whoever sees a number sees every smaller one.
 */
export async function readNumbered(sql: Sql, tenant: Tenant, after: bigint, limit: number): Promise<FeedRead> {
  const [row] = await sql<{ last: bigint; entries: (JsonRow & { readonly number: number })[] }[]>`
    with page as (
      select e.*, l.number,
        (select count(*)::int4 from deliveries d
         where d.tenant = l.tenant and d.event_id = l.event_id and d.state = 'pending') as pending
      from event_log l
      join events e on e.tenant = l.tenant and e.id = l.event_id
      where l.tenant = ${tenant} and l.number > ${after}
      order by l.number
      limit ${limit}
    )
    select
      (select last_number from tenants where tenant = ${tenant}) as last,
      (select coalesce(jsonb_agg(to_jsonb(page) order by page.number), '[]') from page) as entries`
  const entries = row?.entries.map((entry) => ({
    event: decodeEvent(entry),
    number: BigInt(entry.number),
    pending: Number(entry.pending),
  }))
  return { last: row?.last ?? 0n, entries: entries ?? [] }
}
