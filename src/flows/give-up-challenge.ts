import type { Attempt } from '../core/attempt.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import { decideVoid, type Ordered } from '../core/orders.ts'
import { changedRows } from './apply-evidence.ts'
import { connectorOf, meansFor } from './charging.ts'
import { driveOrder } from './drive-order.ts'
import { inTurn } from './in-turn.ts'
import { observeCharge } from './observe-charge.ts'
import type { Payments } from './pay.ts'

const MAX_TRIES = 20

/**
 * Gives a charge up that waits for its cardholder: asks first, since the issuer may have decided meanwhile, then orders
 * the provider to let go. Its payment can then be made with another card. Doing it again changes nothing.
 * @returns the rows as they are stored afterwards
 */
export async function giveUpChallenge(
  payments: Payments,
  tenant: Tenant,
  chargeId: Uuid,
): Promise<Attempt | undefined> {
  const observed = await observeCharge(payments, tenant, chargeId)
  if (observed?.charge.state !== 'requires_action') return observed
  const ordered = await inTurn(payments.storage, observed.payment.id, () => commitVoid(payments, tenant, chargeId))
  if (ordered) return driveOrder(payments, ordered.attempt, ordered.operation)
  return payments.storage.findAttempt(tenant, chargeId)
}

async function commitVoid(payments: Payments, tenant: Tenant, chargeId: Uuid): Promise<Ordered | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const attempt = await payments.storage.findAttempt(tenant, chargeId)
    const connector = attempt && connectorOf(payments.connectors, attempt.charge)
    if (attempt?.charge.state !== 'requires_action' || !connector) return undefined
    const decided = decideVoid(attempt, { givesUp: true }, meansFor(payments, connector))
    if ('code' in decided) return undefined
    if ((await payments.storage.commit(changedRows(attempt, decided.attempt))).ok) return decided
  }
  return undefined
}
