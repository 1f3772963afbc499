import type { Charge } from '../../src/core/charge.ts'
import { type Books, type Change, givenUp } from '../books.ts'
import { firstWrong, type Rule } from '../rules.ts'

type Edges = Readonly<Record<string, readonly string[]>>

const DOUBT = ['requires_action', 'pending', 'unknown']
const OUTCOMES = ['authorized', 'captured', 'declined', 'failed', 'voided', 'needs_review']

/** Written down here a second time on purpose: the tables in `src/core` are what is being judged. */
const CHARGE_EDGES: Edges = {
  // Success long after the session's end is surplus at once.
  intent: [...DOUBT, ...OUTCOMES, 'surplus'],
  requires_action: ['pending', 'unknown', ...OUTCOMES, 'surplus'],
  pending: ['requires_action', 'unknown', ...OUTCOMES, 'surplus'],
  unknown: ['requires_action', 'pending', ...OUTCOMES, 'surplus'],
  authorized: ['captured', 'voided', 'needs_review'],
  captured: [],
  declined: ['surplus'],
  failed: ['surplus'],
  voided: ['surplus'],
  surplus: [],
  needs_review: ['authorized', 'captured', 'declined', 'failed', 'voided', 'surplus'],
}
const SESSION_EDGES: Edges = {
  open: ['processing', 'expired', 'canceled'],
  processing: ['open', 'complete', 'failed'],
  complete: [],
  expired: [],
  canceled: [],
  failed: [],
}
const OPERATION_EDGES: Edges = {
  intent: ['unknown', 'succeeded', 'failed', 'needs_review'],
  unknown: ['intent', 'succeeded', 'failed', 'needs_review'],
  succeeded: [],
  failed: ['succeeded'],
  needs_review: ['succeeded', 'failed'],
}
const REFUND_EDGES: Edges = {
  requested: ['pending', 'succeeded', 'failed', 'canceled', 'needs_review'],
  pending: ['succeeded', 'failed', 'canceled', 'needs_review'],
  succeeded: ['failed'],
  failed: [],
  canceled: [],
  needs_review: ['pending', 'succeeded', 'failed', 'canceled'],
}
const DISPUTE_EDGES: Edges = {
  warning_needs_response: ['warning_under_review', 'warning_closed', 'needs_response', 'under_review', 'won', 'lost'],
  warning_under_review: ['warning_closed', 'needs_response', 'under_review', 'won', 'lost'],
  warning_closed: [],
  needs_response: ['under_review', 'won', 'lost'],
  under_review: ['won', 'lost'],
  won: [],
  lost: [],
}
const FIRST: Readonly<Record<string, readonly string[]>> = {
  session: ['open'],
  charge: ['intent'],
  operation: ['intent'],
  // A refund made at the provider's own side is seen as it is.
  refund: ['requested', 'pending', 'succeeded', 'failed', 'canceled'],
  dispute: Object.keys(DISPUTE_EDGES),
}

/** How far a server's clock may be wrong. */
const CLOCKS_MS = 6_000

const PAYMENT_OF: Readonly<Record<string, readonly string[]>> = {
  intent: ['processing'],
  requires_action: ['requires_action', 'processing'],
  pending: ['processing'],
  unknown: ['processing'],
  needs_review: ['processing'],
  // An order about the hold may be in doubt.
  authorized: ['requires_capture', 'processing'],
  captured: ['succeeded'],
  declined: ['requires_payment_method', 'canceled'],
  failed: ['requires_payment_method', 'canceled'],
  voided: ['canceled'],
  // Until the money is on its way back nobody may pay again.
  surplus: ['requires_payment_method', 'canceled', 'processing'],
}
export const LIVE = ['intent', 'requires_action', 'pending', 'unknown', 'authorized', 'captured', 'needs_review']
/** The bank or the shopper has the word: the session waits for the outcome. */
const UNDER_WAY = ['intent', 'requires_action', 'pending', 'unknown', 'needs_review']

