import type { Connector, ConnectorContext } from '../connectors/contract.ts'
import type { CardRef } from '../core/charge.ts'
import type { Attempt } from '../core/settlement.ts'
import type { ThreeDSecureWish } from '../core/three-d-secure.ts'
import { applyEvidence } from './apply-evidence.ts'
import type { Context } from './call.ts'
import { orderFor } from './charging.ts'
import { type Begun, beginAttempt, type ConfirmInput } from './confirm.ts'

export type Payments = Context & {
  readonly connectors: readonly Connector[]
  readonly outside: ConnectorContext
  /** Shreds a card that no attempt needs any more. */
  readonly forgetCard: (card: CardRef) => Promise<void>
}

export type Paying =
  | Exclude<Begun, { readonly is: 'begun' }>
  /** The outcome comes by itself, also when nobody waits for it any more. */
  | { readonly is: 'begun'; readonly outcome: Promise<Attempt> }

/** Transaction, network, transaction: the order is committed, then sent, then its answer is committed. */
export async function pay(payments: Payments, input: ConfirmInput): Promise<Paying> {
  const begun = await beginAttempt(payments, input)
  if (begun.is !== 'begun') {
    // A method keeps its card for another time.
    if (!input.method) {
      await payments.forgetCard({ tenant: input.tenant, owner: input.sessionId, token: input.token.id })
    }
    return begun
  }
  return { is: 'begun', outcome: authorize(payments, begun, input.threeDSecure) }
}

/** Sends a committed order to authorize, once, and applies what comes back. */
export async function authorize(
  payments: Payments,
  { attempt, connector }: Pick<Extract<Begun, { readonly is: 'begun' }>, 'attempt' | 'connector'>,
  threeDSecure?: ThreeDSecureWish,
): Promise<Attempt> {
  const order = orderFor(attempt, threeDSecure)
  const seen = await connector.start(order, payments.outside)
  const sent = seen === 'lost' ? 'lost' : seen === 'absent' ? 'refused' : 'accepted'
  const settled = await applyEvidence(payments, attempt, { seen, sent, about: attempt.operation.id })
  // The order is the only thing that may need the card again, and it is answered unless the answer was lost.
  if (seen !== 'lost') await payments.forgetCard(order.card)
  return settled
}
