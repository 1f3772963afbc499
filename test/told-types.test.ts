import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type Stripe from 'stripe'
import { EVENT_TYPES } from '../src/core/event.ts'
import { EVENT_FACTS } from '../src/core/event-facts.ts'
import { nameOf } from '../src/core/ids.ts'
import { sweepOrders } from '../src/flows/sweep.ts'
import { startApiTill } from './support/api-till.ts'

/** Real operations, and what the API says was told of them. */
const api = await startApiTill(import.meta.url)
const { stripe, till } = api
after(api.stop)
const approved = '4242424242424242'

/** What needs an issuer that asks, a bank that fails, or weeks: told by the tests of the flows and the simulator instead. */
const ELSEWHERE = [
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
  'charge.expired',
  'charge.pending',
  'charge.updated',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'refund.failed',
  'webhook_endpoint.test',
]

async function operate(): Promise<void> {
  await api.ask('POST', '/v1/account/settings', { display_name: 'Tea Shop', return_url_schemes: ['tea'] })
  const product = await stripe.products.create({ name: 'Tea', metadata: { a: '1', b: '2' } })
  await stripe.products.update(product.id, { name: 'Green tea', metadata: { b: '3' } })
  await stripe.products.del((await stripe.products.create({ name: 'Coffee' })).id)
  const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 500 })
  await stripe.prices.update(price.id, { nickname: 'Cup' })
  const customer = await stripe.customers.create({
    name: 'Jenny',
    address: { city: 'Berlin', line1: 'Weg 1', country: 'DE' },
    preferred_locales: ['de', 'en'],
  })
  await stripe.customers.update(customer.id, {
    address: { city: 'Bonn', line1: 'Weg 1', country: 'DE' },
    preferred_locales: ['de'],
  })
  const method = await stripe.paymentMethods.create({
    type: 'card',
    card: { number: approved, exp_month: 12, exp_year: 2034, cvc: '123' },
  })
  await stripe.paymentMethods.attach(method.id, { customer: customer.id })
  await stripe.paymentMethods.update(method.id, { billing_details: { name: 'Jenny Rosen' } })
  await stripe.paymentMethods.detach(method.id)
  await stripe.customers.del(customer.id)

  const paid = await api.paid(approved)
  const refund = await stripe.refunds.create({ payment_intent: paid.paymentId, amount: 400 })
  await stripe.refunds.update(refund.id, { metadata: { why: 'broken' } })
  await stripe.refunds.create({ payment_intent: paid.paymentId, amount: 2000 })
  await sweepOrders(till.payments)
  await api.paid('4000000000000002')
  const held = await api.paid(approved, { paymentTemplate: { captureMethod: 'manual' } })
  await stripe.paymentIntents.capture(held.paymentId)
  const released = await api.paid(approved, { paymentTemplate: { captureMethod: 'manual' } })
  await stripe.paymentIntents.cancel(released.paymentId)
  const session = await till.openSession()
  await stripe.checkout.sessions.expire(nameOf('session', session.tenant, session.id))
}

await operate()
const told: Stripe.Event[] = []
for await (const event of stripe.events.list({ limit: 100 })) told.push(event)
const objectOf = ({ data }: Stripe.Event) => (data.object as unknown as { object: string }).object
const last = (type: string) => told.find((event) => event.type === type)

for (const type of EVENT_TYPES) {
  test(`${type} is ${ELSEWHERE.includes(type) ? 'told elsewhere' : 'told as the table says'}`, () => {
    const events = told.filter((event) => event.type === type)
    if (ELSEWHERE.includes(type)) return assert.equal(events.length, 0)
    assert.ok(events.length > 0)
    const facts = EVENT_FACTS[type]
    for (const event of events) assert.equal(objectOf(event), facts.object)
    assert.equal(
      events.some(({ data }) => data.previous_attributes !== undefined),
      facts.previous === true,
    )
  })
}

const CHANGES: readonly [type: string, expected: object][] = [
  ['account.updated', { business_profile: undefined, settings: { dashboard: { display_name: 'Test shop' } } }],
  ['product.updated', { name: 'Tea', metadata: { b: '2' } }],
  ['price.updated', { nickname: null }],
  // Of an object the members that changed, of a list the whole.
  ['customer.updated', { address: { city: 'Berlin' }, preferred_locales: ['de', 'en'] }],
  ['payment_method.updated', { billing_details: { name: null } }],
  ['charge.captured', { amount_captured: 0, captured: false, balance_transaction: null }],
]
for (const [type, expected] of CHANGES) {
  test(`${type} says what changed and nothing else`, () => {
    const previous = { ...last(type)?.data.previous_attributes } as Record<string, unknown>
    if (type === 'product.updated') delete previous.updated
    assert.deepEqual(previous, JSON.parse(JSON.stringify(expected)))
  })
}

test('charges say how much of them went back before, and refunds how they stood', () => {
  const refunds = told.filter(({ type }) => type === 'charge.refunded').map(({ data }) => data.previous_attributes)
  assert.deepEqual(refunds, [
    { amount_refunded: 0, refunded: false },
    { amount_refunded: 400, refunded: false },
    { amount_refunded: 0 },
  ])
  const notes = told.filter(({ type }) => type === 'refund.updated').map(({ data }) => data.previous_attributes)
  assert.ok(notes.some((previous) => JSON.stringify(previous) === '{"metadata":{"why":null}}'))
})

test('an event names its request where somebody asked, and nobody where nobody did', () => {
  const [made, settled] = [last('refund.created'), last('charge.failed')]
  assert.match(made?.request?.id ?? '', /^req_/)
  assert.deepEqual(settled?.request, { id: null, idempotency_key: null })
})
