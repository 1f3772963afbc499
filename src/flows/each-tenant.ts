import type { Tenant } from '../core/ids.ts'

/**
 * Does a round's work for one account after the other. What fails for one does not stop the others: its next round sees
 * what this one left.
 * @returns the sum of what `work` counted
 * @throws AggregateError, after the last account, with what failed
 */
export async function eachTenant(
  tenants: readonly Tenant[],
  work: (tenant: Tenant) => Promise<number>,
): Promise<number> {
  const failures: unknown[] = []
  let done = 0
  for (const tenant of tenants) {
    try {
      done += await work(tenant)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length === 0) return done
  throw new AggregateError(failures, `the work failed for ${failures.length} of ${tenants.length} accounts`)
}
