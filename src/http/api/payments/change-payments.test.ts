import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import Stripe from 'stripe'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { assertSameBooks } from '../../../../test/support/orders.ts'

const api = await startApiTill(import.meta.url)
after(api.stop)
const { stripe, till } = api
const EURO = { amount: 1250, currency: 'eur' } as const

test('a payment is made, changed and paid by a name of Stripe’s documentation', async () => {
  const made = await stripe.paymentIntents.create({
    ...EURO,
    automatic_payment_methods: { enabled: true },
    metadata: { order: '17' },
    receipt_email: 'jenny@example.com',
  })
  assert.deepEqual([made.status, made.payment_method, made.latest_charge], ['requires_payment_method', null, null])
  const changed = await stripe.paymentIntents.update(made.id, { amount: 1300, description: 'Tea', receipt_email: '' })
  assert.deepEqual([changed.amount, changed.description, changed.receipt_email], [1300, 'Tea', null])
  const paid = await stripe.paymentIntents.confirm(made.id, {
    payment_method: 'pm_card_visa',
    return_url: 'https://shop.example/done',
    expand: ['payment_method', 'latest_charge'],
  })
  assert.deepEqual([paid.status, paid.amount_received], ['succeeded', 1300])
  const method = paid.payment_method as Stripe.PaymentMethod
  assert.equal(method.card?.last4, '4242')
  assert.equal((paid.latest_charge as Stripe.Charge).payment_method, method.id)
  await assert.rejects(stripe.paymentIntents.confirm(made.id, { payment_method: 'pm_card_visa' }), {
    code: 'payment_intent_unexpected_state',
  })
  await assert.rejects(stripe.paymentIntents.create({ ...EURO, payment_method: method.id, confirm: true }), {
    code: 'payment_method_unusable',
  })
  await assertSameBooks(till)
})

test('whose a payment is, how it is captured and where its goods go may be said later', async () => {
  const customer = await stripe.customers.create({ name: 'Jenny' })
  const made = await stripe.paymentIntents.create(EURO)
  const changed = await stripe.paymentIntents.update(made.id, { customer: customer.id, capture_method: 'manual' })
  assert.deepEqual([changed.customer, changed.capture_method], [customer.id, 'manual'])
  const address = { line1: 'Torstr. 1', city: 'Berlin', country: 'DE' }
  const said = { receipt_email: 'jenny@example.com', shipping: { name: 'Jenny Rosen', address } }
  const held = await stripe.paymentIntents.confirm(made.id, {
    payment_method: 'pm_card_visa',
    ...said,
    expand: ['latest_charge'],
  })
  assert.deepEqual(
    [held.status, held.receipt_email, held.shipping?.name],
    ['requires_capture', said.receipt_email, 'Jenny Rosen'],
  )
  const charge = held.latest_charge as Stripe.Charge
  assert.deepEqual([charge.customer, charge.receipt_email, charge.captured], [customer.id, said.receipt_email, false])
  const unexpected = { code: 'payment_intent_unexpected_state' }
  await assert.rejects(stripe.paymentIntents.update(made.id, { customer: customer.id }), unexpected)
  const other = await stripe.paymentIntents.create({
    ...EURO,
    capture_method: 'manual',
    payment_method: 'pm_card_visa',
  })
  assert.equal((await stripe.paymentIntents.confirm(other.id, { capture_method: 'automatic' })).status, 'succeeded')
  await stripe.customers.del(customer.id)
  const late = await stripe.paymentIntents.create(EURO)
  await assert.rejects(stripe.paymentIntents.update(late.id, { customer: customer.id }), { code: 'customer_deleted' })
  await assertSameBooks(till)
})

test('a card comes with the payment, as JSON and as a form, and is nowhere but in the vault', async () => {
  const data = { type: 'card', card: { number: '4242 4242 4242 4242', exp_month: 12, exp_year: 2034, cvc: '123' } }
  const { json, text } = await api.ask('POST', '/v1/payment_intents', {
    ...EURO,
    confirm: true,
    capture_method: 'manual',
    payment_method_data: { ...data, billing_details: { name: 'Jenny Rosen', address: { country: 'DE' } } },
  })
  assert.deepEqual([json.status, json.amount_capturable], ['requires_capture', 1250], text)
  assert.equal((await stripe.paymentIntents.capture(json.id)).status, 'succeeded')
  const form = await stripe.paymentIntents.create({ ...EURO, confirm: true, payment_method_data: data as never })
  assert.equal(form.status, 'succeeded')
  await assertSameBooks(till)
  const stored = await till.db.sql<{ row: string }[]>`
    select i::text as row from idempotency i union all select m::text from payment_methods m
    union all select e::text from events e union all select c::text from charges c`
  assert.ok(stored.length > 3)
  assert.ok(!stored.some(({ row }) => /4242 ?4242/.test(row)))
  assert.ok(!api.logged.some((line) => /4242 ?4242/.test(line)))
})

