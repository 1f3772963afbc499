import type { Env } from './core/env.ts'

/** What a log takes: an object of fields first, as pino does. */
export type Log = {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type Rounds = { stop(): Promise<void> }

/**
 * Runs background work again and again until it is stopped. A round that fails is logged and tried again after the
 * pause: the next round sees what this one left, because all of it is in the database.
 */
export function startRounds(
  env: Env,
  log: Log,
  { name, everyMs, work }: { readonly name: string; readonly everyMs: number; readonly work: () => Promise<unknown> },
): Rounds {
  const stopped = new AbortController()
  const turn = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await work()
      } catch (error) {
        log.error({ err: error, work: name }, 'a round of background work failed; it is tried again')
      }
      await env.sleep(everyMs, stopped.signal).catch(() => undefined)
    }
  }
  const running = turn()
  return {
    async stop() {
      stopped.abort()
      await running
    },
  }
}
