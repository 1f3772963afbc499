import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { assertSameBooks } from '../../../../test/support/orders.ts'

const api = await startApiTill(import.meta.url)
after(api.stop)
const { stripe } = api
const VISA = '4242424242424242'
const held = () => api.paid(VISA, { paymentTemplate: { captureMethod: 'manual' } })

test('held money is taken in part, and the rest is released', async () => {
  const { paymentId, chargeId } = await held()
  const before = await stripe.paymentIntents.retrieve(paymentId)
  assert.deepEqual([before.status, before.amount_capturable], ['requires_capture', 2400])
  const taken = await stripe.paymentIntents.capture(paymentId, { amount_to_capture: 1000, expand: ['latest_charge'] })
  assert.deepEqual([taken.status, taken.amount_received, taken.amount_capturable], ['succeeded', 1000, 0])
  const charge = taken.latest_charge as { id: string; captured: boolean; amount_captured: number }
  assert.deepEqual([charge.id, charge.captured, charge.amount_captured], [chargeId, true, 1000])
  await assert.rejects(stripe.paymentIntents.capture(paymentId), {
    statusCode: 400,
    code: 'payment_intent_unexpected_state',
  })
  await assert.rejects(stripe.refunds.create({ charge: chargeId, amount: 1001 }), { code: 'amount_too_large' })
  await assertSameBooks(api.till)
})

test('a payment is canceled with a reason: held money is released, and nothing can be taken any more', async () => {
  const { paymentId } = await held()
  const canceled = await stripe.paymentIntents.cancel(paymentId, { cancellation_reason: 'duplicate' })
  assert.deepEqual([canceled.status, canceled.cancellation_reason], ['canceled', 'duplicate'])
  assert.equal(typeof canceled.canceled_at, 'number')
  const again = { statusCode: 400, code: 'payment_intent_unexpected_state' }
  await assert.rejects(stripe.paymentIntents.capture(paymentId), again)
  await assert.rejects(stripe.paymentIntents.cancel(paymentId), again)
  await assertSameBooks(api.till)
})

test('ten captures at once take the money once; the others hear that it is gone', async () => {
  const { paymentId } = await held()
  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, () => stripe.paymentIntents.capture(paymentId, { amount_to_capture: 500 })),
  )
  assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const answer of answers) {
    if (answer.status === 'rejected') assert.equal(answer.reason.code, 'payment_intent_unexpected_state')
  }
  assert.equal((await stripe.paymentIntents.retrieve(paymentId)).amount_received, 500)
  await assertSameBooks(api.till)
})

type Row = readonly [what: string, params: object, code: string, param: string]
const REFUSED: readonly Row[] = [
  ['19 more than is held', { amount_to_capture: 2401 }, 'amount_too_large', 'amount_to_capture'],
  ['20 nothing', { amount_to_capture: 0 }, 'parameter_invalid_range', 'amount_to_capture'],
  ['20 less than nothing', { amount_to_capture: -5 }, 'parameter_invalid_range', 'amount_to_capture'],
  ['a fraction', { amount_to_capture: 1.5 }, 'parameter_invalid_integer', 'amount_to_capture'],
  ['a part of several', { final_capture: false }, 'parameter_not_supported_yet', 'final_capture'],
]
for (const [what, params, code, param] of REFUSED) {
  test(`a capture of ${what} is refused as ${code}`, async () => {
    const { paymentId } = await held()
    const reply = await api.ask('POST', `/v1/payment_intents/${paymentId}/capture`, params)
    assert.equal(reply.status, 400, reply.text)
    assert.deepEqual([reply.json.error.code, reply.json.error.param], [code, param])
    assert.equal((await stripe.paymentIntents.retrieve(paymentId)).amount_capturable, 2400)
  })
}

test('a payment that is paid, or that nobody has paid yet, is neither captured nor canceled', async () => {
  const { paymentId } = await api.paid(VISA)
  const wrong = { statusCode: 400, code: 'payment_intent_unexpected_state' }
  const message = /could not be captured because it has a status of succeeded/
  await assert.rejects(stripe.paymentIntents.capture(paymentId), { ...wrong, message })
  await assert.rejects(stripe.paymentIntents.cancel(paymentId), wrong)
  const declined = await api.paid('4000000000000002')
  await assert.rejects(stripe.paymentIntents.capture(declined.paymentId), wrong)
})
