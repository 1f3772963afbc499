import { nextAsk } from '../core/asking.ts'
import { isOpen } from '../core/attempt.ts'
import type { Operation } from '../core/operation.ts'
import { cardOf } from './charging.ts'
import { driveDue, type Lanes } from './drive-due.ts'
import { driveOrder } from './drive-order.ts'
import type { Payments } from './pay.ts'

const CLAIMS_PER_TENANT = 20
const LANES: Lanes = new WeakMap()

/**
 * Drives orders whose outcome is not known: answers that were lost, and orders of a process that died.
 * @returns how many orders were driven
 */
export function sweepOrders(payments: Payments): Promise<number> {
  const { storage, env } = payments
  return driveDue(LANES, storage, {
    tenants: () => storage.tenantsWithDueOperations(env.now()),
    due: (tenant) => storage.dueOperations(tenant, env.now(), CLAIMS_PER_TENANT),
    drive: (operation) => driveOn(payments, operation),
  })
}

/** @returns false when another process took the order over */
async function driveOn(payments: Payments, due: Operation): Promise<boolean> {
  const { storage, env } = payments
  const claimed: Operation = {
    ...due,
    version: due.version + 1,
    fence: due.fence + 1,
    asked: due.asked + 1,
    askAt: nextAsk(due, env.now()),
  }
  if (!(await storage.commit({ operations: [claimed] })).ok) return false
  const attempt = await storage.findAttempt(claimed.tenant, claimed.chargeId)
  if (!attempt) return false
  const after = await driveOrder(payments, attempt, claimed)
  const card = cardOf(after)
  if (claimed.kind === 'authorize' && card && !isOpen(after.operation)) await payments.forgetCard(card)
  return true
}
