import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import {
  assertSameBooks,
  atTheBank,
  callOf,
  codeOf,
  elsewhere,
  GOOD,
  heldPayment,
  paidPayment,
  paymentIn,
  refundIn,
  storedAttempt,
  toldOf,
} from '../../test/support/orders.ts'
import { atBank, confirmInput, payAndWait, viewOf } from '../../test/support/paying.ts'
import { authorizationBody } from '../../test/support/sandbox-bank.ts'
import { startTestTill } from '../../test/support/till.ts'
import { nameOf } from '../core/ids.ts'
import type { Fault, FaultPoint } from '../sandbox-bank/faults.ts'
import { expireDueSessions } from './close-session.ts'
import { beginAttempt } from './confirm.ts'
import { lookAgain } from './look-again.ts'
import { observeCharge } from './observe-charge.ts'
import { requestCapture } from './order-capture.ts'
import { requestRefund } from './order-refund.ts'
import { cancelPayment } from './order-void.ts'
import type { Payments } from './pay.ts'
import { sweepOrders } from './sweep.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const env = testEnv()
/** What happens to orders, and what to questions; everything else works. */
let faults: { readonly method: string; readonly at: FaultPoint; readonly is: Fault }[] = []
let orders = 0
const till = await startTestTill(import.meta.url, {
  env,
  faults: async (point, { method }) => {
    if (method === 'POST' && point === 'before_book') orders += 1
    return faults.find((one) => one.at === point && one.method === method)?.is
  },
})
after(till.stop)
beforeEach(() => {
  faults = []
  orders = 0
})
afterEach(() => assertSameBooks(till))
const hasty = atBank(till)
/** The bank does what it is told and nobody hears of it. */
const DEAF: typeof faults = [
  { method: 'POST', at: 'after_book', is: 'reset' },
  { method: 'GET', at: 'before_answer', is: 'reset' },
]
const sweepAfter = async (ms: number, payments: Payments = hasty.payments): Promise<void> => {
  await env.advance(ms)
  await sweepOrders(payments)
}
const lookAtAll = async (): Promise<void> => {
  while ((await lookAgain(hasty.payments)) > 0);
}

test('a capture whose answer is lost is asked about in the same breath', async () => {
  const { payment } = await heldPayment(till)
  faults = [{ method: 'POST', at: 'after_book', is: 'reset' }]
  assert.equal(paymentIn(await requestCapture(hasty.payments, callOf(till), payment.id)).state, 'succeeded')
})

test('a capture that nothing is heard of is doubt: nothing else is ordered until it is known', async () => {
  const { payment, charge } = await heldPayment(till)
  faults = DEAF
  const call = callOf(till, 'doubt-1')
  const answer = paymentIn(await requestCapture(hasty.payments, call, payment.id, 1000n))
  assert.equal(answer.state, 'processing', 'neither capturable nor over')
  assert.equal((await storedAttempt(till, charge.id)).orders[0]?.state, 'unknown')
  for (const refused of [
    requestCapture(hasty.payments, callOf(till), payment.id),
    cancelPayment(hasty.payments, callOf(till), payment.id),
    requestRefund(hasty.payments, callOf(till), { paymentId: payment.id }),
  ]) {
    assert.equal(codeOf(await refused), 'charge_unknown')
  }
  assert.equal(paymentIn(await requestCapture(hasty.payments, call, payment.id, 1000n)).state, 'processing')
  faults = []
  await sweepAfter(3000)
  const { charge: left } = await storedAttempt(till, charge.id)
  assert.deepEqual([left.state, left.captured], ['captured', 1000n])
  const after = await requestCapture(hasty.payments, call, payment.id, 1000n)
  assert.equal(paymentIn(after).state, 'succeeded', 'the first definite outcome is the answer from now on')
  assert.equal((await atTheBank(till, charge)).captured_amount, 1000)
})

