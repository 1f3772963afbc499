import { type Authentication, type Ending, eciOf } from './authentication.ts'
import { type Authorization, isDue, type Operation } from './authorization.ts'
import { declineOf, holding, settled } from './book-authorization.ts'
import { bookNewDisputes, newDisputeNotices, stepDispute } from './book-dispute.ts'
import { type Books, later, type Notice } from './books.ts'
import { decideRefundStep } from './decide-operation.ts'
import { DECLINES } from './declines.ts'
import { isOverdue } from './dispute.ts'
import type { TransactionSql } from './env.ts'
import { readAuthorization, readDueRefunds } from './read.ts'
import { findTestCardRow } from './test-cards.ts'
import { insertEntries, saveAuthentication, saveMoney, saveRefund } from './write.ts'

/** What is left of it after a step, and what the merchant is told once it is committed. */
export type Stepped = { readonly authorization: Authorization; readonly notices: readonly Notice[] }

/**
 * Brings one authorization up to the present: a challenge nobody answered, money that was held too long, refunds that
 * arrive or come back. The caller holds its lock.
 */
export async function settleDue(
  tx: TransactionSql,
  books: Books,
  merchant: string,
  before: Authorization,
): Promise<Stepped> {
  const now = books.env.now()
  let authorization = before
  const notices: Notice[] = []
  while (isDue(authorization, now)) {
    const { authentication } = authorization
    const step =
      authorization.status === 'requires_action' && authentication
        ? await endAuthentication(tx, books, merchant, authorization, authentication, ABANDONED)
        : authorization.status === 'authorized'
          ? await expireHold(tx, merchant, authorization, now)
          : await settleCaptured(tx, merchant, authorization, now)
    authorization = step.authorization
    notices.push(...step.notices)
  }
  return { authorization, notices }
}

const ABANDONED: Ending = { result: 'failed', reason: 'abandoned', flow: 'challenge' }

/** Ends an authentication and lets the issuer decide at once: the cardholder's yes is what the order waited for. */
export async function endAuthentication(
  tx: TransactionSql,
  books: Books,
  merchant: string,
  before: Authorization,
  authentication: Authentication,
  ending: Ending,
): Promise<Stepped> {
  const now = books.env.now()
  const ended: Authentication = {
    ...authentication,
    state: 'ended',
    ...ending,
    eci: eciOf(before.brand, ending.result),
  }
  const outcome = findTestCardRow(before.testCard)?.outcome ?? 'testmode_decline'
  const decline = declineOf(ending, outcome === 'approve' ? undefined : DECLINES[outcome])
  const authorization = { ...settled(before, decline, authentication.capture, books.env, now), authentication: ended }
  await saveAuthentication(tx, merchant, ended, now)
  await saveMoney(tx, merchant, before, authorization)
  await insertEntries(tx, merchant, authorization, authorization, holding(authorization), now)
  await bookNewDisputes(tx, merchant, before.disputes, authorization, now)
  const told: Notice = { merchant, type: `authorization.${authorization.status}`, authorization }
  return { authorization, notices: [told, ...newDisputeNotices(merchant, before.disputes, authorization)] }
}

async function expireHold(tx: TransactionSql, merchant: string, before: Authorization, now: Date): Promise<Stepped> {
  const authorization: Authorization = { ...before, status: 'expired', released: before.amount }
  await saveMoney(tx, merchant, before, authorization)
  await insertEntries(tx, merchant, before, before, [{ kind: 'release', amount: before.amount }], now)
  return { authorization, notices: [{ merchant, type: 'authorization.expired', authorization }] }
}

/** Silence is an answer to an issuer: the merchant has nothing to say. */
async function settleCaptured(
  tx: TransactionSql,
  merchant: string,
  before: Authorization,
  now: Date,
): Promise<Stepped> {
  const overdue = before.disputes.find((dispute) => isOverdue(dispute, now))
  const step = overdue && (await stepDispute(tx, merchant, before, overdue, { is: 'accepted' }, now))
  return step ?? settleRefunds(tx, merchant, before, now)
}

async function settleRefunds(tx: TransactionSql, merchant: string, before: Authorization, now: Date): Promise<Stepped> {
  let authorization = before
  const notices: Notice[] = []
  for (const refund of await readDueRefunds(tx, merchant, before.id, now)) {
    if (refund.settlesAs === null) continue
    const step = await stepRefund(tx, merchant, authorization, refund, refund.settlesAs, now)
    authorization = step.authorization
    notices.push(...step.notices)
  }
  const read = await readAuthorization(tx, merchant, { id: before.id })
  return { authorization: { ...authorization, refundSettlesAt: read?.refundSettlesAt ?? null }, notices }
}

/** @throws when the refund cannot go there; callers look first */
export async function stepRefund(
  tx: TransactionSql,
  merchant: string,
  before: Authorization,
  refund: Operation,
  to: 'succeeded' | 'failed' | 'canceled',
  now: Date,
): Promise<Stepped & { readonly refund: Operation }> {
  const decision = decideRefundStep(before, refund, to)
  if (!decision) throw new Error('a refund took a step that there is not')
  const authorization: Authorization = { ...before, ...decision.next }
  const after: Operation = {
    ...refund,
    status: to,
    failureReason: to === 'failed' ? 'account_closed' : null,
    settlesAt: null,
    settlesAs: null,
  }
  await saveRefund(tx, merchant, refund, after)
  await saveMoney(tx, merchant, before, authorization)
  await insertEntries(tx, merchant, before, refund, decision.movements, now)
  const { reference } = before
  return { authorization, refund: after, notices: [{ merchant, type: 'refund.updated', refund: after, reference }] }
}

/** Brings one up to the present in a commit of its own. */
export async function settleNow(books: Books, merchant: string, id: string): Promise<void> {
  const { notices } = await books.sql.begin(async (tx) => {
    const before = await readAuthorization(tx, merchant, { id, lock: true })
    return before ? settleDue(tx, books, merchant, before) : { notices: [] }
  })
  books.tell(notices)
}

/** Everything that is due, some at a time. */
export async function settleAll(books: Books): Promise<void> {
  const now = books.env.now()
  const due = await books.sql<{ merchant: string; id: string }[]>`
    select merchant, id from authorizations where status = 'authorized' and expires_at <= ${now}
    union
    select merchant, authorization_id from authentications where state <> 'ended' and expires_at <= ${now}
    union
    select merchant, authorization_id from operations where settles_at <= ${now}
    union
    select merchant, authorization_id from disputes
    where status in ('needs_response', 'warning_needs_response') and respond_by <= ${now}
    limit 500`
  for (const { merchant, id } of due) await settleNow(books, merchant, id)
}

/** How a refund of this card begins, and what becomes of it by itself. A minute leaves time to cancel it. */
export function courseOf(
  testCard: string,
  now: Date,
): Pick<Operation, 'settlesAt' | 'settlesAs'> & { readonly status: 'pending' | 'succeeded' } {
  const settlesAt = later(now, 60_000)
  switch (findTestCardRow(testCard)?.refunds) {
    case 'pending_then_succeeds':
      return { status: 'pending', settlesAt, settlesAs: 'succeeded' }
    case 'pending_then_fails':
      return { status: 'pending', settlesAt, settlesAs: 'failed' }
    case 'succeeds_then_fails':
      return { status: 'succeeded', settlesAt, settlesAs: 'failed' }
    case undefined:
      return { status: 'succeeded', settlesAt: null, settlesAs: null }
  }
}
