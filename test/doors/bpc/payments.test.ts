import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { until } from '../../support/until.ts'
import { type AskBpc, CARD, PAYMENT, SESSION } from './client.ts'
import { startBpcShop } from './shop.ts'

let till: RunningOpentill
let ask: AskBpc
let shop: Awaited<ReturnType<typeof startBpcShop>>

before(async () => {
  till = await startTestOpentill(import.meta.url)
  shop = await startBpcShop(till)
  ask = shop.ask
})
after(async () => {
  await shop?.stop()
  await till?.stop()
})

const typesOf = (id: string) => shop.toldOf(id).map(({ type }) => type)
const heard = (id: string, types: readonly string[]) =>
  until(`${types} of ${id}`, () => typesOf(id).length >= types.length).then(() => assert.deepEqual(typesOf(id), types))
const withCard = (number: string, more: object = {}) => ({
  ...PAYMENT,
  paymentMethod: { type: 'card', card: { ...CARD, number } },
  ...more,
})

test('bpc 10: a payment with a card succeeds, and its events come in order', async () => {
  const { status, json } = await ask('POST', '/payments', PAYMENT)
  assert.equal(status, 200)
  const { id, created, ...rest } = json
  assert.match(id, /^pp_[1-9A-HJ-NP-Za-km-z]+$/)
  assert.match(String(created), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.deepEqual(rest, {
    amount: 70000,
    amountCapturable: 0,
    amountCaptured: 70000,
    amountRefunded: 0,
    currency: 'eur',
    status: 'succeeded',
    captureMethod: 'automatic',
    metadata: {},
    customerDetails: { fullName: 'Jenny Rosen', ...PAYMENT.customerDetails },
    paymentMethod: { type: 'card', card: { brand: 'visa', last4: '4242', expiryMonth: 12, expiryYear: 2034 } },
  })
  assert.deepEqual((await ask('GET', `/payments/${id}`)).json, json)
  await heard(id, ['payment.created', 'payment.succeeded'])
})

test('payment.created is acknowledged before the call is answered', async () => {
  shop.holdBefore(() => pause(100))
  const answers = await Promise.all(
    [0, 1, 2].map(async () => {
      const from = performance.now()
      const { json } = await ask('POST', '/payments', PAYMENT)
      return { types: typesOf(json.id), ms: performance.now() - from }
    }),
  )
  shop.holdBefore(async () => {})
  // On a machine that has much else to do the two seconds may be over first.
  for (const { types, ms } of answers)
    assert.ok(types[0] === 'payment.created' || ms >= 2_000, `${types} after ${ms} ms`)
})

test('a shop that does not take payment.created is not waited for for ever', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  shop.holdBefore(() => held)
  const { status, json } = await ask('POST', '/payments', PAYMENT)
  assert.deepEqual([status, json.status, typesOf(json.id)], [200, 'succeeded', []])
  release()
  shop.holdBefore(async () => {})
  await heard(json.id, ['payment.created', 'payment.succeeded'])
})

test('bpc 11: a payment in two steps is held, then captured', async () => {
  const { json } = await ask('POST', '/payments', { ...PAYMENT, captureMethod: 'manual' })
  assert.deepEqual([json.status, json.amountCapturable, json.amountCaptured], ['requiresCapture', 70000, 0])
  await heard(json.id, ['payment.created', 'payment.amountCapturableUpdated'])
  const captured = await ask('POST', `/payments/${json.id}/capture`, { amount: 50000 })
  assert.equal(captured.status, 200, captured.text)
  assert.deepEqual([captured.json.status, captured.json.amountCaptured], ['succeeded', 50000])
  const all = ['payment.created', 'payment.amountCapturableUpdated', 'payment.funded', 'payment.succeeded']
  await heard(json.id, all)
  for (const { data } of shop.toldOf(json.id).slice(2)) assert.deepEqual(data.object, captured.json)
  const again = await ask('POST', `/payments/${json.id}/capture`)
  assert.deepEqual([again.status, again.json.code], [400, 'paymentUnexpectedState'])
})

const SDK_CARDS: readonly (readonly [number: string, status: string])[] = [
  ['5555555555555599', 'requiresAction'],
  ['4111111111111111', 'succeeded'],
  ['5168494895055780', 'requiresPaymentMethod'],
  ['4000001111111118', 'succeeded'],
  ['4444555511113333', 'succeeded'],
]
for (const [number, status] of SDK_CARDS) {
  test(`the card of the SDK’s tests that ends in ${number.slice(-4)}: ${status}`, async () => {
    assert.equal((await ask('POST', '/payments', withCard(number))).json.status, status)
  })
}

