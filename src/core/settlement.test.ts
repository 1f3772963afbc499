import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attemptBegun, heard, meansAt, NOW, nextAttempt, seenAs } from '../../test/support/records.ts'
import type { Attempt } from './attempt.ts'
import { isLiveCharge } from './charge-machine.ts'
import { nameOf } from './ids.ts'
import type { ObservedRefund } from './observation.ts'
import { decideCapture, decideRefund, decideVoid, type OrderDecision } from './orders.ts'
import { postingsFor } from './posting.ts'
import { sumRefunds } from './refunding.ts'
import { paymentStatusOf } from './session.ts'
import { type News, settle } from './settlement.ts'

const AMOUNT = 2400n
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A step of a history: news, or an order of the shop; which of our orders it is about is an index into them. */
type Step = {
  readonly afterMs: number
  readonly is: 'news' | 'capture' | 'void' | 'refund'
  readonly news: News
  readonly about: number
  readonly amount: bigint
}
const sums = fc.constantFrom(0n, 1n, 1200n, 2399n, AMOUNT, 5000n)
const listed: fc.Arbitrary<ObservedRefund> = fc.record(
  {
    reference: fc.constant(null),
    providerId: fc.constantFrom('rfnd_1', 'rfnd_2'),
    amount: fc.constantFrom(1n, 700n),
    status: fc.constantFrom('pending', 'succeeded', 'failed', 'canceled'),
  },
  { noNullPrototype: true },
)
const observations = fc
  .record({
    state: fc.constantFrom(
      ...(['requires_action', 'waiting', 'authorized', 'captured', 'declined', 'voided', 'expired'] as const),
    ),
    authorized: sums,
    captured: sums,
    refunds: fc.uniqueArray(listed, { maxLength: 2, selector: ({ providerId }) => providerId }),
  })
  .map(({ state, captured, ...rest }) =>
    seenAs(state, { ...rest, ...(state === 'captured' ? { captured } : { captured: 0n, refunds: [] }) }),
  )
const seen = fc.oneof({ weight: 5, arbitrary: observations }, fc.constantFrom('absent' as const, 'lost' as const))
const sent = fc.constantFrom('accepted', 'refused', 'lost', 'not_sent', 'asked')
const steps: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.constantFrom(0, 1000, 2 * MINUTE, HOUR, 25 * HOUR),
  is: fc.constantFrom('news', 'news', 'news', 'capture', 'void', 'refund'),
  news: fc.record({ seen, sent }).map((one) => heard(one.seen, { sent: one.sent })),
  about: fc.integer({ min: -1, max: 3 }),
  amount: fc.constantFrom(1n, 700n, 1200n, AMOUNT),
})
const begun = fc
  .record({ maxTries: fc.integer({ min: 1, max: 3 }), captureNow: fc.boolean() })
  .map((choice) => attemptBegun(undefined, choice))

type Row = { readonly version: number }
const rowsOf = ({ session, payment, charge, operation, orders, refunds }: Attempt): (readonly [string, Row])[] => [
  ...(session ? [['session', session] as const] : []),
  ['payment', payment],
  ['charge', charge],
  ...[operation, ...orders].map((row) => [`order ${row.id}`, row] as const),
  ...refunds.map((row) => [`refund ${row.id}`, row] as const),
]

type Change = { readonly before: Attempt; readonly after: Attempt; readonly tell: readonly string[]; readonly at: Date }

function play(start: Attempt, history: readonly Step[], each: (change: Change) => void): Attempt {
  let attempt = start
  let clock = 0
  for (const one of history) {
    clock += one.afterMs
    const means = meansAt(clock)
    if (one.is === 'news') {
      const about = [attempt.operation, ...attempt.orders][one.about]?.id ?? null
      const settled = settle(attempt, { ...one.news, about }, means)
      if (settled === 'known') continue
      each({
        before: attempt,
        ...settled,
        after: settled.attempt,
        tell: settled.tell.map(({ type }) => type),
        at: means.now,
      })
      attempt = settled.attempt
      continue
    }
    const ordered = orderBy(one, attempt, clock)
    if ('code' in ordered) continue
    each({ before: attempt, after: ordered.attempt, tell: [], at: means.now })
    attempt = ordered.attempt
  }
  return attempt
}

