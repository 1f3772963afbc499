import { makeRandom } from '../../sim/random.ts'
import { defer, type Life } from '../../sim/wire.ts'
import { makeWorld, type World } from '../../sim/world.ts'
import type { Env, HttpClient, HttpRequest } from '../../src/core/env.ts'
import { HttpError } from '../../src/core/env.ts'
import { nameOf, newUuid, type Tenant, type Uuid } from '../../src/core/ids.ts'
import { signatureHeaders } from '../../src/core/sign-delivery.ts'
import { type DeliveryWorker, startDelivery } from '../../src/events/deliver.ts'
import { makeSecretSealer, newEndpointSecret } from '../../src/events/endpoint-secret.ts'
import { updateEndpoint } from '../../src/flows/endpoints/change-endpoint.ts'
import { keepDeliveries } from '../../src/flows/endpoints/keep-deliveries.ts'
import type { Sql } from '../../src/storage/connect.ts'
import { openStorage, type Storage } from '../../src/storage/storage.ts'
import { plainDoor } from '../support/plain-door.ts'
import { endpointOf, factOf, newTenant } from '../support/told-events.ts'
import { DAY_MS, GONE_DAYS, HOUR_MS, type Kind, PERSONALITIES, type Personality } from './endpoints.ts'

/** One call that arrived at an endpoint. */
export type Call = {
  readonly atMs: number
  readonly number: number
  readonly previous: number
  readonly taken: boolean
}
export type Told = { readonly atMs: number; readonly root: number; readonly id: Uuid }
export type Place = {
  readonly kind: Kind
  readonly tenant: Tenant
  readonly id: Uuid
  readonly calls: Call[]
}
export type Month = {
  readonly places: readonly Place[]
  /** By tenant, in the order of their numbers. */
  readonly told: ReadonlyMap<Tenant, readonly Told[]>
  readonly days: number
  /** Every fault of ours that an endpoint saw: a wrong signature, other bytes for one id. */
  readonly faults: readonly string[]
  readonly deaths: number
}

type Shop = { readonly kinds: readonly Kind[]; readonly roots: number; readonly eventsPerRoot: number }

/** A busy account whose endpoints are of every sort, and a quiet one beside one that never answers. */
const SHOPS: readonly Shop[] = [
  { kinds: ['good', 'slow', 'flapping', 'dead', 'lost', 'gone', 'picky', 'hostile'], roots: 9, eventsPerRoot: 3 },
  { kinds: ['good', 'black'], roots: 6, eventsPerRoot: 3 },
]
const DAYS = 33
/** Events are told in the first days alone, and some of them all at once. */
const TELLING_DAYS = 28
const BURST = { atMs: 15 * DAY_MS, roots: 4 }
const TIMEOUT_MS = 15_000

/**
 * A month in the life of endpoints: the real worker and the real storage on a clock that jumps from one thing to the
 * next, with processes that die in the middle of deliveries.
 */
