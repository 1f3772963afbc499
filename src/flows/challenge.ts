import type { Attempt } from '../core/attempt.ts'
import type { Charge } from '../core/charge.ts'
import type { ChargeState } from '../core/charge-machine.ts'
import { applyEvidence } from './apply-evidence.ts'
import { askTogether } from './ask-together.ts'
import { connectorOf, orderNamed } from './charging.ts'
import { giveUpChallenge } from './give-up-challenge.ts'
import { observeCharge } from './observe-charge.ts'
import type { Payments } from './pay.ts'

type Paid = { readonly charge: Charge | null }

/** What asking may still decide. */
const WAITING: readonly ChargeState[] = ['requires_action', 'pending', 'unknown']

/**
 * A browser came back from the issuer, or says so. Nothing that it brings is believed: it is a reason to ask the
 * provider about this page's own charge, and none at all where nothing is waited for. Whoever has the URL may come back
 * as often as they like; the provider is asked one question at a time.
 */
export async function returnFromBank(payments: Payments, { charge }: Paid): Promise<void> {
  if (!charge || !WAITING.includes(charge.state)) return
  await askTogether(payments.storage, charge.id, async () => {
    await observeCharge(payments, charge.tenant, charge.id)
  })
}

/** The hidden frame is done with the shopper's device, or took too long: the issuer says what comes next. */
export async function goOnFromDeviceCheck(payments: Payments, { charge }: Paid): Promise<Attempt | undefined> {
  if (charge?.state !== 'requires_action' || charge.document.action?.type !== 'device_check') return undefined
  const attempt = await payments.storage.findAttempt(charge.tenant, charge.id)
  const connector = connectorOf(payments.connectors, charge)
  if (!attempt || !connector?.goOn || charge.providerId === null) return attempt
  const seen = await connector.goOn({ ...orderNamed(charge), providerId: charge.providerId }, payments.outside)
  return applyEvidence(payments, attempt, { seen, sent: 'asked', about: null })
}

/** "Use another card": the bank is asked to let go of this attempt, and the form is there again. */
export async function abandonChallenge(payments: Payments, { charge }: Paid): Promise<Attempt | undefined> {
  if (charge?.state !== 'requires_action') return undefined
  return giveUpChallenge(payments, charge.tenant, charge.id)
}
