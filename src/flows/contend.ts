import type { Env } from '../core/env.ts'

/**
 * How long somebody tries to be first: others may be quicker each time, a slow process among fast ones surely loses while
 * they are many. What they want of one payment has an end (500 refunds), and Stripe's own library waits 80 s for an
 * answer, of which the provider may need 30.
 */
export const MOST_WAIT_MS = 30_000
/** Nobody gives up before, however slow each try is: a process that stood still has not waited. */
const LEAST_TRIES = 80
/** For a world whose clock stands still. */
const MOST_TRIES = 1_000

const MOST_PAUSE_MS = 100

/**
 * Lets the first losers try again at once, and keeps contenders of several processes from meeting in step.
 * @param since when the first try began, by the clock that only grows
 * @param tries how many were lost
 * @returns false when it is time to give up
 */
export async function mayTry(env: Env, since: number, tries: number): Promise<boolean> {
  const waited = env.monotonicMs() - since
  if (tries >= LEAST_TRIES && (waited >= MOST_WAIT_MS || tries >= MOST_TRIES)) return false
  if (tries < 3) return true
  const [byte = 0] = env.randomBytes(1)
  await env.sleep(1 + (Math.min(10 * tries, MOST_PAUSE_MS) * byte) / 255)
  return true
}
