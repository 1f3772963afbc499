import type { Snapshot } from '../../src/core/event.ts'
import { type Books, referenceOf } from '../books.ts'
import { firstWrong, type Rule } from '../rules.ts'

/** What an issuer's page may take, and what is on its way (F17). */
const CHALLENGE_MS = 15 * 60_000
const MINUTE_MS = 60_000
/** Clocks of two servers differ by some seconds, and a stepped one by more: see `clock_step`. */
const CLOCKS_MS = 12_000

/** How much of a growing list was judged already: each entry is judged once, after the step that brought it. */
const judged = new WeakMap<object, number>()

function newIn<T>(list: readonly T[]): readonly T[] {
  const from = judged.get(list) ?? 0
  if (from === list.length) return []
  judged.set(list, list.length)
  return list.slice(from)
}

/** What an answer shows and the books do not have. */
function missing(books: Books, snapshot: Snapshot): string | undefined {
  if (snapshot.is === 'session') {
    return books.sessions.has(snapshot.session.id) ? undefined : `session ${snapshot.session.id}`
  }
  if (snapshot.is !== 'payment' && snapshot.is !== 'charge' && snapshot.is !== 'refund') return undefined
  if (!books.payments.has(snapshot.payment.id)) return `payment ${snapshot.payment.id}`
  if (snapshot.is !== 'refund' || books.refunds.has(snapshot.refund.id)) return undefined
  return `refund ${snapshot.refund.id}`
}

export const PROMISE_RULES: readonly Rule[] = [
  {
    id: 'I-11',
    says: 'whoever was sent to an issuer’s page is waited for until a set time, and looked for then',
    onCommit: ({ world }, { charges }) =>
      firstWrong(charges, ({ after: { id, state, createdAt, lookAt } }) => {
        if (state !== 'requires_action') return undefined
        if (lookAt === null) return `nobody will look at charge ${id}`
        const nowMs = world.wallMs()
        const ageMs = nowMs - createdAt.getTime()
        const latestMs = Math.max(createdAt.getTime() + CHALLENGE_MS, nowMs + Math.max(MINUTE_MS, ageMs))
        const overMs = lookAt.getTime() - latestMs
        return overMs > CLOCKS_MS ? `charge ${id} is looked at ${overMs} ms too late` : undefined
      }),
  },
  {
    id: 'I-04',
    says: 'a card is used by nobody but the payment it was given for',
    onStep: ({ provider, books }) =>
      firstWrong(newIn(provider.presented), ({ reference, card }) => {
        const charge = books.charges.get(books.chargeByReference.get(reference) ?? ('' as never))
        const payment = charge && books.payments.get(charge.paymentId)
        if (!charge || !payment) return `${reference} is nothing that we know`
        const owner = charge.document.methodId ?? payment.sessionId
        const own = card.tenant === charge.tenant && card.token === charge.tokenId && card.owner === owner
        if (!own) return `charge ${charge.id} was paid with a card of ${card.owner}`
        if (charge.document.methodId !== undefined) return undefined
        return firstWrong(books.charges.values(), (other) =>
          other.tokenId === card.token && other.paymentId !== charge.paymentId
            ? `one card paid ${reference} and ${referenceOf(other)}`
            : undefined,
        )
      }),
  },
  {
    id: 'I-18',
    says: 'one event is the same bytes at every endpoint of its shape',
    onStep: ({ receivers }) =>
      firstWrong(receivers, ({ order, got, url }) =>
        firstWrong(newIn(order), (name) =>
          firstWrong(receivers, (other) => {
            const there = other.got.get(name)
            return there && there.body !== got.get(name)?.body ? `${name} at ${url} and ${other.url}` : undefined
          }),
        ),
      ),
  },
  {
    id: 'I-31',
    says: 'what a shop was answered is stored, whoever died after it',
    onStep: ({ answers, books }) =>
      firstWrong(newIn(answers), (snapshot) => {
        const lost = missing(books, snapshot)
        return lost && `${lost} was answered and is not there`
      }),
  },
]
