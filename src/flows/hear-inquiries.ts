import type { Charge } from '../core/charge.ts'
import type { Dispute, ObservedInquiry } from '../core/dispute.ts'
import { newUuid } from '../core/ids.ts'
import { type Context, tell } from './call.ts'

/** More than an issuer ever asks about one charge: what is beyond is not a provider's report but somebody's mistake. */
const MOST = 10

/**
 * Writes down what issuers ask about a charge, each question once however often it is reported. It is no part of the
 * charge's own state: no money moves by it, and a charge goes on as if nobody had asked.
 */
export async function hearInquiries(
  { env, storage }: Context,
  charge: Charge,
  inquiries: readonly ObservedInquiry[],
): Promise<void> {
  const known = await storage.disputesOf(charge.tenant, charge.id)
  const fresh = inquiries.filter(({ providerId }) => known.every((dispute) => dispute.providerId !== providerId))
  for (const inquiry of fresh.slice(0, Math.max(0, MOST - known.length))) {
    const dispute = disputeOf(charge, inquiry, newUuid(env), env.now())
    const place = { root: dispute.id, rootVersion: 1, ordinal: 1 }
    const snapshot = { is: 'dispute', v: 1, dispute } as const
    const event = tell(env, charge.tenant, 'charge.dispute.created', place, snapshot)
    const committed = await storage.commit({ disputes: [dispute], events: [event] })
    if (committed.ok) continue
    // Another process heard the same report: it has told it.
    const told = committed.conflict === 'constraint' && committed.constraint === 'disputes_provider'
    if (!told) throw new Error(`an inquiry could not be stored: ${JSON.stringify(committed)}`)
  }
}

function disputeOf(charge: Charge, inquiry: ObservedInquiry, id: Dispute['id'], now: Date): Dispute {
  const { networkReasonCode, respondBy } = inquiry
  const brand = charge.document.card?.brand
  return {
    tenant: charge.tenant,
    id,
    version: 1,
    chargeId: charge.id,
    paymentId: charge.paymentId,
    providerId: inquiry.providerId,
    kind: 'inquiry',
    state: 'needs_response',
    amount: inquiry.amount,
    currency: charge.currency,
    createdAt: now,
    document: {
      reason: inquiry.reason,
      ...(networkReasonCode === undefined ? {} : { networkReasonCode }),
      ...(brand === undefined ? {} : { brand }),
      ...(respondBy === undefined ? {} : { respondBy: respondBy.toISOString() }),
    },
  }
}
