import type { Charge } from '../src/core/charge.ts'
import type { Snapshot } from '../src/core/event.ts'
import { newUuid, type Tenant } from '../src/core/ids.ts'
import type { Answer } from '../src/flows/once.ts'
import { openAccount } from '../src/flows/open-account.ts'
import type { Result } from '../src/flows/refusals.ts'
import type { Storage } from '../src/storage/storage.ts'
import { collect } from './api-shop.ts'
import { type Books, type Change, type Commit, makeBooks } from './books.ts'
import { makeClient } from './client.ts'
import { type Fault, makeFaults, type Profile } from './faults.ts'
import { memoryStorage } from './memory-storage.ts'
import { makePost, type Post, SILENT } from './post.ts'
import { HOLD_MS, HORIZON_MS, makeProvider } from './provider.ts'
import { makeReceiver, type Receiver } from './receiver.ts'
import { END_RULES } from './rules/end.ts'
import { EVENT_RULES } from './rules/events.ts'
import { MONEY_RULES } from './rules/money.ts'
import { NOTICE_RULES } from './rules/notices.ts'
import { PROMISE_RULES } from './rules/promises.ts'
import { STATE_RULES } from './rules/states.ts'
import { judge, type Scene } from './rules.ts'
import { makeServer } from './server.ts'
import { dealOf, keepEndpoint, meddle, openPurchase, type Town } from './shop.ts'
import { shop } from './shopper.ts'
import { type Database, storagePort } from './storage-port.ts'
import type { Line } from './trace.ts'
import { brew } from './weather.ts'
import { LATEST_MS } from './wire.ts'
import { makeWorld, Violation, type World } from './world.ts'

export type RunOptions = {
  readonly seed: number
  readonly profile: Profile
  /** Faults left out, and how many purchases at most: a failure is told as shortly as it can be. */
  readonly without?: ReadonlySet<Fault>
  readonly purchases?: number
  /** The real database, of which nothing is judged but what it answers. */
  readonly real?: Storage
  /** Ends with the storms, without the long calm after them. */
  readonly stormOnly?: boolean
  readonly onLine?: (line: Line) => void
}

export type RunResult = {
  readonly seed: number
  readonly profile: Profile
  readonly violation: Violation | undefined
  readonly hash: string
  readonly steps: number
  readonly virtualMs: number
  readonly marks: ReadonlyMap<string, number>
  readonly enabled: ReadonlySet<Fault>
  readonly last: readonly Line[]
}

export const STORM_MS = 240_000
/** What reliability.md, section 3.2, grants after the last fault, beside the provider's horizon of 15 minutes. */
const CALM_MS = 10 * 60_000 + 15 * 60_000
/** Some pauses are longer by design: a late success is looked for at growing ones, a lost order asked about hourly. */
const LONG_CALM_MS = 3 * 60 * 60_000

/** From so far apart the same strange answer counts. */
const APART_MS = 10_000

/** A hold is looked at within a day after its end. */
const LOOKED_AGAIN_MS = 30 * 60 * 60_000

export const RULES = [...STATE_RULES, ...MONEY_RULES, ...EVENT_RULES, ...NOTICE_RULES, ...PROMISE_RULES, ...END_RULES]
const ON_COMMIT = RULES.filter((rule) => rule.onCommit)
const ON_STEP = RULES.filter((rule) => rule.onStep)
const AT_END = RULES.filter((rule) => rule.atEnd)

