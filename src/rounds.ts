import type { Env } from './core/env.ts'

/** What a log takes: an object of fields first, as pino does. */
export type Log = {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type Rounds = {
  /** There is something to do: the pause ends, or there is none after the round under way. */
  wake(): void
  stop(): Promise<void>
}

export type Round = {
  readonly name: string
  readonly everyMs: number
  readonly work: () => Promise<unknown>
  /** Begins the next round in time although this one is slow: the work itself knows what is under way. */
  readonly overlaps?: true
}

/**
 * Runs background work again and again until it is stopped. A round that fails is logged and tried again after the
 * pause: the next round sees what this one left, because all of it is in the database.
 */
export function startRounds(env: Env, log: Log, { name, everyMs, work, overlaps }: Round): Rounds {
  let stopped = false
  const underWay = new Set<Promise<void>>()
  // Ends the pause for both, waking and stopping. `AbortSignal.any` over a signal as old as the process would not do: Node
  // keeps what it makes, and who listens to it, until one of them aborts.
  let rest = new AbortController()
  const round = async (): Promise<void> => {
    try {
      await work()
    } catch (error) {
      log.error({ err: error, work: name }, 'a round of background work failed; it is tried again')
    }
  }
  const turn = async (): Promise<void> => {
    while (!stopped) {
      rest = new AbortController()
      const own = round()
      underWay.add(own)
      const over = own.finally(() => underWay.delete(own))
      if (!overlaps) await over
      await env.sleep(everyMs, rest.signal).catch(() => undefined)
    }
    await Promise.all(underWay)
  }
  const running = turn()
  return {
    wake: () => rest.abort(),
    async stop() {
      stopped = true
      rest.abort()
      await running
    },
  }
}
