import { GIVEN_UP_AFTER_MS } from '../../core/delivery-schedule.ts'
import type { Context } from '../call.ts'
import { eachTenant } from '../each-tenant.ts'
import { inSteps, ROWS_AT_ONCE } from '../in-steps.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const TRIES_KEPT_MS = 30 * DAY_MS
/** Twice as long as an event is tried: what was given up can be seen and sent again for another 30 days. */
const BODIES_KEPT_MS = 60 * DAY_MS

/**
 * Gives up what no endpoint took for 30 days, and forgets what is kept of old tries and deliveries. Events and their
 * numbers are kept: they are the account's history, and what `verify` compares the books with.
 * @returns how many rows
 */
export async function keepDeliveries({ storage, env }: Context): Promise<number> {
  const now = env.now()
  const ago = (ms: number) => new Date(now.getTime() - ms)
  const before = {
    toldBefore: ago(GIVEN_UP_AFTER_MS),
    triesBefore: ago(TRIES_KEPT_MS),
    bodiesBefore: ago(BODIES_KEPT_MS),
  }
  return eachTenant(await storage.tenantsWithOldDeliveries(before), async (tenant) => {
    const giveUp = { toldBefore: before.toldBefore, now, limit: ROWS_AT_ONCE }
    return (
      (await inSteps(() => storage.giveUpDeliveries(tenant, giveUp))) +
      (await inSteps(() => storage.forgetTries(tenant, before.triesBefore, ROWS_AT_ONCE))) +
      (await inSteps(() => storage.forgetBodies(tenant, before.bodiesBefore, ROWS_AT_ONCE)))
    )
  })
}
