import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import {
  assertSameBooks,
  atTheBank,
  callOf,
  codeOf,
  elsewhere,
  heldPayment,
  paidPayment,
  refundIn,
  storedAttempt,
  toldOf,
} from '../../test/support/orders.ts'
import { startTestTill } from '../../test/support/till.ts'
import { isOpen } from '../core/attempt.ts'
import { amountRefunded } from '../core/charge.ts'
import { openStorage } from '../storage/storage.ts'
import { cancelRefund, updateRefund } from './change-refund.ts'
import { lookAgain } from './look-again.ts'
import { observeCharge } from './observe-charge.ts'
import { requestRefund } from './order-refund.ts'
import { sweepOrders } from './sweep.ts'

const till = await startTestTill(import.meta.url)
after(till.stop)
afterEach(() => assertSameBooks(till))
const PAID_NEWS = 4 // of the payment's creation, and of its success

test('a refund goes back whole, counts at once, and is told', async () => {
  const { payment, charge } = await paidPayment(till)
  const input = { paymentId: payment.id, reason: 'duplicate', metadata: { ticket: '7' } } as const
  const refund = refundIn(await requestRefund(till.payments, callOf(till), input))
  assert.deepEqual([refund.amount, refund.state, refund.origin], [2400n, 'succeeded', 'merchant'])
  assert.deepEqual(refund.document, { reason: 'duplicate', metadata: { ticket: '7' } })
  const { charge: left } = await storedAttempt(till, charge.id)
  assert.deepEqual([left.state, left.refundOrdered, left.refunded], ['captured', 2400n, 2400n])
  assert.equal((await atTheBank(till, charge)).refunded_amount, 2400)
  assert.deepEqual((await toldOf(till, payment.id)).slice(PAID_NEWS), [
    'refund.created',
    'charge.refunded',
    'refund.updated',
    'charge.refund.updated',
  ])
  assert.deepEqual(await till.storage.findRefund(till.caller.tenant, refund.id), refund)
})

test('parts are refunded until nothing is left, never more', async () => {
  const { charge } = await paidPayment(till)
  const refund = async (amount?: bigint) =>
    requestRefund(till.payments, callOf(till), { chargeId: charge.id, ...(amount === undefined ? {} : { amount }) })
  assert.equal(refundIn(await refund(1000n)).amount, 1000n)
  assert.equal(codeOf(await refund(1401n)), 'amount_too_large')
  assert.equal(codeOf(await refund(0n)), 'amount_too_large')
  assert.equal(refundIn(await refund(900n)).amount, 900n)
  assert.equal(refundIn(await refund()).amount, 500n, 'all that is left')
  assert.equal(codeOf(await refund(1n)), 'charge_already_refunded')
  assert.equal(codeOf(await refund()), 'charge_already_refunded')
  const { refunds, charge: left } = await storedAttempt(till, charge.id)
  assert.deepEqual([refunds.length, left.refunded, amountRefunded(left)], [3, 2400n, 2400n])
  const page = await till.storage.listRefunds(till.caller.tenant, { limit: 2 }, { chargeId: charge.id })
  assert.deepEqual([page.items.map(({ amount }) => amount), page.hasMore], [[500n, 900n], true])
})

test('what is only held, declined or unknown to us is not refunded', async () => {
  const held = await heldPayment(till)
  assert.equal(
    codeOf(await requestRefund(till.payments, callOf(till), { chargeId: held.charge.id })),
    'charge_not_refundable',
  )
  const declined = await till.pay(await till.openSession(), '4000000000000002')
  const input = { paymentId: declined.payment.id }
  assert.equal(codeOf(await requestRefund(till.payments, callOf(till), input)), 'charge_not_refundable')
  const nobody = { chargeId: held.payment.id }
  assert.equal(codeOf(await requestRefund(till.payments, callOf(till), nobody)), 'resource_missing')
  const foreign = { chargeId: held.charge.id, paymentId: declined.payment.id }
  assert.equal(codeOf(await requestRefund(till.payments, callOf(till), foreign)), 'resource_missing')
})

