import type { DeliveryOutcome, PlanEvent } from '../src/core/delivery.ts'
import type { EventFact } from '../src/core/event.ts'
import type { Tenant, Uuid } from '../src/core/ids.ts'
import type { DeliveryClaim } from '../src/storage/deliveries.ts'
import { decodeRow, type JsonRow } from '../src/storage/shape.ts'
import { decodeEvent, ENDPOINTS } from '../src/storage/shapes.ts'
import type { Write } from './memory-storage.ts'
import type { Tables } from './tables.ts'

type Commands = Readonly<Record<string, (...rest: never[]) => unknown>>

/** The sequencer's and the delivery worker's commands, as `storage/sequencer.ts` and `storage/deliveries.ts` say them in SQL. */
export function deliveryCommands(tables: Tables, write: Write): Commands {
  return {
    tenantsWithQueuedEvents: () => [...new Set([...tables.all('event_queue')].map(({ tenant }) => tenant as Tenant))],
    numberEvents: (tenant: Tenant, batch: { limit: number; now: Date }, plan: PlanEvent) =>
      write(() => numberEvents(tables, tenant, batch, plan)),
    tenantsWithDueDeliveries: (now: Date) => tenantsWithDue(tables, now.toISOString()),
    claimDeliveries: (tenant: Tenant, claim: DeliveryClaim) => write(() => claimDeliveries(tables, tenant, claim)),
    settleDelivery: (tenant: Tenant, endpointId: Uuid, number: bigint, fence: number, outcome: DeliveryOutcome) =>
      write(() => settleDelivery(tables, `${tenant}|${endpointId}|${number}`, fence, outcome)),
  }
}

function of(tables: Tables, table: string, tenant: Tenant): JsonRow[] {
  const found: JsonRow[] = []
  for (const row of tables.all(table)) if (row.tenant === tenant) found.push(row)
  return found
}

function numberEvents(
  tables: Tables,
  tenant: Tenant,
  { limit, now }: { readonly limit: number; readonly now: Date },
  plan: PlanEvent,
): number {
  const account = tables.get('tenants', String(tenant))
  if (!account) return 0
  const last = BigInt(String(account.last_number))
  const events = inOrder(readQueue(tables, tenant, limit)).slice(0, limit)
  const endpoints = of(tables, 'webhook_endpoints', tenant)
    .filter((row) => row.status === 'enabled' && row.deleted === false)
    .sort(by('id'))
    .map((row) => decodeRow(ENDPOINTS, row))
  const held = new Set<Uuid>()
  let numbered = 0n
  for (const event of events) {
    if (held.has(event.root)) continue
    const number = last + numbered + 1n
    const planned = plan(event, number, endpoints)
    if (!planned) {
      held.add(event.root)
      continue
    }
    numbered += 1n
    const place = { tenant, number: number.toString() }
    tables.insert('event_log', { ...place, event_id: event.id })
    for (const { shape, body } of planned.bodies) {
      tables.insert('event_bodies', { ...place, shape, body: Buffer.from(body).toString('hex') })
    }
    for (const { endpointId, shape } of planned.deliveries) {
      tables.insert('deliveries', {
        ...place,
        endpoint_id: endpointId,
        event_id: event.id,
        root: event.root,
        shape,
        state: 'pending',
        tries: 0,
        next_at: now.toISOString(),
        leased_until: null,
        fence: 0,
        last_status: null,
        last_error: null,
        delivered_at: null,
      })
    }
    tables.remove('event_queue', { tenant, event_id: event.id })
  }
  if (numbered > 0n) tables.replace('tenants', { ...account, last_number: (last + numbered).toString() })
  return Number(numbered)
}

/** The roots of the oldest waiting events, and of these roots all that waits. */
function readQueue(tables: Tables, tenant: Tenant, limit: number): readonly EventFact[] {
  const waiting = of(tables, 'event_queue', tenant)
    .sort(by('event_id'))
    .flatMap((row): readonly JsonRow[] => {
      const event = tables.get('events', `${tenant}|${row.event_id}`)
      return event ? [event] : []
    })
  const roots = new Set(waiting.slice(0, limit).map((row) => row.root))
  return waiting
    .filter((row) => roots.has(row.root))
    .map(decodeEvent)
    .sort((a, b) => compare(a.root, b.root) || a.rootVersion - b.rootVersion || a.ordinal - b.ordinal)
    .slice(0, limit * 2)
}