test('the wrong code of those tests is declined', async () => {
  for (const number of ['4444555511113333', '5555555555555599', '4000001111111118']) {
    const paymentMethod = { card: { ...CARD, number, cvc: '000' } }
    const { json } = await ask('POST', '/payments', { ...PAYMENT, paymentMethod })
    assert.equal(json.status, 'requiresPaymentMethod')
  }
})

test('a payment whose card is declined says why, and can be given up', async () => {
  const { status, json } = await ask('POST', '/payments', withCard('4000000000009995'))
  assert.deepEqual([status, json.status, json.amountCaptured], [200, 'requiresPaymentMethod', 0])
  assert.deepEqual((json.lastError as { code: string }).code, 'insufficient_funds')
  await heard(json.id, ['payment.created', 'payment.failed'])
  const canceled = await ask('POST', `/payments/${json.id}/cancel`)
  assert.equal(canceled.json.status, 'canceled')
  await heard(json.id, ['payment.created', 'payment.failed', 'payment.canceled'])
})

test('what is held is given back by a cancel, and cannot be captured then', async () => {
  const { json } = await ask('POST', '/payments', { ...PAYMENT, captureMethod: 'manual' })
  const canceled = await ask('POST', `/payments/${json.id}/cancel`, {})
  assert.deepEqual([canceled.status, canceled.json.status], [200, 'canceled'])
  assert.equal((await ask('POST', `/payments/${json.id}/capture`)).status, 400)
  await heard(json.id, ['payment.created', 'payment.amountCapturableUpdated', 'payment.canceled'])
})

test('a payment is refunded in parts, never beyond what it was', async () => {
  const { json: payment } = await ask('POST', '/payments', PAYMENT)
  const early = await ask('POST', `/payments/${payment.id}/cancel`)
  assert.equal(early.json.code, 'paymentUnexpectedState')
  const part = await ask('POST', '/refunds', { paymentId: payment.id, amount: 20000, metadata: { because: 'late' } })
  assert.equal(part.status, 200, part.text)
  assert.match(part.json.id, /^re_/)
  const { paymentId, amount, currency, status, metadata } = part.json
  assert.deepEqual(
    [paymentId, amount, currency, status, metadata],
    [payment.id, 20000, 'eur', 'succeeded', { because: 'late' }],
  )
  assert.deepEqual((await ask('GET', `/refunds/${part.json.id}`)).json, part.json)
  const much = await ask('POST', '/refunds', { paymentId: payment.id, amount: 50001 })
  assert.deepEqual([much.status, much.json.errors?.[0]?.field], [400, 'amount'])
  const rest = await ask('POST', '/refunds', { paymentId: payment.id })
  assert.equal(rest.json.amount, 50000)
  const none = await ask('POST', '/refunds', { paymentId: payment.id })
  assert.deepEqual([none.status, none.json.code], [400, 'paymentAlreadyRefunded'])
  const after = (await ask('GET', `/payments/${payment.id}`)).json
  assert.deepEqual([after.status, after.amountRefunded], ['succeeded', 70000])
  for (const { json } of [part, rest]) await heard(json.id, ['refund.created', 'refund.succeeded'])
})

test('nothing is refunded that was not captured', async () => {
  const { json } = await ask('POST', '/payments', { ...PAYMENT, captureMethod: 'manual' })
  const refused = await ask('POST', '/refunds', { paymentId: json.id })
  assert.deepEqual([refused.status, refused.json.code], [400, 'paymentNotRefundable'])
})

test('a repeated request with its key pays once', async () => {
  const key = { 'idempotency-key': 'order-7' }
  const [one, two] = [await ask('POST', '/payments', PAYMENT, key), await ask('POST', '/payments', PAYMENT, key)]
  assert.deepEqual(two.json, one.json)
  const other = await ask('POST', '/payments', { ...PAYMENT, amount: 1 }, key)
  assert.deepEqual([other.status, other.json.code], [400, 'idempotencyMismatch'])
  const session = [await ask('POST', '/sessions', SESSION, key), await ask('POST', '/sessions', SESSION)]
  assert.equal(session[0]?.status, 400, 'one key is one request')
})
