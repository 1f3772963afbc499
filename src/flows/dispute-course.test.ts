import assert from 'node:assert/strict'
import { after, afterEach, beforeEach, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { assertSameBooks, callOf, codeOf, paidPayment, storedAttempt, toldOf } from '../../test/support/orders.ts'
import { atBank } from '../../test/support/paying.ts'
import { ADMIN_TOKEN } from '../../test/support/sandbox-bank.ts'
import { startTestTill } from '../../test/support/till.ts'
import type { Attempt } from '../core/attempt.ts'
import type { Uuid } from '../core/ids.ts'
import type { Fault, FaultPoint } from '../sandbox-bank/faults.ts'
import { updateDispute } from './change-dispute.ts'
import { lookAgain } from './look-again.ts'
import { observeCharge } from './observe-charge.ts'
import { requestRefund } from './order-refund.ts'
import { sweepOrders } from './sweep.ts'

const HOUR = 60 * 60_000
const DAY = 24 * HOUR
const FRAUDULENT = '4000000000000259'
const env = testEnv()
let faults: { readonly at: FaultPoint; readonly is: Fault; readonly method: string }[] = []
const till = await startTestTill(import.meta.url, {
  env,
  adminToken: ADMIN_TOKEN,
  faults: async (point, { method }) => faults.find((one) => one.at === point && one.method === method)?.is,
})
after(till.stop)
beforeEach(() => {
  faults = []
})
afterEach(() => assertSameBooks(till))
const hasty = atBank(till)

const raise = (charge: Attempt['charge'], fields: object = {}) =>
  till.bank.admin('POST', '/admin/disputes', {
    ...{ merchant: `t${charge.tenant}`, authorization: charge.providerId },
    ...fields,
  })
const lookAfter = async (ms: number): Promise<void> => {
  await env.advance(ms)
  while ((await lookAgain(till.payments)) > 0);
}
const said = (id: Uuid, text: string, key: string | null = null) =>
  updateDispute(hasty.payments, callOf(till, key), id, { evidence: { uncategorized_text: text }, submit: true })

test('a chargeback that nobody told of is found by looking, and so is its end', async () => {
  const { charge, payment } = await paidPayment(till)
  await raise(charge, { amount: 1000 })
  await lookAfter(DAY + HOUR)
  const known = await storedAttempt(till, charge.id)
  assert.deepEqual([known.charge.disputed, known.disputes[0]?.state], [1000n, 'needs_response'])
  const verdict = { merchant: `t${charge.tenant}`, dispute: known.disputes[0]?.providerId, outcome: 'won' }
  await till.bank.admin('POST', '/admin/verdicts', verdict)
  await lookAfter(2 * HOUR)
  assert.deepEqual([(await storedAttempt(till, charge.id)).charge.disputed], [0n])
  assert.deepEqual(
    (await toldOf(till, payment.id)).filter((type) => type.startsWith('charge.dispute.')),
    ['created', 'funds_withdrawn', 'closed', 'funds_reinstated'].map((word) => `charge.dispute.${word}`),
  )
})

test('what nobody answers in three weeks is lost', async () => {
  const { charge } = await till.pay(await till.openSession(), FRAUDULENT)
  await lookAfter(22 * DAY)
  assert.equal((await storedAttempt(till, charge.id)).disputes[0]?.state, 'lost')
})

test('ten who hear the same report at once book it once', async () => {
  const { charge } = await paidPayment(till)
  await raise(charge)
  await Promise.all(Array.from({ length: 10 }, () => observeCharge(till.payments, charge.tenant, charge.id)))
  const { disputes } = await storedAttempt(till, charge.id)
  assert.deepEqual([disputes.length, disputes[0]?.state], [1, 'needs_response'])
})

for (const [name, at] of [
  ['before the bank reads it', 'before_book'],
  ['after the bank has decided', 'after_book'],
] as const) {
  test(`evidence that is lost ${name} is sent again under its own key, and read once`, async () => {
    const { charge, disputes } = await till.pay(await till.openSession(), FRAUDULENT)
    const [dispute] = disputes
    assert.ok(dispute)
    faults = [
      { method: 'POST', at, is: 'reset' },
      { method: 'GET', at: 'before_answer', is: 'reset' },
    ]
    assert.equal(codeOf(await said(dispute.id, 'winning_evidence', `said ${at}`)), 'ok')
    const doubtful = await storedAttempt(till, charge.id)
    assert.deepEqual(
      [doubtful.orders[0]?.state, doubtful.disputes[0]?.state, doubtful.disputes[0]?.document.evidence],
      ['unknown', 'needs_response', { uncategorized_text: 'winning_evidence' }],
    )
    faults = []
    assert.equal(codeOf(await said(dispute.id, 'losing_evidence')), 'dispute_submitted', 'nothing is said beside it')
    await env.advance(5_000)
    await sweepOrders(till.payments)
    const after = await storedAttempt(till, charge.id)
    assert.deepEqual([after.orders[0]?.state, after.disputes[0]?.state], ['succeeded', 'won'])
    assert.equal(after.disputes[0]?.document.submissions, 1)
    const again = await said(dispute.id, 'winning_evidence', `said ${at}`)
    assert.ok(again.ok && again.value.snapshot.is === 'dispute' && again.value.snapshot.dispute.state === 'won')
  })
}

test('evidence that died between its commit and its sending is sent by the sweeper', async () => {
  const { charge, disputes } = await till.pay(await till.openSession(), FRAUDULENT)
  const [dispute] = disputes
  assert.ok(dispute)
  const connectors = till.payments.connectors.map((one) => ({
    ...one,
    answerDispute: () => new Promise<never>(() => {}),
  }))
  const change = { evidence: { uncategorized_text: 'winning_evidence' }, submit: true }
  void updateDispute({ ...till.payments, connectors }, callOf(till), dispute.id, change)
  while ((await storedAttempt(till, charge.id)).orders.length === 0) await new Promise(setImmediate)
  await env.advance(2 * 60_000)
  await sweepOrders(till.payments)
  assert.equal((await storedAttempt(till, charge.id)).disputes[0]?.state, 'won')
})

test('a refund is possible while it is not known whether an issuer heard us', async () => {
  const { charge } = await paidPayment(till)
  await raise(charge, { amount: 1000 })
  await observeCharge(till.payments, charge.tenant, charge.id)
  const [dispute] = (await storedAttempt(till, charge.id)).disputes
  faults = [{ method: 'POST', at: 'before_book', is: 'reset' }]
  assert.equal(codeOf(await said(dispute?.id as Uuid, 'It was them.')), 'ok')
  faults = []
  const refund = await requestRefund(till.payments, callOf(till), { chargeId: charge.id, amount: 1400n })
  assert.equal(codeOf(refund), 'ok')
  assert.equal(codeOf(await requestRefund(till.payments, callOf(till), { chargeId: charge.id })), 'charge_disputed')
})
