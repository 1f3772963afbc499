import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestApi } from '../../test/support/api.ts'
import { newApiKey } from '../core/api-key.ts'
import type { Charge } from '../core/charge.ts'
import type { Dispute } from '../core/dispute.ts'
import { isLive, nameOf, newUuid, otherMode, type Tenant } from '../core/ids.ts'
import type { Payment } from '../core/payment.ts'
import type { Posting } from '../core/posting.ts'
import type { Refund } from '../core/refund.ts'
import { DIALECTS } from '../core/session.ts'
import { createKey, revokeKey } from '../flows/open-account.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const { env, storage } = api
const shop = await api.openAccount()
const stranger = await api.openAccount()

const ROUTES = api.routes.filter(({ url, door }) => url.startsWith('/v1/') && door === undefined)

/** One object of each kind that a path names. */
async function objectsOf(key: string, tenant: Tenant): Promise<Readonly<Record<string, string>>> {
  const post = async (path: string, body: string) => (await api.ask(key, 'POST', path, body)).json
  const session = await post(
    '/v1/checkout/sessions',
    'mode=payment&signed_receipt=true&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur&success_url=https://shop.example/x&' +
      'line_items[0][price_data][unit_amount]=100&line_items[0][price_data][product_data][name]=Tea',
  )
  const price = await post('/v1/prices', 'currency=eur&unit_amount=100&product_data[name]=Tea')
  const customer = await post('/v1/customers', 'name=Jenny')
  const endpoint = await post('/v1/webhook_endpoints', 'url=https://shop.example/x&enabled_events[]=*')
  const [event] = (await api.ask(key, 'GET', '/v1/events')).json.data
  const account = (await api.ask(key, 'GET', '/v1/account')).json
  const method = await post(
    '/v1/payment_methods',
    'type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2034&card[cvc]=123',
  )
  await post(`/v1/payment_methods/${method.id}/attach`, `customer=${customer.id}`)
  const { paymentId, chargeId, refundId, disputeId } = await insertPayment(tenant)
  return {
    accounts: account.id,
    balance_transactions: nameOf('movement', tenant, chargeId),
    charges: nameOf('charge', tenant, chargeId),
    customers: customer.id,
    disputes: nameOf('dispute', tenant, disputeId),
    events: event.id,
    payment_intents: nameOf('payment', tenant, paymentId),
    payment_methods: method.id,
    payment_pages: session.id,
    prices: price.id,
    products: price.product,
    refunds: nameOf('refund', tenant, refundId),
    sessions: session.id,
    webhook_endpoints: endpoint.id,
  }
}

async function insertPayment(tenant: Tenant) {
  const chargeId = newUuid(env)
  const payment: Payment = {
    tenant,
    id: newUuid(env),
    version: 1,
    purpose: 'pay',
    state: 'succeeded',
    sessionId: null,
    customerId: null,
    amount: 100n,
    currency: 'EUR',
    reserved: 100n,
    latestChargeId: chargeId,
    secret: env.randomBytes(16),
    canceledAt: null,
    cancellationReason: null,
    createdAt: env.now(),
    document: { captureMethod: 'automatic' },
  }
  const charge: Charge = {
    tenant,
    id: chargeId,
    version: 1,
    paymentId: payment.id,
    customerId: null,
    leg: 0,
    attempt: 1,
    state: 'captured',
    connector: 'sandbox',
    providerId: null,
    tokenId: null,
    currency: 'EUR',
    amount: 100n,
    captureOrdered: 100n,
    refundOrdered: 0n,
    authorized: 100n,
    captured: 100n,
    refunded: 0n,
    held: 0n,
    refundedElsewhere: 0n,
    disputed: 0n,
    lookAt: null,
    createdAt: env.now(),
    document: {},
  }
  const refund: Refund = {
    tenant,
    id: newUuid(env),
    version: 1,
    chargeId,
    paymentId: payment.id,
    state: 'succeeded',
    origin: 'merchant',
    amount: 1n,
    currency: 'EUR',
    providerId: null,
    createdAt: env.now(),
    document: {},
  }
  const posting: Posting = {
    tenant,
    cause: refund.id,
    line: 1,
    debit: 'receivable',
    credit: 'sales',
    amount: 100n,
    currency: 'EUR',
    chargeId,
    createdAt: env.now(),
  }
  const dispute: Dispute = {
    tenant,
    id: newUuid(env),
    version: 1,
    chargeId,
    paymentId: payment.id,
    providerId: 'inq_1',
    kind: 'inquiry',
    state: 'warning_needs_response',
    amount: 100n,
    currency: 'EUR',
    createdAt: env.now(),
    withdrawnAt: null,
    reinstatedAt: null,
    document: { reason: 'general' },
  }
  const set = { payments: [payment], charges: [charge], refunds: [refund], disputes: [dispute], postings: [posting] }
  const written = await storage.commit(set)
  assert.deepEqual(written, { ok: true })
  return { paymentId: payment.id, chargeId, refundId: refund.id, disputeId: dispute.id }
}