function orderBy({ is, amount }: Step, attempt: Attempt, clock: number): OrderDecision {
  if (is === 'capture') return decideCapture(attempt, amount, meansAt(clock))
  if (is === 'void') return decideVoid(attempt, {}, meansAt(clock))
  return decideRefund(attempt, { amount, document: {} }, meansAt(clock))
}

const property = (check: (start: Attempt, history: readonly Step[]) => void) =>
  fc.assert(fc.property(begun, fc.array(steps, { maxLength: 12 }), check), { numRuns: 1000 })

test('whatever comes in whatever order: a complete session has its money, and keeps it', () => {
  property((start, history) => {
    play(start, history, ({ before, after }) => {
      if (after.session?.state === 'complete' && before.session?.state !== 'complete') {
        const { state, authorized, captured } = after.charge
        assert.ok((state === 'captured' && captured > 0n) || (state === 'authorized' && authorized >= AMOUNT))
        if (start.charge.captureOrdered > 0n && state === 'captured') {
          assert.equal(paymentStatusOf(after.session, captured), 'paid')
        }
      }
      if (before.session?.state === 'complete') assert.equal(after.session?.state, 'complete')
      assert.ok(after.charge.captured >= before.charge.captured, 'captured money does not shrink')
      if (before.charge.state === 'captured') assert.equal(after.charge.state, 'captured')
    })
  })
})

test('whatever comes: the rows are such as the database takes', () => {
  property((start, history) => {
    play(start, history, ({ after: { session, payment, charge, operation, orders, refunds } }) => {
      assert.ok(payment.reserved >= 0n && payment.reserved <= payment.amount)
      assert.equal(payment.reserved > 0n, isLiveCharge(charge.state))
      assert.equal(payment.canceledAt !== null, payment.state === 'canceled')
      assert.equal(session?.completedAt !== null, session?.state === 'complete')
      assert.ok(charge.captureOrdered >= 0n && charge.captureOrdered <= charge.amount)
      assert.ok(charge.refundOrdered >= 0n && charge.refundOrdered <= charge.captureOrdered)
      assert.ok(charge.held >= 0n)
      for (const order of [operation, ...orders]) {
        assert.equal(order.askAt !== null, order.state === 'intent' || order.state === 'unknown')
      }
      const settling = orders.filter(({ final, state }) => final && state !== 'failed')
      assert.ok(settling.length <= 1, 'a void and a capture exclude each other')
      const numbers = orders.map(({ kind, sequence }) => `${kind} ${sequence}`)
      assert.equal(new Set(numbers).size, numbers.length)
      assert.equal(new Set(refunds.map(({ id }) => id)).size, refunds.length)
    })
  })
})

test('whatever comes: every row that changed has the next version, every other its own', () => {
  property((start, history) => {
    play(start, history, ({ before, after }) => {
      // A refund and its order share their id.
      const known = new Map(rowsOf(before))
      for (const [name, row] of rowsOf(after)) {
        const earlier = known.get(name)
        if (row !== earlier) assert.equal(row.version, (earlier?.version ?? 0) + 1)
      }
      if (after.orders !== before.orders || after.refunds !== before.refunds) {
        assert.equal(after.charge.version, before.charge.version + 1, 'the charge stands for what hangs on it')
      }
    })
  })
})

test('whatever comes: the books add up to what the charge shows, and no cause books a line twice', () => {
  property((start, history) => {
    const balances = new Map<string, bigint>()
    const lines = new Set<string>()
    const last = play(start, history, ({ before, after, at }) => {
      for (const { debit, credit, amount, line, cause } of postingsFor(before, after, at)) {
        assert.ok(amount > 0n && debit !== credit && line > 0)
        assert.ok(!lines.has(`${cause} ${line}`), 'the line is taken')
        lines.add(`${cause} ${line}`)
        balances.set(debit, (balances.get(debit) ?? 0n) + amount)
        balances.set(credit, (balances.get(credit) ?? 0n) - amount)
      }
    })
    const { held, captured, refunded } = last.charge
    assert.equal(balances.get('authorized') ?? 0n, held)
    assert.equal(balances.get('sales') ?? 0n, -captured)
    assert.equal(balances.get('receivable') ?? 0n, captured - refunded)
    assert.equal(
      [...balances.values()].reduce((sum, amount) => sum + amount, 0n),
      0n,
    )
  })
})

