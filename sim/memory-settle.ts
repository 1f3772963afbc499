import type { DeliveryOutcome } from '../src/core/delivery.ts'
import {
  DOWN_AFTER_MS,
  DOWN_WITH_ONE_ROOT_AFTER_MS,
  GIVEN_UP_AFTER_MS,
  SCHEDULED_TRIES,
} from '../src/core/delivery-schedule.ts'
import type { Tenant, Uuid } from '../src/core/ids.ts'
import type { Settling } from '../src/storage/settle-delivery.ts'
import type { JsonRow } from '../src/storage/shape.ts'
import { byNumber } from './memory-delivery.ts'
import { rowsOf } from './memory-storage.ts'
import type { Tables } from './tables.ts'

type Refused = Extract<DeliveryOutcome, { state: 'pending' }>

/** What a 2xx leaves of a downtime. */
export const RECOVERED = {
  failures: 0,
  failing_since: null,
  failing_root: null,
  several_roots: false,
  down_since: null,
} as const

export const unheard = (tenant: Tenant, endpointId: Uuid): JsonRow => ({
  tenant,
  endpoint_id: endpointId,
  ...RECOVERED,
  probe_at: null,
  probed_number: null,
  release_after: null,
  release_at: null,
})

/** As `storage/settle-delivery.ts` says it in SQL. */
export function settleDelivery(tables: Tables, tenant: Tenant, settling: Settling, outcome: DeliveryOutcome): boolean {
  const { endpointId, number, fence, kind } = settling
  const row = tables.get('deliveries', `${tenant}|${endpointId}|${number}`)
  if (row?.fence !== fence || (row.state !== 'pending' && row.resend_at === null)) return false
  const free = { ...row, leased_until: null, fence: fence + 1 }
  if (outcome.state === 'released') {
    tables.replace('deliveries', free)
    return true
  }
  const refused = outcome.state === 'pending' ? outcome : undefined
  const settled = {
    ...free,
    ...(refused ? (kind === 'resend' ? {} : { next_at: nextOf(row, refused) }) : takenAt(outcome)),
    tries: Number(row.tries) + 1,
    resend_at: null,
    last_status: outcome.status,
    last_error: refused?.error.slice(0, 500) ?? null,
  }
  tables.replace('deliveries', settled)
  const later = rowsOf(tables, 'deliveries', tenant).filter(
    (other) =>
      other.endpoint_id === endpointId &&
      other.root === row.root &&
      other.state === 'pending' &&
      byNumber(other, row) > 0,
  )
  if (refused) refuse(tables, settled, settling, refused, later)
  else recover(tables, settled, (outcome as { at: Date }).at.toISOString(), later)
  return true
}

const takenAt = (outcome: DeliveryOutcome): JsonRow =>
  outcome.state === 'delivered' ? { state: 'delivered', next_at: null, delivered_at: outcome.at.toISOString() } : {}

function nextOf(row: JsonRow, { late, nextAt }: Refused): string {
  const lastDay = Date.parse(String(row.told_at)) + GIVEN_UP_AFTER_MS
  return new Date(late ? Math.max(lastDay, nextAt.getTime()) : nextAt).toISOString()
}

function recover(tables: Tables, settled: JsonRow, at: string, later: readonly JsonRow[]): void {
  const health = tables.get('endpoint_health', `${settled.tenant}|${settled.endpoint_id}`)
  const probed = health?.probed_number === settled.number
  if (health && (Number(health.failures) > 0 || probed)) {
    const drains = health.down_since !== null || (probed && Number(settled.tries) > SCHEDULED_TRIES)
    const drained = drains ? { release_after: '0', release_at: at } : {}
    tables.replace('endpoint_health', { ...health, ...RECOVERED, ...drained })
  }
  for (const row of later) {
    if (row.tries === 0 && String(row.next_at) > at) tables.replace('deliveries', { ...row, next_at: at })
  }
}

function refuse(
  tables: Tables,
  settled: JsonRow,
  { kind, url }: Settling,
  { at, late, gone, nextAt }: Refused,
  later: readonly JsonRow[],
): void {
  const now = at.toISOString()
  const key = `${settled.tenant}|${settled.endpoint_id}`
  const before = tables.get('endpoint_health', key)
  const health = before ?? unheard(settled.tenant as Tenant, settled.endpoint_id as Uuid)
  const since = health.failing_since === null ? Infinity : Date.parse(String(health.failing_since))
  const another = health.failing_root !== null && health.failing_root !== settled.root
  const down =
    (since <= at.getTime() - DOWN_AFTER_MS && (health.several_roots === true || another)) ||
    (late && since <= at.getTime() - DOWN_WITH_ONE_ROOT_AFTER_MS)
  const probes = late && (kind === 'probe' || health.probe_at === null || String(health.probe_at) <= now)
  const failed = {
    ...health,
    failures: Number(health.failures) + 1,
    failing_since: health.failing_since ?? now,
    failing_root: health.failing_root ?? settled.root,
    several_roots: health.several_roots === true || another,
    down_since: health.down_since ?? (down ? health.failing_since : null),
    probe_at: probes ? nextAt.toISOString() : health.probe_at,
  }
  if (before) tables.replace('endpoint_health', failed)
  else tables.insert('endpoint_health', failed)
  for (const row of later) {
    if (settled.state === 'pending' && String(row.next_at) < String(settled.next_at)) {
      tables.replace('deliveries', { ...row, next_at: settled.next_at })
    }
  }
  const endpoint = tables.get('webhook_endpoints', key)
  if (!gone || endpoint?.status !== 'enabled' || typeof endpoint.named === 'number' || endpoint.url !== url) return
  const disabled = { status: 'disabled', disabled_reason: 'gone', disabled_at: now }
  tables.replace('webhook_endpoints', { ...endpoint, ...disabled, version: Number(endpoint.version) + 1 })
}