const own = await objectsOf(shop.secret, shop.tenant)
const foreign = await objectsOf(stranger.secret, stranger.tenant)
const live = await objectsOf(shop.live, otherMode(shop.tenant))

/** The path with a name in it, by the folder that the name stands in. */
function pathFor(url: string, names: Readonly<Record<string, string>>): string {
  return url.replace(':id', nameFor(url, names)).replace(':method', names.payment_methods ?? '')
}

function nameFor(url: string, names: Readonly<Record<string, string>>): string {
  const name = names[/([a-z_]+)\/:id/.exec(url)?.[1] ?? '']
  if (name === undefined && url.includes(':id')) throw new Error(`no object to try ${url} with`)
  return name ?? ''
}

const revoked = newApiKey(env, shop.tenant, 'secret')
await storage.commit({
  apiKeys: [
    {
      tenant: shop.tenant,
      id: newUuid(env),
      version: 1,
      kind: 'secret',
      door: 'native',
      name: '',
      hash: revoked.hash,
      hint: revoked.hint,
      createdAt: env.now(),
      revokedAt: env.now(),
    },
  ],
})
const unknownKey = newApiKey(env, shop.tenant, 'secret').text

const KEYS: readonly [name: string, key: string | undefined, status: number, code: string][] = [
  ['no key', undefined, 401, 'api_key_missing'],
  ['garbage', 'sk_test_garbage', 401, 'api_key_invalid'],
  ['a key that nobody has', unknownKey, 401, 'api_key_invalid'],
  ['a revoked key', revoked.text, 401, 'api_key_expired'],
  ['a publishable key', shop.publishable, 403, 'secret_key_required'],
]

test('there are routes to try', () => assert.ok(ROUTES.length > 40, String(ROUTES.length)))

for (const { method, url } of ROUTES) {
  for (const [name, key, status, code] of KEYS) {
    test(`${method} ${url} with ${name} is ${status}`, async () => {
      const reply = await api.ask(key, method, pathFor(url, own), method === 'POST' ? '' : undefined)
      assert.equal(reply.status, status)
      assert.match(String(reply.headers['request-id']), /^req_/)
      if (method === 'HEAD') return
      assert.equal(reply.json.error.code, code)
      assert.ok(key === undefined || !reply.text.includes(key))
    })
  }
  if (!url.includes(':id')) continue
  test(`${method} ${url} says of another account's and another mode's object what it says of none`, async () => {
    const nothing = Object.fromEntries(
      Object.entries(own).map(([folder, name]) => [
        folder,
        `${name.slice(0, -3)}${name.endsWith('xyz') ? 'abc' : 'xyz'}`,
      ]),
    )
    const bodies = []
    const testOnly = url.includes('/payment_pages/')
    const tries = [
      [shop.secret, foreign],
      [shop.secret, url.includes('/accounts/') ? foreign : live],
      // Pages to pay by are there for test keys alone, whatever a live one names.
      [testOnly ? shop.secret : shop.live, testOnly || url.includes('/accounts/') ? foreign : own],
      [shop.secret, nothing],
    ] as const
    for (const [key, names] of tries) {
      const path = pathFor(url, names)
      const reply = await api.ask(key, method, path, method === 'POST' ? '' : undefined)
      assert.equal(reply.status, 404, `${path} ${reply.text}`)
      if (method === 'HEAD') continue
      const { request_id: _, message, ...error } = reply.json.error
      bodies.push(JSON.stringify({ ...error, message: message.replace(nameFor(url, names), 'NAME') }))
    }
    assert.ok(new Set(bodies).size <= 1, bodies.join('\n'))
  })
  test(`${method} ${url} answers the owner`, async () => {
    if (method === 'DELETE' || method === 'POST') return
    const reply = await api.ask(shop.secret, method, pathFor(url, own))
    assert.equal(reply.status, 200, reply.text)
  })
}