export async function liveMonth(sql: Sql, seed: number): Promise<Month> {
  const world = makeWorld(seed)
  const storage = openStorage(sql)
  const sealer = makeSecretSealer(envOf(world), makeRandom(seed, 'sealing').bytes(32))
  const places: Place[] = []
  const secrets = new Map<string, string>()
  const told = new Map<Tenant, Told[]>()
  const faults: string[] = []
  const roots = new Map<string, number>()
  let worker: DeliveryWorker | undefined
  let life: Life = { name: 'none', alive: false, pausedUntilMs: 0 }
  let deaths = 0

  for (const [at, shop] of SHOPS.entries()) await open(at, shop)
  boot()
  for (let day = 3; day < DAYS; day += 3) world.after(day * DAY_MS + 1_000, die)
  for (let hour = 1; hour < DAYS * 24; hour += 6) {
    world.after(hour * HOUR_MS, () => keepDeliveries({ env: envOf(world), storage }).then(() => undefined))
  }
  world.after((GONE_DAYS[1] + 1) * DAY_MS, enable)
  await world.runUntil(DAYS * DAY_MS)
  life.alive = false
  return { places, told: await byNumber(sql, told), days: DAYS, faults, deaths }

  async function open(at: number, shop: Shop): Promise<void> {
    const env = envOf(world)
    const tenant = await newTenant(env, storage)
    told.set(tenant, [])
    for (const [place, kind] of shop.kinds.entries()) {
      const secret = newEndpointSecret(env)
      const url = `https://${kind}-${at}-${place}.example/`
      secrets.set(url, secret)
      const endpoint = endpointOf(env, tenant, { url, sealedSecret: sealer.seal(tenant, secret) })
      await storage.commit({ endpoints: [endpoint] })
      places.push({ kind, tenant, id: endpoint.id, calls: [] })
    }
    const draw = world.random(`shop ${at}`)
    for (let root = 0; root < shop.roots; root++) {
      // One is old enough to be given up when the month is over.
      const laterMs = root === BURST.roots ? HOUR_MS : draw.between(0, (TELLING_DAYS - 2) * DAY_MS)
      let atMs = root < BURST.roots ? BURST.atMs : laterMs
      const rootId = newUuid(env)
      for (let version = 1; version <= shop.eventsPerRoot; version++) {
        world.after(atMs, () => tellOne(tenant, rootId, root, version))
        atMs += draw.between(10, root < BURST.roots ? 20 : 8 * HOUR_MS)
      }
    }
  }

  async function tellOne(tenant: Tenant, rootId: Uuid, root: number, version: number): Promise<void> {
    const fact = factOf(envOf(world), tenant, { root: rootId, rootVersion: version, ordinal: 0 })
    roots.set(nameOf('event', tenant, fact.id), root)
    await storage.commit({ events: [fact] })
    told.get(tenant)?.push({ atMs: world.nowMs(), root, id: fact.id })
    worker?.wake()
  }

  function boot(): void {
    const own: Life = { name: `worker ${deaths}`, alive: true, pausedUntilMs: 0 }
    life = own
    const log = {
      info: () => {},
      error: (fields: object, message: string) =>
        void faults.push(`${message} ${String((fields as { err?: unknown }).err)}`),
    }
    worker = startDelivery({
      env: restingEnv(world, own, sql),
      storage: portOf(world, storage, own),
      egressFor: (tenant) => clientOf(tenant, own),
      sealer,
      doors: {
        native: plainDoor('native', ({ event, number }) => ({
          id: nameOf('event', event.tenant, event.id),
          number: Number(number),
        })),
      },
      log,
    })
  }

  /** At any moment: while it claims, before a byte has left, while an endpoint answers, before that is written down. */
  function die(): void {
    life.alive = false
    deaths += 1
    world.after(5_000, boot)
  }

  async function enable(): Promise<void> {
    const place = places.find(({ kind }) => kind === 'gone')
    if (!place) return
    const caller = { tenant: place.tenant, keyId: place.id, kind: 'secret', door: 'native' } as const
    const context = { env: envOf(world), storage, sealer, doors: {}, allowLoopback: false }
    await updateEndpoint(context, { caller, requestId: 'req_1', key: null }, place.id, { disabled: false })
  }

  function clientOf(tenant: Tenant, own: Life): HttpClient {
    return (request) =>
      new Promise((resolve, reject) => {
        const [, kind = '', at = '', index = ''] = /^https:\/\/(\w+)-(\d)-(\d)\./.exec(request.url) ?? []
        const place = places.filter((one) => one.tenant === tenant)[Number(index)]
        if (!place || place.kind !== kind || at === '') throw new Error(`nobody is at ${request.url}`)
        const personality: Personality = PERSONALITIES[place.kind]
        const name = request.headers['webhook-id'] ?? ''
        check(request, name)
        const reaction = personality.react(world.nowMs(), request, roots.get(name) ?? -1)
        const { gives } = reaction
        const status = gives === 'nothing' ? 0 : 'status' in gives ? Number(gives.status) : 0
        const arrives = !(gives instanceof HttpError && gives.outcome === 'not_sent')
        world.after(reaction.afterMs, () => {
          if (arrives) place.calls.push(callOf(request, status >= 200 && status < 300))
          if (gives === 'nothing') return
          defer(world, own, 1, () => (gives instanceof Error ? reject(gives) : resolve(gives)))
        })
        if (gives === 'nothing') {
          defer(world, own, TIMEOUT_MS, () => reject(new HttpError('the answer timed out', 'unknown')))
        }
      })
  }

  function callOf(request: HttpRequest, taken: boolean): Call {
    const { 'opentill-event-number': number, 'opentill-previous-number': previous } = request.headers
    return { atMs: world.nowMs(), number: Number(number), previous: Number(previous), taken }
  }

  function check(request: HttpRequest, name: string): void {
    const body = Buffer.from(request.body ?? [])
    const sentAtSeconds = Number(request.headers['webhook-timestamp'])
    const right = signatureHeaders({ eventName: name, sentAtSeconds, body, secrets: [secrets.get(request.url) ?? ''] })
    if (request.headers['stripe-signature'] !== right['stripe-signature']) faults.push(`a wrong signature for ${name}`)
    if ((JSON.parse(body.toString()) as { id: string }).id !== name) faults.push(`other bytes for ${name}`)
    if (Math.abs(sentAtSeconds * 1000 - world.wallMs()) > 1_000) faults.push(`an old timestamp for ${name}`)
  }
}

