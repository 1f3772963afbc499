import { isChallengeOver, nextLook } from '../core/asking.ts'
import type { Charge } from '../core/charge.ts'
import { driveDue, type Lanes } from './drive-due.ts'
import { giveUpChallenge } from './give-up-challenge.ts'
import { observeCharge } from './observe-charge.ts'
import type { Payments } from './pay.ts'

const CLAIMS_PER_TENANT = 50
const LANES: Lanes = new WeakMap()

/**
 * Asks about charges that nobody waits for, when their time has come: holds that may have run out, late success on
 * charges that were closed for want of a record, refunds under way or made elsewhere, disputes that are not over.
 * @returns how many charges were asked about
 */
export function lookAgain(payments: Payments): Promise<number> {
  const { storage, env } = payments
  return driveDue(LANES, storage, {
    tenants: () => storage.tenantsWithDueCharges(env.now()),
    due: (tenant) => storage.dueCharges(tenant, env.now(), CLAIMS_PER_TENANT),
    drive: (charge) => look(payments, charge),
  })
}

/** @returns false when another process looks, or the charge has changed */
async function look(payments: Payments, charge: Charge): Promise<boolean> {
  if (!(await claim(payments, charge))) return false
  const { tenant, id, state } = charge
  if (state === 'requires_action' && isChallengeOver(charge, payments.env.now()))
    await giveUpChallenge(payments, tenant, id)
  else await observeCharge(payments, tenant, id)
  return true
}

/** The next look is set before this one, so that a process that dies in between costs one look, not the rest. */
async function claim({ storage, env }: Payments, charge: Charge): Promise<boolean> {
  const { tenant, id } = charge
  const [refunds, disputes] = await Promise.all([storage.refundsOf(tenant, id), storage.disputesOf(tenant, id)])
  const lookAt = nextLook({ charge, refunds, disputes }, env.now())
  return (await storage.commit({ charges: [{ ...charge, version: charge.version + 1, lookAt }] })).ok
}
