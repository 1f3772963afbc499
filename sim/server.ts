import type { HookDelivery } from '../src/connectors/contract.ts'
import type { Env } from '../src/core/env.ts'
import { startDelivery } from '../src/events/deliver.ts'
import type { SecretSealer } from '../src/events/endpoint-secret.ts'
import { expireDueSessions } from '../src/flows/close-session.ts'
import type { PaymentsContext } from '../src/flows/confirm-payment.ts'
import { followNotices } from '../src/flows/follow-notices.ts'
import { forgetOldKeys } from '../src/flows/forget-keys.ts'
import { forgetOldNotices } from '../src/flows/forget-notices.ts'
import { lookAgain } from '../src/flows/look-again.ts'
import { sweepOrders } from '../src/flows/sweep.ts'
import { listeningConnector, type Taken, takeNotice } from '../src/flows/take-notice.ts'
import { type Round, type Rounds, startRounds } from '../src/rounds.ts'
import { plainDoor } from '../test/support/plain-door.ts'
import { makeDesk } from './card-desk.ts'
import type { Faults } from './faults.ts'
import { SIGNED_WITH } from './post.ts'
import type { Provider } from './provider.ts'
import type { Receiver } from './receiver.ts'
import { type Database, isInjected, storagePort } from './storage-port.ts'
import { defer, type Life } from './wire.ts'
import { Violation, type World } from './world.ts'

export type Outside = {
  readonly world: World
  readonly faults: Faults
  readonly database: Database
  readonly provider: Provider
  readonly receivers: readonly Receiver[]
  readonly sealer: Pick<SecretSealer, 'open'>
}

/** One machine that runs the product: it dies, stalls and comes back with nothing but what the database has. */
export type Server = {
  readonly name: string
  up(): boolean
  /** Does what a request asks for. Never settles when the process dies over it; undefined when there is none. */
  handle<T>(what: string, work: (payments: PaymentsContext) => Promise<T>): Promise<T> | undefined
  /** Takes what the provider says by itself, as the route of hooks does. */
  hear(what: string, delivery: HookDelivery): Promise<Taken> | undefined
  crash(downMs: number): void
  pause(ms: number): void
  stepClock(ms: number): void
}

/** A card that no attempt has used up by then is shredded, as `background.ts` has it. */
const UNUSED_CARD_MS = 60 * 60_000

export function makeServer(outside: Outside, name: string): Server {
  const { world } = outside
  let life: Life | undefined
  let running: Running | undefined
  let skewMs = 0
  let lives = 0
  start()

  function start(): void {
    life = { name: `${name}.${++lives}`, alive: true, pausedUntilMs: 0 }
    running = boot(outside, life, () => skewMs)
    world.note(life.name, 'starts')
  }

  return {
    name,
    up: () => life?.alive ?? false,
    handle(what, work) {
      if (!life?.alive || !running) return undefined
      world.note(life.name, what)
      return watched(world, what, work(running.payments))
    },
    hear(what, delivery) {
      if (!life?.alive || !running) return undefined
      const { payments, notices } = running
      const connector = listeningConnector(payments.connectors, 'simulated', false)
      if (!connector) throw new Error('the simulated connector listens')
      world.note(life.name, what)
      return watched(
        world,
        what,
        takeNotice(payments, connector, delivery, [SIGNED_WITH]).then((taken) => {
          if (taken.is === 'kept') notices.wake()
          return taken
        }),
      )
    },
    crash(downMs) {
      if (!life?.alive) return
      world.note(life.name, 'dies')
      life.alive = false
      world.after(downMs, start)
    },
    pause(ms) {
      if (!life?.alive) return
      world.note(life.name, 'stalls', ms)
      life.pausedUntilMs = Math.max(life.pausedUntilMs, world.nowMs() + ms)
    },
    stepClock(ms) {
      world.note(name, 'clock is wrong by', ms)
      skewMs = ms
    },
  }
}

/** A failed database may end any work; nothing else may end it by a throw. */
export function watched<T>(world: World, what: string, work: Promise<T>): Promise<T> {
  work.catch((error: unknown) => {
    if (isInjected(error)) return
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    world.fail(new Violation('no surprises', `${what} threw: ${text}`))
  })
  return work
}

type Running = { readonly payments: PaymentsContext; readonly notices: Rounds }

