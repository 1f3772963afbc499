import type { Context } from './call.ts'
import { eachTenant } from './each-tenant.ts'
import { inSteps, ROWS_AT_ONCE } from './in-steps.ts'

/** Long after any provider repeats itself. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000

/** Forgets what providers told us long ago. @returns how many notices */
export async function forgetOldNotices({ storage, env }: Context): Promise<number> {
  const before = new Date(env.now().getTime() - KEPT_MS)
  return eachTenant(await storage.tenantsWithOldNotices(before), (tenant) =>
    inSteps(() => storage.forgetNotices(tenant, before, ROWS_AT_ONCE)),
  )
}
