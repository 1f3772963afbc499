import type { Attempt, Means } from '../core/attempt.ts'
import type { EventFact } from '../core/event.ts'
import type { Uuid } from '../core/ids.ts'
import type { Operation } from '../core/operation.ts'
import type { OrderDecision, Ordered } from '../core/orders.ts'
import { replacedFields } from '../core/replaced-fields.ts'
import { changedRows } from './apply-evidence.ts'
import { type Call, tell } from './call.ts'
import { connectorOf, meansFor } from './charging.ts'
import { mayTry } from './contend.ts'
import { driveOrder } from './drive-order.ts'
import { inTurn } from './in-turn.ts'
import { type Answer, findAnswer, undecidedKey } from './once.ts'
import { outcomeOf } from './outcome.ts'
import type { Payments } from './pay.ts'
import { done, type Result, refuse } from './refusals.ts'

/** An order for one payment: how its attempt is found, and what the money allows. */
export type Wish = {
  readonly paymentId: Uuid
  readonly find: () => Promise<Result<Attempt>>
  readonly decide: (attempt: Attempt, means: Means) => OrderDecision
}

/**
 * Transaction, network, transaction. Those who want something of one payment wait their turn to decide and commit; the
 * order leaves after that, and its answer is committed whenever it comes. A request that dies in between leaves a row
 * which the sweeper drives on, and a key whose repetition reads how things stand.
 */
export async function placeOrder(payments: Payments, call: Call, wish: Wish): Promise<Result<Answer>> {
  const placed = await inTurn(payments.storage, wish.paymentId, () => commitOrder(payments, call, wish))
  if (!('placed' in placed)) return placed
  const { attempt, operation } = placed.placed
  const outcome = outcomeOf(await driveOrder(payments, attempt, operation), operation)
  return outcome.ok ? done({ snapshot: outcome.value, replayed: false }) : outcome
}

/** The first half of it: whoever drives orders that are due brings this one to its provider. */
export async function commitOrder(
  payments: Pick<Payments, 'env' | 'storage' | 'connectors'>,
  call: Call,
  wish: Wish,
): Promise<{ readonly placed: Ordered } | Result<Answer>> {
  const { storage, env } = payments
  const earlier = await findAnswer(payments, call)
  if (earlier) return earlier
  const since = env.monotonicMs()
  for (let tries = 0; await mayTry(env, since, tries); tries++) {
    const found = await wish.find()
    if (!found.ok) return found
    const attempt = found.value
    const connector = connectorOf(payments.connectors, attempt.charge)
    if (!connector) return refuse('payment_intent_unexpected_state', undefined, 'its provider is not connected')
    const decided = wish.decide(attempt, meansFor(payments, connector))
    // A twin of this request may have been done meanwhile: what it ordered is what refuses us now.
    if ('code' in decided) return (await findAnswer(payments, call)) ?? { ok: false, refusal: decided }
    const ordered = answering(call, decided)
    const key = undecidedKey(payments, call, ordered.refund?.id ?? ordered.dispute?.id ?? attempt.payment.id)
    const committed = await storage.commit({
      ...changedRows(attempt, ordered.attempt),
      events: orderedEvents(payments, call, attempt, ordered),
      ...(key ? { idempotency: key } : {}),
    })
    if (committed.ok) return { placed: ordered }
    if (committed.conflict === 'key_used') return (await findAnswer(payments, call)) ?? refuse('stale')
    // Somebody else was first, which a version or a rule of the database says: decide again on what is stored now.
  }
  return refuse('stale')
}

/** The order remembers whose key waits for it; telling what changed beside it raises the payment's version, which orders events. */
function answering(call: Call, { attempt, operation, refund, dispute }: Ordered): Ordered {
  const answers = call.key ? { answers: { door: call.caller.door, key: call.key.key } } : {}
  const own: Operation = { ...operation, document: { ...operation.document, ...answers } }
  const orders = attempt.orders.map((order) => (order.id === own.id ? own : order))
  const { payment } = attempt
  const raised = refund || dispute ? { ...payment, version: payment.version + 1 } : payment
  return {
    attempt: { ...attempt, orders, payment: raised },
    operation: own,
    ...(refund ? { refund } : {}),
    ...(dispute ? { dispute } : {}),
  }
}

function orderedEvents(
  { env }: Pick<Payments, 'env'>,
  call: Call,
  before: Attempt,
  { attempt, refund, dispute }: Ordered,
): readonly EventFact[] {
  const { payment, charge } = attempt
  const place = { root: payment.id, rootVersion: payment.version, ordinal: 1 }
  if (refund) {
    return [
      tell(env, payment.tenant, 'refund.created', place, { is: 'refund', v: 1, refund, charge, payment }, { call }),
    ]
  }
  const earlier = dispute && before.disputes.find(({ id }) => id === dispute.id)
  const previous = earlier && replacedFields(earlier, dispute, ['document'])
  if (!dispute || !previous) return []
  const snapshot = { is: 'dispute', v: 1, dispute } as const
  return [tell(env, payment.tenant, 'charge.dispute.updated', place, snapshot, { call, previous })]
}