/** What was told in one moment got its numbers in an order of its own. */
async function byNumber(sql: Sql, told: ReadonlyMap<Tenant, readonly Told[]>): Promise<Month['told']> {
  const numbers = await sql<{ number: bigint; event_id: Uuid }[]>`select number, event_id from event_log`
  const numberOf = new Map(numbers.map((row) => [row.event_id, Number(row.number)]))
  const place = ({ id }: Told): number => numberOf.get(id) ?? Number.MAX_SAFE_INTEGER
  return new Map([...told].map(([tenant, all]) => [tenant, all.toSorted((a, b) => place(a) - place(b))]))
}

/** A process's way to the database: what it asks happens at one moment, and it may not live to hear the answer. */
function portOf(world: World, storage: Storage, life: Life): Storage {
  return new Proxy(storage, {
    get:
      (target, command) =>
      (...rest: never[]) =>
        new Promise((resolve, reject) => {
          if (!life.alive) return
          world.after(1, async () => {
            if (!life.alive) return
            const run = target[command as keyof Storage] as (...all: never[]) => Promise<unknown>
            const answered = await run(...rest).then(
              (value) => () => resolve(value),
              (error: unknown) => () => reject(error),
            )
            defer(world, life, 1, answered)
          })
        }),
  })
}

function envOf(world: World): Env {
  const draw = world.random('env')
  return {
    now: () => new Date(world.wallMs()),
    monotonicMs: () => world.nowMs(),
    randomBytes: (length) => draw.bytes(length),
    sleep: (ms) => world.sleep(ms),
  }
}

/**
 * The worker's poll: it sleeps until something is due, so that a quiet week is one step. What is due and was not claimed
 * waits for room, and the end of any call wakes the worker. Timers may be late, never early.
 */
function restingEnv(world: World, life: Life, sql: Sql): Env {
  return {
    ...envOf(world),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        let over = false
        const end = (settle: () => void): void => {
          if (over) return
          over = true
          settle()
        }
        signal?.addEventListener('abort', () => end(() => reject(signal.reason)), { once: true })
        world.after(0, async () => {
          if (over) return
          const leftMs = (await nextDue(sql)) - world.wallMs()
          defer(world, life, leftMs <= 0 ? TIMEOUT_MS : Math.max(ms, leftMs), () => end(resolve))
        })
      }),
  }
}

async function nextDue(sql: Sql): Promise<number> {
  const [row] = await sql<{ due: Date | null }[]>`
    select least(
      (select min(greatest(d.next_at, coalesce(d.leased_until, d.next_at))) from deliveries d
        join webhook_endpoints w on w.tenant = d.tenant and w.id = d.endpoint_id and w.status = 'enabled'
        where d.state = 'pending' and not exists (
          select from deliveries e where e.tenant = d.tenant and e.endpoint_id = d.endpoint_id and e.root = d.root
            and e.state = 'pending' and e.number < d.number
        )),
      (select min(greatest(h.probe_at, coalesce(d.leased_until, h.probe_at))) from endpoint_health h
        join deliveries d on d.tenant = h.tenant and d.endpoint_id = h.endpoint_id and d.state = 'pending' and d.tries >= 13),
      (select min(release_at) - interval '10 seconds' from endpoint_health)
    ) as due`
  return row?.due?.getTime() ?? Number.MAX_SAFE_INTEGER / 4
}
