import { isLive, nameOf } from '../core/ids.ts'
import type { Operation } from '../core/operation.ts'
import { type Attempt, nextAsk } from '../core/settlement.ts'
import { applyEvidence, loadAttempt } from './apply-evidence.ts'
import { connectorFor } from './charging.ts'
import type { Payments } from './pay.ts'

const CLAIMS_PER_TENANT = 20

/**
 * Asks providers about orders whose outcome is not known: answers that were lost, and orders of a process that died.
 * @returns how many orders were asked about
 */
export async function sweepOrders(payments: Payments): Promise<number> {
  const { storage, env } = payments
  let asked = 0
  for (const tenant of await storage.tenantsWithDueOperations(env.now())) {
    for (const operation of await storage.dueOperations(tenant, env.now(), CLAIMS_PER_TENANT)) {
      if (await askAbout(payments, operation)) asked += 1
    }
  }
  return asked
}

/** @returns false when another process took the question over */
async function askAbout(payments: Payments, due: Operation): Promise<boolean> {
  const claimed: Operation = {
    ...due,
    version: due.version + 1,
    fence: due.fence + 1,
    asked: due.asked + 1,
    askAt: nextAsk(due.asked, payments.env.now()),
  }
  const claim = await payments.storage.commit({ operations: [claimed] })
  if (!claim.ok) return false
  const attempt = await loadAttempt(payments, claimed)
  const connector = attempt && connectorFor(payments.connectors, isLive(due.tenant))
  if (!attempt || !connector) return false
  const evidence = await connector.sync(orderNamed(attempt), payments.outside)
  if (evidence.is === 'lost') return true
  if (evidence.is === 'absent' && !absenceCounts(attempt, connector.can.horizonMs, payments.env.now())) return true
  await applyEvidence(payments, attempt, evidence)
  if (attempt.charge.tokenId) await payments.forgetCard(due.tenant, attempt.charge.tokenId)
  return true
}

function orderNamed({ charge }: Attempt) {
  return { tenant: charge.tenant, reference: nameOf('charge', charge.tenant, charge.id) }
}

/** "No record" closes an order only when asked at least twice and after the provider's longest processing time. */
function absenceCounts({ operation }: Attempt, horizonMs: number, now: Date): boolean {
  return operation.asked >= 2 && now.getTime() - operation.createdAt.getTime() > horizonMs
}
