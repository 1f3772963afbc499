import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { newOrderId } from './orders.ts'
import { type Store, startStore } from './store.ts'
import { openTestStore, startTestTill, type TestTill } from './till-for-tests.ts'

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
beforeEach(() => {
  till.failWith = undefined
  till.asked.length = 0
})

const BAG = 'the-salt-atlas.2~soup-for-the-weather.1'

function get(path: string): Promise<Response> {
  return fetch(store.url + path, { redirect: 'manual' })
}

function checkOut(fields: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`${store.url}/checkout`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
}

async function placeOrder() {
  const id = newOrderId()
  const answer = await checkOut({ order: id, bag: BAG, in: 'kwd' })
  const session = [...till.sessions.values()].find((one) => one.client_reference_id === id)
  assert.ok(session)
  return { id, answer, session }
}

async function readOrder(path: string) {
  const answer = await get(path)
  const html = await answer.text()
  const state = /data-testid="order-state" data-state="(\w+)"/.exec(html)?.[1]
  const signals = [...html.matchAll(/data-signal="(\w+)"/g)].map(([, kind]) => kind)
  return { status: answer.status, html, state, signals }
}

for (const path of ['/', `/?bag=${BAG}&in=jpy`, '/books/the-salt-atlas', '/bag', `/bag?bag=${BAG}`]) {
  test(`${path} is a page with one heading of the first rank, no script, and a policy that allows none`, async () => {
    const answer = await get(path)
    const html = await answer.text()
    assert.equal(answer.status, 200)
    assert.equal(html.split('<h1').length - 1, 1)
    assert.doesNotMatch(html, /<script|\son\w+=|\sstyle=/)
    const policy = answer.headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none';/)
    assert.ok(policy.includes(`form-action 'self' http://127.0.0.1:${till.port};`))
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
  })
}

test('adding leads to the bag’s own address, so that a refresh adds nothing', async () => {
  const answer = await get('/bag?bag=the-salt-atlas.1&in=jpy&add=the-salt-atlas')
  assert.equal(answer.status, 303)
  assert.equal(answer.headers.get('location'), '/bag?bag=the-salt-atlas.2&in=jpy')
  const less = await get('/bag?bag=the-salt-atlas.1&in=eur&less=the-salt-atlas')
  assert.equal(less.headers.get('location'), '/bag')
})

test('a text in the address stays a text', async () => {
  const html = await (await get('/bag?bag=<script>alert(1)</script>&in="><script>')).text()
  assert.doesNotMatch(html, /<script|alert/)
})

test('checking out asks for a session with our prices and leads there', async () => {
  const { id, answer, session } = await placeOrder()
  assert.equal(answer.status, 303)
  assert.equal(answer.headers.get('location'), session.url)
  const [asked] = till.asked
  assert.equal(asked?.path, '/v1/checkout/sessions')
  assert.equal(asked?.authorization, 'Bearer sk_test_shop')
  assert.equal(asked?.key, `checkout-${id}`)
  assert.deepEqual(Object.fromEntries(asked?.fields ?? []), {
    mode: 'payment',
    'line_items[0][quantity]': '2',
    'line_items[0][price_data][currency]': 'kwd',
    'line_items[0][price_data][unit_amount]': '8250',
    'line_items[0][price_data][product_data][name]': 'The Salt Atlas',
    'line_items[0][price_data][product_data][description]': 'Novel by Ines Marrow',
    'line_items[1][quantity]': '1',
    'line_items[1][price_data][currency]': 'kwd',
    'line_items[1][price_data][unit_amount]': '9500',
    'line_items[1][price_data][product_data][name]': 'Soup for the Weather',
    'line_items[1][price_data][product_data][description]': 'Cooking by Rosa Delmas',
    success_url: `${store.url}/success?order=${id}&session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${store.url}/cancel?order=${id}`,
    client_reference_id: id,
    'metadata[order_number]': asked?.fields.get('metadata[order_number]'),
    'payment_intent_data[metadata][order_id]': id,
  })
})

test('ten clicks are one order and one session', async () => {
  const id = newOrderId()
  const answers = await Promise.all(Array.from({ length: 10 }, () => checkOut({ order: id, bag: BAG })))
  assert.equal(new Set(answers.map((answer) => answer.headers.get('location'))).size, 1)
  assert.equal(till.asked.length, 1)
})

