import type { Attempt } from '../core/attempt.ts'
import type { EventFact, Snapshot } from '../core/event.ts'
import type { DecidedKey } from '../core/idempotency.ts'
import type { Uuid } from '../core/ids.ts'
import type { Operation } from '../core/operation.ts'
import { postingsFor } from '../core/posting.ts'
import { replacedBy } from '../core/replaced-by.ts'
import { type News, type Settlement, settle } from '../core/settlement.ts'
import type { Told } from '../core/telling.ts'
import type { WriteSet } from '../storage/commit.ts'
import { type Context, tell } from './call.ts'
import { connectorOf, meansFor } from './charging.ts'
import { mayTry } from './contend.ts'
import { inTurn } from './in-turn.ts'
import { outcomeOf } from './outcome.ts'
import type { Payments } from './pay.ts'

/**
 * Applies what was heard about a charge, whoever brings it: the request that waited, the sweeper, a hook or a shopper's
 * return. Repeating it changes nothing. State, ledger, events and the answers of idempotency keys go in one commit.
 * @param known the rows as the bearer last saw them; they are read again when somebody changed them since
 * @returns the rows as they are stored afterwards
 */
export function applyEvidence(payments: Payments, known: Attempt, news: News): Promise<Attempt> {
  return inTurn(payments.storage, known.payment.id, async () => {
    const { storage } = payments
    const connector = connectorOf(payments.connectors, known.charge)
    if (!connector) throw new Error(`evidence from ${known.charge.connector}, which is no connector of ours`)
    let attempt = known
    const since = payments.env.monotonicMs()
    for (let tries = 0; await mayTry(payments.env, since, tries); tries++) {
      const means = meansFor(payments, connector)
      const settled = settle(attempt, news, means)
      if (settled === 'known') return attempt
      const committed = await storage.commit(writeSetOf(payments, attempt, settled, means.now))
      if (committed.ok) return settled.attempt
      if (committed.conflict !== 'stale') throw new Error(`the books refused evidence: ${JSON.stringify(committed)}`)
      attempt = (await storage.findAttempt(known.charge.tenant, known.charge.id)) ?? attempt
    }
    throw new Error('evidence could not be stored: the charge kept changing')
  })
}

/** Every row that is another than before. */
export function changedRows(before: Attempt | undefined, after: Attempt): WriteSet {
  const operations = [after.operation, ...after.orders]
  const known: readonly Operation[] = before ? [before.operation, ...before.orders] : []
  return {
    sessions: after.session && after.session.version !== before?.session?.version ? [after.session] : [],
    payments: after.payment.version === before?.payment.version ? [] : [after.payment],
    charges: after.charge.version === before?.charge.version ? [] : [after.charge],
    operations: operations.filter((row) => isNew(row, known)),
    refunds: after.refunds.filter((row) => isNew(row, before?.refunds ?? [])),
    disputes: after.disputes.filter((row) => isNew(row, before?.disputes ?? [])),
  }
}

type Row = { readonly id: Uuid; readonly version: number }
const isNew = (row: Row, known: readonly Row[]): boolean =>
  known.find(({ id }) => id === row.id)?.version !== row.version

function writeSetOf(context: Context, before: Attempt, { attempt, tell: told }: Settlement, now: Date): WriteSet {
  return {
    ...changedRows(before, attempt),
    postings: postingsFor(before, attempt, now),
    events: told.map((one, index) => eventOf(context, before, attempt, one, index + 1)),
    decided: [attempt.operation, ...attempt.orders].flatMap((order) => decidedBy(before, attempt, order, now)),
  }
}

/**
 * The key that waits for an order hears its first definite outcome, and that the shopper has to act is one: what comes
 * of that is news. Doubt only ends the wait.
 */
function decidedBy(before: Attempt, after: Attempt, order: Operation, now: Date): readonly DecidedKey[] {
  const { answers } = order.document
  const earlier = [before.operation, ...before.orders].find(({ id }) => id === order.id)
  const word = wordOn(order, after)
  if (!answers || !earlier || word === wordOn(earlier, before)) return []
  const key = { tenant: order.tenant, ...answers, answer: null, refusal: null, leasedUntil: null }
  if (word === 'intent' || word === 'unknown' || word === 'needs_review') return [{ ...key, leasedUntil: now }]
  const outcome = outcomeOf(after, order)
  return [outcome.ok ? { ...key, answer: outcome.value } : { ...key, refusal: outcome.refusal }]
}

/** An attempt that nobody can help on is still at work: it is about to be given up. */
function wordOn({ kind, state }: Operation, { charge }: Attempt): Operation['state'] | 'asks' {
  if (kind !== 'authorize' || charge.state !== 'requires_action') return state
  return charge.document.unattended ? 'intent' : 'asks'
}

function eventOf(context: Context, before: Attempt, attempt: Attempt, told: Told, ordinal: number): EventFact {
  const { payment } = attempt
  const place = { root: payment.id, rootVersion: payment.version, ordinal }
  const previous = replacedBy(before, attempt, told)
  return tell(context.env, payment.tenant, told.type, place, snapshotFor(told, attempt), { previous })
}

export function snapshotFor({ type, refund, dispute }: Told, { session, payment, charge }: Attempt): Snapshot {
  if (dispute) return { is: 'dispute', v: 1, dispute }
  if (refund && type !== 'charge.refunded') return { is: 'refund', v: 1, refund, charge, payment }
  if (type.startsWith('charge.')) return { is: 'charge', v: 1, charge, payment }
  if (type.startsWith('checkout.') && session) {
    return { is: 'session', v: 1, session, payment, captured: charge.captured }
  }
  return { is: 'payment', v: 1, payment, charge }
}