test('a decline is an error that names the payment, and the next card pays it', async () => {
  const made = await stripe.paymentIntents.create({
    ...EURO,
    payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds',
  })
  assert.equal(made.status, 'requires_confirmation')
  const key = { idempotencyKey: 'confirm-declined' }
  const thrown = await stripe.paymentIntents.confirm(made.id, {}, key).catch((error: unknown) => error)
  assert.ok(thrown instanceof Stripe.errors.StripeCardError)
  assert.deepEqual(
    [thrown.statusCode, thrown.code, thrown.decline_code, thrown.payment_intent?.id],
    [402, 'card_declined', 'insufficient_funds', made.id],
  )
  assert.match(thrown.charge ?? '', /^ch_/)
  const declined = { type: 'StripeCardError', code: 'card_declined' }
  await assert.rejects(stripe.paymentIntents.confirm(made.id, {}, key), declined)
  assert.equal((await stripe.charges.list({ payment_intent: made.id })).data.length, 1)
  await assert.rejects(stripe.paymentIntents.confirm(made.id), { code: 'parameter_missing', param: 'payment_method' })
  const paid = await stripe.paymentIntents.confirm(made.id, { payment_method: 'pm_card_mastercard' })
  assert.deepEqual([paid.status, paid.last_payment_error], ['succeeded', null])
  await assertSameBooks(till)
})

test('the same key makes one payment, however often and at once it is asked for', async () => {
  const ask = (payment_method = 'pm_card_visa') =>
    stripe.paymentIntents.create({ ...EURO, confirm: true, payment_method }, { idempotencyKey: 'one' })
  const answers = await Promise.allSettled(Array.from({ length: 8 }, () => ask()))
  const made = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []))
  assert.equal(new Set(made).size, 1)
  for (const answer of answers) {
    if (answer.status === 'rejected') assert.equal(answer.reason.code, 'idempotency_key_in_use')
  }
  const again = await ask()
  assert.deepEqual([again.id, again.status], [made[0], 'succeeded'])
  await assert.rejects(ask('pm_card_amex'), { type: 'StripeIdempotencyError', message: /payment_method/ })
  await assertSameBooks(till)
})

test('ten confirms at once charge once', async () => {
  const { id } = await stripe.paymentIntents.create(EURO)
  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, () => stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })),
  )
  assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.equal((await stripe.charges.list({ payment_intent: id })).data.length, 1)
  await assertSameBooks(till)
})

test('a payment is given up before anybody pays it', async () => {
  const { id } = await stripe.paymentIntents.create(EURO)
  assert.equal((await stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' })).status, 'canceled')
  await assert.rejects(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' }), {
    code: 'payment_intent_unexpected_state',
  })
})

type Row = readonly [what: string, params: object, code: string, param: string]
const NUMBER = 'payment_method_data[card][number]'
const REFUSED: readonly Row[] = [
  ['a card to keep', { setup_future_usage: 'off_session' }, 'parameter_not_supported_yet', 'setup_future_usage'],
  ['a name that stands for nothing', { payment_method: 'pm_card_nothing' }, 'resource_missing', 'payment_method'],
  ['another object', { payment_method: 'pi_x' }, 'resource_missing', 'payment_method'],
  ['too little', { amount: 1 }, 'amount_too_small', 'amount'],
  ['no money', { currency: 'xxx' }, 'invalid_currency', 'currency'],
  ['nobody’s customer', { customer: 'cus_x' }, 'resource_missing', 'customer'],
  ['no card', { confirm: true }, 'parameter_missing', 'payment_method'],
  ['a card without a number', { payment_method_data: { type: 'card' } }, 'parameter_missing', NUMBER],
]
for (const [what, params, code, param] of REFUSED) {
  test(`a payment with ${what} is refused as ${code}`, async () => {
    const { status, json, text } = await api.ask('POST', '/v1/payment_intents', { ...EURO, ...params })
    assert.equal(status, 400, text)
    assert.deepEqual([json.error.code, json.error.param], [code, param])
  })
}

test('a payment that is confirmed by hand pays, and sends nobody to the issuer', async () => {
  const by = { amount: 2000, currency: 'usd', confirm: true, confirmation_method: 'manual' } as const
  const paid = await stripe.paymentIntents.create({ ...by, payment_method: 'pm_card_visa' })
  assert.deepEqual([paid.status, paid.confirmation_method], ['succeeded', 'manual'])
  await assert.rejects(stripe.paymentIntents.create({ ...by, payment_method: 'pm_card_authenticationRequired' }), {
    code: 'authentication_required',
  })
})