/** Wires one process as `start.ts` does, and starts its rounds. */
function boot(outside: Outside, life: Life, skewMs: () => number): Running {
  const { world, faults, database, provider, receivers, sealer } = outside
  const env = makeEnv(world, faults, life, skewMs)
  const storage = storagePort(world, database, life, faults)
  const log = {
    info: () => {},
    error: (fields: object, message: string) => {
      const error = 'err' in fields ? fields.err : undefined
      if (isInjected(error)) return
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      world.fail(new Violation('no surprises', `${message}: ${text}`))
    },
  }
  const cards = makeDesk(provider.cards, env, world.nowMs, (work) => {
    return new Promise((resolve) => {
      world.after(1, () => {
        const done = work()
        defer(world, life, 1, () => resolve(done))
      })
    })
  })
  const payments: PaymentsContext = {
    env,
    storage,
    connectors: [provider.connectorFor(life, faults)],
    outside: {
      http: () => Promise.reject(new Error('the simulated connector reaches out by itself')),
      sendCard: () => Promise.reject(new Error('the simulated connector sends cards by itself')),
    },
    publicUrl: () => 'https://pay.example',
    cards,
    forgetCard: cards.forget,
  }
  const everyMs = world.random('rounds').between(1_000, 6_000)
  const rounds: readonly Round[] = [
    { name: 'expire sessions', everyMs, work: () => expireDueSessions(payments) },
    { name: 'ask about orders', everyMs, work: () => sweepOrders(payments), overlaps: true },
    { name: 'look again at charges', everyMs, work: () => lookAgain(payments), overlaps: true },
    { name: 'forget old keys', everyMs: 600_000, work: () => forgetOldKeys(payments) },
    { name: 'forget old notices', everyMs: 600_000, work: () => forgetOldNotices(payments) },
    { name: 'shred unused cards', everyMs: 600_000, work: async () => shred(world, provider) },
  ]
  for (const round of rounds) startRounds(env, log, round)
  const notices = startRounds(env, log, {
    name: 'follow what providers tell',
    // Whoever keeps one wakes it: the pause is for those that others left.
    everyMs: 4 * everyMs,
    work: async () => {
      if ((await followNotices(payments)) > 0) notices.wake()
    },
    overlaps: true,
  })
  startDelivery({
    env,
    storage,
    egressFor: () => (request) => {
      const receiver = receivers.find(({ url }) => url === request.url)
      if (!receiver) throw new Error(`nobody is at ${request.url}`)
      return receiver.clientFor(life, faults)(request)
    },
    sealer,
    doors: {
      native: plainDoor('native', ({ event: { id, type, root }, number }) => ({
        id,
        type,
        number: Number(number),
        root,
      })),
    },
    log,
  })
  return { payments, notices }
}

function shred(world: World, provider: Provider): void {
  for (const [token, { putAtMs, kept }] of provider.cards) {
    if (!kept && world.nowMs() - putAtMs > UNUSED_CARD_MS) provider.cards.delete(token)
  }
}

/**
 * Timers may be late, never early. Rounds rest longer than they ask for, and much longer when nothing goes wrong any more:
 * a run is as long as the work in it.
 */
function restMs(world: World, faults: Faults, askedMs: number): number {
  if (askedMs < SHORT_REST_MS) return askedMs
  const draw = world.random('rest')
  if (!faults.over()) return askedMs * (1 + 6 * draw.next())
  const quietMs = world.nowMs() > DAYS_MS ? 3 * 60 * 60_000 : world.nowMs() > LATER_MS ? 120_000 : 35_000
  return Math.max(askedMs, quietMs * (1 + 0.2 * draw.next()))
}

const SHORT_REST_MS = 1_000
/** By then nearly every run is over: what is left waits for the next hour's question. */
const LATER_MS = 2_000_000
/** Only holds are left, and what nobody waits for. */
const DAYS_MS = 4 * 60 * 60_000

function makeEnv(world: World, faults: Faults, life: Life, skewMs: () => number): Env {
  const draw = world.random('env')
  const born = world.nowMs()
  return {
    now: () => new Date(world.wallMs() + skewMs()),
    monotonicMs: () => world.nowMs() - born,
    randomBytes: (length) => draw.bytes(length),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        let over = false
        const end = (settle: () => void): void => {
          if (over) return
          over = true
          signal?.removeEventListener('abort', abort)
          settle()
        }
        const abort = (): void => end(() => reject(signal?.reason))
        signal?.addEventListener('abort', abort, { once: true })
        defer(world, life, restMs(world, faults, ms), () => end(resolve))
      }),
  }
}
