import type { Charge } from '../../../core/charge.ts'
import type { Payment } from '../../../core/payment.ts'
import type { Address, Session } from '../../../core/session.ts'
import { pageCredential } from '../../../flows/visit.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import type { Look } from '../../api/render/parts.ts'
import { sessionCredential } from '../credentials.ts'
import { sessionWord } from '../session-words.ts'
import { type PaymentFacts, sessionId } from './ids.ts'
import { notesOf } from './parse-session.ts'
import { accountId } from './render-charge.ts'
import { renderPayment } from './render-payment.ts'

/** The purpose of the credential by which a shop's own page knows a session. */
export const TOKEN = 'hsrc'

export const tokenOf = (session: Session): string => sessionCredential(TOKEN, session)

/** A session and the money that came of it. */
export type SessionFacts = {
  readonly session: Session
  readonly payment: Payment | null
  readonly charge: Charge | null
  readonly captured: bigint
}

export const factsOf = ({ session, payment, charge }: SessionView): SessionFacts => ({
  session,
  payment,
  charge,
  captured: charge?.captured ?? 0n,
})

/** Any of the account's sessions, whichever door made it: with its payment, which is there from the beginning. */
export function renderSession(facts: SessionFacts, look: Look) {
  const { session, captured } = facts
  const { tenant, document } = session
  const { collected = {} } = document
  const notes = notesOf(session)
  const payment = renderPayment(paymentOf(facts))
  const amount = String(session.amountTotal)
  return {
    object: 'checkout_session' as const,
    id: sessionId(session),
    account_id: accountId(tenant),
    payment_link_id: null,
    token: tokenOf(session),
    // Without a page of the shop's own it is ours, which heeds no token.
    url: notes.url ?? `${look.publicUrl}/c/pay/${pageCredential(session)}`,
    return_url: document.successUrl ?? null,
    cancel_url: document.cancelUrl ?? null,
    status: sessionWord('hsrc', session, captured),
    currency: session.currency,
    amount: Number(session.amountTotal),
    amount_mode: 'FIXED',
    fixed_amount: amount,
    customer_input_min: null,
    customer_input_max: null,
    customer_input_preset: null,
    customer_entered_amount: null,
    final_amount: amount,
    business_logo_url: document.appearance?.logoUrl ?? null,
    business_name: document.displayName ?? null,
    collect_address: notes.collect_address ?? (document.billingAddressCollection === 'required' ? 'BILLING' : 'NONE'),
    collect_name: notes.collect_name ?? false,
    collect_phone: document.phoneNumberCollection ?? false,
    after_completion_type: notes.after_completion_type ?? (document.successUrl ? 'REDIRECT' : 'HOSTED_PAGE'),
    after_completion_url: document.successUrl ?? null,
    after_completion_message: notes.after_completion_message ?? null,
    custom_fields_schema: notes.custom_fields_schema ?? [],
    custom_fields_values: { ...collected.customFields },
    payer_name: collected.name ?? notes.payer_name ?? null,
    payer_email: collected.email ?? document.customerEmail ?? null,
    payer_phone: collected.phone ?? notes.payer_phone ?? null,
    payer_ip_address: null,
    payer_user_agent: null,
    payer_locale: document.locale ?? null,
    billing_address: renderAddress(collected.billing),
    shipping_address: renderAddress(collected.shipping?.address),
    metadata: { ...document.metadata },
    payment_id: payment.id,
    payment,
    created_at: session.createdAt.toISOString(),
    updated_at: (session.completedAt ?? session.createdAt).toISOString(),
    expires_at: session.expiresAt.toISOString(),
  }
}

export function paymentOf({ session, payment, charge }: SessionFacts): PaymentFacts {
  return payment ? { payment, charge, session } : { payment: null, charge: null, session }
}

function renderAddress(address: Address | undefined) {
  if (!address) return null
  const { country = null, city = null, state = null, line1 = null, line2 = null, postalCode: zip = null } = address
  return { country, city, state, line1, line2, zip }
}
