import type { Context } from './call.ts'
import { eachTenant } from './each-tenant.ts'

/** Long after any provider repeats itself. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000
const AT_ONCE = 1_000
/** What is still too old after these is forgotten in the next round. */
const MOST_STEPS = 20

/** Forgets what providers told us long ago. @returns how many notices */
export async function forgetOldNotices({ storage, env }: Context): Promise<number> {
  const before = new Date(env.now().getTime() - KEPT_MS)
  return eachTenant(await storage.listTenants(), async (tenant) => {
    let forgotten = 0
    for (let step = 0; step < MOST_STEPS; step++) {
      const count = await storage.forgetNotices(tenant, before, AT_ONCE)
      forgotten += count
      if (count < AT_ONCE) break
    }
    return forgotten
  })
}
