import type { Static } from '@fastify/type-provider-typebox'
import type { Dispute } from '../../../core/dispute.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import { type DisputeShape, NO_EVIDENCE } from '../shapes/dispute.ts'
import { none, seconds, wireAmount } from './parts.ts'

const STATUS = { needs_response: 'warning_needs_response', closed: 'warning_closed' } as const satisfies {
  readonly [state in Dispute['state']]: string
}

export function renderDispute({ tenant, id, document, ...dispute }: Dispute): Static<typeof DisputeShape> {
  const brand = document.brand ?? 'unknown'
  const networkReason = document.networkReasonCode ?? null
  return {
    id: nameOf('dispute', tenant, id),
    object: 'dispute',
    amount: wireAmount(dispute.amount, dispute.currency),
    // An inquiry takes nothing back.
    balance_transactions: [],
    charge: nameOf('charge', tenant, dispute.chargeId),
    created: seconds(dispute.createdAt),
    currency: dispute.currency.toLowerCase(),
    enhanced_eligibility_types: [],
    evidence: { ...NO_EVIDENCE, enhanced_evidence: {} },
    evidence_details: {
      due_by: document.respondBy === undefined ? null : seconds(new Date(document.respondBy)),
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    is_charge_refundable: true,
    livemode: isLive(tenant),
    metadata: { ...document.metadata },
    network_reason_code: networkReason,
    payment_intent: nameOf('payment', tenant, dispute.paymentId),
    payment_method_details: {
      card: { brand, case_type: 'inquiry', network: brand, network_reason_code: networkReason },
      type: 'card',
    },
    reason: document.reason,
    status: STATUS[dispute.state],
    ...none('intended_submission_method'),
  }
}