/** Nothing of an unwanted charge is held or taken any more, but for what the provider is sending back or an issuer took. */
function isBack({ refunds }: Books, { id, held, captured, disputed }: Charge): boolean {
  const accepted = [...refunds.values()].filter(
    ({ chargeId, providerId, state }) =>
      chargeId === id && providerId !== null && (state === 'pending' || state === 'succeeded'),
  )
  return held === 0n && captured <= accepted.reduce((sum, { amount }) => sum + amount, disputed)
}

type Stateful = { readonly state: string; readonly id: string }

function path(kind: string, edges: Edges, changes: readonly Change<Stateful>[]): string | undefined {
  return firstWrong(changes, ({ before, after }) => {
    if (!before) return FIRST[kind]?.includes(after.state) ? undefined : `${kind} ${after.id} begins as ${after.state}`
    if (before.state === after.state || edges[before.state]?.includes(after.state)) return undefined
    return `${kind} ${after.id} went from ${before.state} to ${after.state}`
  })
}

/** How long a payment that was begun in time may take to be one (F42). */
const GRACE_MS = 15 * 60_000

const FROZEN: readonly (keyof Charge)[] = ['amount', 'currency', 'paymentId', 'attempt', 'tokenId', 'connector']

export const STATE_RULES: readonly Rule[] = [
  {
    id: 'I-10',
    says: 'every history is a path of its machine, and what is over stays over',
    onCommit: (_, commit) =>
      path('session', SESSION_EDGES, commit.sessions) ??
      path('charge', CHARGE_EDGES, commit.charges) ??
      path('operation', OPERATION_EDGES, commit.operations) ??
      path('refund', REFUND_EDGES, commit.refunds) ??
      path('dispute', DISPUTE_EDGES, commit.disputes),
  },
  {
    id: 'payment',
    says: 'a payment is what its latest charge makes of it',
    onCommit: ({ books }, { payments, charges }) =>
      firstWrong([...payments.map(({ after }) => after.id), ...charges.map(({ after }) => after.paymentId)], (id) => {
        const payment = books.payments.get(id)
        const charge = payment?.latestChargeId ? books.charges.get(payment.latestChargeId) : undefined
        if (!payment || !charge || PAYMENT_OF[charge.state]?.includes(payment.state)) return undefined
        return `payment ${id} is ${payment.state} while its charge is ${charge.state}`
      }),
  },
  {
    id: 'session',
    says: 'a session is processing exactly while its latest charge is under way, and over exactly when that is decided',
    onCommit: ({ books }, { sessions, charges }) =>
      firstWrong(
        [...sessions.map(({ after }) => after.paymentId), ...charges.map(({ after }) => after.paymentId)],
        (id) => {
          const payment = books.payments.get(id)
          const session = payment?.sessionId ? books.sessions.get(payment.sessionId) : undefined
          const charge = payment?.latestChargeId ? books.charges.get(payment.latestChargeId) : undefined
          if (!session || !charge) return undefined
          const waits = session.state === 'processing'
          if (charge.state === 'surplus' && waits) {
            return isBack(books, charge) ? `session ${session.id} waits for money that is back` : undefined
          }
          if (waits === UNDER_WAY.includes(charge.state)) return undefined
          return `session ${session.id} is ${session.state} while its charge is ${charge.state}`
        },
      ),
  },
  {
    id: 'tries',
    says: 'a session counts its charges, and allows no more than it said',
    onCommit: ({ books }, { sessions }) =>
      firstWrong(sessions, ({ after }) => {
        const made = [...books.charges.values()].filter(({ paymentId }) => paymentId === after.paymentId).length
        if (after.tries === made && made <= after.maxTries) return undefined
        return `session ${after.id} says ${after.tries} of ${after.maxTries} and has ${made}`
      }),
  },
  {
    id: 'frozen',
    says: 'what a charge is about never changes, and is what the session asked for',
    onCommit: ({ books }, { charges }) =>
      firstWrong(charges, ({ before, after }) => {
        const changed = before && FROZEN.find((field) => before[field] !== after[field])
        if (changed) return `${changed} of charge ${after.id} changed`
        const payment = books.payments.get(after.paymentId)
        const session = payment?.sessionId ? books.sessions.get(payment.sessionId) : undefined
        if (!payment || payment.amount !== after.amount) return `charge ${after.id} is not of its payment's amount`
        return session && session.amountTotal !== after.amount
          ? `charge ${after.id} is not the session's total`
          : undefined
      }),
  },
  {
    id: 'one live',
    says: 'a payment has at most one live charge, and reserves its amount exactly while it has one',
    onCommit: ({ books }, { payments, charges }) =>
      firstWrong([...payments.map(({ after }) => after.id), ...charges.map(({ after }) => after.paymentId)], (id) => {
        const own = [...books.charges.values()].filter(
          (charge) => charge.paymentId === id && LIVE.includes(charge.state),
        )
        if (own.length > 1) return `payment ${id} has ${own.length} live charges`
        const payment = books.payments.get(id)
        const reserved = own.length === 1 ? payment?.amount : 0n
        return payment?.reserved === reserved
          ? undefined
          : `payment ${id} reserves ${payment?.reserved}, not ${reserved}`
      }),
  },
  {
    id: 'I-23',
    says: 'only an open session is closed, and nobody pays after its time',
    onCommit: ({ books }, { sessions, charges }) =>
      firstWrong(sessions, ({ before, after }) => {
        if (after.state !== 'expired' && after.state !== 'canceled') return undefined
        if (before && before.state === after.state) return undefined
        if (after.state === 'canceled' && !after.cancelEnds) return `session ${after.id} was canceled although it stays`
        const live = [...books.charges.values()].find(
          (one) => one.paymentId === after.paymentId && LIVE.includes(one.state),
        )
        return live && `session ${after.id} is ${after.state} while its charge is ${live.state}`
      }) ??
      firstWrong(charges, ({ before, after }) => {
        const payment = books.payments.get(after.paymentId)
        const session = payment?.sessionId ? books.sessions.get(payment.sessionId) : undefined
        const late = !before && session && after.createdAt >= session.expiresAt
        return late ? `charge ${after.id} was begun after its session's time` : undefined
      }),
  },
  {
    id: 'I-23',
    says: 'money that arrives while its session waits is taken, until its grace is over',
    onCommit: ({ books, world }, { charges }) =>
      firstWrong(charges, ({ before, after }) => {
        if (after.state !== 'surplus' || !before || !LIVE.includes(before.state)) return undefined
        // What an issuer let through although its shopper had taken another card goes back.
        if (givenUp(books, after.id)) return undefined
        const payment = books.payments.get(after.paymentId)
        const session = payment?.sessionId ? books.sessions.get(payment.sessionId) : undefined
        const overMs = session ? world.wallMs() - session.expiresAt.getTime() - GRACE_MS : Number.NEGATIVE_INFINITY
        return overMs > -CLOCKS_MS ? undefined : `charge ${after.id} is surplus ${-overMs} ms too early`
      }),
  },
  {
    id: 'I-23',
    says: 'no session is completed when its grace is over',
    onCommit: ({ world }, { sessions }) =>
      firstWrong(sessions, ({ before, after }) => {
        if (after.state !== 'complete' || before?.state === 'complete') return undefined
        const overMs = world.wallMs() - after.expiresAt.getTime() - GRACE_MS
        return overMs > CLOCKS_MS ? `session ${after.id} is complete ${overMs} ms too late` : undefined
      }),
  },
  {
    id: 'closed',
    says: 'whoever closes a session gives its payment up',
    onCommit: ({ books }, { sessions }) =>
      firstWrong(sessions, ({ after }) => {
        const payment = books.payments.get(after.paymentId)
        const over = after.state === 'expired' || after.state === 'canceled'
        return over && payment && payment.state !== 'canceled' ? `payment ${payment.id} is ${payment.state}` : undefined
      }),
  },
  {
    id: 'I-08',
    says: 'doubt is bounded: every open order will be asked about, within a day',
    onCommit: ({ world }, { operations }) =>
      firstWrong(operations, ({ after }) => {
        if (after.state !== 'intent' && after.state !== 'unknown') return undefined
        const inMs = after.askAt === null ? Number.POSITIVE_INFINITY : after.askAt.getTime() - world.wallMs()
        return inMs <= 25 * 60 * 60_000 ? undefined : `order ${after.id} is asked about ${after.askAt?.toISOString()}`
      }),
  },
]
