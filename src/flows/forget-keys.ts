import type { Context } from './call.ts'
import { eachTenant } from './each-tenant.ts'
import { inSteps, ROWS_AT_ONCE } from './in-steps.ts'

/** Stripe keeps keys for a day; a retry after a long weekend, or by hand, should still find its first answer. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000

/** Forgets idempotency keys that nobody repeats any more. @returns how many */
export async function forgetOldKeys({ storage, env }: Context): Promise<number> {
  const before = new Date(env.now().getTime() - KEPT_MS)
  return eachTenant(await storage.tenantsWithOldKeys(before), (tenant) =>
    inSteps(() => storage.forgetIdempotency(tenant, before, ROWS_AT_ONCE)),
  )
}
