import type { DeliveryOutcome, PlanEvent } from '../src/core/delivery.ts'
import {
  DRAIN_EVERY_MS,
  FAILING_AFTER,
  HELD_BACK_MS,
  PROBE_EVERY_MS,
  SCHEDULED_TRIES,
} from '../src/core/delivery-schedule.ts'
import type { EventFact } from '../src/core/event.ts'
import type { Tenant, Uuid } from '../src/core/ids.ts'
import type { DeliveryClaim } from '../src/storage/deliveries.ts'
import { RELEASE_AHEAD_MS } from '../src/storage/release-backlog.ts'
import type { Settling } from '../src/storage/settle-delivery.ts'
import { decodeRow, type JsonRow } from '../src/storage/shape.ts'
import { ENDPOINTS } from '../src/storage/shapes.ts'
import { decodeEvent } from '../src/storage/snapshots.ts'
import { RECOVERED, settleDelivery, unheard } from './memory-settle.ts'
import type { Write } from './memory-storage.ts'
import type { Tables } from './tables.ts'

type Commands = Readonly<Record<string, (...rest: never[]) => unknown>>

/** The sequencer's and the delivery worker's commands, as `storage/sequencer.ts` and `storage/deliveries.ts` say them in SQL. */
export function deliveryCommands(tables: Tables, write: Write): Commands {
  return {
    tenantsWithQueuedEvents: () => [...new Set([...tables.all('event_queue')].map(({ tenant }) => tenant as Tenant))],
    numberEvents: (tenant: Tenant, batch: { limit: number; now: Date }, plan: PlanEvent) =>
      write(() => numberEvents(tables, tenant, batch, plan)),
    tenantsWithDueDeliveries: (now: Date) => tenantsWithDue(tables, now),
    claimDeliveries: (tenant: Tenant, claim: DeliveryClaim) => write(() => claimDeliveries(tables, tenant, claim)),
    // What is kept of a try is read by shops alone: the simulator keeps nothing of it.
    settleDelivery: (tenant: Tenant, settling: Settling, outcome: DeliveryOutcome) =>
      write(() => settleDelivery(tables, tenant, settling, outcome)),
    wakeEndpoint: (tenant: Tenant, endpointId: Uuid, now: Date) =>
      write(() => wakeEndpoint(tables, tenant, endpointId, now)),
    giveUpDeliveries: (tenant: Tenant, asked: { toldBefore: Date; now: Date; limit: number }) =>
      write(() => giveUpDeliveries(tables, tenant, asked)),
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
    .filter((row) => row.deleted === false && (row.status === 'enabled' || row.disabled_reason === 'gone'))
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
    for (const { endpointId, shape, url } of planned.deliveries) {
      tables.insert('deliveries', {
        ...place,
        endpoint_id: endpointId,
        previous_number: lastNumberFor(tables, tenant, endpointId),
        event_id: event.id,
        root: event.root,
        shape,
        url: url ?? null,
        state: 'pending',
        tries: 0,
        next_at: firstTimeFor(tables, tenant, endpointId, event.root, now),
        told_at: now.toISOString(),
        resend_at: null,
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

/** At once, unless an earlier event of its root waits there: then with that one, or in an hour. */
function firstTimeFor(tables: Tables, tenant: Tenant, endpointId: Uuid, root: Uuid, now: Date): string {
  const times = of(tables, 'deliveries', tenant)
    .filter((row) => row.endpoint_id === endpointId && row.root === root && row.state === 'pending')
    .map((row) => Math.min(Date.parse(String(row.next_at)), now.getTime() + HELD_BACK_MS))
  return new Date(Math.max(now.getTime(), ...times)).toISOString()
}

/** The number of an endpoint's latest delivery so far, 0 before its first. */
function lastNumberFor(tables: Tables, tenant: Tenant, endpointId: Uuid): string {
  const own = of(tables, 'deliveries', tenant).filter((row) => row.endpoint_id === endpointId)
  return own.reduce((last, { number }) => (BigInt(String(number)) > BigInt(last) ? String(number) : last), '0')
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

/** Nothing earlier of its root waits at its endpoint. */
function isFirst(tables: Tables, row: JsonRow): boolean {
  return !of(tables, 'deliveries', row.tenant as Tenant).some(
    (other) =>
      other.endpoint_id === row.endpoint_id &&
      other.root === row.root &&
      other.state === 'pending' &&
      byNumber(other, row) < 0,
  )
}

function isWanted(row: JsonRow, now: string): boolean {
  return row.resend_at !== null && String(row.resend_at) <= now && isFree(row, now)
}

const isLate = (row: JsonRow, now: string): boolean =>
  row.state === 'pending' && Number(row.tries) >= SCHEDULED_TRIES && isFree(row, now)

const healthOf = (tables: Tables, row: JsonRow, id: unknown): JsonRow | undefined =>
  tables.get('endpoint_health', `${row.tenant}|${id}`)

const isPast = (moment: unknown, now: string): boolean => typeof moment === 'string' && moment <= now

function tenantsWithDue(tables: Tables, at: Date): readonly Tenant[] {
  const now = at.toISOString()
  const ahead = new Date(at.getTime() + RELEASE_AHEAD_MS).toISOString()
  const found = new Set<Tenant>()
  for (const row of tables.all('deliveries')) {
    const health = healthOf(tables, row, row.endpoint_id)
    const probe = isPast(health?.probe_at, now) && isLate(row, now)
    const due = isDue(row, now) && isFirst(tables, row)
    const endpoint = tables.get('webhook_endpoints', `${row.tenant}|${row.endpoint_id}`)
    const dropped = endpoint?.deleted === true && row.state === 'pending' && isFree(row, now)
    const sent = endpoint?.status === 'enabled' && (due || isWanted(row, now) || probe)
    if (dropped || sent) found.add(row.tenant as Tenant)
  }
  for (const health of tables.all('endpoint_health')) {
    const endpoint = tables.get('webhook_endpoints', `${health.tenant}|${health.endpoint_id}`)
    if (endpoint?.status === 'enabled' && isPast(health.release_at, ahead)) found.add(health.tenant as Tenant)
  }
  return [...found]
}

function failDeleted(tables: Tables, tenant: Tenant, now: string): void {
  for (const row of of(tables, 'deliveries', tenant)) {
    const endpoint = tables.get('webhook_endpoints', `${tenant}|${row.endpoint_id}`)
    if (endpoint?.deleted !== true || row.state !== 'pending' || !isFree(row, now)) continue
    const failed = { state: 'failed', next_at: null, leased_until: null, last_error: 'the endpoint was deleted' }
    tables.replace('deliveries', { ...row, ...failed })
  }
}

function releaseBacklog(tables: Tables, tenant: Tenant, at: Date): void {
  const now = at.toISOString()
  const ahead = new Date(at.getTime() + RELEASE_AHEAD_MS).toISOString()
  const atOnce = RELEASE_AHEAD_MS / DRAIN_EVERY_MS
  for (const health of of(tables, 'endpoint_health', tenant)) {
    if (!isPast(health.release_at, ahead)) continue
    const from = Math.max(at.getTime(), Date.parse(String(health.release_at)))
    const part = of(tables, 'deliveries', tenant)
      .filter((row) => row.endpoint_id === health.endpoint_id && row.state === 'pending')
      .filter((row) => Number(row.number) > Number(health.release_after))
      .sort(byNumber)
      .slice(0, atOnce)
    const slots = part.map((row, index) => ({
      row,
      slot: new Date(from + (index + 1) * DRAIN_EVERY_MS).toISOString(),
    }))
    for (const { row, slot } of slots) {
      if (String(row.next_at) > slot && isFree(row, now)) tables.replace('deliveries', { ...row, next_at: slot })
    }
    const last = part.length === atOnce ? slots.at(-1) : undefined
    tables.replace('endpoint_health', {
      ...health,
      release_after: last?.row.number ?? null,
      release_at: last?.slot ?? null,
    })
  }
}

type Candidate = { readonly row: JsonRow; readonly dueAt: string; readonly kind: string }
type Places = { readonly endpoint: JsonRow; readonly failing: boolean; readonly free: number }

function claimDeliveries(tables: Tables, tenant: Tenant, claim: DeliveryClaim) {
  const { leasedUntil, limit, failingLimit, perEndpoint, underWay } = claim
  const now = claim.now.toISOString()
  failDeleted(tables, tenant, now)
  releaseBacklog(tables, tenant, claim.now)
  const deliveries = of(tables, 'deliveries', tenant)
  const fitting = of(tables, 'webhook_endpoints', tenant)
    .filter((row) => row.status === 'enabled' && row.deleted === false)
    .flatMap((endpoint) => {
      const failing = Number(healthOf(tables, endpoint, endpoint.id)?.failures ?? 0) >= FAILING_AFTER
      const free = Math.max(0, (failing ? 1 : perEndpoint) - (underWay.get(endpoint.id as Uuid) ?? 0))
      const own = deliveries.filter((row) => row.endpoint_id === endpoint.id)
      return candidatesFor(tables, own, { endpoint, failing, free }, now)
        .sort(byDue)
        .slice(0, free)
        .map((candidate) => ({ ...candidate, failing }))
    })
    .sort(byDue)
  let failingBefore = 0
  return fitting
    .filter(({ failing }) => !failing || ++failingBefore <= failingLimit)
    .slice(0, limit)
    .sort((a, b) => byNumber(a.row, b.row) || compare(String(a.row.endpoint_id), String(b.row.endpoint_id)))
    .map(({ row, kind, failing }) => {
      const claimed = { ...row, leased_until: leasedUntil.toISOString(), fence: Number(row.fence) + 1 }
      tables.replace('deliveries', claimed)
      const health = healthOf(tables, row, row.endpoint_id)
      if (kind === 'probe' && health) {
        const probeAt = new Date(claim.now.getTime() + PROBE_EVERY_MS).toISOString()
        tables.replace('endpoint_health', { ...health, probe_at: probeAt, probed_number: row.number })
      }
      const endpoint = decodeRow(ENDPOINTS, tables.get('webhook_endpoints', `${tenant}|${row.endpoint_id}`) ?? {})
      const body = tables.get('event_bodies', `${tenant}|${row.number}|${row.shape}`)?.body
      return {
        tenant,
        endpointId: row.endpoint_id,
        number: BigInt(String(row.number)),
        previousNumber: row.previous_number === null ? null : BigInt(String(row.previous_number)),
        eventId: row.event_id,
        kind,
        tries: row.tries,
        fence: claimed.fence,
        failing,
        door: endpoint.door,
        url: row.url ?? endpoint.url,
        sealedSecret: endpoint.sealedSecret,
        sealedPrevious: endpoint.sealedPrevious,
        previousUntil: endpoint.previousUntil,
        shape: row.shape,
        body: Uint8Array.from(Buffer.from(String(body), 'hex')),
      }
    })
}

/** What is due by itself, what somebody wants once more, and, once an hour, the next of what is late. */
function candidatesFor(tables: Tables, own: readonly JsonRow[], { endpoint, free }: Places, now: string): Candidate[] {
  const firsts = new Map<unknown, JsonRow>()
  const pending = own.filter((row) => row.state === 'pending').sort(byNumber)
  for (const row of pending) if (!firsts.has(row.root)) firsts.set(row.root, row)
  const heads = [...firsts.values()].filter((row) => isDue(row, now))
  const scheduled = heads.map((row) => ({ row, dueAt: String(row.next_at), kind: 'scheduled' }))
  const wanted = own
    .filter((row) => isWanted(row, now))
    .map((row) => ({ row, dueAt: String(row.resend_at), kind: 'resend' }))
  const health = healthOf(tables, endpoint, endpoint.id)
  const late = isPast(health?.probe_at, now)
    ? pending.filter((row) => isLate(row, now) && String(row.next_at) > now)
    : []
  const probed = Number(health?.probed_number ?? 0)
  const next = late.find((row) => Number(row.number) > probed) ?? late[0]
  return [
    ...scheduled.sort(byDue).slice(0, free),
    ...wanted.sort(byDue).slice(0, free),
    ...(next ? [{ row: next, dueAt: String(health?.probe_at), kind: 'probe' }] : []),
  ]
}

export const byNumber = (a: JsonRow, b: JsonRow): number => Number(a.number) - Number(b.number)
const byDue = (a: Candidate, b: Candidate): number =>
  compare(a.dueAt, b.dueAt) ||
  byNumber(a.row, b.row) ||
  compare(String(a.row.endpoint_id), String(b.row.endpoint_id)) ||
  compare(a.kind, b.kind)

function wakeEndpoint(tables: Tables, tenant: Tenant, endpointId: Uuid, now: Date): void {
  const before = tables.get('endpoint_health', `${tenant}|${endpointId}`)
  const woken = {
    ...(before ?? unheard(tenant, endpointId)),
    ...RECOVERED,
    release_after: '0',
    release_at: now.toISOString(),
  }
  if (before) tables.replace('endpoint_health', woken)
  else tables.insert('endpoint_health', woken)
}

function giveUpDeliveries(
  tables: Tables,
  tenant: Tenant,
  { toldBefore, now, limit }: { readonly toldBefore: Date; readonly now: Date; readonly limit: number },
): number {
  const old = of(tables, 'deliveries', tenant)
    .filter((row) => row.state === 'pending' && String(row.told_at) <= toldBefore.toISOString())
    .filter((row) => isFree(row, now.toISOString()))
    .slice(0, limit)
  for (const row of old) {
    tables.replace('deliveries', { ...row, state: 'failed', next_at: null, leased_until: null })
  }
  return old.length
}
