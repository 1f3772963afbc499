import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attemptBegun, NOW, nextAttempt } from '../../test/support/records.ts'
import { CHARGE_MACHINE, type ChargeEvent, isLiveCharge } from './charge-machine.ts'
import { postingsFor } from './posting.ts'
import { paymentStatusOf } from './session.ts'
import { type Attempt, type Fact, nextAsk, settle } from './settlement.ts'

const AMOUNT = 2400n
const EVENTS = Object.keys(CHARGE_MACHINE.intent) as ChargeEvent[]
const sums = fc.constantFrom(0n, 1n, 2399n, AMOUNT, 5000n)
const facts: fc.Arbitrary<Fact> = fc.record(
  {
    event: fc.constantFrom(...EVENTS),
    providerId: fc.constantFrom('auth_1', 'auth_2'),
    authorized: sums,
    captured: sums,
    refunded: sums,
    decline: fc.constant({ code: 'insufficient_funds' }),
    hard: fc.boolean(),
  },
  { requiredKeys: ['event'] },
)
const begun = fc
  .record({ maxTries: fc.integer({ min: 1, max: 3 }), captureNow: fc.boolean() })
  .map((choice) => attemptBegun(undefined, choice))

function fold(
  start: Attempt,
  told: readonly Fact[],
  each: (before: Attempt, after: Attempt, tell: readonly string[]) => void,
) {
  let attempt = start
  for (const fact of told) {
    const settled = settle(attempt, fact, NOW)
    if (typeof settled === 'string') continue
    each(attempt, settled.attempt, settled.tell)
    attempt = settled.attempt
  }
  return attempt
}

const property = (check: (start: Attempt, told: readonly Fact[]) => void) =>
  fc.assert(fc.property(begun, fc.array(facts, { maxLength: 8 }), check), { numRuns: 500 })

test('whatever comes in whatever order: a complete session has its money, and keeps it', () => {
  property((start, told) => {
    fold(start, told, (before, after) => {
      if (after.session?.state === 'complete' && before.session?.state !== 'complete') {
        const { state, authorized, captured } = after.charge
        assert.ok((state === 'captured' && captured > 0n) || (state === 'authorized' && authorized >= AMOUNT))
        if (start.charge.captureOrdered > 0n && state === 'captured') {
          assert.equal(paymentStatusOf(after.session, captured), 'paid')
        }
      }
      if (before.session?.state === 'complete') assert.equal(after.session?.state, 'complete')
      assert.ok(after.charge.captured >= before.charge.captured, 'captured money does not shrink')
      if (before.charge.state === 'captured') assert.fail('a captured charge was moved by a fact')
    })
  })
})

test('whatever comes: the rows are such as the database takes', () => {
  property((start, told) => {
    fold(start, told, (before, { session, payment, charge, operation }) => {
      assert.ok(payment.reserved >= 0n && payment.reserved <= payment.amount)
      assert.equal(payment.reserved > 0n, isLiveCharge(charge.state))
      assert.equal(payment.canceledAt !== null, payment.state === 'canceled')
      assert.equal(payment.cancellationReason !== null, payment.canceledAt !== null)
      assert.equal(operation.askAt !== null, operation.state === 'intent' || operation.state === 'unknown')
      assert.equal(session?.completedAt !== null, session?.state === 'complete')
      assert.deepEqual(
        [charge.version, payment.version, operation.version],
        [before.charge.version + 1, before.payment.version + 1, before.operation.version + 1],
      )
      const moved = session?.state !== before.session?.state
      assert.equal(session?.version, (before.session?.version ?? 0) + (moved ? 1 : 0))
    })
  })
})

test('whatever comes: the books add up to what the charge shows, and no cause books a line twice', () => {
  property((start, told) => {
    const balances = new Map<string, bigint>()
    const lines = new Set<number>()
    const last = fold(start, told, (before, after) => {
      for (const { debit, credit, amount, line } of postingsFor(before.charge, after.charge, after.operation.id, NOW)) {
        assert.ok(amount > 0n && debit !== credit)
        assert.ok(!lines.has(line), 'the line is taken')
        lines.add(line)
        balances.set(debit, (balances.get(debit) ?? 0n) + amount)
        balances.set(credit, (balances.get(credit) ?? 0n) - amount)
      }
    })
    const { state, authorized, captured, refunded } = last.charge
    const held = state === 'authorized' && authorized > captured ? authorized - captured : 0n
    assert.equal(balances.get('authorized') ?? 0n, held)
    assert.equal(balances.get('sales') ?? 0n, -captured)
    assert.equal(balances.get('receivable') ?? 0n, captured - refunded)
    assert.equal(
      [...balances.values()].reduce((sum, amount) => sum + amount, 0n),
      0n,
    )
  })
})

