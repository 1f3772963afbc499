import { type BankEnv, newId } from './env.ts'
import { type DisputeRule, findTestCardRow } from './test-cards.ts'

export type DisputeStatus =
  | 'warning_needs_response'
  | 'warning_under_review'
  | 'warning_closed'
  | 'needs_response'
  | 'under_review'
  | 'won'
  | 'lost'

/**
 * What a cardholder has against a payment. While the status begins with `warning_` the issuer only asks; a chargeback
 * takes the amount from the merchant at once, and gives it back when the merchant wins.
 */
export type Dispute = {
  readonly id: string
  readonly authorizationId: string
  readonly status: DisputeStatus
  readonly amount: number
  readonly currency: string
  readonly reason: string
  readonly networkReasonCode: string | null
  /** How often the merchant has sent evidence. */
  readonly submissions: number
  readonly respondBy: Date
  readonly createdAt: Date
}

/** An issuer has three weeks' patience with the shop's answer. */
const PATIENCE_MS = 21 * 24 * 60 * 60 * 1000

/** Whether the merchant has the dispute's amount no more. */
export const isTaken = ({ status }: Pick<Dispute, 'status'>): boolean =>
  status === 'needs_response' || status === 'under_review' || status === 'lost'

/** Whether the merchant let the time for its answer pass. */
export const isOverdue = ({ status, respondBy }: Dispute, now: Date): boolean =>
  (status === 'needs_response' || status === 'warning_needs_response') && respondBy <= now

type Charged = { readonly id: string; readonly currency: string; readonly captured: number; readonly disputed: number }

/** A new dispute; the one who opens it has seen that the amount is there. */
export function openDispute(
  env: BankEnv,
  charged: Charged,
  {
    amount,
    reason,
    networkReasonCode,
    inquiry,
  }: Omit<DisputeRule, 'networkReasonCode'> & {
    readonly amount: number
    readonly networkReasonCode: string | null
  },
): Dispute {
  return {
    id: newId('dsp', env),
    authorizationId: charged.id,
    status: inquiry ? 'warning_needs_response' : 'needs_response',
    amount,
    currency: charged.currency,
    reason,
    networkReasonCode,
    submissions: 0,
    respondBy: patienceFrom(env.now()),
    createdAt: env.now(),
  }
}

/** Some test cards' holders dispute whatever was captured, as soon as it is. */
export function disputedByCard<
  T extends Charged & { readonly testCard: string; readonly disputes: readonly Dispute[] },
>(env: BankEnv, captured: T): T {
  const rule = findTestCardRow(captured.testCard)?.dispute
  if (!rule || captured.captured === 0) return captured
  const dispute = openDispute(env, captured, { ...rule, amount: captured.captured })
  const disputed = captured.disputed + (isTaken(dispute) ? dispute.amount : 0)
  return { ...captured, disputed, disputes: [...captured.disputes, dispute] }
}

/** What may befall an open dispute. */
export type DisputeStep =
  | { readonly is: 'answered'; readonly text: string | undefined }
  /** The merchant has nothing to say to it, or said nothing in time. */
  | { readonly is: 'accepted' }
  | { readonly is: 'decided'; readonly for: 'won' | 'lost' }

/**
 * Where a step leads; undefined when the dispute is over, or waits for nothing of the kind. The issuer of a test card
 * reads three words, in `uncategorized_text`, as Stripe's test mode does: `winning_evidence`, `losing_evidence`, and
 * `escalate_inquiry_evidence`, which makes a chargeback of an inquiry.
 * @param left what may still be taken back of the payment
 */
export function disputeAfter(dispute: Dispute, step: DisputeStep, left: number, now: Date): Dispute | undefined {
  const { status } = dispute
  if (status === 'won' || status === 'lost' || status === 'warning_closed') return undefined
  const inquiry = status === 'warning_needs_response' || status === 'warning_under_review'
  if (step.is === 'accepted') return { ...dispute, status: inquiry ? 'warning_closed' : 'lost' }
  if (step.is === 'decided') return inquiry ? undefined : { ...dispute, status: step.for }
  if (status === 'under_review' || status === 'warning_under_review') return undefined
  const answered = { ...dispute, submissions: dispute.submissions + 1 }
  if (!inquiry) return { ...answered, status: DECIDED_BY[step.text ?? ''] ?? 'under_review' }
  if (step.text === 'winning_evidence') return { ...answered, status: 'warning_closed' }
  if (step.text !== 'escalate_inquiry_evidence') return { ...answered, status: 'warning_under_review' }
  const amount = Math.min(dispute.amount, left)
  // What the merchant gave back by itself is not taken once more.
  if (amount === 0) return { ...answered, status: 'warning_closed' }
  return { ...answered, status: 'needs_response', amount, respondBy: patienceFrom(now) }
}

const DECIDED_BY: { readonly [text: string]: 'won' | 'lost' } = { winning_evidence: 'won', losing_evidence: 'lost' }

const patienceFrom = (now: Date): Date => new Date(now.getTime() + PATIENCE_MS)

export function renderDispute(dispute: Dispute): object {
  return {
    id: dispute.id,
    object: 'dispute',
    authorization: dispute.authorizationId,
    status: dispute.status,
    amount: dispute.amount,
    currency: dispute.currency,
    reason: dispute.reason,
    network_reason_code: dispute.networkReasonCode,
    submissions: dispute.submissions,
    respond_by: dispute.respondBy.toISOString(),
    created: dispute.createdAt.toISOString(),
  }
}
