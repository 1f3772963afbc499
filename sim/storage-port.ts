import type { Storage } from '../src/storage/storage.ts'
import type { Faults } from './faults.ts'
import { defer, type Life } from './wire.ts'
import type { World } from './world.ts'

/** The database failed: every process must live with it, so nobody takes it for a fault of the code. */
export class Injected extends Error {
  override readonly name = 'Injected'
  readonly code: string
  constructor(code: string) {
    super(`the database failed: ${code}`)
    this.code = code
  }
}

/** Whether nothing but the failing database is behind an error: rounds gather what failed for each account. */
export function isInjected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isInjected)
  return error instanceof Injected
}

export type Database = {
  readonly storage: Storage
  /** While this is ahead, nothing is answered. */
  downUntilMs: number
}

const WRITES = [
  'commit',
  'createSession',
  'numberEvents',
  'claimDeliveries',
  'settleDelivery',
  'insertAccount',
  'keepNotice',
  'claimNotices',
  'settleNotices',
]

/**
 * A process's way to the database: each command leaves, happens at one moment, and is answered later. Between these three
 * others have their turn, and any of the three may be the last thing that a process did.
 * @param faults none while the stage is set
 */
export function storagePort(world: World, database: Database, life: Life, faults: Faults | undefined): Storage {
  const draw = world.random('database')
  const latency = () => (faults?.hits('slow_database') ? draw.between(200, 5_000) : draw.between(0, 4))

  function call(command: string, rest: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!life.alive) return
      world.after(latency(), async () => {
        // What a dying process had sent may arrive or not.
        if (!life.alive && draw.chance(0.5)) return
        if (database.downUntilMs > world.nowMs()) return later(() => reject(new Injected('57P01')))
        const writes = WRITES.includes(command)
        if (writes && faults?.hits('tx_abort')) return later(() => reject(new Injected('40001')))
        const result = await perform(command, rest)
        world.note(life.name, command, { rest, result })
        markConflict(world, command, result)
        if (writes && faults?.hits('ack_lost')) return later(() => reject(new Injected('08006')))
        const answer = (): void => (result instanceof Error ? reject(result) : resolve(result))
        // Nobody can tell a quick answer from an immediate one where nothing was found.
        if (life.alive && Array.isArray(result) && result.length === 0 && life.pausedUntilMs <= world.nowMs()) answer()
        else later(answer)
      })
      const later = (run: () => void): void => defer(world, life, latency(), run)
    })
  }

  async function perform(command: string, rest: readonly unknown[]): Promise<unknown> {
    const run = database.storage[command as keyof Storage] as (...all: readonly unknown[]) => Promise<unknown>
    try {
      return inOneOrder(command, await run(...rest))
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  return new Proxy({} as Storage, {
    get: (_, command) =>
      command === 'then' ? undefined : (...rest: readonly unknown[]) => call(String(command), rest),
  })
}

function markConflict(world: World, command: string, result: unknown): void {
  if (command === 'createSession' && result === false) world.mark('session key_used')
  if (typeof result !== 'object' || result === null || !('conflict' in result)) return
  world.mark('constraint' in result ? `refused by ${result.constraint}` : `conflict ${result.conflict}`)
}

/** Where a command promises no order, or leaves ties, any order is right: this one is the same everywhere. */
export function inOneOrder(command: string, result: unknown): unknown {
  if (result instanceof Map) return new Map([...result].sort(([a], [b]) => (a < b ? -1 : 1)))
  if (!Array.isArray(result)) return result
  if (command.startsWith('tenantsWith')) return [...result].sort((a, b) => a - b)
  const place = PLACES[command]
  return place ? [...result].sort((a, b) => (place(a) < place(b) ? -1 : 1)) : result
}

type Placed = Readonly<Record<string, unknown>>
const at = (column: string) => (row: Placed) => `${(row[column] as Date | null)?.toISOString()} ${row.id}`
const PLACES: Readonly<Record<string, (row: Placed) => string>> = {
  readPrices: ({ id }) => String(id),
  readProducts: ({ id }) => String(id),
  dueOperations: at('askAt'),
  dueSessions: at('expiresAt'),
  dueCharges: at('lookAt'),
  claimDeliveries: ({ number, endpointId }) => `${String(number).padStart(12, '0')} ${endpointId}`,
}
