import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type Stripe from 'stripe'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { assertSameBooks } from '../../../../test/support/orders.ts'
import { ADMIN_TOKEN } from '../../../../test/support/sandbox-bank.ts'
import { nameOf, parseName, type Uuid } from '../../../core/ids.ts'
import { observeCharge } from '../../../flows/observe-charge.ts'

const api = await startApiTill(import.meta.url, { adminToken: ADMIN_TOKEN })
after(api.stop)
const { stripe, till } = api

const paid = (params: object = {}) =>
  stripe.paymentIntents.create({
    ...{ amount: 2000, currency: 'eur', confirm: true, payment_method: 'pm_card_createDisputeInquiry' },
    ...params,
  })
const chargedBack = (params: object = {}) => paid({ payment_method: 'pm_card_createDispute', ...params })
const toldOf = async (dispute: Stripe.Dispute) => {
  const payment = parseName('payment', String(dispute.payment_intent))
  const rows = await till.db.sql<{ id: Uuid; type: string }[]>`
    select id, type from events where root = ${payment?.id ?? ''} and type like 'charge.dispute.%'
    order by root_version, ordinal`
  return Promise.all(
    rows.map(async ({ id, type }) => {
      const event = await stripe.events.retrieve(nameOf('event', till.caller.tenant, id))
      return [type, event.data.previous_attributes] as const
    }),
  )
}
const disputeOf = async (payment_intent: string): Promise<Stripe.Dispute> => {
  const [dispute, ...more] = await inquiriesOf(payment_intent)
  assert.ok(dispute)
  assert.deepEqual(more, [])
  return dispute
}
const chargeOf = (payment: Stripe.PaymentIntent) => stripe.charges.retrieve(String(payment.latest_charge))
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

  assert.deepEqual(await toldOf(inquiry), [
    ['charge.dispute.created', undefined],
    ['charge.dispute.updated', { metadata: { order: null } }],
    ['charge.dispute.closed', { status: 'warning_needs_response' }],
  ])
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

test('a chargeback takes the money at once, and evidence that wins brings it back', async () => {
  const payment = await chargedBack()
  const dispute = await disputeOf(payment.id)
  assert.deepEqual([dispute.status, dispute.amount, dispute.reason], ['needs_response', 2000, 'fraudulent'])
  assert.equal(dispute.payment_method_details?.card?.case_type, 'chargeback')
  assert.equal(dispute.is_charge_refundable, false)
  const [withdrawn, ...more] = dispute.balance_transactions
  assert.deepEqual(more, [])
  assert.deepEqual(
    [withdrawn?.amount, withdrawn?.net, withdrawn?.fee, withdrawn?.type, withdrawn?.reporting_category],
    [-2000, -2000, 0, 'adjustment', 'dispute'],
  )
  assert.equal(withdrawn?.source, dispute.id)
  const charge = await chargeOf(payment)
  assert.deepEqual([charge.disputed, charge.paid, charge.amount_refunded], [true, true, 0])
  assert.equal((await stripe.paymentIntents.retrieve(payment.id)).status, 'succeeded')
  await assertSameBooks(till)

  const staged = await stripe.disputes.update(dispute.id, { evidence: { customer_name: 'Jenny' }, submit: false })
  assert.equal(staged.status, 'needs_response')
  assert.deepEqual(
    [staged.evidence.customer_name, staged.evidence_details.has_evidence, staged.evidence_details.submission_count],
    ['Jenny', true, 0],
  )
  const won = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } })
  assert.deepEqual([won.status, won.evidence.customer_name], ['won', 'Jenny'])
  assert.deepEqual([won.evidence_details.submission_count, won.evidence_details.past_due], [1, false])
  assert.equal(won.is_charge_refundable, true)
  assert.deepEqual(
    won.balance_transactions.map(({ amount, reporting_category: category }) => [amount, category]),
    [
      [-2000, 'dispute'],
      [2000, 'dispute_reversal'],
    ],
  )
  for (const { id, amount } of won.balance_transactions) {
    const movement = await stripe.balanceTransactions.retrieve(id, { expand: ['source'] })
    assert.deepEqual([movement.amount, (movement.source as Stripe.Dispute).id], [amount, dispute.id])
  }
  const listed = await stripe.balanceTransactions.list({ type: 'adjustment', source: dispute.id })
  assert.deepEqual(
    listed.data.map(({ id }) => id),
    won.balance_transactions.map(({ id }) => id).reverse(),
  )
  assert.equal((await chargeOf(payment)).disputed, true, 'what is over has been')
  await assertSameBooks(till)
  assert.deepEqual(
    (await toldOf(dispute)).map(([type]) => type),
    [
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ],
  )
  const [, , first, , closed, reinstated] = (await toldOf(dispute)).map(([, previous]) => previous)
  assert.deepEqual(first, { evidence: { customer_name: null }, evidence_details: { has_evidence: false } })
  assert.equal((closed as Stripe.Dispute).status, 'needs_response')
  assert.deepEqual(Object.keys(reinstated as object), ['balance_transactions', 'is_charge_refundable'])
  const refund = await stripe.refunds.create({ payment_intent: payment.id })
  assert.equal(refund.status, 'succeeded')
  await assertSameBooks(till)
})

