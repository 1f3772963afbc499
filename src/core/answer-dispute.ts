import type { Attempt, Means } from './attempt.ts'
import type { Dispute } from './dispute.ts'
import { isOverDispute, wantsResponse } from './dispute-machine.ts'
import { isAnswering } from './disputing.ts'
import type { Uuid } from './ids.ts'
import { type OrderDecision, ordered, orderOf } from './orders.ts'

/** Sends the evidence that the shop has gathered, once: an issuer reads no second letter. */
export function decideEvidence(attempt: Attempt, dispute: Dispute, means: Means): OrderDecision {
  const refusal = unanswerable(attempt, dispute)
  if (refusal) return refusal
  const { evidence = {}, submissions = 0, respondBy } = dispute.document
  if (Object.keys(evidence).length === 0) return { code: 'parameter_missing', param: 'evidence' }
  const late = respondBy !== undefined && means.now.getTime() > Date.parse(respondBy)
  const { pastDue: _, ...document } = dispute.document
  const sent = { ...dispute, document: late ? { ...document, pastDue: true as const } : document }
  return orderAbout(attempt, sent, 'answer_dispute', { evidence, submission: submissions + 1 }, means)
}

/** Gives a dispute up: a chargeback is lost by it, and an inquiry is closed. */
export function decideAcceptance(attempt: Attempt, id: Uuid, means: Means): OrderDecision {
  const dispute = attempt.disputes.find((one) => one.id === id)
  if (!dispute || isOverDispute(dispute.state)) return { code: 'dispute_closed' }
  if (isAnswering(attempt, dispute)) return { code: 'dispute_submitted' }
  return orderAbout(attempt, dispute, 'accept_dispute', { submission: 0 }, means)
}

/** Why the shop has nothing to say to the issuer any more; undefined while it has. */
export function unanswerable(attempt: Attempt, dispute: Dispute) {
  if (isOverDispute(dispute.state)) return { code: 'dispute_closed' } as const
  const submitted = !wantsResponse(dispute.state) || isAnswering(attempt, dispute)
  return submitted ? ({ code: 'dispute_submitted' } as const) : undefined
}

function orderAbout(
  attempt: Attempt,
  dispute: Dispute,
  kind: 'answer_dispute' | 'accept_dispute',
  said: { readonly evidence?: Dispute['document']['evidence']; readonly submission: number },
  means: Means,
): OrderDecision {
  const { id, providerId, amount } = dispute
  const { evidence, submission } = said
  const about = { id, providerId, submission, ...(evidence === undefined ? {} : { evidence }) }
  const operation = orderOf(attempt, kind, { amount, final: false, waits: true }, means, { dispute: about })
  const known = attempt.disputes.find((one) => one.id === id)
  const row = dispute === known ? known : { ...dispute, version: (known?.version ?? 0) + 1 }
  const disputes = attempt.disputes.map((one) => (one.id === id ? row : one))
  return { ...ordered({ ...attempt, disputes }, operation, {}), dispute: row }
}
