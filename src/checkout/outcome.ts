import { withReceipt } from '../core/return-urls.ts'
import type { ReturnEnd } from '../core/shop-returns.ts'
import type { Visited } from '../storage/sessions.ts'
import type { Desk } from './desk.ts'
import { sessionName } from './screen-of.ts'

/** How long a POST waits for the bank: beyond it the shopper gets the waiting screen. */
const PATIENCE_MS = 3_000
/** Between looks, the last one again and again. */
const LOOKS_MS = [100, 150, 250, 400, 600]

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

/** Who looks after a session already, per desk. */
const watches = new WeakMap<Desk, Map<string, Promise<Visited>>>()

/**
 * Waits for the outcome of somebody else's attempt: a second click's answer should be the first click's result. All who
 * wait for one session share its reads, some eight in three seconds, so that a hundred clicks cost no more than two.
 */
export async function watchOutcome(desk: Desk, visited: Visited): Promise<Visited> {
  if (!isWithTheBank(visited)) return visited
  const watched = watches.get(desk) ?? new Map<string, Promise<Visited>>()
  watches.set(desk, watched)
  const name = sessionName(visited.session)
  const running = watched.get(name)
  if (running) return running
  const mine = watch(desk, visited).finally(() => watched.delete(name))
  watched.set(name, mine)
  return mine
}

async function watch(desk: Desk, visited: Visited): Promise<Visited> {
  const { env, storage } = desk.payments
  const until = env.monotonicMs() + PATIENCE_MS
  let seen = visited
  for (let looked = 0; isWithTheBank(seen) && env.monotonicMs() < until; looked++) {
    await env.sleep(LOOKS_MS[Math.min(looked, LOOKS_MS.length - 1)] ?? PATIENCE_MS)
    seen = (await storage.findVisit(seen.session.tenant, seen.session.id)) ?? seen
  }
  return seen
}

/** What waits for the shopper has an answer to show already. */
const isWithTheBank = ({ session, charge }: Visited): boolean =>
  session.state === 'processing' && charge?.state !== 'requires_action'

/**
 * Where a session sends the shopper: the shop, once there is nothing left to do, else back to its page. What is with the
 * bank may be over by the time that the page is asked for: whoever comes to wait is sent on then.
 */
export async function nextUrl(desk: Desk, visited: Visited, selfUrl: string): Promise<string> {
  const end = endOf(visited)
  const url = end && desk.returns(visited, end)
  if (url === undefined) return `${selfUrl}?try=${visited.session.tries}${isWithTheBank(visited) ? '&wait=1' : ''}`
  return end === 'success' ? withOwnReceipt(desk, visited, url) : url
}

/** Whether whoever waits is led on: from a payment that is done, and from one that failed to a shop that has a page for it. */
export function leadsOn(desk: Desk, visited: Visited): boolean {
  const end = endOf(visited)
  return end === 'success' || (end === 'failure' && desk.returns(visited, end) !== undefined)
}

function endOf({ session }: Visited): ReturnEnd | undefined {
  if (session.state === 'complete') return 'success'
  return session.state === 'failed' ? 'failure' : undefined
}

/** A receipt is a courtesy: a shopper who has paid is sent on without one rather than not at all. */
export async function withOwnReceipt(desk: Desk, visited: Visited, url: string): Promise<string> {
  const receipt = await desk.receipts.receiptFor(visited).catch((error: unknown) => {
    desk.log.error({ err: error }, 'a receipt could not be signed')
    return undefined
  })
  return receipt === undefined ? url : withReceipt(url, receipt)
}
