import { nextLook } from '../core/asking.ts'
import type { Charge } from '../core/charge.ts'
import { giveUpChallenge } from './give-up-challenge.ts'
import { observeCharge } from './observe-charge.ts'
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
      await look(payments, charge)
      looked += 1
    }
  }
  return looked
}

/** A shopper who has not come back from the issuer by then will not. */
async function look(payments: Payments, { tenant, id, state }: Charge): Promise<void> {
  if (state === 'requires_action') await giveUpChallenge(payments, tenant, id)
  else await observeCharge(payments, tenant, id)
}

/** The next look is set before this one, so that a process that dies in between costs one look, not the rest. */
async function claim({ storage, env }: Payments, charge: Charge): Promise<boolean> {
  const refunds = await storage.refundsOf(charge.tenant, charge.id)
  const lookAt = nextLook(charge, refunds, env.now())
  return (await storage.commit({ charges: [{ ...charge, version: charge.version + 1, lookAt }] })).ok
}
