import type { Context } from './call.ts'
import { eachTenant } from './each-tenant.ts'

/** Stripe keeps keys for a day; a retry after a long weekend, or by hand, should still find its first answer. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000
const AT_ONCE = 1_000
/** What is still too old after these is forgotten in the next round. */
const MOST_STEPS = 20

/** Forgets idempotency keys that nobody repeats any more. @returns how many */
export async function forgetOldKeys({ storage, env }: Context): Promise<number> {
  const before = new Date(env.now().getTime() - KEPT_MS)
  return eachTenant(await storage.listTenants(), async (tenant) => {
    let forgotten = 0
    for (let step = 0; step < MOST_STEPS; step++) {
      const count = await storage.forgetIdempotency(tenant, before, AT_ONCE)
      forgotten += count
      if (count < AT_ONCE) break
    }
    return forgotten
  })
}
