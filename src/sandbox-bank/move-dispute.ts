import { type Answer, answerWith, errorAnswer, Refusal } from './answer.ts'
import { bookNewDisputes, newDisputeNotices, stepDispute } from './book-dispute.ts'
import { type Books, cutoff } from './books.ts'
import { leftOf } from './decide-operation.ts'
import { type DisputeStep, isTaken, openDispute, renderDispute } from './dispute.ts'
import { type Claim, rememberAnswer } from './idempotency.ts'
import { lockSettled } from './lock-settled.ts'
import { findDisputed } from './read.ts'
import { saveMoney } from './write.ts'

/** The merchant's answer to a dispute, or the issuer's word on one. */
export async function moveDispute(
  books: Books,
  merchant: string,
  disputeId: string,
  step: DisputeStep,
  claim: Claim | undefined,
): Promise<Answer> {
  const now = books.env.now()
  const authorizationId = await findDisputed(books.sql, merchant, disputeId)
  if (authorizationId === undefined) throw new Refusal('not_found', 'No such dispute.')
  const { answer, notices } = await books.sql.begin(async (tx) => {
    const { authorization: before, notices: due } = await lockSettled(tx, books, merchant, authorizationId)
    const dispute = before.disputes.find(({ id }) => id === disputeId)
    const stepped = dispute && (await stepDispute(tx, merchant, before, dispute, step, now))
    const moved = stepped
      ? answerWith(200, renderDispute(stepped.dispute))
      : errorAnswer('wrong_state', `The dispute does not wait for this; it is ${dispute?.status}.`)
    await rememberAnswer(tx, merchant, claim, moved, now, cutoff(books))
    return { answer: moved, notices: [...due, ...(stepped?.notices ?? [])] }
  })
  books.tell(notices)
  return answer
}

/** More than an issuer ever raises about one payment. */
const MOST_DISPUTES = 10

export type Raised = {
  readonly authorizationId: string
  readonly amount: number | undefined
  readonly reason: string
  readonly inquiry: boolean
}

/** A cardholder complains: an issuer asks about a payment, or takes it back, whole or in part. */
export async function raiseDispute(books: Books, merchant: string, raised: Raised): Promise<Answer> {
  const now = books.env.now()
  const { answer, notices } = await books.sql.begin(async (tx) => {
    const { authorization: before, notices: due } = await lockSettled(tx, books, merchant, raised.authorizationId)
    const refuse = (answer: Answer) => ({ answer, notices: due })
    if (before.status !== 'captured') {
      return refuse(errorAnswer('wrong_state', `A dispute needs status captured; it is ${before.status}.`))
    }
    if (before.disputes.length >= MOST_DISPUTES) {
      return refuse(errorAnswer('wrong_state', `A payment has at most ${MOST_DISPUTES} disputes.`))
    }
    const left = raised.inquiry ? before.captured : leftOf(before)
    const amount = raised.amount ?? left
    if (amount === 0 || amount > left) {
      return refuse(errorAnswer('amount_out_of_range', `At most ${left} is left for a dispute.`, 'amount'))
    }
    const dispute = openDispute(books.env, before, { ...raised, amount, networkReasonCode: null })
    const taken = isTaken(dispute) ? amount : 0
    const after = { ...before, disputed: before.disputed + taken, disputes: [...before.disputes, dispute] }
    await saveMoney(tx, merchant, before, after)
    await bookNewDisputes(tx, merchant, before.disputes, after, now)
    const told = newDisputeNotices(merchant, before.disputes, after)
    return { answer: answerWith(201, renderDispute(dispute)), notices: [...due, ...told] }
  })
  books.tell(notices)
  return answer
}
