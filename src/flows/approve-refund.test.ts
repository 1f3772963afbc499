import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import {
  assertSameBooks,
  atTheBank,
  callOf,
  codeOf,
  elsewhere,
  paidPayment,
  refundIn,
  storedAttempt,
  toldOf,
} from '../../test/support/orders.ts'
import { startTestTill } from '../../test/support/till.ts'
import { sandboxBooks } from '../connectors/sandbox/read-books.ts'
import type { Uuid } from '../core/ids.ts'
import { openBooks } from '../storage/books.ts'
import { approveRefund, askForRefund, rejectRefund } from './approve-refund.ts'
import { cancelRefund } from './change-refund.ts'
import { observeCharge } from './observe-charge.ts'
import { requestRefund } from './order-refund.ts'
import { sweepOrders } from './sweep.ts'
import { verify } from './verify/verify.ts'

const till = await startTestTill(import.meta.url)
after(till.stop)
afterEach(() => assertSameBooks(till))
const { tenant } = till.caller
const call = callOf(till)
const PAID_NEWS = 4 // of the payment's creation, and of its success

const ask = async (paymentId: Uuid, amount?: bigint) =>
  askForRefund(till.payments, call, { paymentId, ...(amount === undefined ? {} : { amount }) })
const refundsOf = async (chargeId: Uuid) => (await storedAttempt(till, chargeId)).refunds
async function differences(): Promise<readonly string[]> {
  const bank = sandboxBooks(till.bank.url, till.payments.outside.http)
  const done = await verify({ env: till.env, books: openBooks(till.db.sql), bank }, [tenant])
  if (!done.ok) throw new Error(done.because)
  return done.findings.map(({ invariant }) => invariant)
}

test('a refund that waits is reserved and ordered nowhere, until it is approved', async () => {
  const { payment, charge } = await paidPayment(till)
  const asked = refundIn(await ask(payment.id, 1000n))
  assert.deepEqual([asked.state, asked.approval], ['requested', 'waiting'])
  assert.equal((await storedAttempt(till, charge.id)).charge.refundOrdered, 1000n)
  assert.equal(
    codeOf(await requestRefund(till.payments, call, { paymentId: payment.id, amount: 1401n })),
    'amount_too_large',
  )
  await sweepOrders(till.payments)
  assert.equal((await atTheBank(till, charge)).refunded_amount, 0)
  assert.deepEqual((await storedAttempt(till, charge.id)).orders, [])
  assert.deepEqual((await toldOf(till, payment.id)).slice(PAID_NEWS), ['refund.created'])
  assert.deepEqual(await differences(), [])
  const waiting = await till.storage.listRefunds(tenant, { limit: 10 }, { waiting: true })
  assert.deepEqual(
    waiting.items.map(({ id }) => id),
    [asked.id],
  )

  assert.equal(codeOf(await approveRefund(till.payments, call, asked.id)), 'ok')
  await sweepOrders(till.payments)
  const [refund, ...others] = await refundsOf(charge.id)
  assert.deepEqual([refund?.state, refund?.approval, others.length], ['succeeded', 'granted', 0])
  assert.equal((await atTheBank(till, charge)).refunded_amount, 1000)
  assert.deepEqual((await toldOf(till, payment.id)).slice(PAID_NEWS), [
    'refund.created',
    'charge.refunded',
    'refund.updated',
    'charge.refund.updated',
  ])
  assert.deepEqual(await differences(), [])
})

test('a rejected refund frees what it held, and never leaves', async () => {
  const { payment, charge } = await paidPayment(till)
  const asked = refundIn(await ask(payment.id))
  const rejected = refundIn(await rejectRefund(till.payments, call, asked.id))
  assert.deepEqual([rejected.state, rejected.approval], ['canceled', 'rejected'])
  assert.equal((await storedAttempt(till, charge.id)).charge.refundOrdered, 0n)
  assert.equal(codeOf(await approveRefund(till.payments, call, asked.id)), 'refund_not_waiting')
  assert.equal(codeOf(await rejectRefund(till.payments, call, asked.id)), 'refund_not_waiting')
  await sweepOrders(till.payments)
  assert.equal((await atTheBank(till, charge)).refunded_amount, 0)
  assert.deepEqual((await toldOf(till, payment.id)).slice(PAID_NEWS), [
    'refund.created',
    'refund.updated',
    'charge.refund.updated',
  ])
  assert.equal(refundIn(await requestRefund(till.payments, call, { paymentId: payment.id })).amount, 2400n)
  assert.deepEqual(await differences(), [])
})

