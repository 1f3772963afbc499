import type { Charge } from '../core/charge.ts'
import { credentialOf, nameOf, parseName, provesCredential, splitCredential } from '../core/ids.ts'
import { clientSecretOf, type Payment } from '../core/payment.ts'
import type { PaymentState } from '../core/payment-machine.ts'
import type { Context } from './call.ts'

/** Opens the page that sends a shopper to the issuer, for a payment that no session shows. */
function challengeCredential(payment: Payment): string {
  return credentialOf(nameOf('payment', payment.tenant, payment.id), payment.secret, 'challenge')
}

/** That page: `next_action.redirect_to_url.url` of a payment that is made through the API alone. */
export const challengeUrl = (publicUrl: string, payment: Payment): string =>
  `${publicUrl}/c/3ds/${challengeCredential(payment)}`

/** Where the issuer sends that shopper back to, as the order tells it. */
export const challengeReturnUrl = (publicUrl: string, payment: Payment): string =>
  `${challengeUrl(publicUrl, payment)}/return`

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

/** For what the shop's page says first. It proves nothing: anybody can write it into a URL. */
const REDIRECT_STATUS: { readonly [state in PaymentState]: 'succeeded' | 'pending' | 'failed' } = {
  requires_payment_method: 'failed',
  requires_confirmation: 'pending',
  requires_action: 'pending',
  processing: 'pending',
  requires_capture: 'succeeded',
  succeeded: 'succeeded',
  canceled: 'failed',
}

/** The shop's own page, told which payment it is about; what became of it the shop asks for itself. */
export function shopReturnUrl(payment: Payment): string | undefined {
  const url = URL.parse(payment.document.returnUrl ?? '')
  if (!url) return undefined
  url.searchParams.set('payment_intent', nameOf('payment', payment.tenant, payment.id))
  url.searchParams.set('payment_intent_client_secret', clientSecretOf(payment))
  url.searchParams.set('redirect_status', REDIRECT_STATUS[payment.state])
  return url.href
}
