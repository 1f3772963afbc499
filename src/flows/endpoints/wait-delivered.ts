import type { Tenant, Uuid } from '../../core/ids.ts'
import type { Door } from '../../core/session.ts'
import type { Context } from '../call.ts'

/** Numbering and a first try take milliseconds, so the first looks come soon; after that twenty in a second. */
const FIRST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 50

/**
 * Waits until every endpoint of a door has been sent an event once, taken or not. The worker that delivers it may be in
 * another process, so this looks at what is stored.
 * @param ms the longest that it waits
 * @returns false when the time was over first
 */
export async function waitDelivered(
  { env, storage }: Context,
  tenant: Tenant,
  eventId: Uuid,
  door: Door,
  ms: number,
): Promise<boolean> {
  const end = env.monotonicMs() + ms
  const dueBy = new Date(env.now().getTime() + ms)
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    if (!(await storage.isUntried(tenant, { eventId, door, dueBy }))) return true
    const left = end - env.monotonicMs()
    if (left <= 0) return false
    await env.sleep(Math.min(pause, left))
  }
}
