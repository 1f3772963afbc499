import type { ClaimedDelivery, DeliveryOutcome, TryRecord } from '../core/delivery.ts'
import {
  DOWN_AFTER_MS,
  DOWN_WITH_ONE_ROOT_AFTER_MS,
  GIVEN_UP_AFTER_MS,
  SCHEDULED_TRIES,
} from '../core/delivery-schedule.ts'
import type { Tenant } from '../core/ids.ts'
import type { Sql } from './connect.ts'
import type { Condition } from './page-of.ts'

export type Settling = Pick<ClaimedDelivery, 'endpointId' | 'number' | 'fence' | 'kind' | 'url'>

/**
 * Writes what became of a try, what is kept of it, and what it says about its endpoint. A claimer whose lease somebody
 * else has taken over changes nothing.
 * @param record undefined where no try was made
 * @returns whether the fence was still the claimer's
 */
export async function settleDelivery(
  sql: Sql,
  tenant: Tenant,
  settling: Settling,
  outcome: DeliveryOutcome,
  record?: TryRecord,
): Promise<boolean> {
  if (outcome.state === 'released') return release(sql, tenant, settling)
  const rows =
    outcome.state === 'delivered'
      ? await sql`
          with ${settled(sql, tenant, settling, outcome)},
          ${remembered(sql, settling, outcome, record)},
          ${recovered(sql, outcome.at)},
          ${followed(sql, outcome.at)}
          select from settled`
      : await sql`
          with ${settled(sql, tenant, settling, outcome)},
          ${remembered(sql, settling, outcome, record)},
          ${failed(sql, settling, outcome)},
          ${heldBack(sql)},
          ${disabled(sql, settling, outcome)}
          select from settled`
  return rows.length === 1
}

type Tried = Exclude<DeliveryOutcome, { state: 'released' }>
type Refused = Extract<DeliveryOutcome, { state: 'pending' }>

async function release(sql: Sql, tenant: Tenant, { endpointId, number, fence }: Settling): Promise<boolean> {
  const result = await sql`
    update deliveries set leased_until = null, fence = fence + 1
    where tenant = ${tenant} and endpoint_id = ${endpointId} and number = ${number} and fence = ${fence}
      and (state = 'pending' or resend_at is not null)`
  return result.count === 1
}

/** One more try that somebody wanted leaves the plan of the others as it is, unless the event is taken. */
function settled(sql: Sql, tenant: Tenant, { endpointId, number, fence, kind }: Settling, outcome: Tried): Condition {
  const error = outcome.state === 'pending' ? outcome.error.slice(0, 500) : null
  return sql`settled as (
    update deliveries set
      ${outcome.state === 'delivered' ? taken(sql, outcome.at) : kind === 'resend' ? sql`` : refused(sql, outcome)}
      tries = tries + 1, resend_at = null, leased_until = null, fence = fence + 1,
      last_status = ${outcome.status}, last_error = ${error}
    where tenant = ${tenant} and endpoint_id = ${endpointId} and number = ${number} and fence = ${fence}
      and (state = 'pending' or resend_at is not null)
    returning tenant, endpoint_id, number, event_id, shape, root, state, tries, next_at
  )`
}

const taken = (sql: Sql, at: Date): Condition => sql`state = 'delivered', next_at = null, delivered_at = ${at},`

/** A late one has no time of its own but its last day; on that day it waits to be given up. */
const refused = (sql: Sql, { late, nextAt }: Refused): Condition =>
  late
    ? sql`next_at = greatest(told_at + ${GIVEN_UP_AFTER_MS}::bigint * interval '1 millisecond', ${nextAt}),`
    : sql`next_at = ${nextAt},`

/** What comes next is what is planned now: nothing after a try that somebody wanted once more, and nothing where none is called. */
function remembered(sql: Sql, { kind, url }: Settling, outcome: Tried, record: TryRecord | undefined): Condition {
  if (!record) return sql`remembered as (select from settled)`
  const [error, nextAt] = outcome.state === 'pending' ? [outcome.error.slice(0, 500), outcome.nextAt] : [null, null]
  const gone = outcome.state === 'pending' && outcome.gone
  const headers = record.responseHeaders && JSON.stringify(record.responseHeaders)
  return sql`remembered as (
    insert into delivery_tries (
      tenant, id, endpoint_id, event_id, number, shape, kind, nth, url, started_at, duration_ms, status, error, next_at,
      request_headers, response_headers, response_body
    )
    select tenant, ${record.id}::uuid, endpoint_id, event_id, number, shape, ${kind}, tries, ${url},
      ${record.startedAt}::timestamptz, ${record.durationMs}::int4, ${outcome.status}::int2, ${error},
      case when exists (
        select from webhook_endpoints w
        where w.tenant = settled.tenant and w.id = settled.endpoint_id and w.status = 'enabled' and not w.deleted
          and not (${gone} and w.named is null and w.url = ${url})
      ) then ${kind === 'resend' ? null : nextAt}::timestamptz end,
      ${JSON.stringify(record.requestHeaders)}::text::jsonb, ${headers}::text::jsonb, ${record.responseBody}
    from settled
  )`
}