test('whatever comes: events are told only of a change, and never the same news twice', () => {
  property((start, told) => {
    const heard: string[] = []
    fold(start, told, (before, after, tell) => {
      if (tell.length > 0) assert.notEqual(after.charge.state, before.charge.state)
      heard.push(...tell)
    })
    for (const type of ['charge.succeeded', 'charge.failed', 'payment_intent.succeeded', 'payment_intent.canceled']) {
      assert.ok(heard.filter((one) => one === type).length <= 1, `${type} in ${heard.join(' ')}`)
    }
    assert.ok(heard.filter((type) => type.startsWith('checkout.session.')).length <= 1)
  })
})

test('whatever comes: a fact that was applied changes nothing when it comes again', () => {
  property((start, told) => {
    told.reduce((attempt, fact) => {
      const settled = settle(attempt, fact, NOW)
      if (typeof settled === 'string') return attempt
      assert.equal(typeof settle(settled.attempt, fact, NOW), 'string')
      return settled.attempt
    }, start)
  })
})

const paid = (amount = AMOUNT): Fact => ({ event: 'captured', authorized: amount, captured: amount, refunded: 0n })
const held = (amount = AMOUNT): Fact => ({ event: 'authorized', authorized: amount, captured: 0n, refunded: 0n })
const moved = (attempt: Attempt, fact: Fact) => {
  const settled = settle(attempt, fact, NOW)
  if (typeof settled === 'string') throw new Error(settled)
  return settled
}

test('late money on an earlier charge is its surplus, and does not undo the payment that succeeded', () => {
  const first = moved(attemptBegun(), { event: 'absent', decline: { code: 'processing_error' } }).attempt
  const second = moved(nextAttempt(first), paid()).attempt
  const late = moved({ ...first, session: second.session, payment: second.payment }, paid())
  assert.equal(late.attempt.charge.state, 'surplus')
  assert.equal(late.attempt.payment, second.payment)
  assert.equal(late.attempt.session, second.session)
  assert.deepEqual(late.tell, [])
})

for (const [name, fact] of [
  ['one cent of a capture', paid(1n)],
  ['a capture of nothing', paid(0n)],
  ['one cent too little', paid(AMOUNT - 1n)],
  ['a hold of less', held(AMOUNT - 1n)],
  ['a capture without an amount', { event: 'captured' }],
] as const) {
  test(`${name} completes nothing: a person must look`, () => {
    const { attempt, tell } = moved(attemptBegun(), fact)
    assert.equal(attempt.charge.state, 'needs_review')
    assert.equal(attempt.session?.state, 'processing')
    assert.equal(attempt.payment.state, 'processing')
    assert.equal(attempt.charge.captured, fact.captured ?? 0n, 'what was seen is recorded')
    assert.deepEqual(tell, [])
  })
}

test('a hold that is captured later is news about the payment, not a second success of the charge', () => {
  const first = moved(attemptBegun(undefined, { captureNow: false }), held())
  assert.deepEqual(first.tell, [
    'charge.succeeded',
    'payment_intent.amount_capturable_updated',
    'checkout.session.completed',
  ])
  assert.deepEqual(moved(first.attempt, paid()).tell, ['payment_intent.succeeded'])
})

test('a hold that somebody released cancels the payment, and ends a session that still waited', () => {
  const waiting = moved(attemptBegun(), { event: 'lost' }).attempt
  const { attempt, tell } = moved(waiting, { event: 'voided' })
  assert.deepEqual([attempt.payment.state, attempt.payment.canceledAt], ['canceled', NOW])
  assert.equal(attempt.session?.state, 'failed')
  assert.deepEqual(tell, ['payment_intent.canceled', 'checkout.session.expired'])
})

test('the last try and a hard decline end the session, any other decline opens it again', () => {
  const declined: Fact = { event: 'declined', decline: { code: 'do_not_honor' } }
  assert.equal(moved(attemptBegun(undefined, { tries: 4 }), declined).attempt.session?.state, 'open')
  assert.equal(moved(attemptBegun(undefined, { tries: 5 }), declined).attempt.session?.state, 'failed')
  assert.equal(moved(attemptBegun(), { ...declined, hard: true }).attempt.session?.state, 'failed')
})

test('questions are asked with growing pauses, and for ever', () => {
  const pauses = Array.from({ length: 20 }, (_, asked) => nextAsk(asked, NOW).getTime() - NOW.getTime())
  assert.deepEqual(pauses.slice(0, 4), [2000, 5000, 10_000, 30_000])
  for (const [index, pause] of pauses.entries()) assert.ok(pause >= (pauses[index - 1] ?? 0))
  assert.equal(pauses.at(-1), 3_600_000)
})
