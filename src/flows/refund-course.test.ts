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
  paymentIn,
  refundIn,
  storedAttempt,
  toldOf,
} from '../../test/support/orders.ts'
import { startTestTill } from '../../test/support/till.ts'
import { amountRefunded } from '../core/charge.ts'
import { cancelRefund } from './change-refund.ts'
import { lookAgain } from './look-again.ts'
import { requestCapture } from './order-capture.ts'
import { requestRefund } from './order-refund.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const PENDING = '4000000000007726'
const FAILS_LATER = '4000000000005126'
const PENDING_FAILS = '4000009990000211'
const env = testEnv()
const till = await startTestTill(import.meta.url, { env })
after(till.stop)
afterEach(() => assertSameBooks(till))

async function refunded(card: string, amount = 600n) {
  const { payment, charge } = await till.pay(await till.openSession(), card)
  const refund = refundIn(await requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount }))
  const told = async () => (await toldOf(till, payment.id)).slice(4)
  const now = async () => {
    const { charge: left, refunds } = await storedAttempt(till, charge.id)
    return [refunds[0]?.state, amountRefunded(left), left.refunded]
  }
  return { charge, refund, told, now }
}
const lookAfter = async (ms: number): Promise<void> => {
  await env.advance(ms)
  while ((await lookAgain(till.payments)) > 0);
}

test('a refund that takes its time counts at once, and is told when it arrives', async () => {
  const { refund, told, now } = await refunded(PENDING)
  assert.equal(refund.state, 'pending')
  assert.deepEqual(await now(), ['pending', 600n, 0n])
  await lookAfter(2 * MINUTE)
  assert.deepEqual(await now(), ['succeeded', 600n, 600n])
  assert.deepEqual(await told(), ['refund.created', 'charge.refunded', 'refund.updated', 'charge.refund.updated'])
})

test('a pending refund that fails frees its money', async () => {
  const { charge, told, now } = await refunded(PENDING_FAILS, 2400n)
  assert.equal(
    codeOf(await requestRefund(till.payments, callOf(till), { chargeId: charge.id })),
    'charge_already_refunded',
  )
  await lookAfter(2 * MINUTE)
  assert.deepEqual(await now(), ['failed', 0n, 0n])
  assert.deepEqual((await told()).slice(2), ['refund.failed', 'refund.updated', 'charge.refund.updated'])
  assert.equal((await storedAttempt(till, charge.id)).refunds[0]?.document.failureReason, 'account_closed')
  assert.equal(codeOf(await requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount: 1n })), 'ok')
})

test('a refund that had succeeded and then fails is booked back', async () => {
  const { refund, now, told } = await refunded(FAILS_LATER)
  assert.equal(refund.state, 'succeeded')
  await lookAfter(DAY + MINUTE)
  assert.deepEqual(await now(), ['failed', 0n, 0n])
  assert.ok((await told()).includes('refund.failed'))
})

test('a pending refund is called back once, under one key; a finished one is not', async () => {
  const { charge, refund, told, now } = await refunded(PENDING)
  const call = callOf(till, 'cancel-1')
  const canceled = refundIn(await cancelRefund(till.payments, call, refund.id))
  assert.equal(canceled.state, 'canceled')
  assert.deepEqual(await now(), ['canceled', 0n, 0n])
  assert.deepEqual((await told()).slice(2), ['refund.updated', 'charge.refund.updated'])
  assert.deepEqual(refundIn(await cancelRefund(till.payments, call, refund.id)), canceled)
  assert.equal(codeOf(await cancelRefund(till.payments, callOf(till), refund.id)), 'refund_not_cancelable')
  await lookAfter(2 * MINUTE)
  assert.deepEqual(await now(), ['canceled', 0n, 0n])
  assert.equal((await atTheBank(till, charge)).refunded_amount, 0)
  const late = await refunded(PENDING)
  await env.advance(2 * MINUTE)
  assert.equal(codeOf(await cancelRefund(till.payments, callOf(till), late.refund.id)), 'refund_not_cancelable')
  assert.deepEqual(await late.now(), ['succeeded', 600n, 600n], 'what the bank said instead is not lost')
})

test('a hold runs out: the shop is told, and a capture that comes too late hears why', async () => {
  const [noticed, tried] = [await heldPayment(till), await heldPayment(till)]
  await env.advance(7 * DAY)
  const answer = await requestCapture(till.payments, callOf(till), tried.payment.id)
  assert.equal(codeOf(answer), 'charge_expired_for_capture')
  await lookAfter(2 * MINUTE)
  for (const { charge, payment } of [noticed, tried]) {
    const left = await storedAttempt(till, charge.id)
    assert.deepEqual(
      [left.charge.state, left.charge.held, left.payment.state, left.payment.cancellationReason],
      ['voided', 0n, 'canceled', 'automatic'],
    )
    assert.deepEqual((await toldOf(till, payment.id)).slice(4), ['charge.expired', 'payment_intent.canceled'])
  }
  assert.equal(
    codeOf(await requestCapture(till.payments, callOf(till), noticed.payment.id)),
    'payment_intent_unexpected_state',
  )
  const held = await heldPayment(till)
  assert.equal(paymentIn(await requestCapture(till.payments, callOf(till), held.payment.id)).state, 'succeeded')
})

test('more refunds than the bank shows at once are all seen', async () => {
  const { charge } = await till.pay(await till.openSession(), '4242424242424242')
  for (let made = 0; made < 101; made++) await elsewhere(till, charge, 'refunds', { amount: 1 })
  const own = refundIn(await requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount: 2n }))
  assert.equal(own.state, 'succeeded')
  const { refunds, charge: left } = await storedAttempt(till, charge.id)
  assert.equal(refunds.filter(({ state, origin }) => state === 'succeeded' && origin === 'provider').length, 101)
  assert.deepEqual([left.refunded, left.refundedElsewhere], [103n, 101n])
})
