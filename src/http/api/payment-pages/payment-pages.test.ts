import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type Stripe from 'stripe'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { assertSameBooks } from '../../../../test/support/orders.ts'

const api = await startApiTill(import.meta.url)
after(api.stop)
const { stripe, till } = api

const open = () =>
  stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example/done',
    line_items: [{ price_data: { currency: 'eur', unit_amount: 1500, product_data: { name: 'Tea' } }, quantity: 2 }],
  })
const confirm = (session: { readonly id: string }, form: string, headers = {}) =>
  api.ask('POST', `/v1/payment_pages/${session.id}/confirm`, form, headers)

test('a session is paid with a named card as its page would be', async () => {
  const session = await open()
  const page = await api.ask('GET', `/v1/payment_pages/${session.id}`)
  assert.deepEqual(
    [page.json.object, page.json.session.id, page.json.payment_intent],
    ['payment_page', session.id, null],
  )
  const method = await stripe.paymentMethods.create({
    type: 'card',
    card: { token: 'tok_visa' },
    billing_details: {
      email: 'jenny@example.com',
      name: 'Jenny Rosen',
      address: { country: 'US', postal_code: '94080' },
    },
  })
  const paid = await confirm(session, `payment_method=${method.id}&expected_amount=3000`)
  assert.equal(paid.status, 200, paid.text)
  assert.deepEqual([paid.json.session.status, paid.json.payment_intent.status], ['complete', 'succeeded'])
  assert.equal(paid.json.payment_intent.payment_method, method.id)
  const after = await stripe.checkout.sessions.retrieve(session.id)
  assert.deepEqual([after.payment_status, after.customer_details?.email], ['paid', 'jenny@example.com'])
  const again = await confirm(session, 'payment_method=pm_card_visa')
  assert.equal(again.json.error.code, 'session_not_open')
  await assertSameBooks(till)
})

test('a card that a customer keeps pays and stays', async () => {
  const customer = await stripe.customers.create()
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
  for (const _ of [1, 2]) {
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      customer: customer.id,
      success_url: 'https://shop.example/done',
      line_items: [{ price_data: { currency: 'eur', unit_amount: 900, product_data: { name: 'Tea' } }, quantity: 1 }],
    })
    const paid = await confirm(session, `payment_method=${method.id}`)
    assert.equal(paid.json.session.payment_status, 'paid', paid.text)
  }
})

test('a decline is an error, leaves the session open, and another card pays it', async () => {
  const session = await open()
  const refused = await confirm(session, 'payment_method=pm_card_visa_chargeDeclined')
  assert.deepEqual(
    [refused.status, refused.json.error.type, refused.json.error.code],
    [402, 'card_error', 'card_declined'],
  )
  const needy = await confirm(session, 'payment_method=pm_card_authenticationRequired')
  assert.equal(needy.status, 402, needy.text)
  const paid = await confirm(session, 'payment_method=pm_card_visa')
  assert.equal(paid.json.session.status, 'complete')
  const charges = await stripe.charges.list({
    payment_intent: (paid.json as { payment_intent: Stripe.PaymentIntent }).payment_intent.id,
  })
  assert.deepEqual(
    charges.data.map(({ status }) => status),
    ['succeeded', 'failed', 'failed'],
  )
  await assertSameBooks(till)
})

test('a repeated confirmation reads the first answer, a decline too, and charges nothing', async () => {
  const session = await open()
  const keyed = (key: string, method: string) =>
    confirm(session, `payment_method=${method}`, { 'idempotency-key': `${session.id} ${key}` })
  const declined = await keyed('one', 'pm_card_visa_chargeDeclined')
  const { request_id: _, ...error } = declined.json.error
  assert.equal(declined.status, 402)
  const again = await keyed('one', 'pm_card_visa_chargeDeclined')
  assert.deepEqual([again.status, again.headers['idempotent-replayed']], [402, 'true'])
  const paid = await keyed('two', 'pm_card_visa')
  const repeated = await keyed('two', 'pm_card_visa')
  assert.deepEqual([paid.status, repeated.status], [200, 200], repeated.text)
  assert.deepEqual(repeated.json, paid.json)
  const late = await keyed('one', 'pm_card_visa_chargeDeclined')
  assert.deepEqual(
    [late.status, { ...late.json.error, request_id: undefined }],
    [402, { ...error, request_id: undefined }],
  )
  assert.equal((await keyed('two', 'pm_card_visa_chargeDeclined')).json.error.code, 'idempotency_mismatch')
  const charges = await stripe.charges.list({ payment_intent: paid.json.payment_intent.id })
  assert.equal(charges.data.length, 2)
  await assertSameBooks(till)
})

test('of ten confirmations at once one pays', async () => {
  const session = await open()
  const answers = await Promise.all(Array.from({ length: 10 }, () => confirm(session, 'payment_method=pm_card_visa')))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.deepEqual(
    new Set(answers.filter(({ status }) => status !== 200).map(({ json }) => json.error.code)),
    new Set(['session_not_open']),
  )
  await assertSameBooks(till)
})

test('another amount than the session collects is refused, and so is a missing card', async () => {
  const session = await open()
  const wrong = await confirm(session, 'payment_method=pm_card_visa&expected_amount=2999')
  assert.equal(wrong.json.error.code, 'expected_amount_differs')
  assert.equal((await confirm(session, 'expected_amount=3000')).json.error.param, 'payment_method')
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'open')
})