test('a form cannot turn one order into another', async () => {
  const { id } = await placeOrder()
  assert.equal((await checkOut({ order: id, bag: 'the-salt-atlas.9', in: 'kwd' })).status, 409)
  assert.equal((await checkOut({ order: id, bag: BAG, in: 'eur' })).status, 409)
  assert.equal((await readOrder(`/orders/${id}`)).state, 'awaiting')
})

test('a form without books, or with an id that is not ours, leads back to the bag', async () => {
  assert.equal((await checkOut({ order: newOrderId(), bag: '' })).headers.get('location'), '/bag')
  assert.equal((await checkOut({ order: '../x', bag: BAG })).headers.get('location'), `/bag?bag=${BAG}`)
  assert.equal(till.asked.length, 0)
})

test('when the till refuses or is silent, the same order can be tried again under the same key', async () => {
  const id = newOrderId()
  till.failWith = 400
  const refused = await checkOut({ order: id, bag: BAG })
  assert.equal(refused.status, 502)
  assert.match(await refused.text(), new RegExp(`name="order" value="${id}"`))
  till.failWith = undefined
  assert.equal((await checkOut({ order: id, bag: BAG })).status, 303)
  assert.deepEqual(
    till.asked.map((asked) => asked.key),
    [`checkout-${id}`, `checkout-${id}`],
  )
  assert.ok(logged.some((line) => line.includes('no session')))
})

test('the return alone leaves the order open: the session read back decides', async () => {
  const { id, session } = await placeOrder()
  const success = `/success?order=${id}&session_id=${session.id}`
  const early = await readOrder(success)
  assert.deepEqual([early.status, early.state], [200, 'awaiting'])
  assert.deepEqual(early.signals, ['session_created', 'browser_returned', 'read_back'])
  till.sessions.set(session.id, { ...session, status: 'complete', payment_status: 'paid' })
  const late = await readOrder(success)
  assert.equal(late.state, 'paid')
  assert.match(late.html, /KWD\u00a026\.000/)
  assert.equal((await readOrder(`/orders/${id}`)).state, 'paid')
})

test('a paid order looks for its event a few times by itself, and then leaves it to the reader', async () => {
  const { id, session } = await placeOrder()
  const success = `/success?order=${id}&session_id=${session.id}`
  assert.equal((await get(success)).headers.get('refresh'), null, 'an open session has no event on its way')
  till.sessions.set(session.id, { ...session, status: 'complete', payment_status: 'paid' })
  let next = success
  let looks = 0
  for (; looks < 20; looks++) {
    const answer = await get(next)
    const refresh = /^3; url=(.+)$/.exec(answer.headers.get('refresh') ?? '')?.[1]
    assert.match(await answer.text(), refresh ? /looks again by itself/ : /has not come yet/)
    if (refresh === undefined) break
    next = refresh
  }
  assert.equal(looks, 5)
  assert.equal(next, `/orders/${id}?look=5`)
})

for (const [name, change, state, words] of [
  ['paid', { status: 'complete', payment_status: 'paid' }, 'paid', /complete, paid.*KWD\u00a026\.000/s],
  ['open', {}, 'awaiting', /not paid yet/],
  ['complete, the money still to come', { status: 'complete', payment_status: 'unpaid' }, 'pending', /on its way/],
  ['expired', { status: 'expired' }, 'expired', /run out/],
  ['in a currency that is not sold here', { currency: 'clf', amount_total: 12345 }, 'awaiting', /12345 of .* CLF/],
] as const) {
  test(`/done says what the till says of a session that is ${name}`, async () => {
    const { session } = await placeOrder()
    till.sessions.set(session.id, { ...session, ...change })
    const answer = await get(`/done?session=${session.id}`)
    const html = await answer.text()
    assert.equal(answer.status, 200)
    assert.match(html, new RegExp(`data-testid="session-state" data-state="${state}"`))
    assert.match(html, words)
  })
}

test('/done without a session that the till knows says so, and asks for nothing that cannot be one', async () => {
  for (const [query, asked] of [
    ['?session=cs_test_unheard_of', 1],
    ['?session=../charges', 0],
    ['', 0],
  ] as const) {
    till.asked.length = 0
    const answer = await get(`/done${query}`)
    assert.equal(answer.status, 404)
    assert.match(await answer.text(), /does not know this session/)
    assert.equal(till.asked.length, asked, query)
  }
  till.failWith = 500
  const silent = await get('/done?session=cs_test_1')
  assert.equal(silent.status, 502)
  assert.match(await silent.text(), /neither a yes nor a no/)
})

