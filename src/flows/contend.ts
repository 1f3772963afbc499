import type { Env } from '../core/env.ts'

/** How often a decision is made again because another process was first: several seconds, with the pauses between. */
export const MOST_TRIES = 80

const MOST_PAUSE_MS = 100

/** Lets the first losers try again at once, and keeps contenders of several processes from meeting in step. */
export async function beforeTry(env: Env, tries: number): Promise<void> {
  if (tries < 3) return
  const [byte = 0] = env.randomBytes(1)
  await env.sleep(1 + (Math.min(10 * tries, MOST_PAUSE_MS) * byte) / 255)
}
