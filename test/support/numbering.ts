import type { Tenant } from '../../src/core/ids.ts'
import type { Storage } from '../../src/storage/storage.ts'

/** Gives all that waits its number, as the worker does, without any endpoint to deliver to. */
export async function numberAll(storage: Storage, tenant: Tenant, now: Date): Promise<void> {
  while ((await storage.numberEvents(tenant, { limit: 50, now }, () => ({ bodies: [], deliveries: [] }))) > 0);
}
