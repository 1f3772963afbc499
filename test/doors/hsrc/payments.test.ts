import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { until } from '../../support/until.ts'
import { type AskHsrc, CONFIRM, DATA, hsrcClient, SESSION } from './client.ts'
import { isSigned, startHsrcShop } from './shop.ts'

let till: RunningOpentill
let ask: AskHsrc
let shop: Awaited<ReturnType<typeof startHsrcShop>>
/** Charges and refunds are on paths that the native door has too: a key of this door's is answered in its form there. */
let keyed: AskHsrc
const SECRET = 'a-secret-of-the-merchant-s-own-0123456789'

before(async () => {
  till = await startTestOpentill(import.meta.url)
  ask = hsrcClient(till.url, till.secretKey)
  keyed = (method, path, body, headers) => hsrcClient(`${till.url}/_hsrc`, till.secretKey)(method, path, body, headers)
  shop = await startHsrcShop()
  shop.setSecret(SECRET)
  const made = await ask('POST', '/webhooks/', { endpoint: shop.url, enabled_events: ['*'], secret: SECRET })
  assert.equal(made.status, 201, made.json.message)
})
after(async () => {
  await shop?.stop()
  await till?.stop()
})

const PAYMENT = { amount: 12500, currency: 'TRY', auto_capture: true, metadata: { order: 7 } }
const create = async (more: object = {}) => (await ask('POST', '/payments/', { ...PAYMENT, ...more })).json.payment
const confirm = async (id: string, body: object = CONFIRM) => (await ask('POST', `/payments/${id}/confirm`, body)).json
const heard = (type: string, paymentId: string) =>
  until(`${type} of ${paymentId}`, () => shop.events.find((one) => one.type === type && one.paymentId === paymentId))

test('hsrc 6: a payment is made, and nothing is charged', async () => {
  const { status, json } = await ask('POST', '/payments', PAYMENT)
  assert.equal(status, 201)
  assert.equal(json.payment.status, 'CREATED')
  assert.deepEqual(json.data.payment, json.payment)
  assert.deepEqual([json.payment.object, json.payment.metadata], ['payment', { order: '7' }])
  const read = await ask('GET', `/payments/${json.payment.id}?include_charges=true`)
  assert.deepEqual([read.json.payment.status, read.json.payment.charges], ['CREATED', []])
})

test('hsrc 7: it is confirmed with a stored method, or with a card', async () => {
  const method = await till.stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })
  for (const payment_method of [{ id: method.id }, { id: 'pm_card_visa' }, CONFIRM.payment_method]) {
    const { id } = await create()
    const json = await confirm(id, { payment_method, payer_identity: CONFIRM.payer_identity })
    assert.deepEqual([json.payment.id, json.payment.status], [id, 'SUCCEEDED'])
    assert.deepEqual(json.data.confirmResult, { ok: true, latestResult: { kind: 'success' } })
    const event = await heard('payment.succeeded', id)
    assert.equal(event.data.object.status, 'SUCCEEDED')
  }
  const { id } = await create()
  assert.equal((await ask('POST', `/payments/${id}/confirm`, { payment_method: { id: 'pm_123' } })).status, 400)
})

test('hsrc 8: money is held and captured later', async () => {
  const { id } = await create({ auto_capture: false })
  assert.equal((await confirm(id)).payment.status, 'AUTHORIZED')
  await heard('payment.authorized', id)
  const { status, json } = await ask('POST', `/payments/${id}/capture`, {})
  assert.deepEqual([status, json.payment.status], [200, 'SUCCEEDED'])
  await heard('charge.captured', id)
  await heard('payment.succeeded', id)
})

test('a hold is let go, and a payment that nobody confirmed is given up', async () => {
  const held = await create({ auto_capture: false })
  await confirm(held.id)
  assert.equal((await ask('POST', `/payments/${held.id}/cancel`)).json.payment.status, 'CANCELED')
  await heard('payment.canceled', held.id)
  const { events } = (await ask('GET', `/payments/${held.id}?include_events=true`)).json.payment
  assert.deepEqual(
    (events as { type: string }[]).map(({ type }) => type),
    ['payment.authorized', 'payment.canceled'],
    'nothing was refunded',
  )
  const open = await create()
  assert.equal((await ask('POST', `/payments/${open.id}/cancel`)).json.payment.status, 'CANCELED')
  assert.equal((await ask('POST', `/payments/${open.id}/confirm`, CONFIRM)).status, 409)
  const session = (await ask('POST', '/checkout-sessions', SESSION)).json.checkout_session
  assert.equal((await ask('POST', `/payments/${session.payment_id}/cancel`)).json.payment.status, 'CANCELED')
  assert.equal((await ask('GET', `/checkout-sessions/${session.id}`)).json.checkout_session.status, 'CANCELLED')
  await heard('checkout_session.cancelled', session.payment_id)
})