test('what was charged back is not refunded, what was not is', async () => {
  const payment = await chargedBack()
  const refused = { code: 'charge_disputed', statusCode: 400 }
  await assert.rejects(stripe.refunds.create({ payment_intent: payment.id }), refused)
  await assert.rejects(stripe.refunds.create({ payment_intent: payment.id, amount: 1 }), refused)

  const other = await paid({ payment_method: 'pm_card_visa' })
  const charge = await till.storage.findCharge(
    till.caller.tenant,
    parseName('charge', String(other.latest_charge))?.id as Uuid,
  )
  const raised = { merchant: `t${till.caller.tenant}`, authorization: charge?.providerId, amount: 1500 }
  assert.equal((await till.bank.admin('POST', '/admin/disputes', { ...raised, reason: 'duplicate' })).status, 201)
  await observeCharge(till.payments, till.caller.tenant, charge?.id as Uuid)
  assert.equal((await disputeOf(other.id)).amount, 1500)
  await assert.rejects(stripe.refunds.create({ payment_intent: other.id, amount: 501 }), refused)
  await assert.rejects(stripe.refunds.create({ payment_intent: other.id, amount: 2001 }), { code: 'amount_too_large' })
  assert.equal((await stripe.refunds.create({ payment_intent: other.id })).amount, 500)
  await assert.rejects(stripe.refunds.create({ payment_intent: other.id }), refused)
  await assertSameBooks(till)
})

test('a refund that we ordered before we heard of the chargeback is refused by the bank, and says so', async () => {
  const payment = await paid({ payment_method: 'pm_card_visa' })
  const charge = await till.storage.findCharge(
    till.caller.tenant,
    parseName('charge', String(payment.latest_charge))?.id as Uuid,
  )
  const raised = { merchant: `t${till.caller.tenant}`, authorization: charge?.providerId }
  await till.bank.admin('POST', '/admin/disputes', raised)
  const refund = await stripe.refunds.create({ payment_intent: payment.id })
  assert.equal(refund.status, 'failed')
  assert.equal((await disputeOf(payment.id)).status, 'needs_response', 'the answer told of the dispute')
  await assertSameBooks(till)
})

test('evidence that loses, and giving up, leave the money with the issuer', async () => {
  for (const lose of [
    (id: string) => stripe.disputes.update(id, { evidence: { uncategorized_text: 'losing_evidence' } }),
    (id: string) => stripe.disputes.close(id),
  ]) {
    const payment = await paid({ payment_method: 'pm_card_createDisputeProductNotReceived' })
    const { id, reason } = await disputeOf(payment.id)
    assert.equal(reason, 'product_not_received')
    const lost = await lose(id)
    assert.deepEqual([lost.status, lost.balance_transactions.length], ['lost', 1])
    await assert.rejects(stripe.disputes.close(id), { code: 'dispute_closed' })
    await assert.rejects(stripe.disputes.update(id, { evidence: { uncategorized_text: 'x' } }), {
      code: 'dispute_closed',
    })
    const noted = await stripe.disputes.update(id, { metadata: { lesson: 'learnt' } })
    assert.deepEqual([noted.status, noted.metadata.lesson], ['lost', 'learnt'])
  }
  await assertSameBooks(till)
})

test('evidence is submitted once; notes alone submit nothing, and nothing cannot be submitted', async () => {
  const { id } = await disputeOf((await chargedBack()).id)
  await assert.rejects(stripe.disputes.update(id, { submit: true }), { code: 'parameter_missing', param: 'evidence' })
  await stripe.disputes.update(id, { evidence: { uncategorized_text: 'It was them.' }, submit: false })
  assert.equal((await stripe.disputes.update(id, { metadata: { order: '1' } })).status, 'needs_response')
  assert.equal((await stripe.disputes.update(id, { submit: true })).status, 'under_review')
  const refused = { code: 'dispute_submitted' }
  await assert.rejects(stripe.disputes.update(id, { evidence: { uncategorized_text: 'And again' } }), refused)
  await assert.rejects(stripe.disputes.update(id, { evidence: { customer_name: '' }, submit: false }), refused)
  assert.equal((await stripe.disputes.close(id)).status, 'lost')
})

test('one key submits once, and every repetition hears the same answer', async () => {
  const { id } = await disputeOf((await chargedBack()).id)
  const evidence = { uncategorized_text: 'winning_evidence' }
  const answers: Stripe.Dispute[] = []
  for (let times = 0; times < 3; times++) {
    answers.push(await stripe.disputes.update(id, { evidence }, { idempotencyKey: `won-${id}` }))
  }
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set(['won']))
  assert.equal((await stripe.disputes.retrieve(id)).evidence_details.submission_count, 1)
})

test('an inquiry may be answered, and may still become a chargeback, which is answered anew', async () => {
  const { id } = await disputeOf((await paid()).id)
  const escalated = await stripe.disputes.update(id, { evidence: { uncategorized_text: 'escalate_inquiry_evidence' } })
  assert.equal(escalated.status, 'needs_response')
  assert.equal(escalated.payment_method_details?.card?.case_type, 'chargeback')
  assert.equal(escalated.balance_transactions.length, 1)
  await assertSameBooks(till)
  const won = await stripe.disputes.update(id, { evidence: { uncategorized_text: 'winning_evidence' } })
  assert.deepEqual([won.status, won.evidence_details.submission_count], ['won', 2])
  await assertSameBooks(till)
})

test('files cannot be shown to an issuer yet, and card numbers never', async () => {
  const { id } = await disputeOf((await chargedBack()).id)
  const later = { code: 'parameter_not_supported_yet' }
  await assert.rejects(stripe.disputes.update(id, { evidence: { receipt: 'file_1' } }), later)
  const card = { evidence: { access_activity_log: 'paid with 4242 4242 4242 4242' } }
  await assert.rejects(stripe.disputes.update(id, card), { code: 'card_number_refused' })
  await assert.rejects(stripe.disputes.retrieve('dp_nobody'), { code: 'resource_missing' })
})