for (const is of ['silence', 'reset', { status: 500 }, { status: 429 }] as const) {
  test(`orders that met ${JSON.stringify(is)} before the bank booked them are sent again under their own key`, async () => {
    const held = await heldPayment(till)
    const free = await heldPayment(till)
    const paid = await paidPayment(till)
    faults = [{ method: 'POST', at: 'before_book', is }]
    await requestCapture(hasty.payments, callOf(till), held.payment.id)
    await cancelPayment(hasty.payments, callOf(till), free.payment.id, 'duplicate')
    const refund = refundIn(
      await requestRefund(hasty.payments, callOf(till), { chargeId: paid.charge.id, amount: 300n }),
    )
    assert.equal(refund.state, 'requested')
    assert.equal((await storedAttempt(till, paid.charge.id)).charge.refundOrdered, 300n, 'it counts at once')
    faults = []
    await sweepAfter(3000)
    const states = await Promise.all([held, free, paid].map(({ charge }) => storedAttempt(till, charge.id)))
    assert.deepEqual(
      states.map(({ charge, orders: [order] }) => [charge.state, order?.state]),
      [
        ['captured', 'succeeded'],
        ['voided', 'succeeded'],
        ['captured', 'succeeded'],
      ],
    )
    assert.equal(states[1]?.payment.cancellationReason, 'duplicate')
    assert.equal(states[2]?.refunds[0]?.state, 'succeeded')
    assert.equal((await atTheBank(till, paid.charge)).refunded_amount, 300)
  })
}

for (const is of ['unreadable', 'contradictory', 'reset_after_first_byte', 'twice'] as const) {
  test(`answers that are ${is} never move money twice, and end in what the bank's books say`, async () => {
    const held = await heldPayment(till)
    const free = await heldPayment(till)
    const paid = await paidPayment(till)
    faults = ['POST', 'GET'].map((method) => ({ method, at: 'before_answer', is }))
    await requestCapture(hasty.payments, callOf(till), held.payment.id, 700n)
    await cancelPayment(hasty.payments, callOf(till), free.payment.id)
    await requestRefund(hasty.payments, callOf(till), { chargeId: paid.charge.id, amount: 300n })
    await sweepAfter(3000)
    faults = []
    await sweepAfter(MINUTE)
    const states = await Promise.all([held, free, paid].map(({ charge }) => storedAttempt(till, charge.id)))
    assert.deepEqual(
      states.map(({ charge }) => [charge.state, charge.captured, charge.refunded, charge.held]),
      [
        ['captured', 700n, 0n, 0n],
        ['voided', 0n, 0n, 0n],
        ['captured', 2400n, 300n, 0n],
      ],
    )
    assert.ok(states.every(({ orders: made }) => made.length === 1 && made[0]?.state === 'succeeded'))
  })
}

test('lost answers and repeated keys: one booking, whatever is asked again', async () => {
  const paid = await paidPayment(till)
  faults = DEAF
  const call = callOf(till, 'doubt-2')
  const input = { chargeId: paid.charge.id, amount: 500n }
  const first = refundIn(await requestRefund(hasty.payments, call, input))
  assert.equal(first.state, 'requested')
  assert.deepEqual(refundIn(await requestRefund(hasty.payments, call, input)).id, first.id)
  assert.equal(codeOf(await requestRefund(hasty.payments, callOf(till, 'doubt-3'), input)), 'charge_unknown')
  for (let round = 0; round < 4; round++) await sweepAfter(3000 * 4 ** round)
  faults = []
  await sweepAfter(10 * MINUTE)
  const done = refundIn(await requestRefund(hasty.payments, call, input))
  assert.deepEqual([done.id, done.state], [first.id, 'succeeded'])
  assert.equal((await atTheBank(till, paid.charge)).refunded_amount, 500)
  assert.equal(refundIn(await requestRefund(hasty.payments, callOf(till, 'doubt-3'), input)).state, 'succeeded')
})

test('an order of a process that died is driven by another, and its key reads how things stand', async () => {
  const { payment, charge } = await heldPayment(till)
  const dying: Payments = {
    ...hasty.payments,
    outside: { ...hasty.payments.outside, http: () => new Promise(() => {}) },
  }
  const call = callOf(till, 'doubt-4')
  void requestCapture(dying, call, payment.id)
  const committed = async () => (await storedAttempt(till, charge.id)).orders.length === 1
  while (!(await committed())) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(codeOf(await requestCapture(hasty.payments, call, payment.id)), 'idempotency_key_in_use')
  await sweepAfter(59_000)
  assert.equal((await storedAttempt(till, charge.id)).charge.state, 'authorized', 'its own request may still be at it')
  await env.advance(2000)
  assert.equal(paymentIn(await requestCapture(hasty.payments, call, payment.id)).state, 'requires_capture')
  await sweepOrders(hasty.payments)
  assert.equal(paymentIn(await requestCapture(hasty.payments, call, payment.id)).state, 'succeeded')
  assert.equal(orders, 2, 'the authorization and one capture')
})

