import { Type } from '@fastify/type-provider-typebox'
import { EVIDENCE_TEXTS, type EvidenceText } from '../../../core/dispute.ts'
import { DISPUTE_MACHINE, type DisputeState } from '../../../core/dispute-machine.ts'
import { statesOf } from '../../../core/machine.ts'
import { MovementShape } from './movement.ts'
import { B, I, metadata, nulls, object, orNull, ref, S } from './words.ts'

/** Files that a shop may show to an issuer: none can be sent yet. */
export const EVIDENCE_FILES = [
  'cancellation_policy',
  'customer_communication',
  'customer_signature',
  'duplicate_charge_documentation',
  'receipt',
  'refund_policy',
  'service_documentation',
  'shipping_documentation',
  'uncategorized_file',
] as const

const texts = Object.fromEntries(EVIDENCE_TEXTS.map((name) => [name, orNull(S)])) as {
  [name in EvidenceText]: ReturnType<typeof orNull<typeof S>>
}
const statuses = statesOf(DISPUTE_MACHINE)

export const DisputeShape = object({
  id: S,
  object: Type.Literal('dispute'),
  amount: I,
  balance_transactions: Type.Array(MovementShape),
  charge: ref(),
  created: I,
  currency: S,
  enhanced_eligibility_types: Type.Tuple([]),
  evidence: object({ ...texts, ...nulls(...EVIDENCE_FILES), enhanced_evidence: object({}) }),
  evidence_details: object({
    due_by: orNull(I),
    enhanced_eligibility: object({}),
    has_evidence: B,
    past_due: B,
    submission_count: I,
    submission_method: Type.Union([Type.Literal('not_submitted'), Type.Literal('manual')]),
  }),
  is_charge_refundable: B,
  livemode: B,
  metadata: metadata(),
  network_reason_code: orNull(S),
  payment_intent: ref(),
  payment_method_details: object({
    card: object({
      brand: S,
      case_type: Type.Union([Type.Literal('inquiry'), Type.Literal('chargeback')]),
      network: S,
      network_reason_code: orNull(S),
    }),
    type: Type.Literal('card'),
  }),
  reason: S,
  status: Type.Unsafe<DisputeState>({ enum: [...statuses] }),
  ...nulls('intended_submission_method'),
})