/** Any 2xx ends a downtime. What waited because of it drains, and after a probe so does all that is late. */
function recovered(sql: Sql, at: Date): Condition {
  return sql`recovered as (
    update endpoint_health h set
      failures = 0, failing_since = null, failing_root = null, several_roots = false, down_since = null,
      release_after = case when ${drains(sql)} then 0 else h.release_after end,
      release_at = case when ${drains(sql)} then ${at} else h.release_at end
    from settled
    where h.tenant = settled.tenant and h.endpoint_id = settled.endpoint_id
      and (h.failures > 0 or h.probed_number = settled.number)
  )`
}

const drains = (sql: Sql): Condition => sql`(
  h.down_since is not null or (h.probed_number = settled.number and settled.tries > ${SCHEDULED_TRIES})
)`

/** What follows in the root was held back by this one: it may go now. */
function followed(sql: Sql, at: Date): Condition {
  return sql`followed as (
    update deliveries d set next_at = ${at}
    from settled
    where d.tenant = settled.tenant and d.endpoint_id = settled.endpoint_id and d.root = settled.root
      and d.state = 'pending' and d.number > settled.number and d.tries = 0 and d.next_at > ${at}
  )`
}

/**
 * One more refusal. An endpoint is down when it has taken nothing for an hour in which it refused events of several
 * roots, or for as long as one event's tries last: a single event that it does not like is no downtime.
 */
function failed(sql: Sql, { kind }: Settling, { at, late, nextAt }: Refused): Condition {
  const hourAgo = new Date(at.getTime() - DOWN_AFTER_MS)
  const longAgo = new Date(at.getTime() - DOWN_WITH_ONE_ROOT_AFTER_MS)
  const probeAt = late ? nextAt : null
  return sql`failed as (
    insert into endpoint_health as h (
      tenant, endpoint_id, failures, failing_since, failing_root, several_roots, probe_at
    )
    select tenant, endpoint_id, 1, ${at}::timestamptz, root, false, ${probeAt}::timestamptz from settled
    on conflict (tenant, endpoint_id) do update set
      failures = h.failures + 1,
      failing_since = coalesce(h.failing_since, excluded.failing_since),
      failing_root = coalesce(h.failing_root, excluded.failing_root),
      several_roots = h.several_roots or coalesce(h.failing_root <> excluded.failing_root, false),
      down_since = case
        when h.down_since is not null then h.down_since
        when h.failing_since <= ${hourAgo} and (h.several_roots or h.failing_root <> excluded.failing_root)
          then h.failing_since
        when ${late} and h.failing_since <= ${longAgo} then h.failing_since
      end,
      probe_at = case
        when excluded.probe_at is null then h.probe_at
        when ${kind === 'probe'} or h.probe_at is null or h.probe_at <= ${at} then excluded.probe_at
        else h.probe_at
      end
  )`
}

/** A pause holds for the root's later events as well: they wait behind this one, and would be looked at for nothing. */
function heldBack(sql: Sql): Condition {
  return sql`held_back as (
    update deliveries d set next_at = settled.next_at
    from settled
    where d.tenant = settled.tenant and d.endpoint_id = settled.endpoint_id and d.root = settled.root
      and settled.state = 'pending' and d.state = 'pending' and d.number > settled.number
      and d.next_at < settled.next_at
  )`
}

/**
 * The answer 410 is about the address that was called: one that the shop has changed meanwhile stays enabled, and so does
 * the origin of an address that one session named.
 */
function disabled(sql: Sql, { url }: Settling, { gone, at }: Refused): Condition {
  return sql`disabled as (
    update webhook_endpoints w
    set status = 'disabled', disabled_reason = 'gone', disabled_at = ${at}, version = w.version + 1
    from settled
    where ${gone} and w.tenant = settled.tenant and w.id = settled.endpoint_id and w.status = 'enabled'
      and w.named is null and w.url = ${url}
  )`
}
