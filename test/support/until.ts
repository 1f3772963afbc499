import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * No wait of a test is for ever, and none is meant to end by this: it is far more than anything takes on a machine that
 * has much else to do.
 */
export const LIMIT_MS = 120_000
const BETWEEN_MS = 50

/** Looks again and again until there is something to see: a row, a screen, an answer. @returns what was seen */
export async function until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false) {
  const limit = performance.now() + LIMIT_MS
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (performance.now() > limit) assert.fail(`it did not happen: ${what}`)
    await pause(BETWEEN_MS)
  }
}