test('whatever is refunded by us was captured, and what was promised to one is promised to nobody else', () => {
  property((start, history) => {
    play(start, history, ({ before, after }) => {
      const ours = sumRefunds(after.refunds).ordered
      if (ours > sumRefunds(before.refunds).ordered) {
        const { elsewhere } = sumRefunds(after.refunds)
        const revived = after.refunds.some(
          ({ id, state }) => state !== 'failed' && before.refunds.find((one) => one.id === id)?.state === 'failed',
        )
        assert.ok(revived || ours + elsewhere <= after.charge.captured)
      }
    })
  })
})

test('money on a charge that was closed is on its way back in the same decision', () => {
  property((start, history) => {
    play(start, history, ({ after: { charge, orders, refunds } }) => {
      if (charge.state !== 'surplus') return
      const { ordered, elsewhere } = sumRefunds(refunds)
      const givenUp = orders.filter(({ state }) => state === 'failed').length >= 3
      assert.ok(givenUp || charge.captured <= ordered + elsewhere, 'captured money is ordered back')
      const released = charge.held === 0n || orders.some(({ kind, state }) => kind === 'void' && state !== 'failed')
      assert.ok(givenUp || charge.captured > 0n || released, 'held money is ordered free')
    })
  })
})

test('whatever comes: events are told only of a change, and an outcome only once', () => {
  property((start, history) => {
    const told: string[] = []
    play(start, history, ({ before, after, tell }) => {
      if (tell.length > 0) assert.equal(after.payment.version, before.payment.version + 1, 'events have a place')
      told.push(...tell)
    })
    const once = ['charge.succeeded', 'charge.failed', 'charge.captured', 'payment_intent.succeeded', 'charge.expired']
    for (const type of [...once, 'payment_intent.canceled']) {
      assert.ok(told.filter((one) => one === type).length <= 1, `${type} in ${told.join(' ')}`)
    }
    assert.ok(told.filter((type) => type.startsWith('checkout.session.')).length <= 1)
  })
})

test('whatever comes: what was heard before changes nothing when it is heard again', () => {
  fc.assert(
    fc.property(begun, fc.array(steps, { maxLength: 8 }), seen, sent, (start, history, what, how) => {
      const attempt = play(start, history, () => {})
      const news = heard(what, { sent: how, about: attempt.operation.id })
      const means = meansAt(100 * HOUR)
      const once = settle(attempt, news, means)
      if (once !== 'known') assert.equal(settle(once.attempt, news, means), 'known')
    }),
    { numRuns: 1000 },
  )
})

const moved = (attempt: Attempt, news: News, afterMs = 0) => {
  const settled = settle(attempt, news, meansAt(afterMs))
  if (settled === 'known') throw new Error('nothing new')
  return { attempt: settled.attempt, tell: settled.tell.map(({ type }) => type) }
}
const PAID = heard(seenAs('captured'))
const HELD = heard(seenAs('authorized'))
const declined = (code = 'do_not_honor') => heard(seenAs('declined', { decline: { code } }))
const closedByAbsence = () => {
  const begun = attemptBegun()
  return moved(begun, heard('absent', { sent: 'refused', about: begun.operation.id })).attempt
}

test('late money on an earlier charge is its surplus, goes back, and does not undo the payment that succeeded', () => {
  const first = closedByAbsence()
  const second = moved(nextAttempt(first), PAID).attempt
  const late = moved({ ...first, session: second.session, payment: second.payment }, PAID)
  assert.equal(late.attempt.charge.state, 'surplus')
  assert.equal(late.attempt.payment.state, 'succeeded')
  assert.equal(late.attempt.session, second.session)
  assert.deepEqual(
    late.attempt.refunds.map(({ origin, amount, state }) => [origin, amount, state]),
    [['surplus', AMOUNT, 'requested']],
  )
  assert.deepEqual(late.tell, ['charge.updated', 'refund.created'])
})

