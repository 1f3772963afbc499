import { connect, type Sql } from '../../src/storage/connect.ts'
import { type Gate, openGate } from './gate.ts'

/** What a racer is doing: only one that is `ready` waits for us. */
export type Doing = 'thinking' | 'ready' | 'under way' | 'done'

/** One racer's connection, its gate, and whatever else of its work waits for its turn. */
export type Lane = {
  readonly sql: Sql
  /** The server's process behind the connection, by which locks are told. */
  readonly pid: number
  hold(holds: boolean): void
  turn(what: string): Promise<void>
  start(work: Promise<unknown>): void
  doing(): Doing
  /** Lets the next thing happen. @returns what it is */
  goOn(): string
  close(): Promise<void>
}

/**
 * A race holds locks for as long as the others take their turns, on however slow a machine: the limits of a connection in
 * service would end it by the clock. That nobody moves any more is for whoever gives the turns to see.
 */
const BY_TURNS_MS = 600_000
export const BY_TURNS = {
  max: 1,
  statementTimeoutMs: BY_TURNS_MS,
  lockTimeoutMs: BY_TURNS_MS,
  idleInTransactionTimeoutMs: BY_TURNS_MS,
} as const

export async function openLane(databaseUrl: string, onChange: () => void): Promise<Lane> {
  const gate: Gate = await openGate(databaseUrl, onChange)
  const sql = connect(gate.url, BY_TURNS)
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
  if (!row) throw new Error('the server told no process')
  let done = true
  const waiting: { readonly what: string; readonly resolve: () => void }[] = []

  return {
    sql,
    pid: row.pid,
    hold: gate.hold,
    turn: (what) =>
      new Promise((resolve) => {
        waiting.push({ what, resolve })
        onChange()
      }),
    start(work) {
      done = false
      const end = (): void => {
        done = true
        onChange()
      }
      work.then(end, end)
    },
    doing() {
      if (gate.underWay()) return 'under way'
      if (waiting.length > 0 || gate.waiting() !== undefined) return 'ready'
      return done ? 'done' : 'thinking'
    },
    goOn() {
      const outside = waiting.shift()
      if (outside) {
        outside.resolve()
        return outside.what
      }
      const text = gate.waiting() ?? ''
      gate.letThrough()
      return text
    },
    async close() {
      await sql.end({ timeout: 5 })
      await gate.close()
    },
  }
}
