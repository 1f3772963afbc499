import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestApi } from '../../../../test/support/api.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const shop = await api.openAccount()
const stripe = await api.sdk(shop.secret)

test('an endpoint shows its secret once, is changed, listed and deleted', async () => {
  const made = await stripe.webhookEndpoints.create(
    { url: 'https://shop.example/hooks', enabled_events: ['*'], description: 'All', metadata: { env: 'x' } },
    { idempotencyKey: 'hook-1' },
  )
  assert.match(made.secret ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/)
  const again = await stripe.webhookEndpoints.create(
    { url: 'https://shop.example/hooks', enabled_events: ['*'], description: 'All', metadata: { env: 'x' } },
    { idempotencyKey: 'hook-1' },
  )
  assert.equal(again.id, made.id)
  assert.equal(again.secret, undefined)
  const changed = await stripe.webhookEndpoints.update(made.id, {
    disabled: true,
    enabled_events: ['checkout.session.completed', 'invoice.paid'],
    description: '',
  })
  assert.equal(changed.status, 'disabled')
  assert.equal(changed.description, null)
  assert.deepEqual(
    (await stripe.webhookEndpoints.list()).data.map(({ id }) => id),
    [made.id],
  )
  const dump = await api.sql<{ row: string }[]>`select webhook_endpoints::text as row from webhook_endpoints`
  assert.ok(!dump.some(({ row }) => row.includes(made.secret ?? '-')))
  assert.equal((await stripe.webhookEndpoints.del(made.id)).deleted, true)
  await assert.rejects(stripe.webhookEndpoints.retrieve(made.id), { statusCode: 404 })
})

test('an endpoint that nobody may call, or a type that nobody tells, is refused', async () => {
  for (const url of ['http://shop.example/x', 'https://169.254.169.254/x', 'https://shop.example:22/', 'nonsense']) {
    await assert.rejects(stripe.webhookEndpoints.create({ url, enabled_events: ['*'] }), {
      code: 'endpoint_url_refused',
      param: 'url',
    })
  }
  const wrong = { url: 'https://shop.example/x', 'enabled_events[0]': 'checkout.session.complete' }
  const refused = await api.ask(shop.secret, 'POST', '/v1/webhook_endpoints', new URLSearchParams(wrong).toString())
  assert.equal(refused.status, 400)
  assert.equal(refused.json.error.param, 'enabled_events[0]')
})

test('an endpoint at this very server is refused', async () => {
  for (const url of ['https://pay.example/v1/webhook_endpoints', 'https://PAY.example:443/']) {
    await assert.rejects(stripe.webhookEndpoints.create({ url, enabled_events: ['*'] }), {
      code: 'endpoint_url_refused',
    })
  }
  const made = await stripe.webhookEndpoints.create({ url: 'https://pay.example:8443/', enabled_events: ['*'] })
  await assert.rejects(stripe.webhookEndpoints.update(made.id, { url: 'https://pay.example/' }), { param: 'url' })
})

test('an endpoint on this machine is for test mode on a developer’s machine', async () => {
  const developer = await startTestApi(`${import.meta.url}.developer.test.ts`, { allowLoopbackEndpoints: true })
  const own = await developer.openAccount()
  const body = 'url=http%3A%2F%2Flocalhost%3A8099%2Fx&enabled_events[]=*'
  const statuses = async (on: typeof api, key: string, id: string) => [
    (await on.ask(key, 'POST', '/v1/webhook_endpoints', body)).status,
    (await on.ask(key, 'POST', `/v1/webhook_endpoints/${id}`, 'url=http%3A%2F%2F127.0.0.1%3A8099%2F')).status,
  ]
  const anEndpoint = async (on: typeof api, key: string) =>
    (await on.ask(key, 'POST', '/v1/webhook_endpoints', 'url=https://shop.example/x&enabled_events[]=*')).json.id
  for (const [on, key, expected] of [
    [developer, own.secret, [200, 200]],
    [developer, own.live, [400, 400]],
    [api, shop.secret, [400, 400]],
  ] as const) {
    assert.deepEqual(await statuses(on, key, await anEndpoint(on, key)), expected)
  }
  await developer.stop()
})

