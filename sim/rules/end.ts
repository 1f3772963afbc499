import { nameOf } from '../../src/core/ids.ts'
import { referenceOf } from '../books.ts'
import { disputedOf, refundedOf } from '../issuer.ts'
import { HOLD_MS } from '../provider.ts'
import { firstWrong, type Rule } from '../rules.ts'

/** A day after the storms, and the longest rest of a round. */
const LOOKED_MS = 30 * 60 * 60_000

const OPEN = ['intent', 'requires_action', 'pending', 'unknown']

/** What must have come about when nothing has gone wrong for longer than the slowest of our schedules. */
export const END_RULES: readonly Rule[] = [
  {
    id: 'L-settled',
    says: 'when nothing goes wrong every charge is decided, or waits for a person',
    atEnd: ({ books }) =>
      firstWrong(books.charges.values(), ({ id, state }) =>
        OPEN.includes(state) ? `charge ${id} is ${state}` : undefined,
      ),
  },
  {
    id: 'L-orders',
    says: 'when nothing goes wrong every order has an outcome, or waits for a person',
    atEnd: ({ books }) =>
      firstWrong(books.operations.values(), ({ id, kind, state }) =>
        state === 'intent' || state === 'unknown' ? `${kind} ${id} is ${state}` : undefined,
      ),
  },
  {
    id: 'L-holds',
    says: 'a hold that ran out is not thought to be held when its end was a day ago',
    atEnd: ({ books, provider, world }) =>
      firstWrong(books.charges.values(), (charge) => {
        if (charge.state !== 'authorized' || world.nowMs() < HOLD_MS) return undefined
        const booking = provider.bookingOf(referenceOf(charge))
        return booking?.state === 'expired' ? `charge ${charge.id} is authorized, its hold ran out` : undefined
      }),
  },
  {
    id: 'L-refunds',
    says: 'when nothing goes wrong every refund is what it is at the provider',
    atEnd: ({ books, provider }) =>
      firstWrong(books.refunds.values(), ({ id, state, providerId }) => {
        if (state === 'requested') return `refund ${id} is ${state}`
        const theirs = provider.bookings.flatMap(({ refunds }) => refunds).find((one) => one.providerId === providerId)
        return state === 'pending' && theirs?.status !== 'pending' ? `refund ${id} is still pending` : undefined
      }),
  },
  {
    id: 'L-disputes',
    says: 'when nothing goes wrong every dispute that we know is what it is at the provider',
    atEnd: ({ books, provider }) =>
      firstWrong(books.disputes.values(), ({ id, providerId, state }) => {
        const theirs = provider.bookings
          .flatMap(({ disputes }) => disputes)
          .find((one) => one.providerId === providerId)
        return theirs?.state === state ? undefined : `dispute ${id} is ${state}, at the provider ${theirs?.state}`
      }),
  },
  {
    id: 'L-disputes',
    says: 'a dispute that nobody told of is found by looking, within a day of the last fault',
    atEnd: ({ books, provider, world }) =>
      firstWrong(provider.bookings, ({ reference, disputes }) => {
        const charge = books.charges.get(books.chargeByReference.get(reference) ?? ('' as never))
        if (!charge || charge.state === 'needs_review' || world.nowMs() < LOOKED_MS) return undefined
        const known = [...books.disputes.values()]
        return firstWrong(disputes, ({ providerId }) =>
          known.some((one) => one.providerId === providerId) ? undefined : `${providerId} was never heard of`,
        )
      }),
  },
  {
    id: 'L-disputes',
    says: 'an answer to a dispute that is thought to have arrived has',
    atEnd: ({ books, provider }) =>
      firstWrong(books.operations.values(), ({ id, kind, state, document: { dispute } }) => {
        if (!dispute || state !== 'succeeded') return undefined
        const theirs = provider.bookings
          .flatMap(({ disputes }) => disputes)
          .find((one) => one.providerId === dispute.providerId)
        if (!theirs) return `${kind} ${id} is about nothing at the provider`
        const arrived =
          kind === 'answer_dispute'
            ? theirs.submissions >= dispute.submission
            : theirs.state === 'lost' || theirs.state === 'warning_closed'
        return arrived ? undefined : `${kind} ${id} never arrived`
      }),
  },
  {
    id: 'L-sessions',
    says: 'when nothing goes wrong no session is processing without a person, and none is open after its time',
    atEnd: ({ books, world }) =>
      firstWrong(books.sessions.values(), ({ id, state, paymentId, expiresAt }) => {
        if (state === 'open' && expiresAt.getTime() < world.wallMs() - 600_000) return `session ${id} is open`
        if (state !== 'processing') return undefined
        const refused = (chargeId: string) =>
          [...books.operations.values()].some((one) => one.chargeId === chargeId && one.state === 'failed')
        const waits = [...books.charges.values()].some(
          (one) =>
            one.paymentId === paymentId &&
            (one.state === 'needs_review' || (one.state === 'surplus' && refused(one.id))),
        )
        return waits ? undefined : `session ${id} is processing`
      }),
  },
  {
    id: 'I-09',
    says: 'money on a charge that is closed goes back',
    atEnd: ({ books, provider }) =>
      firstWrong(books.charges.values(), (charge) => {
        if (!['declined', 'failed', 'voided', 'surplus'].includes(charge.state)) return undefined
        const booking = provider.bookingOf(referenceOf(charge))
        if (!booking) return undefined
        const kept = booking.state === 'authorized' || booking.captured > refundedOf(booking) + disputedOf(booking)
        const person = [...books.operations.values()].some(
          ({ chargeId, state }) => chargeId === charge.id && (state === 'needs_review' || state === 'failed'),
        )
        return kept && !person
          ? `charge ${charge.id} is ${charge.state}, ${booking.providerId} ${booking.state}`
          : undefined
      }),
  },
  {
    id: 'I-28',
    says: 'our books are the provider’s books',
    atEnd: ({ books, provider }) =>
      firstWrong(provider.bookings, (booking) => {
        const charge = books.charges.get(books.chargeByReference.get(booking.reference) ?? ('' as never))
        if (!charge) return `${booking.providerId} is for nothing that we know`
        if (charge.state === 'needs_review') return undefined
        // An order that was delivered twice, so late that its key was forgotten, is booked beside the first.
        const first = provider.bookings.find(({ reference }) => reference === booking.reference)
        if (booking !== first && booking.bookedAtMs - booking.orderedAtMs > provider.horizonMs()) return undefined
        if (charge.captured !== booking.captured) {
          return `charge ${charge.id} captured ${charge.captured}, the provider ${booking.captured}`
        }
        const known = [...books.disputes.values()].filter(({ chargeId }) => chargeId === charge.id)
        const allKnown = booking.disputes.length === known.length
        if (allKnown && charge.disputed !== disputedOf(booking)) {
          return `issuers have ${charge.disputed} of charge ${charge.id}, the provider says ${disputedOf(booking)}`
        }
        const given = booking.refunds
          .filter(({ reference, status }) => reference !== null && status === 'succeeded')
          .reduce((sum, { amount }) => sum + amount, 0n)
        const ours = [...books.refunds.values()].filter(({ chargeId }) => chargeId === charge.id)
        if (ours.some(({ state }) => state === 'pending' || state === 'needs_review')) return undefined
        const booked = ours
          .filter(({ origin, state }) => origin !== 'provider' && state === 'succeeded')
          .reduce((sum, { amount }) => sum + amount, 0n)
        return given === booked ? undefined : `charge ${charge.id} refunded ${booked}, the provider ${given}`
      }),
  },
  {
    id: 'L-told',
    says: 'when nothing goes wrong every event is numbered and delivered to whoever wants it',
    atEnd: ({ books, receivers }) =>
      firstWrong(books.events.values(), ({ id, type, tenant }) => {
        if (![...books.log.values()].includes(id)) return `${type} ${id} has no number`
        return firstWrong(books.endpoints.values(), (endpoint) => {
          const wants =
            endpoint.enabledEvents.includes(type) ||
            (endpoint.enabledEvents.includes('*') && type !== 'checkout.session.created')
          if (!wants || endpoint.disabledReason === 'merchant') return undefined
          const receiver = receivers.find(({ url }) => url === endpoint.url)
          return receiver?.got.has(nameOf('event', tenant, id))
            ? undefined
            : `${type} ${id} never arrived at ${endpoint.url}`
        })
      }),
  },
  {
    id: 'I-16',
    says: 'a receiver hears the events of one root in their order',
    atEnd: ({ books, receivers }) => {
      const numbers = new Map([...books.log].map(([number, id]) => [id, number]))
      return firstWrong(receivers, ({ order, url }) => {
        const last = new Map<string, bigint>()
        const events = new Map(
          [...books.events.values()].map((event) => [nameOf('event', event.tenant, event.id), event]),
        )
        return firstWrong(order, (name) => {
          const event = events.get(name)
          if (!event) return `${url} heard ${name}, which we never told`
          const number = numbers.get(event.id) ?? 0n
          const before = last.get(event.root) ?? 0n
          last.set(event.root, number)
          return number > before ? undefined : `${url} heard number ${number} after ${before}`
        })
      })
    },
  },
]