test('hsrc 9: a decline is told with its charge, and the payment waits for another card', async () => {
  const { id } = await create()
  const unknown = { ...DATA, pan: '4000000000000051', month: 12, year: 2034 }
  const json = await confirm(id, { ...CONFIRM, payment_method: { type: 'card', data: unknown } })
  assert.equal(json.payment.status, 'REQUIRES_PAYMENT_METHOD')
  assert.equal(json.confirmResult.errCode, 'invalid_payment_method')
  const event = await heard('charge.declined', id)
  assert.equal(event.data.object.status, 'DECLINED')
  await heard('payment.requires_payment_method', id)
  assert.equal((await confirm(id)).payment.status, 'SUCCEEDED')
})

test('test mode fails as metadata asks for it, hard or soft, whatever the card', async () => {
  for (const [expectedSandboxErr, declineType] of [
    ['invalid_payment_method', 'hard'],
    ['invalid_currency', 'hard'],
    ['invalid_credentials', 'hard'],
    ['system_proxy_timeout', 'soft'],
    ['system_network_econnreset', 'soft'],
    ['system_unknown', 'soft'],
  ]) {
    const { id } = await create({ metadata: { expectedSandboxErr }, secure_mode: true })
    const { payment, confirmResult } = await confirm(id)
    assert.equal(payment.status, 'REQUIRES_PAYMENT_METHOD')
    assert.deepEqual([confirmResult.errCode, confirmResult.declineType], [expectedSandboxErr, declineType])
  }
  const { id } = await create({ metadata: { expectedSandboxErr: 'something else' } })
  assert.equal((await confirm(id)).payment.status, 'SUCCEEDED')
})

test('a number that no card has is an outcome too, and nothing of it is kept', async () => {
  const { id } = await create()
  const data = { ...DATA, pan: '4991001823456702' }
  const json = await confirm(id, { ...CONFIRM, payment_method: { type: 'card', data } })
  const { ok, errCode, declineType } = json.confirmResult
  assert.deepEqual([ok, errCode, declineType], [false, 'invalid_payment_method', 'hard'])
  assert.equal(json.payment.status, 'CREATED')
})

test('hsrc 12: a webhook gets a secret, the merchant’s or one of ours', async () => {
  const { status, json } = await ask('POST', '/webhooks/', {
    endpoint: `${shop.url}/second`,
    enabled_events: ['payment.succeeded', 'checkout_session.completed'],
  })
  assert.equal(status, 201)
  assert.equal(json.data.object, 'webhook')
  assert.ok(json.data.secret.length > 20)
  const { data } = (await ask('GET', '/webhooks')).json as unknown as { data: { endpoint: string }[] }
  assert.deepEqual(data.map(({ endpoint }) => endpoint).sort(), [shop.url, `${shop.url}/second`])
  const wrong = await ask('POST', '/webhooks', { endpoint: shop.url, enabled_events: ['payment.updated'] })
  assert.deepEqual([wrong.status, wrong.json.error.details.field], [400, 'enabled_events.0'])
  assert.equal((await ask('DELETE', `/webhooks/${json.data.id}`)).status, 200)
})

test('hsrc 13: an event that is delivered twice has one id, and ships once', async () => {
  shop.failNext(1)
  const { id } = await create()
  await confirm(id)
  const { id: eventId } = await heard('payment.succeeded', id)
  const [endpoint] = (await till.stripe.webhookEndpoints.list()).data.filter(({ url }) => url === shop.url)
  await till.stripe.rawRequest('POST', `/v1/events/${eventId}/retry`, { webhook_endpoint: endpoint?.id })
  const copies = () => shop.got.filter(({ body }) => body.toString().includes(`"id":"${eventId}"`))
  await until('the second delivery', () => copies().length >= 2)
  assert.deepEqual(new Set(copies().map(({ body }) => body.toString())).size, 1)
  assert.deepEqual(shop.shipped.filter((paymentId) => paymentId === id).length, 1)
})

test('a webhook with a forged signature, or a body that was changed, is refused by the handler', async () => {
  const { id } = await create()
  await confirm(id)
  await heard('payment.succeeded', id)
  const real = shop.got.find(({ body }) => body.toString().includes(id)) ?? assert.fail()
  const header = String(real.headers['x-hsrcpay-signature'])
  assert.match(header, /^t=\d+,v1=[0-9a-f]{64}$/)
  assert.ok(isSigned(real.body, header, SECRET))
  const forged = real.body.toString().replace(id, 'pay_forged')
  const shippedBefore = shop.shipped.length
  for (const signature of [header, 't=1,v1=00', '']) {
    const answer = await fetch(shop.url, {
      method: 'POST',
      headers: { 'x-hsrcpay-signature': signature },
      body: forged,
    })
    assert.equal(answer.status, 401)
  }
  assert.equal(shop.shipped.length, shippedBefore)
})

