import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { payByForm } from '../pay-by-form.ts'
import { type Received, type Receiver, startReceiver } from '../receiver.ts'

type Body = Record<string, unknown>
type Sent = { readonly status: number; readonly headers: Headers; readonly json: Body }

let till: RunningOpentill
let shop: Receiver
let secret: string

before(async () => {
  till = await startTestOpentill(import.meta.url)
  shop = await startReceiver()
  const endpoint = await till.stripe.rawRequest('POST', '/v1/webhook_endpoints', {
    url: `${shop.url}/hook`,
    enabled_events: ['checkout.session.completed'],
    door: 'opencheckout',
  })
  secret = String((endpoint as unknown as Body).secret)
})
after(async () => {
  await till?.stop()
  await shop?.stop()
})

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Sent> {
  const answer = await fetch(till.url + path, {
    method,
    headers: {
      authorization: `Bearer ${till.secretKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const json = answer.headers.get('content-type')?.includes('json') ? ((await answer.json()) as Body) : {}
  return { status: answer.status, headers: answer.headers, json }
}

const SESSIONS = '/api/checkout/sessions'
const BASKET = {
  mode: 'payment',
  line_items: [
    {
      price_data: {
        currency: 'usd',
        product_data: { name: 'T-shirt', description: 'Green, L' },
        unit_amount: 2000,
      },
      quantity: 1,
    },
  ],
  success_url: 'https://shop.example/done?session_id={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example/cart',
  metadata: { order_id: 'order 7' },
}
const create = (more: Body = {}, headers: Record<string, string> = {}) =>
  ask('POST', SESSIONS, { ...BASKET, ...more }, headers)
const error = ({ json }: Sent) => json.error as { readonly type: string; readonly message: string }

test('opencheckout 1: a session is made, and says where the shopper goes', async () => {
  const { status, json } = await create({}, { 'idempotency-key': 'order 1' })
  assert.equal(status, 201)
  const { id, url, success_url, created_at, expires_at, ...rest } = json
  assert.match(String(id), /^cs_/)
  assert.ok(String(url).endsWith(`/pay/${id}`))
  assert.ok(String(success_url).endsWith(`session_id=${id}`))
  assert.equal(Date.parse(String(expires_at)) - Date.parse(String(created_at)), 86_400_000)
  assert.deepEqual(rest, {
    object: 'checkout.session',
    mode: 'payment',
    status: 'open',
    amount_total: 2000,
    currency: 'usd',
    line_items: BASKET.line_items,
    metadata: BASKET.metadata,
    cancel_url: BASKET.cancel_url,
    customer_wallet: null,
    incoming_payment: null,
    outgoing_payment: null,
    completed_at: null,
  })
})

test('opencheckout 2 and 3: a key stands for one session, and another body under it is a conflict', async () => {
  const headers = { 'idempotency-key': 'order 2' }
  const [first, again] = [await create({}, headers), await create({}, headers)]
  assert.deepEqual([again.status, again.json.id], [201, first.json.id])
  const other = await create({ success_url: 'https://shop.example/elsewhere' }, headers)
  assert.deepEqual([other.status, error(other).type], [409, 'idempotency_error'])
  assert.notEqual((await create()).json.id, (await create()).json.id)
})

test('opencheckout 4: the url leads to a page with the items and the total', async () => {
  const page = await fetch(String((await create()).json.url))
  const html = await page.text()
  assert.equal(page.status, 200)
  assert.match(html, /T-shirt/)
  assert.match(html, /20\.00/)
})

test('opencheckout 5: a session reads as completed once it is paid, and its shopper is at the shop with its id', async () => {
  const { json } = await create()
  const url = `${SESSIONS}/${json.id}`
  assert.equal((await ask('GET', url)).json.status, 'open')
  assert.equal(await payByForm(String(json.url)), `https://shop.example/done?session_id=${json.id}`)
  const paid = (await ask('GET', url)).json
  assert.equal(paid.status, 'completed')
  assert.match(String(paid.completed_at), /Z$/)
})

test('opencheckout 6: who asks without a key, wrongly or for nothing is told so', async () => {
  for (const authorization of ['', 'Bearer nonsense', `Basic ${till.secretKey}`, 'Bearer sk_test_x']) {
    const refused = await ask('POST', SESSIONS, BASKET, { authorization })
    assert.deepEqual([refused.status, error(refused).type], [401, 'authentication_error'])
    assert.equal(error(refused).message, 'Invalid API key')
  }
  const missing = await ask('GET', `${SESSIONS}/cs_nothing`)
  assert.deepEqual([missing.status, error(missing).type], [404, 'not_found'])
  assert.equal(error(missing).message, 'No checkout session found with id: cs_nothing')
  const broken = await ask('POST', SESSIONS, '{"mode":')
  assert.deepEqual([broken.status, error(broken).type], [400, 'invalid_request_error'])
})

const line = (price_data: Body, more: Body = {}) => ({ line_items: [{ price_data, ...more }] })
const price = { currency: 'usd', product_data: { name: 'x' }, unit_amount: 100 }
const WRONG: readonly (readonly [string, Body, RegExp])[] = [
  ['no mode', { mode: null }, /mode/],
  ['a donation, which waits for its way to pay', { mode: 'donation' }, /mode/],
  ['a subscription, which waits for its way to pay', { mode: 'subscription' }, /mode/],
  ['no lines', { line_items: [] }, /line_items/],
  ['101 lines', { line_items: Array.from({ length: 101 }, () => BASKET.line_items[0]) }, /line_items/],
  ['a currency of four letters', line({ ...price, currency: 'euro' }), /currency/],
  ['an unknown currency', line({ ...price, currency: 'xqz' }), /currency/],
  ['no name', line({ ...price, product_data: {} }), /line_items\[0\]\[price_data\]\[product_data\]\[name\]/],
  ['a long name', line({ ...price, product_data: { name: 'x'.repeat(201) } }), /name/],
  ['a card number as a name', line({ ...price, product_data: { name: '4242424242424242' } }), /name/],
  ['an amount of nothing', line({ ...price, unit_amount: 0 }), /unit_amount/],
  ['a fraction', line({ ...price, unit_amount: 1.5 }), /unit_amount/],
  ['a text for an amount', line({ ...price, unit_amount: '100' }), /unit_amount/],
  ['a fraction of a currency without', line({ ...price, currency: 'isk', unit_amount: 150 }), /unit_amount/],
  ['a quantity of nothing', line(price, { quantity: 0 }), /quantity/],
  ['no success URL', { success_url: '' }, /success_url/],
  ['a plain success URL', { success_url: 'http://shop.example/' }, /success_url/],
  ['a long cancel URL', { cancel_url: `https://shop.example/${'x'.repeat(2100)}` }, /cancel_url/],
  ['a life too short', { expires_in_seconds: 299 }, /expires_in_seconds/],
  ['a life too long', { expires_in_seconds: 86_401 }, /expires_in_seconds/],
  ['metadata of numbers', { metadata: { order: 7 } }, /metadata/],
  ['NUL in metadata', { metadata: { order: 'a\u0000b' } }, /metadata/],
]
for (const [what, more, names] of WRONG) {
  test(`a session with ${what} is refused by name`, async () => {
    const refused = await create(more)
    assert.deepEqual([refused.status, error(refused).type], [400, 'invalid_request_error'])
    assert.match(error(refused).message, names)
  })
}

test('what is unknown is ignored, and what is left out has its default', async () => {
  const { status, json } = await create({ ...line(price), odd: [{}], metadata: null })
  assert.equal(status, 201)
  assert.deepEqual(json.metadata, {})
  assert.deepEqual(json.line_items, [{ price_data: price, quantity: 1 }])
})

function verify({ headers, body }: Received, bytes: string | Buffer = body): boolean {
  const [, stamp, v1 = ''] = /^t=(\d+),v1=([\da-f]{64})$/.exec(String(headers['opencheckout-signature'])) ?? []
  const own = createHmac('sha256', secret).update(`${stamp}.`).update(bytes).digest()
  return v1.length === 64 && timingSafeEqual(Buffer.from(v1, 'hex'), own)
}
const about = (id: unknown) => (request: Received) => request.body.includes(`"${id}"`)

test('opencheckout 7: a signed event tells the payment, and verifies after parse and stringify as well', async () => {
  const metadata = { order_id: 'Größe 7/8 "x"', 10: 'ten', 2: 'two', emoji: '👕' }
  const { json } = await create({ metadata })
  await payByForm(String(json.url))
  const told = await shop.wait('the event', about(json.id))
  const event = JSON.parse(told.body.toString()) as Body
  assert.deepEqual(event, {
    id: json.id,
    status: 'completed',
    amount_total: 2000,
    currency: 'usd',
    metadata,
    outgoing_payment: null,
    customer_wallet: null,
  })
  assert.match(String(told.headers['user-agent']), /^OpenCheckout/)
  assert.ok(verify(told))
  assert.ok(verify(told, JSON.stringify(JSON.parse(told.body.toString()))))
  assert.ok(!verify(told, told.body.toString().replace('2000', '1')))
})

test('opencheckout 13: an open session expires once, and cannot be paid then', async () => {
  const { json } = await create()
  const expired = await ask('POST', `${SESSIONS}/${json.id}/expire`)
  assert.deepEqual([expired.status, expired.json.status], [200, 'expired'])
  const again = await ask('POST', `${SESSIONS}/${json.id}/expire`)
  assert.deepEqual([again.status, error(again).message], [400, 'Session is already expired'])
  await assert.rejects(payByForm(String(json.url)), /no form/)
})

test('an open session is canceled once, and a paid one is not', async () => {
  const { json } = await create()
  assert.equal((await ask('POST', `${SESSIONS}/${json.id}/cancel`, {})).json.status, 'canceled')
  assert.equal(error(await ask('POST', `${SESSIONS}/${json.id}/cancel`)).message, 'Session is already canceled')
  const paid = (await create()).json
  await payByForm(String(paid.url))
  assert.equal(error(await ask('POST', `${SESSIONS}/${paid.id}/cancel`)).message, 'Session is already completed')
})

test('opencheckout 14: a list has a cursor that misses nobody, not even two of one moment', async () => {
  await Promise.all([create(), create(), create()])
  const all = (await ask('GET', `${SESSIONS}?limit=100`)).json.data as Body[]
  const seen: unknown[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: Body = (await ask('GET', `${SESSIONS}?limit=2&cursor=${encodeURIComponent(cursor)}`)).json
    seen.push(...(page.data as Body[]).map(({ id }) => id))
    assert.equal(page.has_more, page.next_cursor !== null)
    cursor = page.next_cursor as string | null
  }
  assert.deepEqual(
    seen,
    all.map(({ id }) => id),
  )
  assert.equal(((await ask('GET', `${SESSIONS}?limit=nonsense`)).json.data as Body[]).length, Math.min(10, all.length))
  const older = (await ask('GET', `${SESSIONS}?cursor=${all[0]?.created_at}`)).json.data as Body[]
  assert.ok(older.every(({ created_at }) => String(created_at) < String(all[0]?.created_at)))
  assert.equal((await ask('GET', `${SESSIONS}?cursor=yesterday`)).status, 400)
})

test('a lost page is recovered by what is known of its session, without a key', async () => {
  const { json } = await create()
  const recover = async (id: unknown) => {
    const answer = await fetch(`${till.url}${SESSIONS}/${id}/recover`, { method: 'POST' })
    return { status: answer.status, json: (await answer.json()) as Body }
  }
  assert.equal((await recover(json.id)).json.recovered, false)
  await payByForm(String(json.url))
  assert.deepEqual((await recover(json.id)).json.action, 'completed')
  assert.equal((await recover('cs_x')).status, 404)
  const asked = (await create()).json
  await payByForm(String(asked.url), { cardNumber: '4000002760003184' })
  assert.equal((await ask('GET', `${SESSIONS}/${asked.id}`)).json.status, 'awaiting_approval')
  const resumed = await recover(asked.id)
  assert.equal(resumed.json.action, 'resume_approval')
  assert.equal((await fetch(String(resumed.json.interact_url))).status, 200)
})

test('the health of the server needs no key', async () => {
  const health = await (await fetch(`${till.url}/api/health`)).json()
  assert.deepEqual([health.status, health.database, typeof health.uptime], ['healthy', 'ready', 'number'])
})

test('a session that was made through the native door has an id here, and one from here has a name there', async () => {
  const made = (await create()).json
  const native = await till.stripe.checkout.sessions.list({ limit: 1 })
  assert.equal(native.data[0]?.metadata?.order_id, 'order 7')
  const there = await till.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price_data: { currency: 'eur', product_data: { name: 'Tea' }, unit_amount: 700 }, quantity: 2 }],
    success_url: 'https://shop.example/native',
  })
  const here = ((await ask('GET', `${SESSIONS}?limit=1`)).json.data as Body[])[0]
  assert.deepEqual([here?.amount_total, here?.cancel_url], [1400, null])
  await payByForm(String(there.url))
  assert.equal((await ask('GET', `${SESSIONS}/${here?.id}`)).json.status, 'completed')
  assert.ok(verify(await shop.wait('the event of a native session', about(here?.id))))
  assert.notEqual(made.id, here?.id)
})

test('no page of another origin may ask, and chores need nobody', async () => {
  for (const path of [SESSIONS, `${SESSIONS}/cs_x`, `${SESSIONS}/cs_x/expire`]) {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const preflight = await fetch(till.url + path, { method: 'OPTIONS', headers })
    assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-origin')], [403, null])
  }
  assert.equal((await fetch(`${till.url}/api/maintenance`, { method: 'POST' })).status, 503)
})
