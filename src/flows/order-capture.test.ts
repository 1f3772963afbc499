import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import {
  assertSameBooks,
  atTheBank,
  callOf,
  codeOf,
  elsewhere,
  heldPayment,
  paidPayment,
  paymentIn,
  storedAttempt,
  toldOf,
} from '../../test/support/orders.ts'
import { startTestTill } from '../../test/support/till.ts'
import { lookAgain } from './look-again.ts'
import { requestCapture } from './order-capture.ts'
import { cancelPayment } from './order-void.ts'

const env = testEnv()
const till = await startTestTill(import.meta.url, { env })
after(till.stop)
afterEach(() => assertSameBooks(till))
const HELD_NEWS = 4 // of the payment's creation, and of its hold

test('a hold is captured whole: the money is there, and the shop is told', async () => {
  const { payment, charge } = await heldPayment(till)
  const answer = await requestCapture(till.payments, callOf(till), payment.id)
  assert.equal(paymentIn(answer).state, 'succeeded')
  const after = await storedAttempt(till, charge.id)
  assert.deepEqual([after.charge.state, after.charge.captured, after.charge.held], ['captured', 2400n, 0n])
  assert.deepEqual(
    after.orders.map(({ kind, state, amount }) => [kind, state, amount]),
    [['capture', 'succeeded', 2400n]],
  )
  assert.deepEqual((await toldOf(till, payment.id)).slice(HELD_NEWS), ['charge.captured', 'payment_intent.succeeded'])
})

test('a part is captured once, and the rest is released', async () => {
  const { payment, charge } = await heldPayment(till)
  assert.equal(paymentIn(await requestCapture(till.payments, callOf(till), payment.id, 1000n)).state, 'succeeded')
  const { captured_amount: captured, released_amount: released } = await atTheBank(till, charge)
  assert.deepEqual([captured, released], [1000, 1400])
  const after = await storedAttempt(till, charge.id)
  assert.deepEqual([after.charge.captured, after.charge.held, after.charge.captureOrdered], [1000n, 0n, 1000n])
  assert.equal(codeOf(await requestCapture(till.payments, callOf(till), payment.id)), 'payment_intent_unexpected_state')
})

test('more than is held, nothing, and what is no hold are refused, and nothing is ordered', async () => {
  const held = await heldPayment(till)
  for (const amount of [2401n, 0n, -1n]) {
    const code = codeOf(await requestCapture(till.payments, callOf(till), held.payment.id, amount))
    assert.equal(code, 'amount_too_large')
  }
  const paid = await paidPayment(till)
  assert.equal(
    codeOf(await requestCapture(till.payments, callOf(till), paid.payment.id)),
    'payment_intent_unexpected_state',
  )
  const declined = await till.pay(await till.openSession(), '4000000000000002')
  assert.equal(
    codeOf(await requestCapture(till.payments, callOf(till), declined.payment.id)),
    'payment_intent_unexpected_state',
  )
  assert.equal(codeOf(await requestCapture(till.payments, callOf(till), held.charge.id)), 'resource_missing')
  assert.deepEqual((await storedAttempt(till, held.charge.id)).orders, [])
})

test('ten captures at once: one is accepted, at the bank too', async () => {
  const { payment, charge } = await heldPayment(till)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => requestCapture(till.payments, callOf(till), payment.id, 2400n)),
  )
  const codes = answers.map(codeOf)
  assert.equal(codes.filter((code) => code === 'ok').length, 1)
  assert.equal(codes.filter((code) => code === 'payment_intent_unexpected_state').length, 9)
  const after = await storedAttempt(till, charge.id)
  assert.deepEqual([after.orders.length, after.charge.captured], [1, 2400n])
})

test('of a capture and a void one is accepted, and the other is told', async () => {
  for (const _ of [1, 2, 3]) {
    const { payment, charge } = await heldPayment(till)
    const [capture, release] = await Promise.all([
      requestCapture(till.payments, callOf(till), payment.id),
      cancelPayment(till.payments, callOf(till), payment.id),
    ])
    assert.deepEqual([capture, release].map(codeOf).sort(), ['ok', 'payment_intent_unexpected_state'])
    const { charge: left, orders } = await storedAttempt(till, charge.id)
    assert.equal(left.state, capture.ok ? 'captured' : 'voided')
    assert.equal((await atTheBank(till, charge)).status, left.state)
    assert.equal(orders.length, 1, 'the loser has ordered nothing')
  }
})

