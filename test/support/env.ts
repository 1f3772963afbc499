import { createHash } from 'node:crypto'
import type { Env } from '../../src/core/env.ts'

export type TestEnv = Env & {
  /** Puts the wall clock somewhere; timers do not fire. */
  setNow(to: Date): void
  /** Lets `ms` pass: the clock moves from one sleeper's end to the next, and each runs before the next wakes. */
  advance(ms: number): Promise<void>
  /** How many sleeps are under way. */
  sleeping(): number
}

type Sleeper = { readonly wakesAtMs: number; wake(): void }

/**
 * A world that a test owns: the clock stands still until it is moved, the bytes follow from the seed, and a sleep ends
 * when `advance` passes its end.
 */
export function testEnv({ now = new Date('2026-01-02T03:04:05.678Z'), seed = 'opentill' } = {}): TestEnv {
  let wallMs = now.getTime()
  let monotonicMs = 0
  let drawn = 0
  const sleepers = new Set<Sleeper>()

  return {
    now: () => new Date(wallMs),
    monotonicMs: () => monotonicMs,
    randomBytes(length) {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at += 32) {
        const block = createHash('sha256').update(`${seed} ${drawn++}`).digest()
        bytes.set(block.subarray(0, Math.min(32, length - at)), at)
      }
      return bytes
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const abort = () => {
          sleepers.delete(sleeper)
          reject(signal?.reason)
        }
        const sleeper = {
          wakesAtMs: monotonicMs + ms,
          wake() {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', abort)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', abort, { once: true })
      }),
    setNow(to) {
      wallMs = to.getTime()
    },
    async advance(ms) {
      const until = monotonicMs + ms
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.wakesAtMs - b.wakesAtMs)[0]
        const to = next === undefined ? until : Math.min(until, Math.max(monotonicMs, next.wakesAtMs))
        wallMs += to - monotonicMs
        monotonicMs = to
        if (next === undefined || next.wakesAtMs > until) return
        next.wake()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    sleeping: () => sleepers.size,
  }
}
