import type { Charge } from '../core/charge.ts'
import { credentialOf, nameOf, parseName, provesCredential, splitCredential } from '../core/ids.ts'
import { clientSecretOf, type Payment } from '../core/payment.ts'
import type { Context } from './call.ts'

/** Opens the page that sends a shopper to the issuer, for a payment that no session shows. */
export function challengeCredential(payment: Payment): string {
  return credentialOf(nameOf('payment', payment.tenant, payment.id), payment.secret, 'challenge')
}

export type Challenged = { readonly payment: Payment; readonly charge: Charge | null }

/** The payment behind such a page's URL. Unknown, foreign and tampered credentials all find nothing. */
export async function findChallenged({ storage }: Context, credential: string): Promise<Challenged | undefined> {
  const parts = splitCredential(credential)
  const name = parts && parseName('payment', parts.name)
  const payment = name && (await storage.findPayment(name.tenant, name.id))
  if (!payment || !provesCredential(parts.claim, payment.secret, 'challenge')) return undefined
  const charge = payment.latestChargeId ? await storage.findCharge(payment.tenant, payment.latestChargeId) : undefined
  return { payment, charge: charge ?? null }
}

/** The shop's own page, told which payment it is about; what became of it the shop asks for itself. */
export function shopReturnUrl(payment: Payment): string | undefined {
  const url = URL.parse(payment.document.returnUrl ?? '')
  if (!url) return undefined
  url.searchParams.set('payment_intent', nameOf('payment', payment.tenant, payment.id))
  url.searchParams.set('payment_intent_client_secret', clientSecretOf(payment))
  return url.href
}
