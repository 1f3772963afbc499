import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type Stripe from 'stripe'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { assertSameBooks } from '../../../../test/support/orders.ts'

const api = await startApiTill(import.meta.url)
after(api.stop)
const { stripe, till } = api
const CARD = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' }
const cards = async () => Number((await till.db.sql`select count(*) from vault.cards`)[0]?.count)

test('a card is kept by a customer, pays more than once, and is shredded when it is detached', async () => {
  const customer = await stripe.customers.create({ name: 'Jenny' })
  const made = await stripe.paymentMethods.create({
    type: 'card',
    card: CARD,
    billing_details: { name: 'Jenny Rosen', address: { country: 'DE', postal_code: '10119' } },
    metadata: { a: '1' },
  })
  assert.deepEqual([made.customer, made.card?.last4, made.card?.brand], [null, '4242', 'visa'])
  assert.equal(made.billing_details.address?.postal_code, '10119')
  assert.equal((await stripe.paymentMethods.attach(made.id, { customer: customer.id })).customer, customer.id)
  const { data: kept } = await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })
  assert.deepEqual(
    kept.map(({ id }) => id),
    [made.id],
  )
  const own = await stripe.customers.listPaymentMethods(customer.id, { type: 'card', expand: ['data.customer'] })
  assert.deepEqual(
    own.data.map(({ id, customer: whose }) => [id, (whose as Stripe.Customer).name]),
    [[made.id, 'Jenny']],
  )
  assert.equal((await stripe.customers.retrievePaymentMethod(customer.id, made.id)).id, made.id)
  const stranger = await stripe.customers.create({ name: 'Ada' })
  assert.deepEqual((await stripe.customers.listPaymentMethods(stranger.id)).data, [])
  const missing = { code: 'resource_missing', statusCode: 404 }
  await assert.rejects(stripe.customers.retrievePaymentMethod(stranger.id, made.id), missing)
  await stripe.customers.del(stranger.id)
  await assert.rejects(stripe.customers.listPaymentMethods(stranger.id), missing)
  const changed = await stripe.paymentMethods.update(made.id, {
    billing_details: { name: 'J. Rosen' },
    metadata: { b: '2' },
  })
  assert.deepEqual([changed.billing_details.name, changed.metadata], ['J. Rosen', { a: '1', b: '2' }])
  const pay = (payment_method: string, params: object = { customer: customer.id }) =>
    stripe.paymentIntents.create({ amount: 500, currency: 'eur', confirm: true, payment_method, ...params })
  for (const _ of [1, 2]) assert.equal((await pay(made.id)).status, 'succeeded')
  await assert.rejects(pay(made.id, {}), { code: 'payment_method_unusable' })
  assert.equal(await till.vault.forgetBefore(new Date(till.env.now().getTime() + 1000)), 0)
  assert.equal(await cards(), 1)
  assert.equal((await stripe.paymentMethods.detach(made.id)).customer, null)
  assert.equal(await cards(), 0)
  const gone = { code: 'payment_method_unusable' }
  await assert.rejects(pay(made.id), gone)
  await assert.rejects(stripe.paymentMethods.attach(made.id, { customer: customer.id }), gone)
  const { data } = await stripe.events.list({ type: 'payment_method.*' })
  assert.deepEqual(
    data.map(({ type }) => type),
    ['payment_method.detached', 'payment_method.updated', 'payment_method.attached'],
  )
  await assertSameBooks(till)
})

test('a name of Stripe’s documentation stands for a published number', async () => {
  const made = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_amex' } })
  assert.deepEqual([made.card?.brand, made.card?.last4], ['amex', '0005'])
})

test('another card under the same key is another request', async () => {
  const make = (number: string) =>
    stripe.paymentMethods.create({ type: 'card', card: { ...CARD, number } }, { idempotencyKey: 'one card' })
  const first = await make('4242424242424242')
  assert.equal((await make('4242 4242 4242 4242')).id, first.id)
  await assert.rejects(make('5555555555554444'), { type: 'StripeIdempotencyError', message: /card/ })
})

const WRONG: readonly (readonly [what: string, card: object, status: number, code: string])[] = [
  ['a mistyped number', { ...CARD, number: '4242424242424243' }, 402, 'invalid_number'],
  ['half a number', { ...CARD, number: '42424242' }, 402, 'invalid_number'],
  ['a date that is past', { ...CARD, exp_year: 2020 }, 402, 'invalid_expiry'],
  ['no date', { number: CARD.number, cvc: '123' }, 402, 'invalid_expiry'],
  ['half a code', { ...CARD, cvc: '1' }, 402, 'invalid_cvc'],
  ['a 13th month', { ...CARD, exp_month: 13 }, 400, 'parameter_invalid_range'],
  ['nothing', {}, 400, 'parameter_missing'],
  ['a token of nobody', { token: 'tok_nothing' }, 400, 'resource_missing'],
]
for (const [what, card, status, code] of WRONG) {
  test(`a card with ${what} is refused as ${code}, and nothing of it is said or kept`, async () => {
    const before = await cards()
    const reply = await api.ask('POST', '/v1/payment_methods', { type: 'card', card })
    assert.equal(reply.status, status, reply.text)
    assert.equal(reply.json.error.code, code)
    assert.ok(!/42424242/.test(reply.text + api.logged.join('')))
    assert.equal(await cards(), before)
  })
}

test('a name of a test card is attached as a new method, each time another', async () => {
  const customer = await stripe.customers.create()
  const [one, other] = [
    await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id }),
    await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id }),
  ]
  assert.deepEqual([one.customer, one.card?.last4], [customer.id, '4242'])
  assert.notEqual(one.id, other.id)
  const paid = await stripe.paymentIntents.create({
    ...{ amount: 500, currency: 'eur', confirm: true, customer: customer.id, payment_method: one.id },
  })
  assert.equal(paid.status, 'succeeded')
  await assert.rejects(stripe.paymentMethods.attach('pm_card_nobody', { customer: customer.id }), {
    code: 'resource_missing',
  })
})
