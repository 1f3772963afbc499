import { nextLook } from '../core/asking.ts'
import type { Attempt } from '../core/attempt.ts'
import type { Charge } from '../core/charge.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import { applyEvidence } from './apply-evidence.ts'
import { connectorOf, orderNamed } from './charging.ts'
import type { Payments } from './pay.ts'

const CLAIMS_PER_TENANT = 20

/**
 * Asks about charges that nobody waits for, when their time has come: holds that may have run out, late success on
 * charges that were closed for want of a record, refunds under way or made elsewhere.
 * @returns how many charges were asked about
 */
export async function lookAgain(payments: Payments): Promise<number> {
  const { storage, env } = payments
  let looked = 0
  for (const tenant of await storage.tenantsWithDueCharges(env.now())) {
    for (const charge of await storage.dueCharges(tenant, env.now(), CLAIMS_PER_TENANT)) {
      if (!(await claim(payments, charge))) continue
      await observeCharge(payments, tenant, charge.id)
      looked += 1
    }
  }
  return looked
}

/** Asks about one charge now, and applies what is seen: hooks and returns are hints, this is how they become facts. */
export async function observeCharge(payments: Payments, tenant: Tenant, chargeId: Uuid): Promise<Attempt | undefined> {
  const attempt = await payments.storage.findAttempt(tenant, chargeId)
  const connector = attempt && connectorOf(payments.connectors, attempt.charge)
  if (!attempt || !connector) return attempt
  const seen = await connector.sync(orderNamed(attempt.charge), payments.outside)
  return applyEvidence(payments, attempt, { seen, sent: 'asked', about: null })
}

/** The next look is set before this one, so that a process that dies in between costs one look, not the rest. */
async function claim({ storage, env }: Payments, charge: Charge): Promise<boolean> {
  const refunds = await storage.refundsOf(charge.tenant, charge.id)
  const lookAt = nextLook(charge, refunds, env.now())
  return (await storage.commit({ charges: [{ ...charge, version: charge.version + 1, lookAt }] })).ok
}
