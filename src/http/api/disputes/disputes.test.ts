import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type Stripe from 'stripe'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { assertSameBooks } from '../../../../test/support/orders.ts'

const api = await startApiTill(import.meta.url)
after(api.stop)
const { stripe, till } = api

const paid = (params: object = {}) =>
  stripe.paymentIntents.create({
    ...{ amount: 2000, currency: 'eur', confirm: true, payment_method: 'pm_card_createDisputeInquiry' },
    ...params,
  })
const inquiriesOf = async (payment_intent: string) => (await stripe.disputes.list({ payment_intent })).data

test('an inquiry is told once, takes nothing back, and can be noted on and closed', async () => {
  const payment = await paid()
  assert.equal(payment.status, 'succeeded')
  const [inquiry, ...more] = await inquiriesOf(payment.id)
  assert.ok(inquiry)
  assert.deepEqual(more, [])
  assert.deepEqual(
    [inquiry.status, inquiry.amount, inquiry.reason, inquiry.balance_transactions],
    ['warning_needs_response', 2000, 'fraudulent', []],
  )
  assert.equal(inquiry.payment_method_details?.card?.case_type, 'inquiry')
  const three = Math.floor((inquiry.evidence_details.due_by ?? 0) / 86_400) - Math.floor(inquiry.created / 86_400)
  assert.ok(three >= 20 && three <= 21, 'the issuer waits three weeks')
  await assertSameBooks(till)

  const noted = await stripe.disputes.update(inquiry.id, { metadata: { order: '6735' } })
  assert.deepEqual(noted.metadata, { order: '6735' })
  const closed = await stripe.disputes.close(inquiry.id)
  assert.equal(closed.status, 'warning_closed')
  await assert.rejects(stripe.disputes.close(inquiry.id), { code: 'dispute_closed' })
  const read = await stripe.disputes.retrieve(inquiry.id, { expand: ['charge', 'payment_intent'] })
  assert.equal((read.charge as Stripe.Charge).payment_intent, payment.id)
  assert.equal((read.payment_intent as Stripe.PaymentIntent).id, payment.id)

  const { data } = await stripe.events.list({ type: 'charge.dispute.*' })
  assert.deepEqual(
    data.map(({ type, data: { previous_attributes: previous } }) => [type, previous]),
    [
      ['charge.dispute.closed', { status: 'warning_needs_response' }],
      ['charge.dispute.updated', { metadata: { order: null } }],
      ['charge.dispute.created', undefined],
    ],
  )
})

test('a refund is possible while the issuer asks, and brings no second inquiry', async () => {
  const payment = await paid()
  await stripe.refunds.create({ payment_intent: payment.id })
  assert.equal((await inquiriesOf(payment.id)).length, 1)
  await assertSameBooks(till)
})

test('the issuer asks once the money was captured, not before', async () => {
  const payment = await paid({ capture_method: 'manual' })
  assert.deepEqual(await inquiriesOf(payment.id), [])
  await stripe.paymentIntents.capture(payment.id)
  const [inquiry] = await inquiriesOf(payment.id)
  const listed = await stripe.disputes.list({ charge: String(inquiry?.charge) })
  assert.equal(listed.data[0]?.id, inquiry?.id)
})

test('an answer to the issuer is refused by name: nobody is to believe that it was sent', async () => {
  const payment = await paid()
  const [inquiry] = await inquiriesOf(payment.id)
  const id = inquiry?.id ?? ''
  const refused = { code: 'parameter_not_supported_yet' }
  await assert.rejects(stripe.disputes.update(id, { evidence: { uncategorized_text: 'It was them' } }), refused)
  await assert.rejects(stripe.disputes.update(id, { submit: true }), refused)
  await assert.rejects(stripe.disputes.retrieve('dp_nobody'), { code: 'resource_missing' })
})
