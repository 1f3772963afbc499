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

/**
 * One row, both sides: zero-sum by construction. Unique per tenant, cause and line: a line's number holds the version
 * that the charge reached by it, so one change is booked once, and a later one of the same cause has a place.
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
  return lines.map((line, index) => ({
    ...line,
    tenant: after.charge.tenant,
    // Unique per cause: one cause has two lines of one change at most, a hold and a capture.
    line: after.charge.version * LINES_PER_CHANGE + (line.cause === cause ? index : 0),
    currency: after.charge.currency,
    chargeId: after.charge.id,
    createdAt: at,
  }))
}

const LINES_PER_CHANGE = 4

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
