import type { Billing } from '../core/charge.ts'
import { isLive, type Uuid } from '../core/ids.ts'
import type { Collected } from '../core/session.ts'
import type { SessionView } from '../storage/sessions.ts'
import type { Call } from './call.ts'
import { type PaymentsContext, spent } from './confirm-payment.ts'
import { choose, type MethodChoice } from './create-payment.ts'
import { pay } from './pay.ts'
import { done, type Result, refuse } from './refusals.ts'

/**
 * Pays a session with a method, as a shopper with that card would on its page: for test mode, where a program takes the
 * shopper's place. It goes the page's own way, so a second confirmation at the same moment charges nothing; nobody is
 * there for the issuer's questions, so a card that needs 3-D Secure is declined.
 * @param expected the amount that the caller believes to pay, in ISO minor units
 */
export async function confirmPage(
  context: PaymentsContext,
  call: Call,
  sessionId: Uuid,
  choice: MethodChoice,
  expected: bigint | undefined,
): Promise<Result<SessionView>> {
  const { tenant } = call.caller
  if (isLive(tenant)) return refuse('test_mode_only')
  const view = await context.storage.findSessionView(tenant, sessionId)
  if (!view) return refuse('resource_missing')
  const { session } = view
  if (session.state !== 'open') return refuse('session_not_open', undefined, session.state)
  if (expected !== undefined && expected !== session.amountTotal) {
    return refuse('expected_amount_differs', 'expected_amount', `${session.amountTotal} ${session.currency}`)
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
  return after ? done(after) : refuse('resource_missing')
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