test('an order that a restart forgot is told that this shop forgets', async () => {
  const answer = await get(`/orders/${newOrderId()}`)
  assert.equal(answer.status, 404)
  assert.match(await answer.text(), /forgets them whenever it restarts/)
})

test('a return while the till is silent believes nothing', async () => {
  const { id, session } = await placeOrder()
  till.failWith = 400
  const order = await readOrder(`/success?order=${id}&session_id=${session.id}`)
  assert.equal(order.state, 'awaiting')
  assert.deepEqual(order.signals, ['session_created', 'browser_returned', 'read_failed'])
})

test('a forged return is answered calmly, reads nothing and leaves no trace in the order', async () => {
  const own = await placeOrder()
  const other = await placeOrder()
  till.sessions.set(other.session.id, { ...other.session, status: 'complete', payment_status: 'paid' })
  till.asked.length = 0
  const foreign = await readOrder(`/success?order=${own.id}&session_id=${other.session.id}`)
  assert.deepEqual([foreign.status, foreign.state], [403, 'unknown'])
  assert.equal((await readOrder(`/success?order=${own.id}`)).status, 403)
  for (const query of ['', '?session_id=cs_test_x', `?order=${newOrderId()}&session_id=${own.session.id}`]) {
    const unknown = await readOrder(`/success${query}`)
    assert.deepEqual([unknown.status, unknown.state], [404, 'unknown'])
  }
  assert.equal(till.asked.length, 0)
  assert.deepEqual((await readOrder(`/orders/${own.id}`)).signals, ['session_created'])
})

test('asking again reads the session back and leads to the order', async () => {
  const { id, session } = await placeOrder()
  till.sessions.set(session.id, { ...session, status: 'expired' })
  const answer = await fetch(`${store.url}/orders/${id}/check`, {
    method: 'POST',
    body: new URLSearchParams(),
    redirect: 'manual',
  })
  assert.equal(answer.headers.get('location'), `/orders/${id}`)
  assert.equal((await readOrder(`/orders/${id}`)).state, 'expired')
})

test('the cancel page keeps the bag, and for a paid order shows the order instead', async () => {
  const { id, session } = await placeOrder()
  const canceled = await readOrder(`/cancel?order=${id}`)
  assert.match(canceled.html, /Your bag is as you left it/)
  assert.ok(canceled.html.includes(`href="/bag?bag=${BAG}&amp;in=kwd"`))
  assert.ok(canceled.html.includes(`href="${session.url}"`))
  till.sessions.set(session.id, { ...session, status: 'complete', payment_status: 'paid' })
  await get(`/success?order=${id}&session_id=${session.id}`)
  const paid = await readOrder(`/cancel?order=${id}`)
  assert.equal(paid.state, 'paid')
  assert.equal((await checkOut({ order: id, bag: BAG, in: 'kwd' })).headers.get('location'), `/orders/${id}`)
})

test('what is not here, not asked properly or too long is refused', async () => {
  for (const path of [
    '/nope',
    '/books/war-and-peace',
    '/books/the-salt-atlas/x',
    '/orders/x',
    '/cancel',
    '/__proto__',
  ]) {
    assert.equal((await get(path)).status, 404, path)
  }
  const post = (path: string, init: RequestInit) => fetch(store.url + path, { method: 'POST', ...init })
  assert.equal((await post('/checkout', { body: '{}', headers: { 'content-type': 'application/json' } })).status, 415)
  assert.equal((await post('/checkout', { body: new URLSearchParams({ bag: 'x'.repeat(9000) }) })).status, 413)
  assert.equal((await post('/nope', { body: new URLSearchParams() })).status, 404)
  assert.equal((await fetch(store.url, { method: 'DELETE' })).status, 405)
  assert.equal((await fetch(store.url, { method: 'HEAD' })).status, 200)
})

test('a port that is taken is an error of the start', async () => {
  const port = Number(new URL(store.url).port)
  const opentill = { host: '127.0.0.1', port: 9, protocol: 'http', secretKey: 'sk_test_a', webhookSecret: 'b' } as const
  await assert.rejects(startStore({ host: '127.0.0.1', port, opentill, log: () => {} }), { code: 'EADDRINUSE' })
})
