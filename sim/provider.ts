import type { ChargeOrder, Connector, DisputeOrder, MoneyOrder, OrderOutcome } from '../src/connectors/contract.ts'
import { readNotice } from '../src/connectors/sandbox/read-notice.ts'
import type { CardRef } from '../src/core/charge.ts'
import type { Observation, ObservedRefund, Seen } from '../src/core/observation.ts'
import type { StoredCard } from './card-desk.ts'
import type { Faults } from './faults.ts'
import { type IssuerDispute, leftOf, makeIssuer } from './issuer.ts'
import { makeLies } from './lies.ts'
import { MERCHANT, type News } from './post.ts'
import { exchange, type Life } from './wire.ts'
import { Violation, type World } from './world.ts'

/** What an issuer does with a card; a shopper's token stands for one. */
export type Card =
  | 'approves'
  | 'declines'
  | 'waits_then_approves'
  | 'waits_then_declines'
  | 'challenges'
  | 'checks_the_device'
  | 'checks_the_device_then_challenges'

const ASKING: readonly Card[] = ['challenges', 'checks_the_device', 'checks_the_device_then_challenges']
const DEVICE_CHECK = { type: 'device_check', url: 'https://issuer.example/look', fields: {} } as const

export type Booking = {
  readonly reference: string
  readonly key: string
  readonly providerId: string
  readonly amount: bigint
  readonly currency: string
  readonly captureNow: boolean
  readonly bookedAtMs: number
  /** When the order was first sent: a booking long after it is one that no horizon covers. */
  readonly orderedAtMs: number
  state: Observation['state']
  /** What it becomes by itself, and when. */
  becomes?: { readonly state: 'authorized' | 'declined'; readonly atMs: number }
  /** The issuer looks at the shopper's browser first, and asks or lets it pass after that. */
  device?: 'passes' | 'challenges'
  authorized: bigint
  captured: bigint
  readonly refunds: { reference: string | null; providerId: string; amount: bigint; status: ObservedRefund['status'] }[]
  readonly disputes: IssuerDispute[]
}

export type Provider = {
  readonly bookings: readonly Booking[]
  /** Every answer about a charge that reached one of our processes: what may be believed from then on. */
  readonly heard: Map<string, { readonly atMs: number; readonly seen: Seen; readonly sent: boolean }[]>
  /** The vault: cards by token. */
  readonly cards: Map<string, StoredCard>
  /** Every card that an order came with. */
  readonly presented: readonly { readonly reference: string; readonly card: CardRef }[]
  connectorFor(life: Life, faults: Faults): Connector
  /** The shopper's bank has asked, and the shopper answers. */
  answerChallenge(reference: string, passes: boolean): void
  /** The longest that it says an order may be under way. */
  horizonMs(): number
  /** Until then it does what it is told, and never answers. */
  silentUntilMs: number
  /** Somebody at the provider's own side sends money back. @returns whether there was any */
  refundElsewhere(reference: string): boolean
  bookingOf(reference: string): Booking | undefined
  /** When an order to authorize was first sent. */
  orderedAt(reference: string): number | undefined
}

/** How long a provider takes, what it promises of that, and how long it knows a key. */
type Pace = {
  readonly authorizeMs: number
  readonly orderMs: number
  readonly queryMs: number
  readonly horizonMs: number
  readonly windowMs: number
}
/** How long an issuer holds money for a shop that does not take it. */
export const HOLD_MS = 7 * 24 * 60 * 60_000
export const HORIZON_MS = 15 * 60_000
const ORDINARY: Pace = {
  authorizeMs: 50_000,
  orderMs: 30_000,
  queryMs: 10_000,
  horizonMs: HORIZON_MS,
  windowMs: 24 * 60 * 60_000,
}
/** Forgets keys soon, and not a moment later than it says; but nothing takes it long. */
const FORGETFUL: Pace = { authorizeMs: 10_000, orderMs: 8_000, queryMs: 4_000, horizonMs: 45_000, windowMs: 60_000 }
/** Our clocks are wrong by seconds: the slowest order is that much faster than promised. */
const CLOCKS_MS = 12_000