test('an account has no more than a hundred endpoints', async () => {
  const { secret } = await api.openAccount()
  const body = 'url=https://shop.example/x&enabled_events[]=*'
  for (let made = 0; made < 100; made++) {
    assert.equal((await api.ask(secret, 'POST', '/v1/webhook_endpoints', body)).status, 200)
  }
  const refused = await api.ask(secret, 'POST', '/v1/webhook_endpoints', body)
  assert.equal(refused.json.error.code, 'too_many_endpoints')
})

test('events are read back with what changed, by type and by prefix', async () => {
  await api.env.advance(1)
  const customer = await stripe.customers.create({ name: 'Jenny', metadata: { a: '1' } })
  await api.env.advance(1)
  await stripe.customers.update(customer.id, { name: 'Jenny Rosen', metadata: { b: '2' } }, { idempotencyKey: 'k-1' })
  const listed = await stripe.events.list({ type: 'customer.*' })
  assert.deepEqual(
    listed.data.map(({ type }) => type),
    ['customer.updated', 'customer.created'],
  )
  const [event] = (await stripe.events.list({ types: ['customer.updated'] })).data
  assert.deepEqual(event?.data.previous_attributes, { name: 'Jenny', metadata: { b: null } })
  assert.equal(event?.request?.idempotency_key, 'k-1')
  assert.match(event?.request?.id ?? '', /^req_/)
  const read = await stripe.events.retrieve(event?.id ?? '')
  assert.deepEqual(read.data, event?.data)
})

test('a key of one mode changes nothing in the other, and live mode takes no address on this machine', async () => {
  const local = { default_success_url: 'http://localhost:4242/done', statement_descriptor: 'TEST SHOP' }
  assert.equal((await api.ask(shop.secret, 'POST', '/v1/account/settings', local)).status, 200)
  const live = await api.ask(shop.live, 'GET', '/v1/account/settings')
  assert.deepEqual([live.json.livemode, live.json.default_success_url], [true, null])
  const refused = await api.ask(shop.live, 'POST', '/v1/account/settings', local)
  assert.deepEqual([refused.status, refused.json.error.param], [400, 'default_success_url'])

  const own = { default_success_url: 'https://shop.example/done', statement_descriptor: 'REAL SHOP' }
  assert.equal((await api.ask(shop.live, 'POST', '/v1/account/settings', own)).json.statement_descriptor, 'REAL SHOP')
  const test = await api.ask(shop.secret, 'GET', '/v1/account/settings')
  assert.deepEqual([test.json.livemode, test.json.statement_descriptor], [false, 'TEST SHOP'])
  const basket =
    'mode=payment&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur&' +
    'line_items[0][price_data][unit_amount]=100&line_items[0][price_data][product_data][name]=Tea'
  const urls = [shop.secret, shop.live].map(
    async (key) => (await api.ask(key, 'POST', '/v1/checkout/sessions', basket)).json.success_url,
  )
  assert.deepEqual(await Promise.all(urls), [local.default_success_url, own.default_success_url])
  await api.ask(shop.secret, 'POST', '/v1/account/settings', 'default_success_url=&statement_descriptor=')
})

test('the account, its settings and its balance', async () => {
  const account = await stripe.accounts.retrieveCurrent()
  assert.match(account.id, /^acct_/)
  assert.equal(account.settings?.dashboard.display_name, 'Shop 1')
  const set = await api.ask(
    shop.secret,
    'POST',
    '/v1/account/settings',
    'display_name=Tea+Shop&return_url_origins[0]=https%3A%2F%2Fshop.example&support_email=',
  )
  assert.equal(set.status, 200)
  assert.equal(set.json.display_name, 'Tea Shop')
  assert.deepEqual(set.json.return_url_origins, ['https://shop.example'])
  const read = await api.ask(shop.secret, 'GET', '/v1/account/settings')
  assert.deepEqual(read.json, set.json)
  const wrong = await api.ask(shop.secret, 'POST', '/v1/account/settings', { support_email: 'nobody' })
  assert.equal(wrong.status, 400)
  assert.equal(wrong.json.error.param, 'support_email')
  const balance = await stripe.balance.retrieve()
  assert.deepEqual(balance.pending, [])
})
