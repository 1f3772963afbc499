import { randomBytes } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Env } from './core/env.ts'

export type ProductionEnv = Env & {
  /**
   * Moves the clock to the database's: all processes on one database then agree on the time.
   * @param databaseNow what the database answered
   * @param roundTripMs how long the answer took; it was true about half of that ago
   * @returns by how many milliseconds this machine's clock is behind the database's
   */
  disciplineTo(databaseNow: Date, roundTripMs?: number): number
}

/** The real clock, the system's randomness and real timers: the one place, beside `main`, that touches them. */
export function makeEnv(): ProductionEnv {
  let behindMs = 0
  return {
    now: () => new Date(Date.now() + behindMs),
    monotonicMs: () => performance.now(),
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    sleep: (ms, signal) => sleepFor(ms, undefined, signal === undefined ? {} : { signal }).catch(rethrow(signal)),
    disciplineTo(databaseNow, roundTripMs = 0) {
      behindMs = Math.round(databaseNow.getTime() + roundTripMs / 2 - Date.now())
      return behindMs
    },
  }
}

/** Node wraps the reason into an AbortError; the port promises the signal's own. */
function rethrow(signal: AbortSignal | undefined): (error: unknown) => never {
  return (error) => {
    throw signal?.aborted ? signal.reason : error
  }
}