test('once the bank forgets keys an order is only looked for, and closed after two looks that found nothing', async () => {
  const held = await heldPayment(till)
  const paid = await paidPayment(till)
  faults = [{ method: 'POST', at: 'before_book', is: 'silence' }]
  await requestCapture(hasty.payments, callOf(till), held.payment.id)
  await requestRefund(hasty.payments, callOf(till), { chargeId: paid.charge.id, amount: 300n })
  orders = 0
  faults = []
  await sweepAfter(25 * 60 * MINUTE)
  assert.equal(orders, 0)
  assert.equal((await storedAttempt(till, held.charge.id)).orders[0]?.state, 'unknown')
  await sweepAfter(2 * 60 * MINUTE)
  const capture = await storedAttempt(till, held.charge.id)
  assert.deepEqual(
    [capture.orders[0]?.state, capture.charge.captureOrdered, capture.payment.state],
    ['failed', 0n, 'requires_capture'],
  )
  assert.equal((await toldOf(till, held.payment.id)).at(-1), 'payment_intent.amount_capturable_updated')
  const refund = await storedAttempt(till, paid.charge.id)
  assert.deepEqual([refund.refunds[0]?.state, refund.charge.refundOrdered], ['failed', 0n])
  assert.equal(paymentIn(await requestCapture(hasty.payments, callOf(till), held.payment.id)).state, 'succeeded')
})

test('what stays undecided for thirty days is for a person, and visible as doubt; evidence still ends it', async () => {
  const paid = await paidPayment(till)
  faults = DEAF
  await requestRefund(hasty.payments, callOf(till), { chargeId: paid.charge.id, amount: 300n })
  for (let day = 0; day <= 31; day++) await sweepAfter(DAY)
  const left = await storedAttempt(till, paid.charge.id)
  assert.deepEqual(
    [left.orders[0]?.state, left.orders[0]?.askAt, left.refunds[0]?.state],
    ['needs_review', null, 'needs_review'],
  )
  assert.equal(left.charge.refundOrdered, 300n, 'nobody else may have its money')
  assert.equal(
    codeOf(await requestRefund(hasty.payments, callOf(till), { chargeId: paid.charge.id })),
    'charge_unknown',
  )
  faults = []
  assert.equal(await sweepOrders(hasty.payments), 0, 'nobody asks any more')
  await observeCharge(hasty.payments, till.caller.tenant, paid.charge.id)
  const known = await storedAttempt(till, paid.charge.id)
  assert.deepEqual([known.orders[0]?.state, known.refunds[0]?.state], ['succeeded', 'succeeded'])
})

/** A charge that is closed because the bank has no record of it; whoever holds the order back may still deliver it. */
async function closedByAbsence(captureMethod: 'automatic' | 'manual') {
  const session = await till.openSession({ paymentTemplate: { captureMethod } })
  const begun = await beginAttempt(hasty.payments, await confirmInput(hasty, session, GOOD))
  if (begun.is !== 'begun') throw new Error(begun.is)
  await sweepAfter(20 * MINUTE)
  await sweepAfter(2 * MINUTE)
  const attempt = await storedAttempt(till, begun.attempt.charge.id)
  assert.deepEqual([attempt.charge.state, attempt.session?.state], ['failed', 'open'])
  return { session, attempt }
}

