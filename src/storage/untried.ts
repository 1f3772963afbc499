import type { Tenant, Uuid } from '../core/ids.ts'
import type { Door } from '../core/session.ts'
import type { Sql } from './connect.ts'

/**
 * Whether an event is about to be sent to endpoints of a door for the first time: it waits for its number while the door
 * has endpoints, or for its first try there. What is not due by `dueBy` is waiting for something else, a server that is down
 * for example, and does not count.
 */
export async function isUntried(
  sql: Sql,
  tenant: Tenant,
  { eventId, door, dueBy }: { readonly eventId: Uuid; readonly door: Door; readonly dueBy: Date },
): Promise<boolean> {
  const [row] = await sql<{ untried: boolean }[]>`
    select case
      when not exists (
        select from webhook_endpoints
        where tenant = ${tenant} and door = ${door} and status = 'enabled' and not deleted
      ) then false
      when not exists (select from event_log where tenant = ${tenant} and event_id = ${eventId}) then true
      else exists (
        select from deliveries d
        join webhook_endpoints w on w.tenant = d.tenant and w.id = d.endpoint_id
        where d.tenant = ${tenant} and d.event_id = ${eventId} and d.state = 'pending' and d.tries = 0
          and d.next_at <= ${dueBy} and w.door = ${door} and w.status = 'enabled' and not w.deleted
      )
    end as untried`
  return row?.untried ?? false
}
