import { type Attempt, isOpen } from '../core/attempt.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Seen } from '../core/observation.ts'
import { applyEvidence } from './apply-evidence.ts'
import { cardOf, connectorOf, orderNamed } from './charging.ts'
import type { Payments } from './pay.ts'

/** Asks about one charge now, and applies what is seen: hooks and returns are hints, this is how they become facts. */
export async function observeCharge(payments: Payments, tenant: Tenant, chargeId: Uuid): Promise<Attempt | undefined> {
  return (await askAbout(payments, tenant, chargeId))?.attempt
}

/** The same, with what the provider said; `lost` also where no connector of ours has the charge. */
export async function askAbout(
  payments: Payments,
  tenant: Tenant,
  chargeId: Uuid,
): Promise<{ readonly attempt: Attempt; readonly seen: Seen } | undefined> {
  const before = await payments.storage.findAttempt(tenant, chargeId)
  if (!before) return undefined
  const connector = connectorOf(payments.connectors, before.charge)
  if (!connector) return { attempt: before, seen: 'lost' }
  const seen = await connector.sync(orderNamed(before.charge), payments.outside)
  const attempt = await applyEvidence(payments, before, { seen, sent: 'asked', about: null })
  // The order is the only thing that may need the card again.
  const card = isOpen(before.operation) && !isOpen(attempt.operation) ? cardOf(attempt) : undefined
  if (card) await payments.forgetCard(card)
  return { attempt, seen }
}