for (const captureMethod of ['automatic', 'manual'] as const) {
  test(`money that arrives after the charge was closed (${captureMethod}) goes back, at the bank too, and is told`, async () => {
    const { session, attempt } = await closedByAbsence(captureMethod)
    const paid = await payAndWait(
      hasty.payments,
      await confirmInput(hasty, (await viewOf(till, session)).session, GOOD),
    )
    assert.equal(paid.session?.state, 'complete')
    await deliverLate(attempt, captureMethod === 'automatic')
    await env.advance(DAY)
    await lookAtAll()
    assert.equal((await storedAttempt(till, attempt.charge.id)).charge.state, 'surplus')
    await sweepOrders(hasty.payments)
    const { charge, payment, orders: back } = await storedAttempt(till, attempt.charge.id)
    assert.deepEqual([charge.held, charge.captured - charge.refunded], [0n, 0n])
    assert.deepEqual(
      back.map(({ kind, state }) => [kind, state]),
      [[captureMethod === 'automatic' ? 'refund' : 'void', 'succeeded']],
    )
    const bank = await atTheBank(till, charge)
    assert.equal(bank.captured_amount - bank.refunded_amount, 0)
    assert.equal(payment.state, captureMethod === 'automatic' ? 'succeeded' : 'requires_capture')
    const told = await toldOf(till, payment.id)
    assert.ok(told.includes('charge.updated') && told.includes('charge.refunded'))
    assert.equal(await lookAgain(hasty.payments), 0)
    assert.equal((await storedAttempt(till, paid.charge.id)).payment.state, payment.state)
  })
}

/** The order reaches the bank at last, as it was written. */
async function deliverLate({ charge }: Awaited<ReturnType<typeof storedAttempt>>, capture: boolean): Promise<void> {
  const reference = nameOf('charge', charge.tenant, charge.id)
  const body = authorizationBody({ reference, amount: Number(charge.amount), capture })
  const answer = await till.bank.send('POST', '/v1/authorizations', body, { merchant: `t${charge.tenant}` })
  assert.equal(answer.status, 201)
}

test('a payment begun in time may finish within the grace; later its money goes back and the session is over', async () => {
  const begin = async (graceMs: number) => {
    const session = await till.openSession()
    faults = DEAF
    const { charge } = await payAndWait(hasty.payments, await confirmInput(hasty, session, GOOD))
    await env.advance(session.expiresAt.getTime() - env.now().getTime() + graceMs)
    assert.equal(await expireDueSessions(till.payments), 0, 'a session that is being paid does not expire')
    faults = []
    await sweepOrders(hasty.payments)
    return { session, charge }
  }
  const inGrace = await begin(15 * MINUTE)
  assert.equal((await viewOf(till, inGrace.session)).session.state, 'complete')
  const late = await begin(15 * MINUTE + 1)
  assert.equal((await storedAttempt(till, late.charge.id)).charge.state, 'surplus')
  assert.equal(await expireDueSessions(till.payments), 0, 'its money is still taken')
  await sweepOrders(hasty.payments)
  assert.equal(await expireDueSessions(till.payments), 1)
  const { session, payment, charge } = await storedAttempt(till, late.charge.id)
  assert.deepEqual([session?.state, payment.state, charge.refunded], ['expired', 'canceled', 2400n])
  const told = await toldOf(till, payment.id)
  for (const type of ['charge.updated', 'refund.created', 'charge.refunded', 'checkout.session.expired']) {
    assert.ok(told.includes(type), `${type} is told`)
  }
})

test('a hold that somebody released is noticed when its week is over', async () => {
  const { charge, payment } = await heldPayment(till)
  await elsewhere(till, charge, 'voids')
  await env.advance(7 * DAY + 2 * MINUTE)
  await lookAtAll()
  const left = await storedAttempt(till, charge.id)
  assert.deepEqual([left.charge.state, left.payment.state], ['voided', 'canceled'])
  assert.equal((await toldOf(till, payment.id)).at(-1), 'payment_intent.canceled')
})

test('a payment that nobody decides for thirty days is for a person; what the bank says after all still counts', async () => {
  faults = DEAF
  const session = await till.openSession()
  const { charge } = await payAndWait(hasty.payments, await confirmInput(hasty, session, GOOD))
  for (let day = 0; day <= 31; day++) await sweepAfter(DAY)
  const left = await storedAttempt(till, charge.id)
  assert.deepEqual([left.charge.state, left.payment.state], ['needs_review', 'processing'])
  faults = []
  await observeCharge(hasty.payments, till.caller.tenant, charge.id)
  await sweepAfter(MINUTE)
  const known = await storedAttempt(till, charge.id)
  assert.deepEqual([known.charge.state, known.charge.refunded, known.session?.state], ['surplus', 2400n, 'open'])
})
