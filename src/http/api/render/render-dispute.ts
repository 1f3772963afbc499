import type { Static } from '@fastify/type-provider-typebox'
import { type Dispute, EVIDENCE_TEXTS, type EvidenceText, takenBy } from '../../../core/dispute.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import { type Movement, reversalOf } from '../../../core/posting.ts'
import { type DisputeShape, EVIDENCE_FILES } from '../shapes/dispute.ts'
import { none, seconds, wireAmount } from './parts.ts'
import { renderMovement } from './render-movement.ts'

type Wire = Static<typeof DisputeShape>

export function renderDispute(dispute: Dispute): Wire {
  const { tenant, document } = dispute
  const brand = document.brand ?? 'unknown'
  const networkReason = document.networkReasonCode ?? null
  return {
    id: nameOf('dispute', tenant, dispute.id),
    object: 'dispute',
    amount: wireAmount(dispute.amount, dispute.currency),
    balance_transactions: movementsOf(dispute).map(renderMovement),
    charge: nameOf('charge', tenant, dispute.chargeId),
    created: seconds(dispute.createdAt),
    currency: dispute.currency.toLowerCase(),
    enhanced_eligibility_types: [],
    evidence: evidenceOf(dispute),
    evidence_details: {
      due_by: document.respondBy === undefined ? null : seconds(new Date(document.respondBy)),
      enhanced_eligibility: {},
      has_evidence: Object.keys(document.evidence ?? {}).length > 0,
      past_due: document.pastDue === true,
      submission_count: document.submissions ?? 0,
      submission_method: document.submissions ? 'manual' : 'not_submitted',
    },
    is_charge_refundable: takenBy(dispute) === 0n,
    livemode: isLive(tenant),
    metadata: { ...document.metadata },
    network_reason_code: networkReason,
    payment_intent: nameOf('payment', tenant, dispute.paymentId),
    payment_method_details: {
      card: { brand, case_type: dispute.kind, network: brand, network_reason_code: networkReason },
      type: 'card',
    },
    reason: document.reason,
    status: dispute.state,
    ...none('intended_submission_method'),
  }
}

function evidenceOf({ document: { evidence } }: Dispute): Wire['evidence'] {
  const texts = Object.fromEntries(EVIDENCE_TEXTS.map((name) => [name, evidence?.[name] ?? null]))
  return { ...(texts as { [name in EvidenceText]: string | null }), ...none(...EVIDENCE_FILES), enhanced_evidence: {} }
}

/** The ledger's lines of the dispute, as `movements` has them: an inquiry takes nothing back. */
function movementsOf({
  tenant,
  id,
  chargeId,
  currency,
  amount,
  withdrawnAt,
  reinstatedAt,
}: Dispute): readonly Movement[] {
  const about = { tenant, chargeId, refundId: null, disputeId: id, currency }
  const lines: Movement[] = []
  if (withdrawnAt) lines.push({ ...about, id, type: 'dispute', amount: -amount, createdAt: withdrawnAt })
  if (reinstatedAt) {
    lines.push({ ...about, id: reversalOf(id), type: 'dispute_reversal', amount, createdAt: reinstatedAt })
  }
  return lines
}
