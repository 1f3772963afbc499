import type { Evidence } from '../connectors/contract.ts'
import type { EventFact, EventType, Snapshot } from '../core/event.ts'
import type { Operation } from '../core/operation.ts'
import { postingsFor } from '../core/posting.ts'
import { type Attempt, settle } from '../core/settlement.ts'
import { type Context, tell } from './call.ts'
import { factOf } from './charging.ts'

const MAX_TRIES = 8

/**
 * Applies what a provider said about a charge, whoever brings it: the request that waited, the sweeper, a hook or a
 * shopper's return. Repeating it changes nothing. State, ledger and events go in one commit.
 * @param known the rows as the bearer last saw them; they are read again when somebody changed them since
 * @returns the rows as they are stored afterwards
 */
export async function applyEvidence(context: Context, known: Attempt, evidence: Evidence): Promise<Attempt> {
  let attempt = known
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = context.env.now()
    const settled = settle(attempt, factOf(evidence), now)
    if (typeof settled === 'string') return attempt
    const { session, payment, charge, operation } = settled.attempt
    const committed = await context.storage.commit({
      sessions: session && session.version !== attempt.session?.version ? [session] : [],
      payments: payment.version === attempt.payment.version ? [] : [payment],
      charges: [charge],
      operations: [operation],
      postings: postingsFor(attempt.charge, charge, operation.id, now),
      events: settled.tell.map((type, index) => eventOf(context, settled.attempt, type, index + 1)),
    })
    if (committed.ok) return settled.attempt
    if (committed.conflict !== 'stale') throw new Error(`the books refused evidence: ${JSON.stringify(committed)}`)
    attempt = (await loadAttempt(context, operation)) ?? attempt
  }
  throw new Error('evidence could not be stored: the charge kept changing')
}

/** The rows behind an order, as they are now. */
export async function loadAttempt(context: Context, { tenant, chargeId, id }: Operation): Promise<Attempt | undefined> {
  const charge = await context.storage.findCharge(tenant, chargeId)
  if (!charge) return undefined
  const payment = await context.storage.findPayment(tenant, charge.paymentId)
  const operation = await context.storage.findOperation(tenant, id)
  if (!payment || !operation) return undefined
  const view = payment.sessionId ? await context.storage.findSessionView(tenant, payment.sessionId) : undefined
  return { session: view?.session ?? null, payment, charge, operation }
}

function eventOf(context: Context, attempt: Attempt, type: EventType, ordinal: number): EventFact {
  const { payment } = attempt
  const place = { root: payment.id, rootVersion: payment.version, ordinal }
  return tell(context.env, payment.tenant, type, place, snapshotFor(type, attempt))
}

function snapshotFor(type: EventType, { session, payment, charge }: Attempt): Snapshot {
  if (type.startsWith('charge.')) return { is: 'charge', v: 1, charge, payment }
  if (type.startsWith('checkout.') && session) {
    return { is: 'session', v: 1, session, payment, captured: charge.captured }
  }
  return { is: 'payment', v: 1, payment, charge }
}