/** 32 refunds of 1 to 7 add up to 126. */
const AMOUNTS = Array.from({ length: 32 }, (_, index) => BigInt((index % 7) + 1))

test('32 refunds at once wait their turn while money remains, and never exceed it', async () => {
  const { charge } = await paidPayment(till)
  const rest = 2400n - 100n
  await requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount: rest })
  const answers = await Promise.all(
    AMOUNTS.map((amount) => requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount })),
  )
  await assertAllThatFits(charge.id, answers.map(codeOf), rest)
})

test('32 refunds at once over four processes: the database allows exactly what the money allows', async () => {
  const { charge } = await paidPayment(till)
  const rest = 2400n - 100n
  await requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount: rest })
  // Another storage is another queue: what these four share is the database alone.
  const processes = Array.from({ length: 4 }, () => ({ ...till.payments, storage: openStorage(till.db.sql) }))
  const answers = await Promise.all(
    AMOUNTS.map((amount, index) =>
      requestRefund(processes[index % 4] ?? till.payments, callOf(till), { chargeId: charge.id, amount }),
    ),
  )
  await assertAllThatFits(charge.id, answers.map(codeOf), rest)
})

test('whom another process overtakes a hundred times still has its refund', async () => {
  const { charge } = await paidPayment(till)
  const first = refundIn(await requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount: 100n }))
  const { commit, ...rest } = openStorage(till.db.sql)
  let overtaken = 0
  // Whatever this process decides, a quicker one changes the payment before it is stored.
  const storage: typeof till.storage = {
    ...rest,
    async commit(set) {
      if (set.refunds?.[0]?.version === 1 && overtaken < 100) {
        overtaken += 1
        refundIn(await updateRefund(till.payments, callOf(till), first.id, { seen: `${overtaken}` }))
      }
      return commit(set)
    },
  }
  const slow = { ...till.payments, storage, env: { ...till.env, sleep: async () => {} } }
  const refund = refundIn(await requestRefund(slow, callOf(till), { chargeId: charge.id, amount: 2300n }))
  assert.deepEqual([overtaken, refund.state], [100, 'succeeded'])
})

/** Whoever was refused found less than it asked for, whatever came before it. */
async function assertAllThatFits(
  chargeId: Parameters<typeof storedAttempt>[1],
  codes: readonly string[],
  rest: bigint,
) {
  const granted = AMOUNTS.reduce((sum, amount, index) => (codes[index] === 'ok' ? sum + amount : sum), rest)
  await bringThrough(chargeId)
  const { charge, refunds } = await storedAttempt(till, chargeId)
  const known = ['ok', 'amount_too_large', 'charge_already_refunded']
  assert.deepEqual(
    codes.filter((code) => !known.includes(code)),
    [],
  )
  assert.equal(granted, charge.refundOrdered)
  assert.equal(granted, BigInt((await atTheBank(till, charge)).refunded_amount))
  assert.ok(refunds.every(({ state }) => state === 'succeeded'))
  const left = 2400n - granted
  assert.ok(left >= 0n && left < 7n)
  for (const [index, code] of codes.entries()) {
    if (code !== 'ok') assert.ok((AMOUNTS[index] ?? 0n) > left)
  }
}

/** What is accepted counts, and reaches the bank when it can: an answer that a busy machine lost is asked for again. */
async function bringThrough(chargeId: Parameters<typeof storedAttempt>[1]) {
  for (let hours = 2; hours < 12; hours += 2) {
    const { orders } = await storedAttempt(till, chargeId)
    if (!orders.some(isOpen)) return
    const later = new Date(till.env.now().getTime() + hours * 3_600_000)
    await sweepOrders({ ...till.payments, env: { ...till.env, now: () => later } })
  }
}

