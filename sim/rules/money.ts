import type { Charge } from '../../src/core/charge.ts'
import type { Uuid } from '../../src/core/ids.ts'
import { type Books, type Commit, givenUp, referenceOf } from '../books.ts'
import { disputedOf, refundedOf } from '../issuer.ts'
import type { Booking } from '../provider.ts'
import { firstWrong, type Rule, type Scene } from '../rules.ts'

/** Debits minus credits of one charge on each ledger account. */
function balances(books: Books, chargeId: Uuid): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {}
  for (const { chargeId: of, debit, credit, amount } of books.postings) {
    if (of !== chargeId) continue
    sums[debit] = (sums[debit] ?? 0n) + amount
    sums[credit] = (sums[credit] ?? 0n) - amount
  }
  return sums
}

function touched({ books }: Scene, { charges, refunds, disputes, postings }: Commit): readonly Charge[] {
  const ids = new Set([
    ...charges.map(({ after }) => after.id),
    ...refunds.map(({ after }) => after.chargeId),
    ...disputes.map(({ after }) => after.chargeId),
    ...postings.map(({ chargeId }) => chargeId),
  ])
  return [...ids].flatMap((id) => books.charges.get(id) ?? [])
}

/**
 * An authorization that a shopper's bank still answers for. What was accepted as a refund was on its way back when
 * somebody could pay again, even if it comes back later and is tried once more.
 */
const isLive = ({ state, captured, refunds, disputes }: Booking): boolean =>
  state === 'authorized' ||
  (state === 'captured' && captured > [...refunds, ...disputes].reduce((sum, { amount }) => sum + amount, 0n))

/** Booked so late that no horizon covers it, or only because nothing was left to be done about it. */
const isLate = ({ bookedAtMs, orderedAtMs }: Booking, horizonMs: number): boolean =>
  bookedAtMs - orderedAtMs > horizonMs

