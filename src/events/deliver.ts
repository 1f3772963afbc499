import type { ClaimedDelivery, DeliveryOutcome, PlanEvent, TryRecord } from '../core/delivery.ts'
import type { EventDoors } from '../core/door-events.ts'
import type { Env, HttpClient } from '../core/env.ts'
import { nameOf, type Tenant, type Uuid } from '../core/ids.ts'
import { attempt } from './attempt.ts'
import type { SecretSealer } from './endpoint-secret.ts'
import { partOf, placesFor } from './places.ts'
import { planWith } from './plan.ts'

/** What the worker asks of storage; `main` passes the whole of it. */
export type DeliveryStorage = {
  tenantsWithQueuedEvents(): Promise<readonly Tenant[]>
  numberEvents(tenant: Tenant, batch: { readonly limit: number; readonly now: Date }, plan: PlanEvent): Promise<number>
  tenantsWithDueDeliveries(now: Date): Promise<readonly Tenant[]>
  claimDeliveries(
    tenant: Tenant,
    claim: {
      readonly now: Date
      readonly leasedUntil: Date
      readonly limit: number
      readonly failingLimit: number
      readonly perEndpoint: number
      readonly underWay: ReadonlyMap<Uuid, number>
    },
  ): Promise<readonly ClaimedDelivery[]>
  settleDelivery(
    tenant: Tenant,
    settling: Pick<ClaimedDelivery, 'endpointId' | 'number' | 'fence' | 'kind' | 'url'>,
    outcome: DeliveryOutcome,
    record?: TryRecord,
  ): Promise<boolean>
}

export type DeliveryWorld = {
  readonly env: Env
  readonly storage: DeliveryStorage
  /** The way out for a tenant: in test mode it may reach this machine. */
  readonly egressFor: (tenant: Tenant) => HttpClient
  readonly sealer: Pick<SecretSealer, 'open'>
  /** How each front door tells events. */
  readonly doors: EventDoors
  readonly log: { info(fields: object, message: string): void; error(fields: object, message: string): void }
}

export type DeliveryWorker = {
  /** There may be something to do: called after commits that tell events. */
  wake(): void
  /** Resolves when nothing is queued, due or under way. For tests. */
  idle(): Promise<void>
  /** Ends what is under way, for at most `budgetMs`; what is left then is anybody's again at once. */
  stop(budgetMs?: number): Promise<void>
}

const POLL_MS = 1_000
const BATCH = 200
const PER_ENDPOINT = 4
/** Well above the total time of one try, so that a lease ends before its try only when the process died. */
const LEASE_MS = 60_000
const STOP_BUDGET_MS = 5_000

type Flight = { readonly delivery: ClaimedDelivery; abandoned: boolean; landed: Promise<void> }

/**
 * Numbers the events that wait and delivers them, until it is stopped. All it knows is in the database: after a crash the
 * leases end and the tries are made again, so an event arrives at least once.
 */