test('the same key is one refund, however often and at once it is asked for', async () => {
  const { charge } = await paidPayment(till)
  const ask = () => requestRefund(till.payments, callOf(till, 'refund-1'), { chargeId: charge.id, amount: 500n })
  const codes = (await Promise.all(Array.from({ length: 8 }, ask))).map(codeOf)
  assert.ok(codes.includes('ok'))
  assert.ok(codes.every((code) => code === 'ok' || code === 'idempotency_key_in_use'))
  const again = await ask()
  assert.equal(again.ok && again.value.replayed, true)
  const { refunds } = await storedAttempt(till, charge.id)
  assert.deepEqual(refunds, [refundIn(again)])
})

test('a refund made at the bank’s own side is noticed, recorded with its origin, and leaves less to refund', async () => {
  const { charge, payment } = await paidPayment(till)
  const { id } = await elsewhere(till, charge, 'refunds', { amount: 400 })
  await observeCharge(till.payments, till.caller.tenant, charge.id)
  await observeCharge(till.payments, till.caller.tenant, charge.id)
  const { refunds, charge: left } = await storedAttempt(till, charge.id)
  assert.deepEqual(
    refunds.map(({ origin, state, amount, providerId }) => [origin, state, amount, providerId]),
    [['provider', 'succeeded', 400n, id]],
  )
  assert.deepEqual([left.refundOrdered, left.refundedElsewhere, left.refunded], [0n, 400n, 400n])
  assert.equal(amountRefunded(left), 400n)
  assert.deepEqual((await toldOf(till, payment.id)).slice(PAID_NEWS), ['refund.created', 'charge.refunded'])
  const input = { chargeId: charge.id, amount: 2001n }
  assert.equal(codeOf(await requestRefund(till.payments, callOf(till), input)), 'amount_too_large')
  assert.equal(refundIn(await requestRefund(till.payments, callOf(till), { chargeId: charge.id })).amount, 2000n)
})

test('when others took the money at the bank first, the refund fails and its reservation is gone', async () => {
  const { charge, payment } = await paidPayment(till)
  await elsewhere(till, charge, 'refunds', { amount: 2000 })
  const refund = refundIn(await requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount: 401n }))
  assert.deepEqual([refund.state, refund.document.failureReason], ['failed', 'amount_out_of_range'])
  const { charge: left } = await storedAttempt(till, charge.id)
  assert.deepEqual([left.refundOrdered, left.refundedElsewhere], [0n, 2000n])
  assert.deepEqual((await toldOf(till, payment.id)).slice(PAID_NEWS), [
    'refund.created',
    'refund.failed',
    'refund.updated',
    'charge.refund.updated',
    'refund.created',
    'charge.refunded',
  ])
  const rest = await requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount: 400n })
  assert.equal(refundIn(rest).state, 'succeeded')
})

test('nobody waits for a refund made elsewhere: the next look finds it', async () => {
  const { charge } = await paidPayment(till)
  await elsewhere(till, charge, 'refunds', { amount: 1 })
  const tomorrow = new Date(till.env.now().getTime() + 25 * 3_600_000)
  const later = { ...till.payments, env: { ...till.env, now: () => tomorrow } }
  assert.ok((await lookAgain(later)) > 0)
  assert.equal((await storedAttempt(till, charge.id)).charge.refundedElsewhere, 1n)
  assert.equal(await lookAgain(later), 0, 'each charge once')
})

test('a shop’s notes on a refund change, and nothing else of it; a finished refund is not canceled', async () => {
  const { charge } = await paidPayment(till)
  const input = { chargeId: charge.id, amount: 100n, metadata: { a: '1', b: '2' } }
  const refund = refundIn(await requestRefund(till.payments, callOf(till), input))
  const changed = refundIn(await updateRefund(till.payments, callOf(till), refund.id, { a: null, c: '3' }))
  assert.deepEqual(changed, { ...refund, version: refund.version + 1, document: { metadata: { b: '2', c: '3' } } })
  assert.equal(codeOf(await cancelRefund(till.payments, callOf(till), refund.id)), 'refund_not_cancelable')
  assert.equal(codeOf(await cancelRefund(till.payments, callOf(till), charge.id)), 'resource_missing')
  assert.equal(codeOf(await updateRefund(till.payments, callOf(till), charge.id, null)), 'resource_missing')
})