test('of ten who approve and reject at once, one decides', async () => {
  for (let round = 0; round < 5; round++) {
    const { payment, charge } = await paidPayment(till)
    const { id } = refundIn(await ask(payment.id))
    const decisions = Array.from({ length: 10 }, (_, index) =>
      (index + round) % 2 === 0 ? approveRefund(till.payments, call, id) : rejectRefund(till.payments, call, id),
    )
    const codes = (await Promise.all<Awaited<ReturnType<typeof rejectRefund | typeof approveRefund>>>(decisions)).map(
      codeOf,
    )
    assert.deepEqual(codes.filter((code) => code === 'ok').length, 1)
    await sweepOrders(till.payments)
    const [refund] = await refundsOf(charge.id)
    const back = (await atTheBank(till, charge)).refunded_amount
    assert.deepEqual([refund?.approval, back], refund?.state === 'canceled' ? ['rejected', 0] : ['granted', 2400])
  }
  assert.deepEqual(await differences(), [])
})

test('what is gone when the operator comes is not given twice', async () => {
  const { payment, charge } = await paidPayment(till)
  const { id } = refundIn(await ask(payment.id, 2000n))
  await elsewhere(till, charge, 'refunds', { amount: 1000 })
  await observeCharge(till.payments, tenant, charge.id)
  assert.equal(codeOf(await approveRefund(till.payments, call, id)), 'charge_already_refunded')
  assert.equal(refundIn(await rejectRefund(till.payments, call, id)).state, 'canceled')
  assert.deepEqual(await differences(), [])
})

test('what the shop calls back is rejected, and what nobody asked about is not decided', async () => {
  const { payment } = await paidPayment(till)
  const { id } = refundIn(await ask(payment.id, 100n))
  assert.equal(refundIn(await cancelRefund(till.payments, call, id)).approval, 'rejected')
  const plain = refundIn(await requestRefund(till.payments, call, { paymentId: payment.id, amount: 100n }))
  assert.equal(codeOf(await approveRefund(till.payments, call, plain.id)), 'refund_not_waiting')
  assert.equal(codeOf(await approveRefund(till.payments, call, payment.id)), 'resource_missing')
})

test('one who wants the only refund of a payment shares it with nobody', async () => {
  const { payment } = await paidPayment(till)
  const wish = { paymentId: payment.id, amount: 100n, only: true } as const
  const answers = await Promise.all([
    requestRefund(till.payments, call, wish),
    askForRefund(till.payments, call, wish),
    requestRefund(till.payments, call, wish),
    askForRefund(till.payments, call, wish),
  ])
  assert.deepEqual(answers.map(codeOf).toSorted(), [...Array(3).fill('charge_already_refunded'), 'ok'])
})

test('the database holds what is waiting and what was rejected', async () => {
  const { payment } = await paidPayment(till)
  const { id } = refundIn(await ask(payment.id, 100n))
  const set = (column: string, value: string) =>
    till.db.sql`update refunds set ${till.db.sql({ [column]: value })} where tenant = ${tenant} and id = ${id}`
  await assert.rejects(set('state', 'succeeded'), /refunds_waiting/)
  await assert.rejects(set('provider_id', 'x'), /refunds_waiting/)
  await assert.rejects(set('approval', 'rejected'), /refunds_rejected/)
  await assert.rejects(set('approval', 'perhaps'), /refunds_approval/)
})

test('an order for a refund that nobody approved is found in the books', async () => {
  const { payment } = await paidPayment(till)
  const { id } = refundIn(await ask(payment.id, 100n))
  await approveRefund(till.payments, call, id)
  assert.deepEqual(await differences(), [])
  await till.db.sql`update refunds set approval = 'waiting' where tenant = ${tenant} and id = ${id}`
  assert.deepEqual(await differences(), ['orders_state'])
  await till.db.sql`update refunds set approval = 'granted' where tenant = ${tenant} and id = ${id}`
  await sweepOrders(till.payments)
  assert.deepEqual(await differences(), [])
})
