import { decideAcceptance, decideEvidence, unanswerable } from '../core/answer-dispute.ts'
import type { Attempt, Means } from '../core/attempt.ts'
import type { Dispute } from '../core/dispute.ts'
import { changeEvidence, type EvidenceChange } from '../core/disputing.ts'
import type { Uuid } from '../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../core/metadata.ts'
import type { OrderDecision } from '../core/orders.ts'
import { type Call, tell } from './call.ts'
import { connectorOf } from './charging.ts'
import { type Answer, once } from './once.ts'
import type { Payments } from './pay.ts'
import { placeOrder } from './place-order.ts'
import { done, type Result, refuse } from './refusals.ts'

export type DisputeChange = {
  readonly metadata?: MetadataChange
  readonly evidence?: EvidenceChange
  /** Send the evidence to the issuer. It is sent once. */
  readonly submit: boolean
}

/** The shop's own notes on a dispute, and its evidence: gathered here until it is submitted. */
export async function updateDispute(
  payments: Payments,
  call: Call,
  id: Uuid,
  change: DisputeChange,
): Promise<Result<Answer>> {
  if (!change.submit) return keepDispute(payments, call, id, change)
  return orderAbout(payments, call, id, (attempt, means) => {
    const dispute = attempt.disputes.find((one) => one.id === id)
    return dispute ? decideEvidence(attempt, changed(dispute, change), means) : { code: 'dispute_closed' }
  })
}

/** The shop has nothing to say. A chargeback is lost by it; after an inquiry the issuer may still take the money back. */
export const closeDispute = (payments: Payments, call: Call, id: Uuid): Promise<Result<Answer>> =>
  orderAbout(payments, call, id, (attempt, means) => decideAcceptance(attempt, id, means))

async function orderAbout(
  payments: Payments,
  call: Call,
  id: Uuid,
  decide: (attempt: Attempt, means: Means) => OrderDecision,
): Promise<Result<Answer>> {
  const found = await attemptOf(payments, call, id)
  if (!found) return refuse('resource_missing', 'dispute')
  const { payment } = found.attempt
  // Where there is nobody to send it to, nobody is to believe that it was sent.
  if (!connectorOf(payments.connectors, found.attempt.charge)?.answerDispute) return refuse('dispute_refused')
  return placeOrder(payments, call, {
    paymentId: payment.id,
    find: async () => {
      const again = await attemptOf(payments, call, id)
      return again ? done(again.attempt) : refuse('resource_missing', 'dispute')
    },
    decide,
  })
}

function keepDispute(payments: Payments, call: Call, id: Uuid, change: DisputeChange): Promise<Result<Answer>> {
  return once(payments, call, async () => {
    const found = await attemptOf(payments, call, id)
    if (!found) return refuse('resource_missing', 'dispute')
    const { attempt, dispute: before } = found
    const refusal = change.evidence && unanswerable(attempt, before)
    if (refusal) return { ok: false, refusal }
    const dispute: Dispute = { ...changed(before, change), version: before.version + 1 }
    // The charge's version stands for its disputes, and the payment's orders the events.
    const charge = { ...attempt.charge, version: attempt.charge.version + 1 }
    const payment = { ...attempt.payment, version: attempt.payment.version + 1 }
    const snapshot = { is: 'dispute', v: 1, dispute } as const
    const place = { root: payment.id, rootVersion: payment.version, ordinal: 1 }
    const previous = { document: before.document }
    const event = tell(payments.env, call.caller.tenant, 'charge.dispute.updated', place, snapshot, { call, previous })
    return done({
      set: { payments: [payment], charges: [charge], disputes: [dispute], events: [event] },
      objectId: id,
      snapshot,
      eventId: event.id,
    })
  })
}

function changed(before: Dispute, { metadata, evidence }: DisputeChange): Dispute {
  const { document } = before
  return {
    ...before,
    document: {
      ...document,
      ...(metadata === undefined ? {} : { metadata: changeMetadata(document.metadata, metadata) }),
      ...(evidence === undefined ? {} : { evidence: changeEvidence(document.evidence, evidence) }),
    },
  }
}

async function attemptOf({ storage }: Payments, { caller }: Call, id: Uuid) {
  const named = await storage.findDispute(caller.tenant, id)
  const attempt = named && (await storage.findAttempt(caller.tenant, named.chargeId))
  const dispute = attempt?.disputes.find((one) => one.id === id)
  return attempt && dispute ? { attempt, dispute } : undefined
}
