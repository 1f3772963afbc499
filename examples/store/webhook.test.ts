import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import Stripe from 'stripe'
import { newOrderId } from './orders.ts'
import type { Store } from './store.ts'
import { openTestStore, startTestTill, TEST_WEBHOOK_SECRET, type TestTill } from './till-for-tests.ts'

let till: TestTill
let store: Store
const logged: string[] = []
before(async () => {
  till = await startTestTill()
  store = await openTestStore(till, logged)
})
after(async () => {
  await store.stop()
  await till.stop()
})

const { webhooks } = new Stripe('sk_test_signs_nothing')
let eventCount = 0

function makeEvent(type: string, object: object): string {
  eventCount += 1
  return JSON.stringify({ id: `evt_${eventCount}`, object: 'event', type, data: { object } }, undefined, 2)
}

type Sending = { readonly secret?: string; readonly secondsAgo?: number; readonly sent?: string }

/** Signs `payload` with the SDK's own signer and posts it, or something else in its place. */
async function send(payload: string, { secret = TEST_WEBHOOK_SECRET, secondsAgo = 0, sent }: Sending = {}) {
  const timestamp = Math.floor(Date.now() / 1000) - secondsAgo
  const signature = await webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp })
  return fetch(`${store.url}/webhook`, {
    method: 'POST',
    body: sent ?? payload,
    headers: { 'stripe-signature': signature },
  })
}

async function placeOrder() {
  const id = newOrderId()
  const body = new URLSearchParams({ order: id, bag: 'the-salt-atlas.2' })
  await fetch(`${store.url}/checkout`, { method: 'POST', body, redirect: 'manual' })
  const session = [...till.sessions.values()].find((one) => one.client_reference_id === id)
  assert.ok(session)
  return { id, session, paid: { ...session, status: 'complete', payment_status: 'paid' } }
}

async function readState(id: string): Promise<string | undefined> {
  const html = await (await fetch(`${store.url}/orders/${id}`)).text()
  return /data-testid="order-state" data-state="(\w+)"/.exec(html)?.[1]
}

async function countSignals(id: string, kind: string): Promise<number> {
  const html = await (await fetch(`${store.url}/orders/${id}`)).text()
  return html.split(`data-signal="${kind}"`).length - 1
}

test('a verified checkout.session.completed pays the order, however the JSON is spaced', async () => {
  const { id, paid } = await placeOrder()
  assert.equal(await readState(id), 'awaiting')
  assert.equal((await send(makeEvent('checkout.session.completed', paid))).status, 200)
  assert.equal(await readState(id), 'paid')
})

const REFUSED: readonly (readonly [string, (payload: string) => Sending])[] = [
  ['signed with another secret', () => ({ secret: 'whsec_c29tZWJvZHkgZWxzZQ==' })],
  ['with a signature older than five minutes', () => ({ secondsAgo: 301 })],
  [
    'changed after it was signed',
    (payload) => ({ sent: payload.replace('"unpaid"', '"paid"').replace('open', 'complete') }),
  ],
  ['written anew by a parser', (payload) => ({ sent: JSON.stringify(JSON.parse(payload)) })],
]

for (const [name, how] of REFUSED) {
  test(`an event ${name} is refused with 400 and changes nothing`, async () => {
    const { id, session, paid } = await placeOrder()
    const payload = makeEvent('checkout.session.completed', name.startsWith('changed') ? session : paid)
    assert.equal((await send(payload, how(payload))).status, 400)
    assert.equal(await readState(id), 'awaiting')
    assert.equal(await countSignals(id, 'event'), 0)
  })
}

test('an event without a signature, and a signature without an event, are refused', async () => {
  const { id, paid } = await placeOrder()
  const body = makeEvent('checkout.session.completed', paid)
  assert.equal((await fetch(`${store.url}/webhook`, { method: 'POST', body })).status, 400)
  assert.equal((await send('not json')).status, 400)
  assert.equal(await readState(id), 'awaiting')
})

test('a refused event may come again with a good signature', async () => {
  const { id, paid } = await placeOrder()
  const payload = makeEvent('checkout.session.completed', paid)
  assert.equal((await send(payload, { secondsAgo: 4000 })).status, 400)
  assert.equal((await send(payload)).status, 200)
  assert.equal(await readState(id), 'paid')
})

test('a duplicate is acknowledged and told once', async () => {
  const { id, paid } = await placeOrder()
  const payload = makeEvent('checkout.session.completed', paid)
  const answers = await Promise.all([send(payload), send(payload), send(payload)])
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [200, 200, 200],
  )
  const html = await (await fetch(`${store.url}/orders/${id}`)).text()
  assert.equal(await countSignals(id, 'event'), 1)
  assert.doesNotMatch(html, /Seen \d times/)
})

test('an event that comes too late does not undo the payment', async () => {
  const { id, session, paid } = await placeOrder()
  await send(makeEvent('checkout.session.completed', paid))
  await send(makeEvent('checkout.session.expired', { ...session, status: 'expired' }))
  await send(makeEvent('checkout.session.completed', { ...paid, payment_status: 'unpaid' }))
  assert.equal(await readState(id), 'paid')
  assert.equal(await countSignals(id, 'event'), 3)
})

test('a declined card is told in the story and leaves the order open', async () => {
  const { id } = await placeOrder()
  const failed = { metadata: { order_id: id }, last_payment_error: { decline_code: 'insufficient_funds' } }
  assert.equal((await send(makeEvent('payment_intent.payment_failed', failed))).status, 200)
  assert.equal(await readState(id), 'awaiting')
  assert.equal(await countSignals(id, 'card_declined'), 1)
})

test('a session of another amount pays for nothing', async () => {
  const { id, paid } = await placeOrder()
  await send(makeEvent('checkout.session.completed', { ...paid, amount_total: 1 }))
  assert.equal(await readState(id), 'awaiting')
  assert.equal(await countSignals(id, 'mismatch'), 1)
})

test('events of other orders and of other kinds are acknowledged', async () => {
  const { paid } = await placeOrder()
  const foreign = { ...paid, client_reference_id: null }
  assert.equal((await send(makeEvent('checkout.session.completed', foreign))).status, 200)
  assert.equal((await send(makeEvent('charge.succeeded', { id: 'ch_1', object: 'charge' }))).status, 200)
  assert.equal((await send(makeEvent('payment_intent.payment_failed', { metadata: {} }))).status, 200)
})

test('an event that is too long is refused', async () => {
  assert.equal((await send(makeEvent('charge.succeeded', { text: 'x'.repeat(600_000) }))).status, 413)
})
