import type { Charge } from './charge.ts'
import type { Tenant, Uuid } from './ids.ts'

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
 * What one operation's result does to the books: the difference between what the charge showed before and shows now.
 * @param cause the operation whose evidence this is
 */
export function postingsFor(before: Charge, after: Charge, cause: Uuid, at: Date): readonly Posting[] {
  const lines: { debit: LedgerAccount; credit: LedgerAccount; amount: bigint }[] = []
  const held = heldBy(after) - heldBy(before)
  if (held > 0n) lines.push({ debit: 'authorized', credit: 'holds', amount: held })
  if (held < 0n) lines.push({ debit: 'holds', credit: 'authorized', amount: -held })
  const captured = after.captured - before.captured
  if (captured > 0n) lines.push({ debit: 'receivable', credit: 'sales', amount: captured })
  if (captured < 0n) throw new RangeError('captured money only grows: what goes back is a refund')
  const refunded = after.refunded - before.refunded
  if (refunded > 0n) lines.push({ debit: 'refunds', credit: 'receivable', amount: refunded })
  if (refunded < 0n) lines.push({ debit: 'receivable', credit: 'refunds', amount: -refunded })
  return lines.map((line, index) => ({
    tenant: after.tenant,
    cause,
    line: after.version * LINES_PER_CHANGE + index,
    ...line,
    currency: after.currency,
    chargeId: after.id,
    createdAt: at,
  }))
}

/** A hold, a capture and a refund at most. */
const LINES_PER_CHANGE = 4

/** Money that a charge holds without having it: only an open authorization does. */
function heldBy({ state, authorized, captured }: Charge): bigint {
  return state === 'authorized' && authorized > captured ? authorized - captured : 0n
}
