import type { Money, OperationKind } from './authorization.ts'

/** A movement between the accounts of the journal; see 0001_books.sql. */
export type Movement = { readonly kind: 'authorize' | 'capture' | 'release' | 'refund'; readonly amount: number }

export type Decision =
  | { readonly ok: true; readonly amount: number; readonly next: Money; readonly movements: readonly Movement[] }
  | { readonly ok: false; readonly error: 'wrong_state' | 'amount_out_of_range'; readonly message: string }

/**
 * What the money allows. An authorization is captured once, whole or in part, and what is not captured is released at
 * once; a void releases everything; refunds go on until everything captured went back.
 * @param amount undefined: all that is left
 */
export function decideOperation(money: Money, kind: OperationKind, amount: number | undefined): Decision {
  const wanted = kind === 'refund' ? 'captured' : 'authorized'
  if (money.status !== wanted)
    return { ok: false, error: 'wrong_state', message: `A ${kind} needs status ${wanted}; it is ${money.status}.` }
  const left = kind === 'refund' ? money.captured - money.refunded : money.amount
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
        next: { ...money, status: 'voided', released: moved },
        movements: [{ kind: 'release', amount: moved }],
      }
    case 'refund':
      return {
        ok: true,
        amount: moved,
        next: { ...money, refunded: money.refunded + moved },
        movements: [{ kind: 'refund', amount: moved }],
      }
  }
}
