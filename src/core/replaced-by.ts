import type { Attempt } from './attempt.ts'
import type { Charge } from './charge.ts'
import { replacedFields } from './replaced-fields.ts'
import type { Told } from './telling.ts'

/** What Stripe's clients see change of a charge; the rest of it is our own affair. */
const CHARGE_FIELDS = [
  'state',
  'authorized',
  'captured',
  'held',
  'refundOrdered',
  'refundedElsewhere',
  'document',
] as const

const DISPUTE_FIELDS = ['kind', 'state', 'amount', 'withdrawnAt', 'reinstatedAt', 'document'] as const

/**
 * The fields that a change replaced of what an event is about, as they were before it. Told with updates alone: an event
 * of something new, or of something that ended otherwise, says all by itself.
 */
export function replacedBy(before: Attempt, after: Attempt, { type, refund, dispute }: Told) {
  switch (type) {
    case 'charge.captured':
    case 'charge.updated':
      return replacedFields(before.charge, after.charge, CHARGE_FIELDS)
    case 'charge.refunded':
      return replacedFields(
        refund ? withoutRefund(before.charge, after.charge, refund) : before.charge,
        after.charge,
        CHARGE_FIELDS,
      )
    case 'refund.updated':
    case 'charge.refund.updated': {
      const earlier = refund && before.refunds.find(({ id }) => id === refund.id)
      return earlier && replacedFields(earlier, refund, ['state', 'document'])
    }
    case 'charge.dispute.updated':
    case 'charge.dispute.closed': {
      const earlier = dispute && before.disputes.find(({ id }) => id === dispute.id)
      return earlier && replacedFields(earlier, dispute, DISPUTE_FIELDS)
    }
    // The money alone: the rest is told beside it.
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated': {
      const earlier = dispute && before.disputes.find(({ id }) => id === dispute.id)
      return earlier && replacedFields(earlier, dispute, ['withdrawnAt', 'reinstatedAt'])
    }
    default:
      return undefined
  }
}

/** A refund counts from its order on, which was an earlier commit: the charge as it was before that. */
function withoutRefund(before: Charge, after: Charge, { amount, origin }: NonNullable<Told['refund']>): Charge {
  const less = (counted: bigint): bigint => (counted > amount ? counted - amount : 0n)
  return origin === 'provider'
    ? { ...before, refundedElsewhere: less(after.refundedElsewhere) }
    : { ...before, refundOrdered: less(after.refundOrdered) }
}