test('a charge is refunded in parts, until all of it is', async () => {
  const { id } = await create()
  await confirm(id)
  const { charges } = (await ask('GET', `/payments/${id}?include_charges=true`)).json.payment
  const charge_id = charges?.[0]?.id ?? assert.fail()
  const first = await keyed('POST', '/refunds/', { charge_id, amount: 2500, reason: 'OTHER', reason_other: 'too late' })
  assert.deepEqual([first.status, first.json.data.amount, first.json.data.reason_other], [201, 2500, 'too late'])
  assert.equal((await ask('GET', `/payments/${id}`)).json.payment.status, 'SUCCEEDED')
  await heard('charge.refunded', id)
  const tooMuch = await keyed('POST', '/refunds', { charge_id, amount: 10001 })
  assert.deepEqual([tooMuch.status, tooMuch.json.error.details.field], [400, 'amount'])
  assert.equal((await keyed('POST', '/refunds', { charge_id })).status, 201)
  assert.equal((await ask('GET', `/payments/${id}`)).json.payment.status, 'REFUNDED')
  assert.equal((await heard('payment.refunded', id)).data.object.status, 'REFUNDED')
  assert.equal((await keyed('POST', '/refunds', { charge_id })).status, 409)
  const { data } = (await keyed('GET', `/refunds/?charge_id=${charge_id}`)).json as unknown as { data: object[] }
  assert.equal(data.length, 2)
})

test('a plan has the one provider that was asked, and every include of a payment is there', async () => {
  const { id } = await create()
  assert.equal((await ask('GET', `/routing-plans/${id.replace('pay_', 'rp_')}`)).status, 404)
  await confirm(id)
  const query = 'include_charges=true&include_routing_plans=true&include_events=true&include_customer=true'
  const { payment } = (await ask('GET', `/payments/${id}?${query}`)).json
  const [plan] = payment.routing_plans as { id: string; candidates: object[]; current_index: number }[]
  assert.equal(plan?.current_index, 0)
  assert.deepEqual(plan?.candidates, [
    { payment_provider_config_id: 'sandbox', provider_identifier: 'sandbox', status: 'CAPTURED', reason: null },
  ])
  assert.deepEqual(
    (payment.events as { type: string }[]).map(({ type }) => type),
    ['payment.succeeded'],
  )
  assert.equal(payment.customer, null)
  const read = await ask('GET', `/routing-plans/${plan?.id}?include_payment=true`)
  assert.deepEqual([read.json.data.object, read.json.data.payment.id], ['routing_plan', id])
  const { charges } = (await ask('GET', `/transactions/${id}`)).json.data.payment
  assert.equal(charges?.length, 1)
})

test('the same key with the same words is answered once; with others it is a conflict', async () => {
  const key = { 'idempotency-key': 'order-77' }
  const first = await ask('POST', '/payments', PAYMENT, key)
  const second = await ask('POST', '/payments', PAYMENT, key)
  assert.equal(second.json.payment.id, first.json.payment.id)
  const other = await ask('POST', '/payments', { ...PAYMENT, amount: 1 + PAYMENT.amount }, key)
  assert.deepEqual([other.status, other.json.error.details.code], [409, 'idempotency_mismatch'])
  const confirmKey = { 'idempotency-key': 'confirm-77' }
  const session = (await ask('POST', '/checkout-sessions', SESSION)).json.checkout_session
  const path = `/checkout-sessions/token/${session.token}/confirm`
  const page = hsrcClient(till.url)
  const paid = await Promise.all([page('POST', path, CONFIRM, confirmKey), page('POST', path, CONFIRM, confirmKey)])
  assert.ok(paid.some(({ status }) => status === 200))
  const again = await page('POST', path, CONFIRM, confirmKey)
  assert.deepEqual([again.status, again.json.payment.status], [200, 'SUCCEEDED'])
  const { charges } = (await ask('GET', `/payments/${session.payment_id}?include_charges=true`)).json.payment
  assert.equal(charges?.length, 1)
  const changed = { ...CONFIRM, payment_method: { type: 'card', data: { ...DATA, month: '06' } } }
  assert.equal((await page('POST', path, changed, confirmKey)).status, 409)
})