function inOrder(events: readonly EventFact[]): readonly EventFact[] {
  const byPlace = (a: EventFact, b: EventFact) => a.rootVersion - b.rootVersion || a.ordinal - b.ordinal
  const latest = new Map<Uuid, Uuid>()
  const placed = [...events].sort(byPlace).map((event) => {
    const before = latest.get(event.root)
    const at = before !== undefined && before > event.id ? before : event.id
    latest.set(event.root, at)
    return { event, at }
  })
  return placed.sort((a, b) => compare(a.at, b.at) || byPlace(a.event, b.event)).map(({ event }) => event)
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
const by = (column: string) => (a: JsonRow, b: JsonRow) => compare(String(a[column]), String(b[column]))

function isFree(row: JsonRow, now: string): boolean {
  return row.leased_until === null || String(row.leased_until) <= now
}

function isDue(row: JsonRow, now: string): boolean {
  return row.state === 'pending' && String(row.next_at) <= now && isFree(row, now)
}

function tenantsWithDue(tables: Tables, now: string): readonly Tenant[] {
  const found = new Set<Tenant>()
  for (const row of tables.all('deliveries')) {
    if (!isDue(row, now)) continue
    const endpoint = tables.get('webhook_endpoints', `${row.tenant}|${row.endpoint_id}`)
    if (endpoint?.deleted === true || endpoint?.status === 'enabled') found.add(row.tenant as Tenant)
  }
  return [...found]
}

function claimDeliveries(
  tables: Tables,
  tenant: Tenant,
  { now: at, leasedUntil, limit, perEndpoint, underWay }: DeliveryClaim,
) {
  const now = at.toISOString()
  const endpoints = of(tables, 'webhook_endpoints', tenant)
  const deliveries = of(tables, 'deliveries', tenant)
  const gone = new Set(endpoints.filter((row) => row.deleted === true).map((row) => row.id))
  for (const row of deliveries) {
    if (!gone.has(row.endpoint_id) || row.state !== 'pending' || !isFree(row, now)) continue
    const failed = { state: 'failed', next_at: null, leased_until: null, last_error: 'the endpoint was deleted' }
    tables.replace('deliveries', { ...row, ...failed })
  }
  const heads = endpoints
    .filter((row) => row.status === 'enabled' && row.deleted === false)
    .flatMap((endpoint) => {
      const pending = deliveries.filter((row) => row.endpoint_id === endpoint.id && row.state === 'pending')
      const firsts = new Map<unknown, JsonRow>()
      for (const row of pending.sort(byNumber)) if (!firsts.has(row.root)) firsts.set(row.root, row)
      const room = Math.max(0, perEndpoint - (underWay.get(endpoint.id as Uuid) ?? 0))
      return [...firsts.values()]
        .filter((row) => isDue(row, now))
        .sort(byTime)
        .slice(0, room)
    })
  return heads
    .sort(byTime)
    .slice(0, limit)
    .sort(byNumber)
    .map((row) => {
      const claimed = { ...row, leased_until: leasedUntil.toISOString(), fence: Number(row.fence) + 1 }
      tables.replace('deliveries', claimed)
      const endpoint = tables.get('webhook_endpoints', `${tenant}|${row.endpoint_id}`)
      const { url = '', sealedSecret = new Uint8Array() } = endpoint ? decodeRow(ENDPOINTS, endpoint) : {}
      const body = tables.get('event_bodies', `${tenant}|${row.number}|${row.shape}`)?.body
      return {
        tenant,
        endpointId: row.endpoint_id,
        number: BigInt(String(row.number)),
        eventId: row.event_id,
        tries: row.tries,
        fence: claimed.fence,
        url,
        sealedSecret,
        body: Uint8Array.from(Buffer.from(String(body), 'hex')),
      }
    })
}

const byNumber = (a: JsonRow, b: JsonRow): number => Number(a.number) - Number(b.number)
const byTime = (a: JsonRow, b: JsonRow): number => by('next_at')(a, b) || byNumber(a, b)

function settleDelivery(tables: Tables, key: string, fence: number, outcome: DeliveryOutcome): boolean {
  const row = tables.get('deliveries', key)
  if (row?.state !== 'pending' || row.fence !== fence) return false
  const settled = { ...row, ...changedBy(row, outcome), leased_until: null, fence: fence + 1 }
  tables.replace('deliveries', settled)
  const next = 'next_at' in settled ? settled.next_at : null
  if (typeof next !== 'string') return true
  for (const later of of(tables, 'deliveries', row.tenant as Tenant)) {
    const behind = later.endpoint_id === row.endpoint_id && later.root === row.root && later.state === 'pending'
    if (behind && byNumber(later, row) > 0 && String(later.next_at) < next) {
      tables.replace('deliveries', { ...later, next_at: next })
    }
  }
  return true
}

function changedBy(row: JsonRow, outcome: DeliveryOutcome): JsonRow {
  if (outcome.state === 'released') return { delivered_at: null }
  return {
    state: outcome.state,
    tries: Number(row.tries) + 1,
    next_at: outcome.state === 'pending' ? outcome.nextAt.toISOString() : null,
    last_status: outcome.status,
    last_error: 'error' in outcome ? outcome.error.slice(0, 500) : null,
    delivered_at: outcome.state === 'delivered' ? outcome.at.toISOString() : null,
  }
}