/** One world from its seed to its end. */
export async function runSeed(options: RunOptions): Promise<RunResult> {
  const { seed, profile } = options
  const world = makeWorld(seed, options.onLine)
  const faults = makeFaults(world, profile, options.without ?? new Set())
  const books = makeBooks()
  let post: Post = SILENT
  const provider = makeProvider(world, options.real ? () => true : intendedIn(books), (news) => post.tell(news))
  const receivers = [
    makeReceiver(world, 'https://shop.example/all', `whsec_${Buffer.alloc(32, 1).toString('base64')}`),
    makeReceiver(world, 'https://shop.example/some', `whsec_${Buffer.alloc(32, 2).toString('base64')}`),
  ]
  const answers: Snapshot[] = []
  const scene: Scene = {
    answers,
    world,
    books,
    provider,
    receivers,
    get post() {
      return post
    },
  }
  const memory = memoryStorage((changes) => {
    const commit = books.apply(changes)
    markStates(world, commit)
    judge(scene, ON_COMMIT, (rule) => rule.onCommit?.(scene, commit))
  })
  const database: Database = { storage: options.real ?? memory.storage, downUntilMs: 0 }
  if (!options.real) world.checks.push(() => judge(scene, ON_STEP, (rule) => rule.onStep?.(scene)))

  const { caller, sealer, endpoints } = await setStage(world, database, receivers)
  const outside = { world, faults, database, provider, receivers, sealer }
  const servers = ['one', 'two'].map((name) => makeServer(outside, name))
  post = makePost(world, faults, servers)
  const hear = (value: unknown) => {
    const answer = value as Result<Answer> | undefined
    if (answer?.ok && answer.value?.snapshot) answers.push(answer.value.snapshot)
  }
  const town = { world, faults, provider, caller, client: makeClient(world, faults, servers, hear) }
  populate(town, options.purchases ?? 5)
  for (const [at, id] of endpoints.entries()) live(world, () => keepEndpoint(town, world.random(`keeper ${at}`), id))
  brew(world, faults, { database, provider, servers })
  await world.runUntil(STORM_MS)
  faults.end()
  provider.silentUntilMs = 0
  for (const server of servers) server.stepClock(0)
  if (!options.stormOnly) await settle(scene)
  return {
    seed,
    profile,
    violation: world.failure(),
    hash: world.trace.hash(),
    steps: world.steps(),
    virtualMs: world.nowMs(),
    marks: world.marks,
    enabled: faults.enabled,
    last: world.trace.last(),
  }
}

/** How often each state was reached: one that never is proves nothing. */
function markStates(world: World, commit: Commit): void {
  for (const change of commit.charges) markStrange(world, change)
  for (const kind of ['sessions', 'charges', 'operations', 'refunds', 'disputes'] as const) {
    for (const { before, after } of commit[kind]) {
      if (before?.state === after.state) continue
      const name = 'providerKey' in after ? `${after.kind} order` : kind.slice(0, -1)
      world.mark(`${name} ${after.state}`)
    }
  }
}

/** A second strange answer came, late enough to count if it had said the same. */
function markStrange(world: World, { before, after }: Change<Charge>): void {
  const [first, second] = [before?.document.strange, after.document.strange]
  if (!first || !second || first.fact === second.fact || first.believedAt !== undefined) return
  if (Date.parse(second.at) - Date.parse(first.at) >= APART_MS) world.mark('strange twice, differing')
}

/** Rule 1 of reliability.md, section 2.1: the row is committed before any byte leaves. */
function intendedIn(books: Books): (reference: string, key: string) => boolean {
  return (reference, key) => {
    const charge = books.chargeByReference.get(reference)
    return [...books.operations.values()].some(
      ({ chargeId, providerKey }) => chargeId === charge && providerKey === key,
    )
  }
}

