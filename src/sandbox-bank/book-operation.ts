import { type Answer, answerWith, errorAnswer, Refusal } from './answer.ts'
import { type Authorization, type Operation, type OperationKind, renderOperation } from './authorization.ts'
import { bookNewDisputes, newDisputeNotices } from './book-dispute.ts'
import { type Books, cutoff, type Notice } from './books.ts'
import { type Decision, decideOperation } from './decide-operation.ts'
import { disputedByCard } from './dispute.ts'
import { type BankEnv, newId, type TransactionSql } from './env.ts'
import { type Claim, rememberAnswer } from './idempotency.ts'
import { lockSettled } from './lock-settled.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { OperationOrder } from './parse.ts'
import { readOperation } from './read.ts'
import { courseOf, stepRefund } from './settle.ts'
import { insertEntries, insertOperation, saveAuthentication, saveMoney, withFreeReference } from './write.ts'

/** Without a reference of the merchant's, the refund was made at the bank's own side. */
export type Ordered = OperationOrder | { readonly origin: 'bank'; readonly amount: number | undefined }

/** Waits for whoever moves the same authorization, decides on what is left, and books it in one commit. */
export async function bookOperation(
  books: Books,
  merchant: string,
  authorizationId: string,
  kind: OperationKind,
  order: Ordered,
  claim: Claim | undefined,
): Promise<Answer> {
  const now = books.env.now()
  const book = () =>
    books.sql.begin(async (tx) => {
      const { authorization: before, notices: due } = await lockSettled(tx, books, merchant, authorizationId)
      const course = kind === 'refund' ? courseOf(before.testCard, now) : DONE
      const decision = decideOperation(before, kind, order.amount, course.status)
      if (!decision.ok) {
        const refusal = refusalOf(decision)
        await rememberAnswer(tx, merchant, claim, refusal, now, cutoff(books))
        return { answer: refusal, notices: due }
      }
      const moved: Authorization = { ...before, ...decision.next }
      const after = kind === 'capture' ? disputedByCard(books.env, moved) : moved
      const operation = {
        ...operationOf(books.env, kind, before, order, decision.amount, now),
        ...course,
      }
      const booked = answerWith(201, renderOperation(operation))
      await Promise.all([
        saveMoney(tx, merchant, before, after),
        insertOperation(tx, merchant, operation),
        insertEntries(tx, merchant, before, operation, decision.movements, now),
        kind === 'void' && giveUp(tx, merchant, before, now),
        rememberAnswer(tx, merchant, claim, booked, now, cutoff(books)),
      ])
      await bookNewDisputes(tx, merchant, before.disputes, after, now)
      const told = [noticeOf(merchant, after, operation), ...newDisputeNotices(merchant, before.disputes, after)]
      return { answer: booked, notices: [...due, ...told] }
    })
  const { answer, notices } = await oneAtATime(books.sql, authorizationId, () => withFreeReference(book))
  books.tell(notices)
  return answer
}

/** Takes a refund back while it is pending. */
export async function cancelRefund(
  books: Books,
  merchant: string,
  refundId: string,
  claim: Claim | undefined,
): Promise<Answer> {
  const now = books.env.now()
  const named = await readOperation(books.sql, merchant, { id: refundId })
  if (named?.kind !== 'refund') throw new Refusal('not_found', 'No such refund.')
  const cancel = async (tx: TransactionSql) => {
    const { authorization, notices: due } = await lockSettled(tx, books, merchant, named.authorizationId)
    const refund = await readOperation(tx, merchant, { id: refundId })
    if (refund?.status !== 'pending') {
      const refusal = errorAnswer('wrong_state', `Only a pending refund is canceled; it is ${refund?.status}.`)
      await rememberAnswer(tx, merchant, claim, refusal, now, cutoff(books))
      return { answer: refusal, notices: due }
    }
    const step = await stepRefund(tx, merchant, authorization, refund, 'canceled', now)
    const canceled = answerWith(200, renderOperation(step.refund))
    await rememberAnswer(tx, merchant, claim, canceled, now, cutoff(books))
    return { answer: canceled, notices: [...due, ...step.notices] }
  }
  const inOne = () => books.sql.begin(cancel)
  const { answer, notices } = await oneAtATime(books.sql, named.authorizationId, inOne)
  books.tell(notices)
  return answer
}

const ID_PREFIX = { capture: 'cap', void: 'void', refund: 'rfnd' } as const
const DONE = { status: 'succeeded', settlesAt: null, settlesAs: null } as const

function operationOf(
  env: BankEnv,
  kind: OperationKind,
  authorization: Authorization,
  order: Ordered,
  amount: number,
  now: Date,
): Operation {
  const id = newId(ID_PREFIX[kind], env)
  return {
    id,
    kind,
    authorizationId: authorization.id,
    reference: 'origin' in order ? `bank-${id}` : order.reference,
    amount,
    currency: authorization.currency,
    ...DONE,
    origin: 'origin' in order ? 'bank' : 'merchant',
    failureReason: null,
    createdAt: now,
  }
}

/** A refusal is an answer too: the same key must hear it again even when the money allows it by then. */
function refusalOf(decision: Decision & { ok: false }): Answer {
  return errorAnswer(decision.error, decision.message, decision.error === 'wrong_state' ? undefined : 'amount')
}

/** The cardholder's page then says that there is nothing left to confirm. */
async function giveUp(tx: TransactionSql, merchant: string, before: Authorization, now: Date): Promise<void> {
  const { authentication, status } = before
  if (status !== 'requires_action' || !authentication) return
  const ended = { ...authentication, state: 'ended', result: 'failed', reason: 'canceled', flow: 'challenge' } as const
  await saveAuthentication(tx, merchant, ended, now)
}

function noticeOf(merchant: string, authorization: Authorization, operation: Operation): Notice {
  return operation.kind === 'refund'
    ? { merchant, type: 'refund.created', refund: operation, reference: authorization.reference }
    : { merchant, type: `authorization.${authorization.status}`, authorization }
}