test('a hold that comes late is released', () => {
  const { attempt } = moved(closedByAbsence(), HELD)
  assert.deepEqual([attempt.charge.state, attempt.charge.held], ['surplus', AMOUNT])
  assert.deepEqual(
    attempt.orders.map(({ kind, final, amount, askAt }) => [kind, final, amount, askAt]),
    [['void', true, AMOUNT, NOW]],
  )
  const released = moved(attempt, heard(seenAs('voided')))
  assert.deepEqual([released.attempt.charge.held, released.attempt.orders[0]?.state], [0n, 'succeeded'])
  assert.deepEqual(released.tell, ['charge.refunded'])
})

for (const [name, seen] of [
  ['one cent of a capture', seenAs('captured', { authorized: 1n, captured: 1n })],
  ['a capture of nothing', seenAs('captured', { captured: 0n })],
  ['one cent too little', seenAs('captured', { captured: AMOUNT - 1n })],
  ['a hold of less', seenAs('authorized', { authorized: AMOUNT - 1n })],
] as const) {
  test(`${name} completes nothing: said twice, a person must look`, () => {
    const first = moved(attemptBegun(), heard(seen))
    assert.deepEqual([first.attempt.charge.state, first.attempt.charge.captured, first.tell], ['intent', 0n, []])
    const { attempt, tell } = moved(first.attempt, heard(seen), 10_000)
    assert.equal(attempt.charge.state, 'needs_review')
    assert.equal(attempt.session?.state, 'processing')
    assert.equal(attempt.payment.state, 'processing')
    assert.equal(attempt.charge.captured, seen.captured, 'what was seen is recorded')
    assert.deepEqual(tell, ['charge.updated'])
  })
}

test('a hold that is captured later is news about the payment, not a second success of the charge', () => {
  const first = moved(attemptBegun(undefined, { captureNow: false }), HELD)
  const success = ['charge.succeeded', 'payment_intent.amount_capturable_updated', 'checkout.session.completed']
  assert.deepEqual(first.tell, success)
  const strange = moved(first.attempt, PAID).attempt
  const { attempt, tell } = moved(strange, PAID, 10_000)
  assert.deepEqual(tell, ['charge.captured', 'payment_intent.succeeded', 'charge.updated'])
  assert.equal(attempt.charge.captureOrdered, AMOUNT, 'a capture made elsewhere can be refunded')
})

test('a hold that somebody released cancels the payment, and ends a session that still waited', () => {
  const begun = attemptBegun()
  const waiting = moved(begun, heard('lost', { sent: 'lost', about: begun.operation.id })).attempt
  const { attempt, tell } = moved(waiting, heard(seenAs('voided')))
  assert.deepEqual([attempt.payment.state, attempt.payment.canceledAt], ['canceled', NOW])
  assert.equal(attempt.session?.state, 'failed')
  assert.deepEqual(tell, ['payment_intent.canceled', 'checkout.session.expired'])
})

test('a hold that ran out is told as such, by nobody’s choice', () => {
  const { attempt } = moved(attemptBegun(undefined, { captureNow: false }), HELD)
  const gone = moved(attempt, heard(seenAs('expired')))
  assert.deepEqual(gone.tell, ['charge.expired', 'payment_intent.canceled'])
  assert.deepEqual([gone.attempt.charge.state, gone.attempt.payment.cancellationReason], ['voided', 'automatic'])
  assert.equal(gone.attempt.session?.state, 'complete')
})

test('success within the grace completes the session, later it is surplus and the session opens to be closed', () => {
  const begun = attemptBegun()
  const end = (begun.session?.expiresAt.getTime() ?? 0) - NOW.getTime()
  assert.equal(moved(begun, PAID, end + 15 * MINUTE).attempt.session?.state, 'complete')
  const { attempt, tell } = moved(begun, PAID, end + 15 * MINUTE + 1)
  assert.deepEqual([attempt.charge.state, attempt.session?.state], ['surplus', 'processing'])
  assert.deepEqual([attempt.payment.state, attempt.payment.reserved], ['processing', 0n])
  assert.deepEqual(tell, ['charge.updated', 'refund.created'])
  const [refund] = attempt.refunds
  const reference = refund ? nameOf('refund', refund.tenant, refund.id) : null
  const back = { reference, providerId: 'rfnd_1', amount: AMOUNT, status: 'pending' } as const
  const returned = moved(attempt, heard(seenAs('captured', { refunds: [back] })), end + 16 * MINUTE)
  assert.deepEqual(
    [returned.attempt.session?.state, returned.attempt.payment.state],
    ['open', 'requires_payment_method'],
  )
  assert.deepEqual(returned.tell, ['charge.refunded', 'payment_intent.payment_failed'])
})

