import type { AuthorizationStatus, Money, OperationKind, OperationStatus } from './authorization.ts'

/** A movement between the accounts of the journal; see 0004_disputes.sql. */
export type Movement = {
  readonly kind:
    | 'authorize'
    | 'capture'
    | 'release'
    | 'refund'
    | 'refund_reversal'
    | 'chargeback'
    | 'chargeback_reversal'
  readonly amount: number
}

export type Decision =
  | { readonly ok: true; readonly amount: number; readonly next: Money; readonly movements: readonly Movement[] }
  | { readonly ok: false; readonly error: 'wrong_state' | 'amount_out_of_range'; readonly message: string }

/**
 * What the money allows. An authorization is captured once, whole or in part, and what is not captured is released at
 * once; a void releases everything, and gives up an authorization that waits for its cardholder; refunds go on until
 * everything captured went back. A refund that is pending counts at once.
 * @param amount undefined: all that is left
 */
export function decideOperation(
  money: Money,
  kind: OperationKind,
  amount: number | undefined,
  refund: 'pending' | 'succeeded' = 'succeeded',
): Decision {
  const wanted = FROM[kind]
  if (!wanted.includes(money.status)) {
    const message = `A ${kind} needs status ${wanted.join(' or ')}; it is ${money.status}.`
    return { ok: false, error: 'wrong_state', message }
  }
  const left = kind === 'refund' ? leftOf(money) : money.amount
  if (left === 0 || (amount ?? left) > left)
    return { ok: false, error: 'amount_out_of_range', message: `At most ${left} is left for a ${kind}.` }
  const moved = amount ?? left
  switch (kind) {
    case 'capture': {
      const released = money.amount - moved
      return {
        ok: true,
        amount: moved,
        next: { ...money, status: 'captured', captured: moved, released },
        movements: [
          { kind: 'capture', amount: moved },
          { kind: 'release', amount: released },
        ],
      }
    }
    case 'void':
      return {
        ok: true,
        amount: moved,
        next: { ...money, status: 'voided', released: money.status === 'authorized' ? moved : 0 },
        movements: money.status === 'authorized' ? [{ kind: 'release', amount: moved }] : [],
      }
    case 'refund':
      if (refund === 'pending')
        return {
          ok: true,
          amount: moved,
          next: { ...money, refundPending: money.refundPending + moved },
          movements: [],
        }
      return {
        ok: true,
        amount: moved,
        next: { ...money, refunded: money.refunded + moved },
        movements: [{ kind: 'refund', amount: moved }],
      }
  }
}

/** What of the money may still go back: neither refunded nor taken back. */
export const leftOf = ({ captured, refunded, refundPending, disputed }: Money): number =>
  captured - refunded - refundPending - disputed

const FROM: Readonly<Record<OperationKind, readonly AuthorizationStatus[]>> = {
  capture: ['authorized'],
  void: ['authorized', 'requires_action'],
  refund: ['captured'],
}

/** Where a refund goes after its first answer. Only what had moved is moved back. */
export function decideRefundStep(
  money: Money,
  refund: { readonly status: OperationStatus; readonly amount: number },
  to: Exclude<OperationStatus, 'pending'>,
): { readonly next: Money; readonly movements: readonly Movement[] } | undefined {
  const { status, amount } = refund
  if (status === 'pending') {
    const freed = { ...money, refundPending: money.refundPending - amount }
    if (to !== 'succeeded') return { next: freed, movements: [] }
    return { next: { ...freed, refunded: money.refunded + amount }, movements: [{ kind: 'refund', amount }] }
  }
  if (status === 'succeeded' && to === 'failed')
    return { next: { ...money, refunded: money.refunded - amount }, movements: [{ kind: 'refund_reversal', amount }] }
  return undefined
}
