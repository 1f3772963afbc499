import type { Connector } from '../../src/connectors/contract.ts'
import type { Caller } from '../../src/core/account.ts'
import type { Env } from '../../src/core/env.ts'
import type { Call } from '../../src/flows/call.ts'
import type { PaymentsContext } from '../../src/flows/confirm-payment.ts'
import type { Sql } from '../../src/storage/connect.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { makeDesk } from '../card-desk.ts'
import type { Faults } from '../faults.ts'
import { makeProvider, type Provider } from '../provider.ts'
import type { Random } from '../random.ts'
import { makeWorld, type World } from '../world.ts'

/** A world in which nothing goes wrong and nothing is left to chance: only the order of things differs. */
export type Steady = { readonly world: World; readonly provider: Provider; pass(ms: number): Promise<void> }

export function makeSteady(): Steady {
  const world: World = { ...makeWorld(1), random: () => FIRST }
  return { world, provider: makeProvider(world, () => true), pass: (ms) => world.runUntil(world.nowMs() + ms) }
}

const FIRST: Random = {
  next: () => 0.5,
  between: (low) => low,
  chance: () => false,
  pick: (from) => {
    const [first] = from
    if (first === undefined) throw new RangeError('nothing to pick from')
    return first
  },
  bytes: (length) => new Uint8Array(length),
}

const NO_FAULTS: Faults = { enabled: new Set(), hits: () => false, end: () => {}, over: () => true }

/** What one server has in its hands. */
export type Hands = PaymentsContext & {
  readonly steady: Steady
  /** For a bystander: what flows ask goes through `storage`. */
  readonly sql: Sql
}

/**
 * @param number tells the servers' identifiers apart
 * @param turn what leaves the house waits for its turn, as statements do
 */
export function makeHands(
  steady: Steady,
  { sql, storage }: { readonly sql: Sql; readonly storage: Storage },
  number: number,
  turn: (what: string) => Promise<void>,
): Hands {
  const { world, provider } = steady
  const env = makeEnv(world, number)
  const life = { name: `${number}`, alive: true, pausedUntilMs: 0 }
  const cards = makeDesk(
    provider.cards,
    env,
    () => world.nowMs(),
    async (work) => {
      await turn('the vault')
      return work()
    },
  )
  return {
    steady,
    env,
    sql,
    storage,
    cards,
    publicUrl: () => 'https://pay.example',
    forgetCard: cards.forget,
    connectors: [inTurns(provider.connectorFor(life, NO_FAULTS), steady, turn)],
    outside: {
      http: () => Promise.reject(new Error('the simulated connector reaches out by itself')),
      sendCard: () => Promise.reject(new Error('the simulated connector sends cards by itself')),
    },
  }
}

/** Its own number and how many it drew before: the same in every order, and told apart by whoever reads them. */
function makeEnv(world: World, number: number): Env {
  let drawn = 0
  return {
    now: () => new Date(world.wallMs()),
    monotonicMs: () => world.nowMs(),
    randomBytes(length) {
      const bytes = new Uint8Array(length)
      const view = new DataView(bytes.buffer)
      drawn += 1
      if (length >= 4) view.setUint32(length - 4, drawn)
      bytes[length >= 8 ? 3 : 0] = number
      return bytes
    },
    sleep: async () => {},
  }
}

/** Longer than the provider takes. */
const CALL_MS = 100

function inTurns(connector: Connector, { pass }: Steady, turn: (what: string) => Promise<void>): Connector {
  const wrapped: Record<string, unknown> = { ...connector }
  for (const [name, method] of Object.entries(connector)) {
    if (typeof method !== 'function') continue
    wrapped[name] = async (...rest: readonly unknown[]) => {
      await turn(`the provider: ${name}`)
      const answer = (method as (...all: readonly unknown[]) => Promise<unknown>)(...rest)
      await pass(CALL_MS)
      return answer
    }
  }
  return wrapped as Connector
}

/** A request of the shop. */
export function callOf(caller: Caller, key: string | null = null): Call {
  const claim = key === null ? null : { key, request: `POST /v1/${key}`, parameters: {} }
  return { caller, requestId: 'req_race', key: claim }
}
