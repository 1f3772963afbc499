import { fillSessionId } from '../core/return-urls.ts'
import type { Visited } from '../storage/sessions.ts'
import type { Desk } from './desk.ts'
import { sessionName } from './screen-of.ts'

/** How long a POST waits for the bank: beyond it the shopper gets the waiting screen. */
const PATIENCE_MS = 3_000
const LOOK_EVERY_MS = 150

/**
 * Waits for an outcome that this request set in motion. One that failed is told by what is stored, like any other: the
 * money may have moved before it did. @returns whether it ended in time
 */
export async function inTime(desk: Desk, outcome: Promise<unknown>): Promise<boolean> {
  desk.track(outcome)
  const patience = new AbortController()
  try {
    return await Promise.race([
      outcome.then(
        () => true,
        () => true,
      ),
      desk.payments.env.sleep(PATIENCE_MS, patience.signal).then(() => false),
    ])
  } finally {
    patience.abort()
  }
}

/** Waits for the outcome of somebody else's attempt: a second click's answer should be the first click's result. */
export async function watchOutcome(desk: Desk, visited: Visited): Promise<Visited> {
  const { env, storage } = desk.payments
  const until = env.monotonicMs() + PATIENCE_MS
  let seen = visited
  while (isWithTheBank(seen) && env.monotonicMs() < until) {
    await env.sleep(LOOK_EVERY_MS)
    seen = (await storage.findVisit(seen.session.tenant, seen.session.id)) ?? seen
  }
  return seen
}

/** What waits for the shopper has an answer to show already. */
const isWithTheBank = ({ session, charge }: Visited): boolean =>
  session.state === 'processing' && charge?.state !== 'requires_action'

/** Where a settled session sends the shopper: the shop, once there is nothing left to do, else back to its page. */
export function nextUrl(visited: Visited, selfUrl: string): string {
  const { session } = visited
  const { successUrl } = session.document
  if (session.state === 'complete' && successUrl !== undefined) return fillSessionId(successUrl, sessionName(session))
  return `${selfUrl}?try=${session.tries}`
}