test('a bank that is at work for thirty days has said nothing: a person must look, and evidence still ends it', () => {
  const DAY = 24 * HOUR
  for (const state of ['waiting', 'requires_action'] as const) {
    const waits = moved(attemptBegun(), heard(seenAs(state))).attempt
    const before = settle(waits, heard(seenAs(state)), meansAt(30 * DAY - 1))
    assert.ok(before === 'known' || before.attempt.charge.state !== 'needs_review')
    const { attempt } = moved(waits, heard(seenAs(state)), 30 * DAY)
    assert.deepEqual([attempt.charge.state, attempt.operation.askAt], ['needs_review', null])
    assert.equal(settle(attempt, heard(seenAs(state)), meansAt(31 * DAY)), 'known')
    assert.equal(moved(attempt, declined(), 32 * DAY).attempt.charge.state, 'declined')
  }
})

test('a refund that is pending for thirty days is for a person, and keeps its money', () => {
  const DAY = 24 * HOUR
  const paid = moved(attemptBegun(), PAID).attempt
  const ordered = decideRefund(paid, { amount: 300n, document: {} }, meansAt(0))
  if ('code' in ordered || !ordered.refund) throw new Error('refused')
  const { tenant, id } = ordered.refund
  const own = {
    reference: nameOf('refund', tenant, id),
    providerId: 'rfnd_1',
    amount: 300n,
    status: 'pending',
  } as const
  const seen = heard(seenAs('captured', { refunds: [own] }))
  const pending = moved(ordered.attempt, seen).attempt
  assert.equal(pending.refunds[0]?.state, 'pending')
  const { attempt } = moved(pending, seen, 30 * DAY)
  assert.deepEqual([attempt.refunds[0]?.state, attempt.charge.refundOrdered], ['needs_review', 300n])
  assert.equal(settle(attempt, seen, meansAt(30 * DAY)), 'known')
  const done = heard(seenAs('captured', { refunds: [{ ...own, status: 'succeeded' }] }))
  assert.equal(moved(attempt, done, 31 * DAY).attempt.refunds[0]?.state, 'succeeded')
})

test('the last try ends the session, any other decline opens it again', () => {
  assert.equal(moved(attemptBegun(undefined, { tries: 4 }), declined()).attempt.session?.state, 'open')
  assert.equal(moved(attemptBegun(undefined, { tries: 5 }), declined()).attempt.session?.state, 'failed')
})

test('evidence against evidence is kept once and followed by nothing', () => {
  const paid = moved(attemptBegun(), PAID).attempt
  const { attempt, tell } = moved(paid, heard(seenAs('voided')))
  assert.deepEqual(attempt.charge.document.contradiction, { seen: 'voided', at: NOW.toISOString() })
  assert.deepEqual([attempt.charge.state, attempt.payment.state, tell], ['captured', 'succeeded', []])
  assert.equal(settle(attempt, heard(seenAs('voided')), meansAt(HOUR)), 'known')
})

test('what nobody knows after thirty days is for a person; evidence still decides it then', () => {
  const begun = attemptBegun()
  const asked = heard('lost', { about: begun.operation.id })
  const day = 24 * HOUR
  assert.equal(settle({ ...begun, operation: { ...begun.operation, asked: 1 } }, asked, meansAt(30 * day - 1)), 'known')
  const { attempt } = moved(begun, asked, 30 * day)
  assert.deepEqual([attempt.charge.state, attempt.operation.state], ['needs_review', 'needs_review'])
  const after = moved(attempt, declined(), 31 * day).attempt
  assert.deepEqual([after.charge.state, after.operation.state], ['declined', 'failed'])
})
