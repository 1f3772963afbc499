import { type TNull, Type } from '@fastify/type-provider-typebox'
import { B, I, metadata, nulls, object, orNull, ref, S } from './words.ts'

const EVIDENCE = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_communication',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'customer_signature',
  'duplicate_charge_documentation',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'receipt',
  'refund_policy',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'service_documentation',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_documentation',
  'shipping_tracking_number',
  'uncategorized_file',
  'uncategorized_text',
] as const

/** Answering an issuer is not built. */
export const NO_EVIDENCE = Object.fromEntries(EVIDENCE.map((name) => [name, null])) as {
  [name in (typeof EVIDENCE)[number]]: null
}
const evidence = nulls(...EVIDENCE) satisfies Record<string, TNull>

export const DisputeShape = object({
  id: S,
  object: Type.Literal('dispute'),
  amount: I,
  balance_transactions: Type.Tuple([]),
  charge: ref(),
  created: I,
  currency: S,
  enhanced_eligibility_types: Type.Tuple([]),
  evidence: object({ ...evidence, enhanced_evidence: object({}) }),
  evidence_details: object({
    due_by: orNull(I),
    enhanced_eligibility: object({}),
    has_evidence: B,
    past_due: B,
    submission_count: I,
    submission_method: Type.Literal('not_submitted'),
  }),
  is_charge_refundable: B,
  livemode: B,
  metadata: metadata(),
  network_reason_code: orNull(S),
  payment_intent: ref(),
  payment_method_details: object({
    card: object({
      brand: S,
      case_type: Type.Literal('inquiry'),
      network: S,
      network_reason_code: orNull(S),
    }),
    type: Type.Literal('card'),
  }),
  reason: S,
  status: Type.Union([Type.Literal('warning_needs_response'), Type.Literal('warning_closed')]),
  ...nulls('intended_submission_method'),
})
