import { nameOf } from '../core/ids.ts'
import type { Operation } from '../core/operation.ts'
import { type Attempt, nextAsk } from '../core/settlement.ts'
import { applyEvidence, loadAttempt } from './apply-evidence.ts'
import { cardOf } from './charging.ts'
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
  const { storage, env } = payments
  const claimed: Operation = {
    ...due,
    version: due.version + 1,
    fence: due.fence + 1,
    asked: due.asked + 1,
    askAt: nextAsk(due.asked, env.now()),
  }
  if (!(await storage.commit({ operations: [claimed] })).ok) return false
  const attempt = await loadAttempt(payments, claimed)
  const connector = payments.connectors.find(({ id }) => id === attempt?.charge.connector)
  if (!attempt || !connector) return false
  const evidence = await connector.sync(orderNamed(attempt), payments.outside)
  if (evidence.is === 'lost') return true
  if (evidence.is === 'absent' && !absenceCounts(attempt.operation, connector.can.horizonMs, env.now())) {
    await noteAbsence(payments, attempt.operation)
    return true
  }
  await applyEvidence(payments, attempt, evidence)
  const card = cardOf(attempt)
  if (card) await payments.forgetCard(card)
  return true
}

function orderNamed({ charge }: Attempt) {
  const { tenant, id, currency } = charge
  return { tenant, reference: nameOf('charge', tenant, id), currency }
}

const ABSENCES_APART_MS = 60_000

/** "No record" closes an order only when heard twice, a minute apart, and after the provider's longest processing time. */
function absenceCounts({ absentSince, createdAt }: Operation, horizonMs: number, now: Date): boolean {
  return (
    absentSince !== null &&
    now.getTime() - absentSince.getTime() >= ABSENCES_APART_MS &&
    now.getTime() - createdAt.getTime() > horizonMs
  )
}

/** Whoever changed the order meanwhile knows more than that it was absent. */
async function noteAbsence({ storage, env }: Payments, operation: Operation): Promise<void> {
  if (operation.absentSince !== null) return
  await storage.commit({ operations: [{ ...operation, version: operation.version + 1, absentSince: env.now() }] })
}
