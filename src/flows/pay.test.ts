import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { bankBooks, confirmInput, eventsOf, payAndWait, viewOf } from '../../test/support/paying.ts'
import { startTestTill } from '../../test/support/till.ts'
import { otherMode } from '../core/ids.ts'
import { pay } from './pay.ts'

const till = await startTestTill(import.meta.url)
after(till.stop)
const GOOD = '4242424242424242'
const balancesOf = async () => {
  const rows = await till.storage.readBalances(till.caller.tenant)
  return Object.fromEntries(rows.map(({ account, amount }) => [account, amount]))
}

test('an approved card completes the session, books the money and tells three events', async () => {
  const session = await till.openSession()
  const attempt = await till.pay(session, GOOD)
  assert.equal(attempt.session?.state, 'complete')
  assert.equal(attempt.payment.state, 'succeeded')
  assert.equal(attempt.charge.state, 'captured')
  assert.equal(attempt.charge.captured, session.amountTotal)
  assert.deepEqual(await till.eventTypes(), [
    'checkout.session.created',
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
    'checkout.session.completed',
  ])
  assert.deepEqual(await balancesOf(), { receivable: session.amountTotal, sales: -session.amountTotal })
  assert.deepEqual(await viewOf(till, session), {
    session: attempt.session,
    payment: attempt.payment,
    charge: attempt.charge,
  })
  assert.equal((await till.db.sql`select from vault.cards`).length, 0, 'the card is shredded')
})

const DECLINES: readonly (readonly [number: string, code: string])[] = [
  ['4000000000000002', 'generic_decline'],
  ['4000000000009995', 'insufficient_funds'],
  ['4000000000009987', 'lost_card'],
  ['4000000000009979', 'stolen_card'],
  ['4000000000000069', 'expired_card'],
  ['4000000000000127', 'incorrect_cvc'],
  ['4000000000000119', 'processing_error'],
  ['4242424242424241', 'incorrect_number'],
  ['4000000000006975', 'velocity_exceeded'],
  ['4991001823456701', 'incorrect_number'],
  ['4012888888881881', 'live_card_in_test'],
]
for (const [number, code] of DECLINES) {
  test(`${number} is declined as ${code}, and the session is open for another try`, async () => {
    const session = await till.openSession()
    const before = await balancesOf()
    const { session: left, payment, charge } = await till.pay(session, number)
    assert.deepEqual(
      [left?.state, left?.tries, payment.state, charge.state],
      ['open', 1, 'requires_payment_method', 'declined'],
    )
    assert.equal(charge.document.decline?.code, code)
    assert.deepEqual(payment.document.lastError, { chargeId: charge.id, code })
    assert.deepEqual([payment.reserved, charge.captured, charge.authorized], [0n, 0n, 0n])
    assert.deepEqual((await eventsOf(till, session)).slice(2), ['charge.failed', 'payment_intent.payment_failed'])
    assert.deepEqual(await balancesOf(), before, 'a decline books nothing')
  })
}

test('a decline, then a good card: one payment with two charges, and the error is forgotten', async () => {
  const session = await till.openSession()
  const first = await till.pay(session, '4000000000009995')
  const second = await till.pay((await viewOf(till, session)).session, GOOD)
  assert.equal(second.session?.state, 'complete')
  assert.equal(second.payment.id, first.payment.id)
  assert.notEqual(second.charge.id, first.charge.id)
  assert.deepEqual([second.charge.attempt, second.payment.latestChargeId], [2, second.charge.id])
  assert.equal(second.payment.document.lastError, undefined)
  const types = await eventsOf(till, session)
  assert.equal(types.filter((type) => type === 'payment_intent.created').length, 1)
})

test('the fifth decline ends the session, and the shop hears that its stock is free', async () => {
  const session = await till.openSession()
  for (let tries = 1; tries <= 5; tries++) {
    const { session: left } = await till.pay((await viewOf(till, session)).session, '4000000000000002')
    assert.deepEqual([left?.tries, left?.state], [tries, tries < 5 ? 'open' : 'failed'])
  }
  const types = await eventsOf(till, session)
  assert.equal(types.at(-1), 'checkout.session.expired')
  assert.equal(types.filter((type) => type.startsWith('checkout.session.')).length, 2)
  const { session: ended } = await viewOf(till, session)
  const late = await pay(till.payments, await confirmInput(till, ended, GOOD))
  assert.equal(late.is, 'too_late')
})

test('a hold completes the session unpaid, and the books show it as a hold', async () => {
  const before = await balancesOf()
  const session = await till.openSession({ paymentTemplate: { captureMethod: 'manual' } })
  const { session: left, payment, charge } = await till.pay(session, GOOD)
  assert.deepEqual([left?.state, payment.state, charge.state], ['complete', 'requires_capture', 'authorized'])
  assert.deepEqual([charge.authorized, charge.captured, charge.captureOrdered], [session.amountTotal, 0n, 0n])
  const after = await balancesOf()
  assert.equal((after.authorized ?? 0n) - (before.authorized ?? 0n), session.amountTotal)
  assert.equal(after.sales, before.sales)
  assert.deepEqual((await eventsOf(till, session)).slice(2), [
    'charge.succeeded',
    'payment_intent.amount_capturable_updated',
    'checkout.session.completed',
  ])
})

test('a form that was spent, a complete session and a session past its time charge nothing', async () => {
  const session = await till.openSession()
  await till.pay(session, '4000000000000002')
  const booked = (await bankBooks(till)).length
  const old = await pay(till.payments, await confirmInput(till, session, GOOD))
  assert.equal(old.is, 'too_late', 'the attempt number is of the first form')
  await till.pay((await viewOf(till, session)).session, GOOD)
  const { session: complete } = await viewOf(till, session)
  assert.equal((await pay(till.payments, await confirmInput(till, complete, GOOD))).is, 'too_late')
  const expiring = await till.openSession()
  const later = { ...till.env, now: () => new Date(expiring.expiresAt) }
  const tooLate = await pay({ ...till.payments, env: later }, await confirmInput(till, expiring, GOOD))
  assert.equal(tooLate.is, 'too_late')
  assert.equal((await bankBooks(till)).length, booked + 1)
  assert.equal((await till.db.sql`select from vault.cards`).length, 0, 'refused cards are shredded')
})

test('a token made for another session is never sent, and stays good for its own', async () => {
  const [own, other] = [await till.openSession(), await till.openSession()]
  const stolen = await confirmInput(till, other, GOOD)
  const booked = (await bankBooks(till)).length
  const attempt = await payAndWait(till.payments, { ...stolen, sessionId: own.id })
  assert.deepEqual([attempt.charge.state, attempt.session?.state], ['failed', 'open'])
  assert.equal((await bankBooks(till)).length, booked)
  assert.equal((await payAndWait(till.payments, stolen)).session?.state, 'complete')
})

test('a live account is not served by the sandbox: nothing is written', async () => {
  const tenant = otherMode(till.caller.tenant)
  const session = await till.openSession({}, { caller: { ...till.caller, tenant } })
  const answer = await pay(till.payments, await confirmInput(till, session, GOOD))
  assert.equal(answer.is, 'unavailable')
  const view = await viewOf(till, session)
  assert.deepEqual([view.session.state, view.session.tries, view.payment], ['open', 0, null])
})
