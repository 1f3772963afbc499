import type { Attempt } from './attempt.ts'
import type { Charge } from './charge.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { Refund } from './refund.ts'

/** Where money is, seen by the merchant. */
export type LedgerAccount =
  /** Held at shoppers' banks for us: authorized, not captured. */
  | 'authorized'
  /** The other side of a hold. */
  | 'holds'
  /** Captured and owed to the merchant by the provider. */
  | 'receivable'
  /** What shoppers paid. */
  | 'sales'
  | 'refunds'
  /** What issuers have taken back for their cardholders. */
  | 'disputes'

/**
 * One row, both sides: zero-sum by construction. Unique per tenant, cause and line: a line's number holds the version
 * that the charge reached by it, so one change is booked once, and a later one of the same cause has a place. A dispute's
 * two lines are numbered by what they are: it takes money once, and gives it back once.
 */
export type Posting = {
  readonly tenant: Tenant
  readonly cause: Uuid
  readonly line: number
  readonly debit: LedgerAccount
  readonly credit: LedgerAccount
  readonly amount: bigint
  readonly currency: string
  readonly chargeId: Uuid
  readonly createdAt: Date
}

/**
 * What a decision does to the books: the difference between what the attempt showed before and shows now. Each line
 * names its cause: a refund, the capture or void that settled the hold, or the order that authorized it.
 */
export function postingsFor(before: Attempt, after: Attempt, at: Date): readonly Posting[] {
  const settled = after.orders.find(
    ({ id, kind, state }) =>
      kind !== 'refund' && state === 'succeeded' && before.orders.find((one) => one.id === id)?.state !== state,
  )
  const cause = settled?.id ?? after.operation.id
  const lines = [...holdLines(before.charge, after.charge).map((line) => ({ ...line, cause }))]
  for (const refund of after.refunds) {
    const earlier = before.refunds.find(({ id }) => id === refund.id)
    const moved = paidBack(refund) - (earlier ? paidBack(earlier) : 0n)
    if (moved > 0n) lines.push({ debit: 'refunds', credit: 'receivable', amount: moved, cause: refund.id })
    if (moved < 0n) lines.push({ debit: 'receivable', credit: 'refunds', amount: -moved, cause: refund.id })
  }
  const numbered = lines.map((line, index) => ({
    ...line,
    // Unique per cause: one cause has two lines of one change at most, a hold and a capture.
    line: after.charge.version * LINES_PER_CHANGE + (line.cause === cause ? index : 0),
  }))
  const { tenant, id: chargeId, currency } = after.charge
  return [...numbered, ...disputeLines(before, after)].map((line) => ({
    ...line,
    tenant,
    currency,
    chargeId,
    createdAt: at,
  }))
}

const LINES_PER_CHANGE = 4
const WITHDRAWN_LINE = 1
const REINSTATED_LINE = 2

function disputeLines(before: Attempt, after: Attempt): readonly (Line & Pick<Posting, 'cause' | 'line'>)[] {
  return after.disputes.flatMap((dispute) => {
    const earlier = before.disputes.find(({ id }) => id === dispute.id)
    const { id: cause, amount } = dispute
    const isNew = (moment: 'withdrawnAt' | 'reinstatedAt') => dispute[moment] !== null && !earlier?.[moment]
    const withdrawn = { debit: 'disputes', credit: 'receivable', amount, cause, line: WITHDRAWN_LINE } as const
    const reinstated = { debit: 'receivable', credit: 'disputes', amount, cause, line: REINSTATED_LINE } as const
    return [...(isNew('withdrawnAt') ? [withdrawn] : []), ...(isNew('reinstatedAt') ? [reinstated] : [])]
  })
}

export type MovementType = 'charge' | 'refund' | 'refund_failure' | 'dispute' | 'dispute_reversal'

/** What the ledger's lines about one charge, refund or dispute make of what the provider owes the merchant. */
export type Movement = {
  readonly tenant: Tenant
  /** The charge's id for what was taken, the refund's or dispute's for what went back: each has one line of its own. */
  readonly id: Uuid
  readonly type: MovementType
  readonly chargeId: Uuid
  readonly refundId: Uuid | null
  readonly disputeId: Uuid | null
  readonly currency: string
  /** Positive for what the provider owes from now on, negative for what it does not owe any more. */
  readonly amount: bigint
  readonly createdAt: Date
}

/**
 * The name of the line that reverses another: the same id with the other value of the variant bits, which no id of ours
 * has (RFC 9562, section 4.1). The database's `movement_id` says the same.
 */
export const reversalOf = (id: Uuid): Uuid =>
  `${id.slice(0, 19)}${'cdef'['89ab'.indexOf(id.charAt(19))] ?? id.charAt(19)}${id.slice(20)}` as Uuid

type Line = Pick<Posting, 'debit' | 'credit' | 'amount'>

function holdLines(before: Charge, after: Charge): readonly Line[] {
  const lines: Line[] = []
  const held = after.held - before.held
  if (held > 0n) lines.push({ debit: 'authorized', credit: 'holds', amount: held })
  if (held < 0n) lines.push({ debit: 'holds', credit: 'authorized', amount: -held })
  const captured = after.captured - before.captured
  if (captured > 0n) lines.push({ debit: 'receivable', credit: 'sales', amount: captured })
  if (captured < 0n) throw new RangeError('captured money only grows: what goes back is a refund')
  return lines
}

const paidBack = ({ state, amount }: Refund): bigint => (state === 'succeeded' ? amount : 0n)