export function startDelivery({ env, storage, egressFor, sealer, doors, log }: DeliveryWorld): DeliveryWorker {
  const flights = new Set<Flight>()
  const stopping = new AbortController()
  let idlers: (() => void)[] = []
  let woken = false
  let rest = new AbortController()
  let turn = 0

  const plan = planWith(doors, (event, err) =>
    log.error({ err, event: nameOf('event', event.tenant, event.id) }, 'an event cannot be rendered'),
  )

  function wake(): void {
    woken = true
    rest.abort()
  }

  /** What may fail for one tenant does not keep the others waiting. */
  async function eachTenant(tenants: readonly Tenant[], work: (tenant: Tenant) => Promise<number>) {
    let done = 0
    let failed = false
    const first = tenants.length === 0 ? 0 : turn++ % tenants.length
    const inTurn = [...tenants.slice(first), ...tenants.slice(0, first)]
    for (const tenant of inTurn) {
      if (stopping.signal.aborted) break
      try {
        done += await work(tenant)
      } catch (err) {
        failed = true
        log.error({ err, tenant }, 'delivering events failed for a tenant')
      }
    }
    return { done, failed }
  }

  const counted = (some: readonly Flight[]) => ({
    all: some.length,
    failing: some.filter(({ delivery }) => delivery.failing).length,
  })

  /** Everybody who has something due is asked for a fair part of it; what is left then is anybody's. */
  async function claimAll(due: readonly Tenant[]) {
    const accounts = new Set([...due, ...[...flights].map(({ delivery }) => delivery.tenant)]).size
    const short = new Map<Tenant, 'of places' | 'of failing'>()
    const first = await eachTenant(due, async (tenant) => {
      const { claimed, ...rest } = await claim(tenant, accounts, false)
      if (rest.short) short.set(tenant, rest.short)
      return claimed
    })
    // Places that became free meanwhile are first for those who had none: the next round, which comes at once, asks them.
    const waits = ([tenant, what]: [Tenant, string]) => what === 'of places' && heldBy(tenant).length < partOf(accounts)
    const then = await eachTenant([...short.keys()], async (tenant) =>
      [...short].some(waits) ? 0 : (await claim(tenant, accounts, true)).claimed,
    )
    return { done: first.done + then.done, failed: first.failed || then.failed }
  }

  const heldBy = (tenant: Tenant): Flight[] => [...flights].filter(({ delivery }) => delivery.tenant === tenant)

  /** @returns how many were claimed, and what bounded them if it was the room */
  async function claim(tenant: Tenant, accounts: number, leftover: boolean) {
    const own = heldBy(tenant)
    const { limit, failingLimit } = placesFor({ held: counted([...flights]), own: counted(own), accounts, leftover })
    if (limit === 0) return { claimed: 0, short: 'of places' } as const
    const underWay = new Map<Uuid, number>()
    for (const { delivery } of own) underWay.set(delivery.endpointId, (underWay.get(delivery.endpointId) ?? 0) + 1)
    const now = env.now()
    const leasedUntil = new Date(now.getTime() + LEASE_MS)
    const claimed = await storage.claimDeliveries(tenant, {
      now,
      leasedUntil,
      limit,
      failingLimit,
      perEndpoint: PER_ENDPOINT,
      underWay,
    })
    for (const delivery of claimed) launch(delivery)
    const failing = claimed.filter((delivery) => delivery.failing).length
    if (claimed.length === limit) return { claimed: limit, short: 'of places' } as const
    return { claimed: claimed.length, short: failing === failingLimit ? ('of failing' as const) : undefined }
  }

  function launch(delivery: ClaimedDelivery): void {
    const flight: Flight = { delivery, abandoned: false, landed: Promise.resolve() }
    flights.add(flight)
    flight.landed = fly(flight)
      .catch((err: unknown) => log.error({ err, ...named(delivery) }, 'a delivery was not settled'))
      .finally(() => {
        flights.delete(flight)
        wake()
      })
  }

  async function fly(flight: Flight): Promise<void> {
    const { delivery } = flight
    const { outcome, record } = await attempt(env, egressFor(delivery.tenant), { sealer, doors }, delivery)
    if (flight.abandoned) return
    if (outcome.state !== 'delivered') log.info({ ...named(delivery), ...outcome }, 'a delivery failed')
    await settle(delivery, outcome, record)
  }

  function settle(
    { tenant, endpointId, number, fence, kind, url }: ClaimedDelivery,
    outcome: DeliveryOutcome,
    record?: TryRecord,
  ): Promise<boolean> {
    return storage.settleDelivery(tenant, { endpointId, number, fence, kind, url }, outcome, record)
  }

  async function round(): Promise<'busy' | 'quiet' | 'failed'> {
    const numbered = await eachTenant(await storage.tenantsWithQueuedEvents(), (tenant) =>
      storage.numberEvents(tenant, { limit: BATCH, now: env.now() }, plan),
    )
    const claimed = await claimAll(await storage.tenantsWithDueDeliveries(env.now()))
    if (numbered.failed || claimed.failed) return 'failed'
    return numbered.done + claimed.done > 0 ? 'busy' : 'quiet'
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waiting = idlers
      const aloft = flights.size // what lands during the round frees places that the round did not see
      idlers = []
      woken = false
      rest = new AbortController()
      const found = await round().catch((err: unknown) => {
        log.error({ err }, 'delivering events failed')
        return 'failed' as const
      })
      if (found === 'quiet' && aloft === 0) for (const resolve of waiting) resolve()
      else idlers.unshift(...waiting)
      // After a failure nobody cuts the rest short: the database may need it.
      if (found === 'failed') await pause(stopping.signal)
      else if (found === 'quiet' && !woken) await pause(rest.signal)
    }
  }

  const pause = (until: AbortSignal): Promise<void> => env.sleep(POLL_MS, until).catch(() => {})
  const running = run()

  return {
    wake,
    idle: () =>
      new Promise((resolve) => {
        idlers.push(resolve)
        wake()
      }),
    async stop(budgetMs = STOP_BUDGET_MS) {
      stopping.abort()
      rest.abort()
      await running
      const landed = new AbortController()
      const all = Promise.all([...flights].map((flight) => flight.landed)).then(() => landed.abort())
      await Promise.race([all, env.sleep(budgetMs, landed.signal).catch(() => {})])
      for (const flight of flights) {
        flight.abandoned = true
        await settle(flight.delivery, { state: 'released' }).catch((err: unknown) =>
          log.error({ err, ...named(flight.delivery) }, 'a lease was not released'),
        )
      }
      for (const resolve of idlers) resolve()
    },
  }
}

function named({ tenant, endpointId, eventId, number, tries }: ClaimedDelivery) {
  const [event, endpoint] = [nameOf('event', tenant, eventId), nameOf('endpoint', tenant, endpointId)]
  return { event, endpoint, number: number.toString(), tries }
}
