import { nextAsk } from '../core/asking.ts'
import { isOpen } from '../core/attempt.ts'
import type { Operation } from '../core/operation.ts'
import { cardOf } from './charging.ts'
import { driveOrder } from './drive-order.ts'
import type { Payments } from './pay.ts'

const CLAIMS_PER_TENANT = 20

/**
 * Drives orders whose outcome is not known: answers that were lost, and orders of a process that died.
 * @returns how many orders were driven
 */
export async function sweepOrders(payments: Payments): Promise<number> {
  const { storage, env } = payments
  let driven = 0
  for (const tenant of await storage.tenantsWithDueOperations(env.now())) {
    for (const operation of await storage.dueOperations(tenant, env.now(), CLAIMS_PER_TENANT)) {
      if (await driveOn(payments, operation)) driven += 1
    }
  }
  return driven
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