test('a void cancels the payment for the shop’s own reason, and the money is free', async () => {
  const { payment, charge } = await heldPayment(till)
  const answer = await cancelPayment(till.payments, callOf(till), payment.id, 'requested_by_customer')
  const canceled = paymentIn(answer)
  assert.deepEqual([canceled.state, canceled.cancellationReason], ['canceled', 'requested_by_customer'])
  assert.deepEqual(
    [(await atTheBank(till, charge)).status, (await storedAttempt(till, charge.id)).charge.held],
    ['voided', 0n],
  )
  assert.deepEqual((await toldOf(till, payment.id)).slice(HELD_NEWS), ['charge.refunded', 'payment_intent.canceled'])
  const again = await cancelPayment(till.payments, callOf(till), payment.id)
  assert.equal(codeOf(again), 'payment_intent_unexpected_state')
  const { payment: other } = await heldPayment(till)
  assert.equal(paymentIn(await cancelPayment(till.payments, callOf(till), other.id)).cancellationReason, null)
})

test('what was captured, or is still offered by a session, is not canceled', async () => {
  const paid = await paidPayment(till)
  const declined = await till.pay(await till.openSession(), '4000000000000002')
  for (const { payment } of [paid, declined]) {
    assert.equal(
      codeOf(await cancelPayment(till.payments, callOf(till), payment.id)),
      'payment_intent_unexpected_state',
    )
  }
})

test('the same key again gives the first answer and captures nothing more; another request under it is refused', async () => {
  const { payment, charge } = await heldPayment(till)
  const call = callOf(till, 'capture-1')
  const first = await requestCapture(till.payments, call, payment.id, 700n)
  const again = await requestCapture(till.payments, call, payment.id, 700n)
  assert.deepEqual(paymentIn(again), paymentIn(first))
  assert.deepEqual(
    [first, again].map((one) => one.ok && one.value.replayed),
    [false, true],
  )
  assert.equal((await storedAttempt(till, charge.id)).orders.length, 1)
  const other = await requestCapture(till.payments, callOf(till, 'capture-1', 'POST /v1/y'), payment.id, 700n)
  assert.equal(codeOf(other), 'idempotency_mismatch')
})

test('a hold that somebody captured at the bank is taken as it is found there, when it is found twice', async () => {
  const captured = await heldPayment(till)
  await elsewhere(till, captured.charge, 'captures', { amount: 900 })
  const doubtful = paymentIn(await requestCapture(till.payments, callOf(till), captured.payment.id))
  assert.equal(doubtful.state, 'processing')
  const once = await storedAttempt(till, captured.charge.id)
  assert.deepEqual([once.charge.captured, once.charge.document.strange?.fact], [0n, 'captured, captured 900'])
  await env.advance(11_000)
  assert.equal(await lookAgain(till.payments), 1)
  const { charge, payment } = await storedAttempt(till, captured.charge.id)
  assert.deepEqual([charge.state, charge.captured, charge.captureOrdered], ['captured', 900n, 900n])
  assert.equal(payment.state, 'succeeded')
})

test('a hold that somebody released at the bank is taken as it is found there', async () => {
  const released = await heldPayment(till)
  await elsewhere(till, released.charge, 'voids')
  const refused = await requestCapture(till.payments, callOf(till, 'capture-2'), released.payment.id)
  assert.equal(codeOf(refused), 'payment_intent_unexpected_state')
  const left = await storedAttempt(till, released.charge.id)
  assert.deepEqual(
    [left.charge.state, left.payment.state, left.payment.cancellationReason],
    ['voided', 'canceled', 'automatic'],
  )
  assert.deepEqual(
    await requestCapture(till.payments, callOf(till, 'capture-2'), released.payment.id),
    refused,
    'a refusal of the provider is an answer too',
  )
})
