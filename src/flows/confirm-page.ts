import type { Billing } from '../core/charge.ts'
import { isLive, type Uuid } from '../core/ids.ts'
import { sayMoney } from '../core/money.ts'
import type { Collected } from '../core/session.ts'
import type { SessionView } from '../storage/sessions.ts'
import type { Call } from './call.ts'
import { type PaymentsContext, spent } from './confirm-payment.ts'
import { choose, type MethodChoice } from './create-payment.ts'
import { type Answer, findAnswer, keyRow } from './once.ts'
import { pay } from './pay.ts'
import { done, type Result, refuse } from './refusals.ts'

/**
 * Pays a session with a method, as a shopper with that card would on its page: for test mode, where a program takes the
 * shopper's place. It goes the page's own way, so a second confirmation at the same moment charges nothing; nobody is
 * there for the issuer's questions, so a card that needs 3-D Secure is declined.
 *
 * Its key is written once the outcome is known. A crash before that leaves it free; repeated then, the request is told that
 * the session is not open, and charges nothing: a session's try is made once whoever asks.
 * @param expected the amount that the caller believes to pay, in ISO minor units
 */
export async function confirmPage(
  context: PaymentsContext,
  call: Call,
  sessionId: Uuid,
  choice: MethodChoice,
  expected: bigint | undefined,
): Promise<Result<PagePaid>> {
  const paid =
    (await answeredBefore(context, call, sessionId)) ?? (await payOnce(context, call, sessionId, choice, expected))
  // A twin of this request may have been done meanwhile: what it paid is what refuses us now.
  return paid.ok ? paid : ((await answeredBefore(context, call, sessionId)) ?? paid)
}

/** The session, and its payment as it was after the try. */
export type PagePaid = { readonly view: SessionView; readonly replay: Answer | undefined }

async function answeredBefore(
  context: PaymentsContext,
  call: Call,
  sessionId: Uuid,
): Promise<Result<PagePaid> | undefined> {
  const earlier = await findAnswer(context, call)
  if (!earlier?.ok) return earlier
  const view = await context.storage.findSessionView(call.caller.tenant, sessionId)
  const { snapshot } = earlier.value
  if (!view || snapshot.is !== 'payment') return refuse('resource_missing')
  return done({ view: { ...view, payment: snapshot.payment, charge: snapshot.charge }, replay: earlier.value })
}

async function payOnce(
  context: PaymentsContext,
  call: Call,
  sessionId: Uuid,
  choice: MethodChoice,
  expected: bigint | undefined,
): Promise<Result<PagePaid>> {
  const { tenant } = call.caller
  if (isLive(tenant)) return refuse('test_mode_only')
  const view = await context.storage.findSessionView(tenant, sessionId)
  if (!view) return refuse('resource_missing')
  const { session } = view
  if (session.state !== 'open') return refuse('session_not_open', undefined, session.state)
  if (expected !== undefined && expected !== session.amountTotal) {
    return refuse('expected_amount_differs', 'expected_amount', sayMoney(session.amountTotal, session.currency))
  }
  const chosen = await choose(context, call, choice, session.customerId)
  if (!chosen.ok) return chosen
  const { card, billing } = chosen.value.document
  const paying = await pay(context, {
    tenant,
    sessionId,
    attempt: session.tries,
    token: { id: chosen.value.tokenId, card },
    collected: collectedFrom(billing),
    method: { id: chosen.value.id, changed: spent(chosen.value) },
  })
  if (paying.is === 'unavailable') return refuse('payment_provider_missing')
  if (paying.is === 'too_late') return refuse('session_not_open')
  await paying.outcome
  const after = await context.storage.findSessionView(tenant, sessionId)
  if (!after) return refuse('resource_missing')
  const { payment, charge } = after
  const key =
    payment && keyRow(context, call, { objectId: sessionId, snapshot: { is: 'payment', v: 1, payment, charge } })
  if (key) await context.storage.commit({ idempotency: key })
  return done({ view: after, replay: undefined })
}

/** What the page would have asked the shopper for. */
function collectedFrom({ name, email, phone, address }: Billing = {}): Collected {
  return {
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
    ...(address === undefined ? {} : { billing: address }),
  }
}
