import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { startReceiver } from '../../support/receiver.ts'
import { until } from '../../support/until.ts'
import { payByForm } from '../pay-by-form.ts'
import { SESSION } from './client.ts'
import { startBpcShop } from './shop.ts'

let till: RunningOpentill
let shop: Awaited<ReturnType<typeof startBpcShop>>
let receiver: Awaited<ReturnType<typeof startReceiver>>
before(async () => {
  till = await startTestOpentill(import.meta.url)
  shop = await startBpcShop(till)
  receiver = await startReceiver()
})
after(async () => {
  await receiver?.stop()
  await shop?.stop()
  await till?.stop()
})

/** An order that somebody paid, and whose shop is about to hear of it. */
async function paid(order: string) {
  const answer = await fetch(`${shop.origin}/buy?order=${order}`, { redirect: 'manual' })
  const to = await payByForm(answer.headers.get('location') ?? '')
  const found = shop.orders.get(order) ?? assert.fail('no order')
  return { to, order: found, id: found.sessionId ?? assert.fail('no session') }
}
const completed = (id: string) => shop.toldOf(id).filter(({ type }) => type === 'session.completed')
const native = async (path: string, body?: object) => {
  const answer = await fetch(`${till.url}/v1${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${till.secretKey}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const json = (await answer.json()) as Record<string, unknown> & { readonly id: string }
  assert.equal(answer.status, 200, JSON.stringify(json))
  return json
}

test('an answer that was lost brings the same bytes again, signed anew; the shop ships once', async () => {
  shop.loseAnswers(1)
  const { order, id } = await paid('lost')
  await until('the second try', () => shop.toldOf(id).length >= 3)
  const at = shop.told.flatMap(({ data }, index) => (data.object.id === id ? [index] : []))
  const first = shop.bodies[at[0] ?? -1]
  const again = at.filter((index) => shop.bodies[index] === first)
  assert.equal(again.length, 2)
  await until('completion', () => completed(id).length > 0)
  await native(`/events/${completed(id)[0]?.id}/retry`, { webhook_endpoint: shop.endpointId })
  await until('the retry', () => completed(id).length > 1)
  assert.equal(completed(id)[0]?.id, completed(id)[1]?.id)
  assert.deepEqual([order.isPaid, order.shipped], [true, 1])
})

test('a webhook that somebody else made is refused by the shop', async () => {
  const answer = await fetch(`${shop.origin}/buy?order=spoofed`, { redirect: 'manual' })
  assert.equal(answer.status, 303)
  const order = shop.orders.get('spoofed') ?? assert.fail('no order')
  const event = { type: 'session.completed', data: { object: { id: order.sessionId, paymentStatus: 'paid' } } }
  const body = JSON.stringify(event)
  const signed = (text: string, secret: string, t = Math.floor(Date.now() / 1000)) =>
    `t=${t},v1=${createHmac('sha256', secret).update(`${text}.${t}`).digest('hex')}`
  const stripesWay = createHmac('sha256', shop.secret).update(`1.${body}`).digest('hex')
  for (const signature of ['', 't=1,v1=', signed(body, 'guess'), signed('{}', shop.secret), `t=1,v1=${stripesWay}`]) {
    const headers = { 'content-type': 'application/json', 'x-signature': signature }
    assert.equal((await fetch(`${shop.origin}/webhook`, { method: 'POST', headers, body })).status, 401)
  }
  assert.deepEqual([order.isPaid, order.shipped], [false, 0])
})

test('an endpoint has the secret that the shop brought along, its version, and the types that it asked for', async () => {
  const secret = 'a-secret-from-the-old-gateway'
  const endpoint = await native('/webhook_endpoints', {
    url: `${receiver.origin}/chosen`,
    door: 'bpc',
    api_version: '2023-11-15',
    enabled_events: ['session.completed', 'session.expired'],
    secret,
  })
  assert.equal(endpoint.secret, secret)
  const { json } = await shop.ask('POST', '/sessions', SESSION)
  await shop.ask('POST', `/sessions/${json.id}/expire`)
  const [got] = await until('session.expired', () => receiver.got('/chosen').length > 0 && receiver.got('/chosen'))
  const [, t, v1] = /^t=(\d+),v1=(\w+)$/.exec(String(got?.headers['x-signature'])) ?? []
  assert.equal(v1, createHmac('sha256', secret).update(`${got?.body}.${t}`).digest('hex'))
  assert.equal(got?.headers['x-version'], '2023-11-15')
  assert.equal(JSON.parse(got?.body ?? '').type, 'session.expired')
  assert.equal(receiver.got('/chosen').length, 1, 'session.created was not asked for')
})

test('a test of the endpoint arrives in this door’s form', async () => {
  await native(`/webhook_endpoints/${shop.endpointId}/test`, {})
  const { data } = await until('the test', () => shop.told.find(({ type }) => type === 'webhookEndpoint.test'))
  assert.deepEqual(data.object, { id: shop.endpointId, url: `${shop.origin}/webhook` })
})

test('a session of our own door is read and told here, and one of this door’s at our own', async () => {
  await native('/webhook_endpoints', {
    url: `${receiver.origin}/native`,
    enabled_events: ['checkout.session.completed'],
  })
  const made = await native('/checkout/sessions', {
    mode: 'payment',
    line_items: [{ quantity: 3, price_data: { currency: 'jpy', unit_amount: 500, product_data: { name: 'Tea' } } }],
    success_url: `${shop.origin}/done?id={CHECKOUT_SESSION_ID}`,
    client_reference_id: 'native-1',
    metadata: { from: 'there' },
  })
  await payByForm(String(made.url))
  const [event] = await until('the native session', () => {
    const found = shop.told.filter(
      ({ type, data }) => type === 'session.completed' && data.object.merchantReferenceId === 'native-1',
    )
    return found.length > 0 && found
  })
  const { object } = event?.data ?? assert.fail()
  const { id, amount, currency, paymentStatus, metadata, successUrl } = object
  assert.deepEqual([amount, currency, paymentStatus, metadata], [1500, 'JPY', 'paid', { from: 'there' }])
  assert.equal(successUrl, made.success_url)
  const read = await shop.ask('GET', `/sessions/${id}`)
  assert.deepEqual(read.json, object)
  const paymentId = (read.json.paymentData as { paymentId: string }).paymentId
  const payment = (await shop.ask('GET', `/payments/${paymentId}`)).json
  assert.deepEqual([payment.status, payment.amountCaptured, payment.sessionId], ['succeeded', 1500, id])

  const own = await paid('own')
  const heard = await until('at our own door', () =>
    receiver.got('/native').find(({ body }) => JSON.parse(body).data.object.client_reference_id === 'own'),
  )
  const session = JSON.parse(heard.body).data.object
  assert.deepEqual([session.object, session.amount_total, session.payment_status], ['checkout.session', 10000, 'paid'])
  const there = await native(`/checkout/sessions/${session.id}`)
  assert.equal(there.client_reference_id, own.order.number)
})

test('a session whose money is only held is open and unpaid, until it is captured', async () => {
  const { json } = await shop.ask('POST', '/sessions', { ...SESSION, paymentData: { captureMethod: 'manual' } })
  await payByForm(json.paymentUrl ?? '')
  const held = (await shop.ask('GET', `/sessions/${json.id}`)).json
  assert.deepEqual([held.status, held.paymentStatus, held.paymentUrl], ['open', 'unpaid', undefined])
  const { paymentId } = held.paymentData as { paymentId: string }
  const captured = await shop.ask('POST', `/payments/${paymentId}/capture`)
  assert.equal(captured.json.status, 'succeeded')
  const after = (await shop.ask('GET', `/sessions/${json.id}`)).json
  assert.deepEqual([after.status, after.paymentStatus], ['completed', 'paid'])
  const types = ['payment.created', 'payment.amountCapturableUpdated', 'payment.funded', 'payment.succeeded']
  await until('payment.succeeded', () => shop.toldOf(paymentId).length >= types.length)
  assert.deepEqual(
    shop.toldOf(paymentId).map(({ type }) => type),
    types,
  )
})
