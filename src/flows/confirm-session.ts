import type { Tenant, Uuid } from '../core/ids.ts'
import type { Collected } from '../core/session.ts'
import type { SessionView } from '../storage/sessions.ts'
import type { Call } from './call.ts'
import { type ClosedCard, takeCard } from './card-desk.ts'
import type { PaymentsContext } from './confirm-payment.ts'
import { spent } from './confirm-payment.ts'
import { choose } from './create-payment.ts'
import { giveUpChallenge } from './give-up-challenge.ts'
import { findAnswer, keyRow } from './once.ts'
import { type Paying, pay } from './pay.ts'
import { done, type Result, refuse } from './refusals.ts'
import { pageCredential } from './visit.ts'

/** What a shop's own page hands in, where the shopper would have filled in ours. */
export type SessionConfirmation = {
  /** A card that came with the request, or a method that the caller may name. */
  readonly card: ClosedCard | { readonly methodId: Uuid }
  readonly collected: Collected
}

/**
 * Pays a session with what the shop's own page collected. It goes the way of our page: whoever confirms the same try at the
 * same moment charges nothing, and a shopper whom the issuer wants to see goes there by our page, and comes back to it.
 *
 * A key is written once the outcome is known. A crash before that leaves it free; repeated then, the request is told that
 * the session is not open, and charges nothing.
 */
export async function confirmSession(
  context: PaymentsContext,
  call: Call,
  sessionId: Uuid,
  confirmation: SessionConfirmation,
): Promise<Result<SessionView>> {
  const paid =
    (await answeredBefore(context, call, sessionId)) ?? (await payOnce(context, call, sessionId, confirmation))
  // A twin of this request may have been done meanwhile: what it paid is what refuses us now.
  return paid.ok ? paid : ((await answeredBefore(context, call, sessionId)) ?? paid)
}

async function answeredBefore(
  context: PaymentsContext,
  call: Call,
  sessionId: Uuid,
): Promise<Result<SessionView> | undefined> {
  const earlier = await findAnswer(context, call)
  if (!earlier?.ok) return earlier
  const view = await context.storage.findSessionView(call.caller.tenant, sessionId)
  const { snapshot } = earlier.value
  if (!view || snapshot.is !== 'payment' || snapshot.payment.sessionId !== sessionId) return refuse('resource_missing')
  return done({ ...view, payment: snapshot.payment, charge: snapshot.charge })
}

async function payOnce(
  context: PaymentsContext,
  call: Call,
  sessionId: Uuid,
  { card, collected }: SessionConfirmation,
): Promise<Result<SessionView>> {
  const { tenant } = call.caller
  const view = await openAgain(context, tenant, sessionId)
  if (!view) return refuse('resource_missing')
  const { session } = view
  if (session.state !== 'open') return refuse('session_not_open', undefined, session.state)
  if (session.expiresAt <= context.env.now()) return refuse('session_not_open', undefined, 'expired')
  const self = `${context.publicUrl()}/c/pay/${pageCredential(session)}`
  const paying = await begin(context, call, view, card, {
    collected,
    threeDSecure: {
      returnUrl: `${self}/return?try=${session.tries + 1}`,
      request: session.document.paymentTemplate?.requestThreeDSecure ?? 'automatic',
    },
  })
  if (!paying.ok) return paying
  if (paying.value.is === 'unavailable') return refuse('payment_provider_missing')
  if (paying.value.is === 'too_late') return refuse('session_not_open')
  await paying.value.outcome
  const after = await context.storage.findSessionView(tenant, sessionId)
  if (!after) return refuse('resource_missing')
  const { payment, charge } = after
  const key =
    payment && keyRow(context, call, { objectId: sessionId, snapshot: { is: 'payment', v: 1, payment, charge } })
  if (key) await context.storage.commit({ idempotency: key })
  return done(after)
}

/** A shopper who did not go through with one card may take another: the attempt that waits for them is given up. */
async function openAgain(context: PaymentsContext, tenant: Tenant, id: Uuid): Promise<SessionView | undefined> {
  const view = await context.storage.findSessionView(tenant, id)
  if (view?.session.state !== 'processing' || view.charge?.state !== 'requires_action') return view
  await giveUpChallenge(context, tenant, view.charge.id)
  return context.storage.findSessionView(tenant, id)
}

async function begin(
  context: PaymentsContext,
  call: Call,
  { session }: SessionView,
  card: SessionConfirmation['card'],
  rest: Pick<Parameters<typeof pay>[1], 'collected' | 'threeDSecure'>,
): Promise<Result<Paying>> {
  const { tenant, id: sessionId, tries: attempt } = session
  const known = { tenant, sessionId, attempt, ...rest }
  if (!('methodId' in card)) {
    const token = await takeCard(context.cards, tenant, sessionId, card)
    return token.ok ? done(await pay(context, { ...known, token: token.value })) : token
  }
  const chosen = await choose(context, call, { id: card.methodId }, session.customerId)
  if (!chosen.ok) return chosen
  const { id, tokenId, document } = chosen.value
  const method = { id, changed: spent(chosen.value) }
  return done(await pay(context, { ...known, token: { id: tokenId, card: document.card }, method }))
}
