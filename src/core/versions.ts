import type { Attempt } from './attempt.ts'
import type { Dispute } from './dispute.ts'
import type { Uuid } from './ids.ts'
import type { Refund } from './refund.ts'

/** Raises the version of every row that changed; the very same attempt when none did. */
export function withVersions(before: Attempt, after: Attempt, tells: boolean): Attempt {
  const orders = versioned(before.orders, after.orders)
  const refunds: readonly Refund[] = versioned(before.refunds, after.refunds)
  const disputes: readonly Dispute[] = versioned(before.disputes, after.disputes)
  const operation = raised(before.operation, after.operation)
  const children = orders !== before.orders || refunds !== before.refunds || disputes !== before.disputes
  // The charge's version stands for all that hangs on it, and the payment's orders the events.
  const charge = children ? bumped(before.charge, after.charge) : raised(before.charge, after.charge)
  const payment = tells ? bumped(before.payment, after.payment) : raised(before.payment, after.payment)
  const session = before.session && after.session && raised(before.session, after.session)
  const same =
    charge === before.charge &&
    payment === before.payment &&
    session === before.session &&
    operation === before.operation
  return same ? before : { session, payment, charge, operation, orders, refunds, disputes }
}

type Row = { readonly id: Uuid; readonly version: number }

function versioned<T extends Row>(before: readonly T[], after: readonly T[]): readonly T[] {
  const rows = after.map((row) => {
    const known = before.find(({ id }) => id === row.id)
    return known ? raised(known, row) : { ...row, version: 1 }
  })
  return rows.length === before.length && rows.every((row, index) => row === before[index]) ? before : rows
}

const raised = <T extends Row>(before: T, after: T): T => (isSame(before, after) ? before : bumped(before, after))
const bumped = <T extends Row>(before: T, after: T): T => ({ ...after, version: before.version + 1 })

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime()
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].every((key) => isSame((one as Fields)[key], (other as Fields)[key]))
}

type Fields = Readonly<Record<string, unknown>>
