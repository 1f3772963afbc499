import type { Attempt, Means } from './attempt.ts'
import type { Charge } from './charge.ts'
import type { Dispute, Evidence, ObservedDispute } from './dispute.ts'
import { DISPUTE_MACHINE, type DisputeState, FACT_OF, isInquiry } from './dispute-machine.ts'
import { step } from './machine.ts'

/** More than issuers ever raise about one charge: what is beyond is not a provider's report but somebody's mistake. */
export const MOST_DISPUTES = 10

/** The disputes after what the provider shows of them: observed, whatever their amounts, and never refused. */
export function observeDisputes(
  charge: Charge,
  disputes: readonly Dispute[],
  seen: readonly ObservedDispute[],
  means: Means,
): readonly Dispute[] {
  const after = [...disputes]
  for (const one of seen) {
    const at = after.findIndex(({ providerId }) => providerId === one.providerId)
    const known = after[at]
    if (known) after[at] = observed(known, one, means.now)
    else if (after.length < MOST_DISPUTES) after.push(opened(charge, one, means))
  }
  return after
}

function observed(dispute: Dispute, seen: ObservedDispute, now: Date): Dispute {
  const moved = step(DISPUTE_MACHINE, dispute.state, FACT_OF[seen.state])
  if (moved.is === 'contradiction') return contradicted(dispute, seen.state, now)
  // An older report changes nothing, whatever else it says.
  if (moved.is !== 'moved' && seen.state !== dispute.state) return dispute
  const state = moved.is === 'moved' ? moved.to : dispute.state
  const submissions = Math.max(seen.submissions ?? 0, dispute.document.submissions ?? 0)
  return {
    ...dispute,
    ...moneyAfter(dispute, state, now),
    kind: isInquiry(state) ? 'inquiry' : 'chargeback',
    state,
    // What was booked stays as it was booked: only a question's amount is still open.
    amount: dispute.withdrawnAt === null ? seen.amount : dispute.amount,
    document: {
      ...dispute.document,
      reason: seen.reason,
      ...(seen.networkReasonCode === undefined ? {} : { networkReasonCode: seen.networkReasonCode }),
      ...(seen.respondBy === undefined ? {} : { respondBy: seen.respondBy.toISOString() }),
      ...(submissions === 0 ? {} : { submissions }),
    },
  }
}

/** A chargeback takes the money when it is first heard of, and gives it back once, when the merchant has won. */
function moneyAfter(
  { withdrawnAt, reinstatedAt }: Pick<Dispute, 'withdrawnAt' | 'reinstatedAt'>,
  state: DisputeState,
  now: Date,
): Pick<Dispute, 'withdrawnAt' | 'reinstatedAt'> {
  if (isInquiry(state)) return { withdrawnAt, reinstatedAt }
  return {
    withdrawnAt: withdrawnAt ?? now,
    reinstatedAt: state === 'won' ? (reinstatedAt ?? now) : reinstatedAt,
  }
}

function contradicted(dispute: Dispute, seen: DisputeState, now: Date): Dispute {
  if (dispute.document.contradiction?.seen === seen) return dispute
  return { ...dispute, document: { ...dispute.document, contradiction: { seen, at: now.toISOString() } } }
}

function opened(charge: Charge, seen: ObservedDispute, { now, newId }: Means): Dispute {
  const brand = charge.document.card?.brand
  return {
    tenant: charge.tenant,
    id: newId(),
    version: 0,
    chargeId: charge.id,
    paymentId: charge.paymentId,
    providerId: seen.providerId,
    kind: isInquiry(seen.state) ? 'inquiry' : 'chargeback',
    state: seen.state,
    amount: seen.amount,
    currency: charge.currency,
    createdAt: now,
    ...moneyAfter({ withdrawnAt: null, reinstatedAt: null }, seen.state, now),
    document: {
      reason: seen.reason,
      ...(seen.networkReasonCode === undefined ? {} : { networkReasonCode: seen.networkReasonCode }),
      ...(brand === undefined ? {} : { brand }),
      ...(seen.respondBy === undefined ? {} : { respondBy: seen.respondBy.toISOString() }),
      ...(seen.submissions ? { submissions: seen.submissions } : {}),
    },
  }
}

/** What the shop wants of its evidence: null takes a text away. */
export type EvidenceChange = { readonly [name in keyof Evidence]: string | null }

export function changeEvidence(before: Evidence | undefined, change: EvidenceChange): Evidence {
  const after: Record<string, string> = { ...before }
  for (const [name, text] of Object.entries(change)) {
    if (text === null) delete after[name]
    else if (text !== undefined) after[name] = text
  }
  return after
}

/** Whether an order about a dispute is under way: nobody gives a second one beside it. */
export const isAnswering = ({ orders }: Attempt, { id }: Dispute): boolean =>
  orders.some(({ document, state }) => document.dispute?.id === id && state !== 'succeeded' && state !== 'failed')
