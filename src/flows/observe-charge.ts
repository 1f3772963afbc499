import type { Attempt } from '../core/attempt.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import { applyEvidence } from './apply-evidence.ts'
import { connectorOf, orderNamed } from './charging.ts'
import type { Payments } from './pay.ts'

/** Asks about one charge now, and applies what is seen: hooks and returns are hints, this is how they become facts. */
export async function observeCharge(payments: Payments, tenant: Tenant, chargeId: Uuid): Promise<Attempt | undefined> {
  const attempt = await payments.storage.findAttempt(tenant, chargeId)
  const connector = attempt && connectorOf(payments.connectors, attempt.charge)
  if (!attempt || !connector) return attempt
  const seen = await connector.sync(orderNamed(attempt.charge), payments.outside)
  return applyEvidence(payments, attempt, { seen, sent: 'asked', about: null })
}