test('another object of the account does not fit where a kind is asked for', async () => {
  for (const [folder, name] of Object.entries(own)) {
    if (folder === 'customers') continue
    assert.equal((await api.ask(shop.secret, 'GET', `/v1/customers/${name}`)).status, 404)
  }
  const flipped = (own.customers ?? '').replace(/[a-z]/g, (letter, at) => (at > 6 ? letter.toUpperCase() : letter))
  assert.equal((await api.ask(shop.secret, 'GET', `/v1/customers/${flipped}`)).status, 404)
  assert.equal((await api.ask(shop.secret, 'GET', '/v1/customers/0191b3a0-0000-7000-8000-000000000000')).status, 404)
})

test('test and live are separate worlds', async () => {
  const inLive = (await api.ask(shop.live, 'GET', '/v1/customers')).json.data
  assert.deepEqual(
    inLive.map(({ id, livemode }: { id: string; livemode: boolean }) => [id, livemode]),
    [[live.customers, true]],
  )
  assert.ok(isLive(otherMode(shop.tenant)))
})

test('a key may come as the user name of basic authentication', async () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  assert.equal((await api.ask(undefined, 'GET', '/v1/balance', undefined, basic(`${shop.secret}:`))).status, 200)
  assert.equal((await api.ask(undefined, 'GET', '/v1/balance', undefined, basic(`:${shop.secret}`))).status, 401)
  assert.equal((await api.ask(undefined, 'GET', '/v1/balance', undefined, basic('x'))).status, 401)
})

test('a revoked key opens nothing after five seconds', async () => {
  const { row, text } = await createKey({ env, storage }, shop.tenant, 'secret')
  assert.equal((await api.ask(text, 'GET', '/v1/balance')).status, 200)
  assert.equal(await revokeKey({ env, storage }, shop.tenant, row.id), true)
  await env.advance(5_000)
  assert.equal((await api.ask(text, 'GET', '/v1/balance')).status, 401)
})

for (const door of DIALECTS) {
  test(`a key for clients of ${door} opens the native door as well`, async () => {
    const { text } = await createKey({ env, storage }, shop.tenant, 'secret', door)
    assert.equal((await api.ask(text, 'GET', '/v1/balance')).status, 200)
  })
}

test('an account header names the own account or is refused', async () => {
  const ask = (account: string) => api.ask(shop.secret, 'GET', '/v1/balance', undefined, { 'stripe-account': account })
  assert.equal((await ask(own.accounts ?? '')).status, 200)
  assert.equal((await ask(foreign.accounts ?? '')).status, 403)
  assert.equal((await ask('acct_x')).json.error.code, 'account_invalid')
})

test("a parameter that names another account's object says what it says of none", async () => {
  const session = (price: string) =>
    api.ask(shop.secret, 'POST', '/v1/checkout/sessions', { mode: 'payment', line_items: [{ price, quantity: 1 }] })
  const nobody = nameOf('price', shop.tenant, newUuid(env))
  const texts = []
  for (const price of [foreign.prices ?? '', live.prices ?? '', nobody, 'price_x']) {
    const { status, json } = await session(price)
    assert.equal(status, 400)
    assert.equal(json.error.param, 'line_items[0][price]')
    texts.push(json.error.message.replace(price, 'NAME'))
  }
  assert.deepEqual([...new Set(texts)], ["No such price: 'NAME'"])
})