export const MONEY_RULES: readonly Rule[] = [
  {
    id: 'I-06',
    says: 'at every instant at most one live authorization per session at the provider',
    onStep: ({ provider, books }) => {
      const live = new Map<Uuid, string>()
      return firstWrong(provider.bookings, (booking) => {
        if (!isLive(booking) || isLate(booking, provider.horizonMs())) return undefined
        const charge = books.charges.get(books.chargeByReference.get(booking.reference) ?? ('' as Uuid))
        if (!charge) return `${booking.providerId} is for nothing that we know`
        const other = live.get(charge.paymentId)
        live.set(charge.paymentId, booking.providerId)
        return other && `payment ${charge.paymentId} has ${other} and ${booking.providerId}`
      })
    },
  },
  {
    id: 'I-20',
    says: 'at the provider captured never exceeds authorized, and what went back never exceeds captured',
    onStep: ({ provider }) =>
      firstWrong(provider.bookings, (booking) => {
        const { authorized, captured, providerId } = booking
        if (captured > authorized) return `${providerId} captured ${captured} of ${authorized}`
        const back = refundedOf(booking) + disputedOf(booking)
        return back > captured ? `${providerId} gave back more than ${captured}` : undefined
      }),
  },
  {
    id: 'I-22',
    says: 'what we order never exceeds the money: captures the amount, refunds the captures',
    onCommit: (scene, commit) =>
      firstWrong(touched(scene, commit), (charge) => {
        const promised = [...scene.books.refunds.values()]
          .filter(({ chargeId, origin, state }) => {
            const counts =
              state === 'requested' || state === 'pending' || state === 'succeeded' || state === 'needs_review'
            return chargeId === charge.id && counts && origin !== 'provider'
          })
          .reduce((sum, { amount }) => sum + amount, 0n)
        if (charge.captureOrdered > charge.amount) return `charge ${charge.id} orders ${charge.captureOrdered}`
        const tooMuch = promised > charge.captured && promised > charge.captureOrdered
        return tooMuch ? `charge ${charge.id} promises back ${promised} of ${charge.captured}` : undefined
      }),
  },
  {
    id: 'I-22',
    says: 'no refund is ordered of what an issuer is known to have taken back',
    onCommit: ({ books }, { refunds }) =>
      firstWrong(refunds, ({ before, after }) => {
        const charge = books.charges.get(after.chargeId)
        if (before || after.origin === 'provider' || !charge) return undefined
        const back = [...books.refunds.values()]
          .filter(({ chargeId, state }) => chargeId === charge.id && RESERVES.includes(state))
          .reduce((sum, { amount }) => sum + amount, charge.disputed)
        return back > charge.captured && charge.disputed > 0n ? `refund ${after.id} of charge ${charge.id}` : undefined
      }),
  },
  {
    id: 'I-21',
    says: 'a void and a capture are never both accepted',
    onCommit: ({ books }, { operations }) =>
      firstWrong(operations, ({ after }) => {
        const settling = [...books.operations.values()].filter(
          ({ chargeId, kind, state }) =>
            chargeId === after.chargeId && (kind === 'void' || kind === 'capture') && state !== 'failed',
        )
        return settling.length > 1 ? `charge ${after.chargeId} has ${settling.length} of them` : undefined
      }),
  },
  {
    id: 'I-26',
    says: 'the books balance: every posting has two sides of one charge',
    onCommit: (_, { postings }) =>
      firstWrong(postings, ({ amount, debit, credit, chargeId }) =>
        amount > 0n && debit !== credit ? undefined : `a posting of ${amount} for charge ${chargeId}`,
      ),
  },
  {
    id: 'I-27',
    says: 'the ledger is what the charges show: captured, refunded, taken back and held',
    onCommit: (scene, commit) =>
      firstWrong(touched(scene, commit), (charge) => {
        const sums = balances(scene.books, charge.id)
        const { sales = 0n, refunds = 0n, disputes = 0n, receivable = 0n, authorized = 0n } = sums
        if (-sales !== charge.captured) return `charge ${charge.id} captured ${charge.captured}, booked ${-sales}`
        if (receivable !== -sales - refunds - disputes) return `charge ${charge.id} is owed ${receivable}`
        const back = [...scene.books.refunds.values()]
          .filter(({ chargeId, state }) => chargeId === charge.id && state === 'succeeded')
          .reduce((sum, { amount }) => sum + amount, 0n)
        if (refunds !== back) return `charge ${charge.id} gave back ${back}, booked ${refunds}`
        const taken = [...scene.books.disputes.values()]
          .filter(({ chargeId, state }) => chargeId === charge.id && TAKEN.includes(state))
          .reduce((sum, { amount }) => sum + amount, 0n)
        if (disputes !== taken) return `issuers have ${taken} of charge ${charge.id}, booked ${disputes}`
        if (charge.disputed !== taken) return `issuers have ${taken} of charge ${charge.id}, it says ${charge.disputed}`
        const open = charge.state === 'authorized' || charge.state === 'surplus'
        return !open && authorized !== 0n ? `charge ${charge.id} is ${charge.state} and holds ${authorized}` : undefined
      }),
  },
  {
    id: 'I-27',
    says: 'a dispute takes its money once, and gives it back at most once',
    onCommit: ({ books }, { postings }) =>
      firstWrong(postings, ({ cause }) => {
        const of = (account: 'debit' | 'credit') =>
          books.postings.filter((posting) => posting.cause === cause && posting[account] === 'disputes').length
        if (of('debit') > 1) return `dispute ${cause} took its money ${of('debit')} times`
        return of('credit') > of('debit') ? `dispute ${cause} gave back what it had not` : undefined
      }),
  },
  {
    id: 'I-19',
    says: 'only what the provider said about a dispute decides it, and an amount beyond what was taken only said twice',
    onCommit: ({ provider, books }, { disputes }) =>
      firstWrong(disputes, ({ before, after }) => {
        const charge = books.charges.get(after.chargeId)
        const said = (charge ? (provider.heard.get(referenceOf(charge)) ?? []) : [])
          .flatMap(({ seen }) => (typeof seen === 'string' ? [] : (seen.disputes ?? [])))
          .filter(({ providerId }) => providerId === after.providerId)
        if (before?.state !== after.state && !said.some(({ state }) => state === after.state)) {
          return `nobody said that dispute ${after.id} is ${after.state}`
        }
        if (before?.amount === after.amount || !charge || after.amount <= charge.captured) return undefined
        const times = said.filter(({ amount }) => amount === after.amount).length
        return times < 2 ? `dispute ${after.id} is about ${after.amount}, which one answer said` : undefined
      }),
  },
  {
    id: 'I-13',
    says: 'a session is complete exactly when the provider has shown the money for it',
    onCommit: ({ books, provider }, { sessions }) =>
      firstWrong(sessions, ({ before, after }) => {
        if (after.state !== 'complete' || before?.state === 'complete') return undefined
        const own = [...books.charges.values()].filter(({ paymentId }) => paymentId === after.paymentId)
        const shown = own.filter(
          (charge) => (provider.bookingOf(referenceOf(charge))?.authorized ?? 0n) >= after.amountTotal,
        )
        return shown.length > 0 ? undefined : `session ${after.id} is complete without money at the provider`
      }),
  },
  {
    id: 'I-19',
    says: 'only what the provider said about a charge decides it',
    onCommit: ({ provider, books }, { charges }) =>
      firstWrong(charges, ({ before, after }) => {
        if (before?.state === after.state) return undefined
        const said = (provider.heard.get(referenceOf(after)) ?? []).map(({ seen }) => seen)
        const heard = (...states: readonly string[]) =>
          said.some((seen) => typeof seen !== 'string' && states.includes(seen.state))
        const enough = (least: bigint, field: 'authorized' | 'captured') =>
          said.some((seen) => typeof seen !== 'string' && seen[field] >= least && seen[field] > 0n)
        switch (after.state) {
          case 'authorized':
            return enough(after.amount, 'authorized') ? undefined : `nobody said that charge ${after.id} is authorized`
          case 'captured':
            return enough(leastCapture(before), 'captured')
              ? undefined
              : `nobody said that charge ${after.id} is captured`
          case 'declined':
            return heard('declined') || (heard('voided') && givenUp(books, after.id))
              ? undefined
              : `nobody said that charge ${after.id} is declined`
          case 'voided':
            return heard('voided', 'expired') ? undefined : `nobody said that charge ${after.id} is voided`
          case 'surplus':
            return heard('authorized', 'captured') ? undefined : `nobody said that charge ${after.id} has money`
          default:
            return undefined
        }
      }),
  },
  {
    id: 'I-19',
    says: 'an amount that was not ordered is booked when it was said twice, and never on one word',
    onCommit: ({ provider, books }, { charges }) =>
      firstWrong(charges, ({ before, after }) => {
        const said = (provider.heard.get(referenceOf(after)) ?? []).map(({ seen }) => seen)
        const times = (field: 'authorized' | 'captured') =>
          said.filter((seen) => typeof seen !== 'string' && seen[field] === after[field]).length
        const orders = [...books.operations.values()].filter(
          ({ chargeId, kind }) => chargeId === after.id && kind !== 'refund',
        )
        for (const field of ['authorized', 'captured'] as const) {
          if (after[field] === (before?.[field] ?? 0n)) continue
          const wanted = orders.some(
            ({ kind, amount }) => amount === after[field] && (field === 'authorized' || kind !== 'void'),
          )
          if (!wanted && times(field) < 2) return `charge ${after.id} ${field} ${after[field]}, which one answer said`
        }
        return undefined
      }),
  },
  {
    id: 'I-07',
    says: 'a charge is closed by absence only when it never left, or was absent twice and after the horizon',
    onCommit: ({ provider }, { charges }) =>
      firstWrong(charges, ({ before, after }) => {
        if (after.state !== 'failed' || before?.state === 'failed') return undefined
        const absences = (provider.heard.get(referenceOf(after)) ?? []).filter(({ seen }) => seen === 'absent')
        if (absences.some(({ sent }) => sent)) return undefined
        const asked = absences.filter(({ sent }) => !sent).map(({ atMs }) => atMs)
        const apart = Math.max(...asked) - Math.min(...asked)
        // Clocks of two servers differ by some seconds, and a stepped one by more: see `clock_step`.
        const age = Math.max(...asked) - (provider.orderedAt(referenceOf(after)) ?? Number.NEGATIVE_INFINITY)
        if (asked.length >= 2 && apart >= 60_000 - TOLERATED_MS && age > provider.horizonMs() - TOLERATED_MS)
          return undefined
        return `charge ${after.id}: absent ${asked.length} times, ${apart} ms apart, ${age} ms old`
      }),
  },
]

/** While a refund is so its money is promised. */
const RESERVES: readonly string[] = ['requested', 'pending', 'succeeded', 'needs_review']

/** While a dispute is so the issuer has the money. */
const TAKEN: readonly string[] = ['needs_response', 'under_review', 'lost']

/** A first success must cover what was ordered; what a capture of a hold took is taken as told. */
const leastCapture = (before: Charge | null): bigint =>
  before === null || before.state === 'authorized' ? 1n : before.captureOrdered

/** How far a server's clock may be wrong. */
const TOLERATED_MS = 12_000