type Kind = 'capture' | 'void' | 'refund'
export type Verdict = { readonly sent: 'accepted' | 'refused'; readonly refusal?: string }

/**
 * A provider with books of its own, stateful as a real one. It keeps its promises: keys for as long as it says, orders no
 * later than its horizon unless that very fault strikes, and answers that are its books', unless garbled.
 * @param intended asked before an order is carried out: whether it was committed on our side first
 * @param tell hears of everything that happens here
 */
export function makeProvider(
  world: World,
  intended: (reference: string, key: string) => boolean,
  tell: (news: News) => void = () => {},
): Provider {
  const bookings: Booking[] = []
  const byReference = new Map<string, Booking>()
  const keys = new Map<
    string,
    { readonly spelled: string; readonly verdict: Verdict | Booking; readonly atMs: number }
  >()
  const heard: Provider['heard'] = new Map()
  const cards: Provider['cards'] = new Map()
  const presented: { readonly reference: string; readonly card: CardRef }[] = []
  const told = makeLies(world)
  let takesOtherwise = () => false
  const stuckUntilMs = new Map<string, number>()
  const orderedAt = new Map<string, number>()
  const draw = world.random('provider')
  let made = 0
  let pace = ORDINARY

  const nextId = (prefix: string) => `${prefix}_${++made}`
  const issuer = makeIssuer(world, () => nextId('dsp'), tell)
  const tellOf = ({ reference, state }: Booking) => tell({ reference, type: `authorization.${state}`, refund: null })

  function authorize(order: ChargeOrder, card: Card): Booking {
    demandIntent(order.reference, order.key)
    const spelled = `${order.reference} ${order.amount} ${order.currency} ${order.captureNow}`
    const known = repeated<Booking>(order.key, spelled)
    if (known) return known
    const declined = card === 'declines'
    const waits = card === 'waits_then_approves' || card === 'waits_then_declines'
    const booking: Booking = {
      reference: order.reference,
      key: order.key,
      providerId: nextId('auth'),
      amount: order.amount,
      currency: order.currency,
      captureNow: order.captureNow,
      bookedAtMs: world.nowMs(),
      orderedAtMs: orderedAt.get(order.reference) ?? world.nowMs(),
      state: declined ? 'declined' : waits ? 'waiting' : ASKING.includes(card) ? 'requires_action' : 'waiting',
      authorized: 0n,
      captured: 0n,
      refunds: [],
      disputes: [],
    }
    if (waits) {
      const state = card === 'waits_then_approves' ? 'authorized' : 'declined'
      booking.becomes = { state, atMs: world.nowMs() + draw.between(5_000, 150_000) }
      world.after(booking.becomes.atMs - world.nowMs(), () => ripen(booking))
    } else if (card === 'approves') approve(booking)
    if (card === 'checks_the_device') booking.device = 'passes'
    if (card === 'checks_the_device_then_challenges') booking.device = 'challenges'
    bookings.push(booking)
    byReference.set(order.reference, booking)
    keys.set(order.key, { spelled, verdict: booking, atMs: world.nowMs() })
    world.mark(`booked ${booking.state}`)
    tellOf(booking)
    if (booking.bookedAtMs - booking.orderedAtMs > pace.horizonMs) world.mark('booked beyond the horizon')
    return booking
  }

  function approve(booking: Booking): void {
    booking.authorized = booking.amount
    booking.captured = booking.captureNow ? taken(booking.amount) : 0n
    if (booking.captured > booking.authorized) booking.authorized = booking.captured
    booking.state = booking.captureNow ? 'captured' : 'authorized'
    if (!booking.captureNow) world.after(HOLD_MS, () => runOut(booking))
    else issuer.complain(booking)
  }

  /** What it takes where it was told to take so much: another amount, when that fault strikes. */
  function taken(amount: bigint, most = amount + 7n): bigint {
    if (!takesOtherwise()) return amount
    const other = draw.chance(0.5) || amount >= most ? amount - 1n : amount + 1n
    if (other > 0n) world.mark(`took ${other < amount ? 'less' : 'more'} than was ordered`)
    return other > 0n ? other : amount
  }

  /** An issuer keeps money back for so long, and no longer. */
  function runOut(booking: Booking): void {
    if (booking.state !== 'authorized') return
    booking.state = 'expired'
    world.mark('hold ran out')
  }

  /** The browser was looked at, or not in time: asking again changes nothing. */
  function goOn(reference: string): Seen {
    const booking = byReference.get(reference)
    if (booking?.state === 'requires_action' && booking.device !== undefined) {
      if (booking.device === 'passes') approve(booking)
      delete booking.device
      world.mark(`device check ${booking.state}`)
    }
    return look(reference)
  }

  function ripen(booking: Booking): void {
    if (booking.state !== 'waiting') return
    if (booking.becomes?.state === 'authorized') approve(booking)
    else booking.state = 'declined'
    world.note('outside', `${booking.providerId} is ${booking.state}`)
    tellOf(booking)
  }

  function move(kind: Kind, order: MoneyOrder): Verdict {
    demandIntent(order.charge.reference, order.key)
    const spelled = `${kind} ${order.charge.reference} ${order.reference} ${order.amount}`
    const known = repeated<Verdict>(order.key, spelled)
    if (known) return known
    const booking = byReference.get(order.charge.reference)
    const verdict: Verdict = booking ? MOVES[kind](booking, order) : { sent: 'refused', refusal: 'not_found' }
    keys.set(order.key, { spelled, verdict, atMs: world.nowMs() })
    world.mark(`${kind} ${verdict.sent}`)
    return verdict
  }

  const MOVES: { readonly [kind in Kind]: (booking: Booking, order: MoneyOrder) => Verdict } = {
    capture(booking, { amount }) {
      if (booking.state !== 'authorized') return { sent: 'refused', refusal: 'wrong_state' }
      if (amount > booking.authorized) return { sent: 'refused', refusal: 'amount_too_large' }
      booking.captured = taken(amount, booking.authorized)
      booking.state = 'captured'
      tellOf(booking)
      issuer.complain(booking)
      return { sent: 'accepted' }
    },
    void(booking) {
      if (booking.state !== 'authorized' && booking.state !== 'requires_action') {
        return { sent: 'refused', refusal: 'wrong_state' }
      }
      booking.state = 'voided'
      tellOf(booking)
      return { sent: 'accepted' }
    },
    refund(booking, { amount, reference }) {
      if (amount > leftOf(booking)) return { sent: 'refused', refusal: 'amount_too_large' }
      const status = draw.chance(0.25) ? 'pending' : 'succeeded'
      const refund: Booking['refunds'][number] = { reference, providerId: nextId('ref'), amount, status }
      booking.refunds.push(refund)
      const told = { reference: booking.reference, refund: refund.providerId }
      tell({ ...told, type: 'refund.created' })
      if (status === 'pending') {
        const ends = draw.chance(0.3) ? 'failed' : 'succeeded'
        world.after(draw.between(5_000, 120_000), () => {
          if (refund.status === 'pending') refund.status = ends
          world.mark(`refund ${refund.status} late`)
          tell({ ...told, type: 'refund.updated' })
        })
      }
      return { sent: 'accepted' }
    },
  }

  function answer(order: DisputeOrder): Verdict {
    const { charge, key, providerId, evidence } = order
    demandIntent(charge.reference, key)
    const spelled = `answer ${providerId} ${evidence?.uncategorized_text}`
    const known = repeated<Verdict>(key, spelled)
    if (known) return known
    const booking = byReference.get(charge.reference)
    const verdict: Verdict = booking ? issuer.read(booking, order) : { sent: 'refused', refusal: 'not_found' }
    keys.set(key, { spelled, verdict, atMs: world.nowMs() })
    world.mark(`${evidence ? 'evidence' : 'acceptance'} ${verdict.sent}`)
    return verdict
  }

  /** The first answer under a key that is still kept. The same key for another order is a fault of ours. */
  function repeated<T extends Verdict | Booking>(key: string, spelled: string): T | undefined {
    const known = keys.get(key)
    if (!known) return undefined
    if (known.spelled !== spelled) {
      world.fail(new Violation('I-02', `one key for two orders: ${known.spelled}; ${spelled}`))
    }
    if (world.nowMs() - known.atMs > pace.windowMs) {
      world.mark('key forgotten by the provider')
      return undefined
    }
    world.mark('key repeated at the provider')
    return known.verdict as T
  }

  function demandIntent(reference: string, key: string): void {
    if (intended(reference, key)) return
    world.fail(new Violation('rule 1', `an order reached the provider that was never committed: ${reference} ${key}`))
  }

  const look = (reference: string): Seen => {
    const booking = byReference.get(reference)
    return booking ? observe(booking) : 'absent'
  }

  const provider: Provider = {
    bookings,
    heard,
    cards,
    presented,
    silentUntilMs: 0,
    horizonMs: () => pace.horizonMs,
    bookingOf: (reference) => byReference.get(reference),
    orderedAt: (reference) => orderedAt.get(reference),
    answerChallenge(reference, passes) {
      const booking = byReference.get(reference)
      if (booking?.state !== 'requires_action' || booking.device !== undefined) return
      if (passes) approve(booking)
      else booking.state = 'declined'
      world.mark(passes ? 'challenge passed' : 'challenge failed')
      tellOf(booking)
    },
    refundElsewhere(reference) {
      const booking = byReference.get(reference)
      const left = booking ? leftOf(booking) : 0n
      if (!booking || left <= 0n) return false
      const amount = left > 1n ? left / 2n : left
      const providerId = nextId('ref')
      booking.refunds.push({ reference: null, providerId, amount, status: 'succeeded' })
      tell({ reference, type: 'refund.created', refund: providerId })
      return true
    },

    connectorFor(life, faults) {
      pace = faults.enabled.has('forgotten_keys') ? FORGETFUL : ORDINARY
      takesOtherwise = () => faults.hits('captured_otherwise')
      issuer.isComplainedTo = () => faults.hits('chargeback')
      const { horizonMs, windowMs, authorizeMs, orderMs, queryMs } = pace
      const latestMs = horizonMs - CLOCKS_MS
      const isStuck = (reference: string) => !faults.over() && (stuckUntilMs.get(reference) ?? 0) > world.nowMs()
      const isSilent = (reference: string) => provider.silentUntilMs > world.nowMs() || isStuck(reference)
      /**
       * The worst moment for a key that is soon forgotten: there is money for one more such refund, and nothing is said
       * of this one until its key is forgotten.
       */
      const getStuck = ({ charge: { reference }, amount }: MoneyOrder): void => {
        const booking = byReference.get(reference)
        const left = booking ? leftOf(booking) : 0n
        if (pace !== FORGETFUL || left < amount || stuckUntilMs.has(reference)) return
        if (faults.hits('stuck_refund')) stuckUntilMs.set(reference, world.nowMs() + 2 * windowMs)
      }
      const note = (reference: string, sent: boolean) => (seen: Seen) => {
        const list = heard.get(reference) ?? []
        list.push({ atMs: world.nowMs(), seen, sent })
        heard.set(reference, list)
      }
      const ask = async (reference: string): Promise<Seen> => {
        const answer = await exchange(world, faults, life, {
          label: `sync ${short(reference)}`,
          timeoutMs: queryMs,
          latestMs,
          isSilent: () => isSilent(reference),
          handle: () => told(faults, reference, look(reference)),
          onAnswer: note(reference, false),
        })
        return answer === 'not_sent' ? 'lost' : answer
      }
      const send =
        <T extends MoneyOrder | DisputeOrder>(label: (one: T) => string, carryOut: (one: T) => Verdict) =>
        async (one: T): Promise<OrderOutcome> => {
          const answer = await exchange(world, faults, life, {
            label: label(one),
            timeoutMs: orderMs,
            latestMs,
            isSilent: () => isSilent(one.charge.reference),
            isStuck: () => isStuck(one.charge.reference),
            handle: () => {
              const verdict = carryOut(one)
              // The worst moment to fall silent: what was ordered is done, and nobody hears of it.
              if (draw.chance(0.1) && faults.hits('provider_silent')) {
                provider.silentUntilMs = world.nowMs() + draw.between(30_000, 100_000)
              }
              return verdict
            },
          })
          const seen = await ask(one.charge.reference)
          return typeof answer === 'string' ? { sent: answer, seen } : { ...answer, seen }
        }
      const order = (kind: Kind) =>
        send(
          (one: MoneyOrder) => `${kind} ${short(one.charge.reference)} ${one.amount}`,
          (one) => {
            const verdict = move(kind, one)
            if (kind === 'refund') getStuck(one)
            return verdict
          },
        )
      return {
        id: 'simulated',
        can: {
          live: false,
          hold: true,
          idempotencyWindowMs: windowMs,
          queryByReference: true,
          horizonMs,
          takesCards: true,
          checksPostalCode: false,
        },
        async start(one) {
          presented.push({ reference: one.reference, card: one.card })
          const put = cards.get(one.card.token)
          if (!put) {
            world.fail(new Violation('I-04', `the card of ${one.reference} was gone before its order left`))
            return 'absent'
          }
          if (put.shredded) {
            world.mark('card given up before its order left')
            note(one.reference, true)('absent')
            return 'absent'
          }
          if (!orderedAt.has(one.reference)) orderedAt.set(one.reference, world.nowMs())
          const answer = await exchange(world, faults, life, {
            label: `authorize ${short(one.reference)} ${one.amount}`,
            timeoutMs: authorizeMs,
            latestMs,
            beyondMs: horizonMs,
            isSilent: () => isSilent(one.reference),
            handle: () => told(faults, one.reference, observe(authorize(one, put.card))),
            onAnswer: note(one.reference, true),
          })
          if (answer === 'not_sent') note(one.reference, true)('absent')
          return answer === 'not_sent' ? 'absent' : answer
        },
        sync: (one) => ask(one.reference),
        async goOn({ reference }) {
          const answer = await exchange(world, faults, life, {
            label: `go on ${short(reference)}`,
            timeoutMs: pace.queryMs,
            handle: () => told(faults, reference, goOn(reference)),
            onAnswer: note(reference, false),
          })
          return answer === 'not_sent' ? 'lost' : answer
        },
        capture: order('capture'),
        voidAuthorization: order('void'),
        refund: order('refund'),
        answerDispute: send((one: DisputeOrder) => `answer ${one.providerId}`, answer),
        hook: (delivery, secrets, now) => readNotice(delivery, MERCHANT, secrets, now),
      }
    },
  }
  return provider
}

function observe(booking: Booking): Observation {
  const { state, providerId, authorized, captured } = booking
  return {
    state,
    providerId,
    authorized,
    captured,
    refunds: booking.refunds.map((refund) => ({ ...refund })),
    ...(booking.disputes.length === 0
      ? {}
      : { disputes: booking.disputes.map((dispute) => ({ ...dispute, reason: 'fraudulent' })) }),
    ...(booking.device === undefined || state !== 'requires_action' ? {} : { action: DEVICE_CHECK }),
    ...(state === 'declined' ? { decline: { code: 'insufficient_funds' } } : {}),
  }
}

/** Enough of a name to tell it from others in a story. */
const short = (reference: string): string => reference.slice(-6)