/** An account and its endpoints, before anything can go wrong. */
async function setStage(world: World, database: Database, receivers: readonly Receiver[]) {
  const life = { name: 'stage', alive: true, pausedUntilMs: 0 }
  const draw = world.random('stage')
  const env = {
    now: () => new Date(world.wallMs()),
    monotonicMs: () => world.nowMs(),
    randomBytes: (length: number) => draw.bytes(length),
    sleep: (ms: number) => world.sleep(ms),
  }
  const storage = storagePort(world, database, life, undefined)
  // The sender is what is simulated; how its secrets rest is shown elsewhere.
  const sealer = { open: (_: Tenant, sealed: Uint8Array) => Buffer.from(sealed).toString() }
  const setting = (async () => {
    const { keys } = await openAccount({ env, storage }, 'A simulated shop')
    const key = keys.find(({ row }) => row.kind === 'secret')?.row
    if (!key) throw new Error('an account opens with a secret key')
    const endpoints = receivers.map(({ url, secret }, index) => ({
      tenant: key.tenant,
      id: newUuid(env),
      version: 1,
      url,
      status: 'enabled' as const,
      door: 'native' as const,
      apiVersion: null,
      enabledEvents: index === 0 ? ['*'] : ['checkout.session.created', 'checkout.session.completed', 'charge.failed'],
      sealedSecret: Uint8Array.from(Buffer.from(secret)),
      sealedPrevious: null,
      previousUntil: null,
      disabledReason: null,
      disabledAt: null,
      deleted: false,
      createdAt: env.now(),
      document: {},
    }))
    const made = await storage.commit({ endpoints })
    if (!made.ok) throw new Error('the endpoints could not be stored')
    const caller = { tenant: key.tenant, keyId: key.id, kind: 'secret', door: 'native' } as const
    return { caller, endpoints: endpoints.map(({ id }) => id) }
  })()
  await world.runUntil(1_000)
  return { ...(await setting), sealer }
}

/** Purchases, each with the people around it. What they do follows from the seed and from what they see. */
function populate(town: Town, most: number): void {
  const draw = town.world.random('town')
  const count = Math.min(most, draw.between(2, 5))
  for (let index = 0; index < count; index++) {
    const own = town.world.random(`purchase ${index}`)
    const wants = `order-${index}`
    if (own.chance(0.3)) {
      town.world.after(own.between(0, 60_000), () => live(town.world, () => collect(town, own, wants)))
      continue
    }
    town.world.after(own.between(0, 60_000), () => {
      live(town.world, async () => {
        const purchase = await openPurchase(town, own, wants)
        if (!purchase) return
        const people = own.chance(0.3) ? 2 : 1
        for (let person = 0; person < people; person++) {
          live(town.world, () => shop(town, town.world.random(`shopper ${index} ${person}`), purchase))
        }
        if (own.chance(0.75))
          live(town.world, () => meddle(town, town.world.random(`operator ${index}`), dealOf(purchase)))
      })
    })
  }
}

/** A person's life ends with the run; a fault of the simulator itself does not go unheard. */
function live(world: World, work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    if (error instanceof Violation) return
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    world.fail(new Violation('the simulator', text))
  })
}

/** The second phase: nothing goes wrong any more, and everything comes to its end. */
async function settle(scene: Scene): Promise<void> {
  const { world, books, provider } = scene
  await calmDown(scene)
  if (world.failure()) return
  // A dispute that nobody told of is found by looking, within a day and some.
  const untold = provider.bookings.some(({ disputes }) => disputes.length > 0)
  if (untold && world.random('disputes').chance(0.2)) {
    await world.runUntil(STORM_MS + LOOKED_AGAIN_MS)
    judge(scene, AT_END, (rule) => rule.atEnd?.(scene))
  }
  const held = [...books.charges.values()].some(({ state }) => state === 'authorized')
  // A week is long: not every seed waits for the end of its holds.
  if (world.failure() || !held || !world.random('holds').chance(0.1)) return
  await world.runUntil(STORM_MS + HOLD_MS + LOOKED_AGAIN_MS)
  judge(scene, AT_END, (rule) => rule.atEnd?.(scene))
}

async function calmDown(scene: Scene): Promise<void> {
  const { world } = scene
  await world.runUntil(STORM_MS + CALM_MS)
  if (world.marks.has('fault slow_beyond_horizon')) await world.runUntil(STORM_MS + HORIZON_MS + LATEST_MS)
  if (!world.failure() && isSettled(scene)) return
  world.mark('long calm')
  await world.runUntil(STORM_MS + LONG_CALM_MS)
  judge(scene, AT_END, (rule) => rule.atEnd?.(scene))
}

const isSettled = (scene: Scene): boolean => AT_END.every((rule) => rule.atEnd?.(scene) === undefined)
