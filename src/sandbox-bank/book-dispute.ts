import type { Authorization } from './authorization.ts'
import type { Notice } from './books.ts'
import { leftOf, type Movement } from './decide-operation.ts'
import { type Dispute, type DisputeStep, disputeAfter, isTaken } from './dispute.ts'
import type { TransactionSql } from './env.ts'
import type { Stepped } from './settle.ts'
import { insertDispute, insertEntries, saveDispute, saveMoney } from './write.ts'

/** Disputes that an authorization has now and had not before, each with the money that it takes. */
export async function bookNewDisputes(
  tx: TransactionSql,
  merchant: string,
  before: readonly Dispute[],
  after: Authorization,
  now: Date,
): Promise<void> {
  for (const dispute of newOf(before, after)) {
    await insertDispute(tx, merchant, dispute)
    await insertEntries(tx, merchant, after, causeOf(dispute), movementsOf(undefined, dispute), now)
  }
}

const newOf = (before: readonly Dispute[], after: Authorization): readonly Dispute[] =>
  after.disputes.filter(({ id }) => before.every((dispute) => dispute.id !== id))

export const newDisputeNotices = (
  merchant: string,
  before: readonly Dispute[],
  after: Authorization,
): readonly Notice[] =>
  newOf(before, after).map((dispute) => ({ merchant, type: 'dispute.created', dispute, reference: after.reference }))

const causeOf = ({ id }: Dispute) => ({ id, reference: `bank-${id}` })

function movementsOf(before: Dispute | undefined, after: Dispute): readonly Movement[] {
  const taken = before !== undefined && isTaken(before)
  if (taken === isTaken(after)) return []
  return [{ kind: taken ? 'chargeback_reversal' : 'chargeback', amount: after.amount }]
}

/** Takes one step under the authorization's lock; undefined when there is none to take. */
export async function stepDispute(
  tx: TransactionSql,
  merchant: string,
  before: Authorization,
  dispute: Dispute,
  step: DisputeStep,
  now: Date,
): Promise<(Stepped & { readonly dispute: Dispute }) | undefined> {
  const after = disputeAfter(dispute, step, leftOf(before), now)
  if (!after) return undefined
  const disputes = before.disputes.map((one) => (one.id === after.id ? after : one))
  const disputed = disputes.reduce((sum, one) => sum + (isTaken(one) ? one.amount : 0), 0)
  const authorization = { ...before, disputes, disputed }
  await saveDispute(tx, merchant, dispute, after)
  await saveMoney(tx, merchant, before, authorization)
  await insertEntries(tx, merchant, before, causeOf(after), movementsOf(dispute, after), now)
  const { reference } = before
  return {
    authorization,
    dispute: after,
    notices: [{ merchant, type: 'dispute.updated', dispute: after, reference }],
  }
}
