import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { changeSettings } from '../../../src/flows/change-settings.ts'
import { expireDueSessions } from '../../../src/flows/close-session.ts'
import { createKey, revokeKey } from '../../../src/flows/open-account.ts'
import { startApiTill } from '../../support/api-till.ts'
import { testEnv } from '../../support/env.ts'
import { CONFIRM, DATA, type HsrcBody, SESSION } from './client.ts'

const env = testEnv()
const api = await startApiTill(import.meta.url, { env })
after(api.stop)
const { till } = api

async function ask(method: string, path: string, body?: unknown, headers: object = {}) {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const type = sent === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await api.ask(method as 'GET', `/v1${path}`, sent, { ...type, ...headers })
  return { status: answer.status, headers: answer.headers, json: answer.json as HsrcBody, text: answer.text }
}
const session = (changes: object) => ask('POST', '/checkout-sessions', { ...SESSION, ...changes })
const payment = (changes: object) => ask('POST', '/payments', { amount: 100, currency: 'TRY', ...changes })
const { checkout_session: open } = (await session({})).json
const confirm = (changes: object, token = open.token) =>
  ask('POST', `/checkout-sessions/token/${token}/confirm`, { ...CONFIRM, ...changes }, { authorization: '' })
const payer = (changes: object) => confirm({ payer: { email: 'ada@example.com', ...changes } })
const DIGITS = '4242 4242 4242 4242'

type Row = readonly [what: string, send: () => ReturnType<typeof ask>, field: string | undefined, status?: number]
const each = (
  name: string,
  values: readonly unknown[],
  send: (value: unknown) => ReturnType<typeof ask>,
  field: string,
) => values.map((value): Row => [`${name}: ${JSON.stringify(value)?.slice(0, 30) ?? 'none'}`, () => send(value), field])

const ROWS: readonly Row[] = [
  ...each(
    'amount',
    [undefined, null, 0, -1, 1.5, '100', true, [1], {}, 1e12],
    (amount) => session({ amount }),
    'amount',
  ),
  ...each('currency', [undefined, '', 'zzz', 'LIRA', 949, ['TRY']], (currency) => session({ currency }), 'currency'),
  ...each('url', ['nowhere', 'javascript:alert(1)', 7, {}, 'x'.repeat(3000)], (url) => session({ url }), 'url'),
  ...each(
    'return_url',
    ['nowhere', '/done', 7, 'http://shop.example/done', 'https://user@shop.example/'],
    (return_url) => session({ return_url }),
    'return_url',
  ),
  ...each('cancel_url', ['nowhere', [1]], (cancel_url) => session({ cancel_url }), 'cancel_url'),
  ...each('secure_mode', ['on', {}, 7], (secure_mode) => session({ secure_mode }), 'secure_mode'),
  ...each('auto_capture', ['later', {}], (auto_capture) => session({ auto_capture }), 'auto_capture'),
  ...each('name', [DIGITS, 'x'.repeat(101), 'a\nb', 7], (business_name) => session({ business_name }), 'business_name'),
  ...each('metadata', ['text', 7], (metadata) => session({ metadata }), 'metadata'),
  ...each(
    'metadata',
    [{ a: 1 }, DIGITS, 'x'.repeat(501)],
    (order) => session({ metadata: { order } }),
    'metadata.order',
  ),
  ...each(
    'expiry',
    ['soon', '2099-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
    (expires_at) => session({ expires_at }),
    'expires_at',
  ),
  ...each('mode', ['CUSTOMER_INPUT', 'ANY'], (amount_mode) => session({ amount_mode }), 'amount_mode'),
  ...each('address', ['EVERY', 7], (collect_address) => session({ collect_address }), 'collect_address'),
  ...each('link', ['plink_1'], (payment_link_id) => session({ payment_link_id }), 'payment_link_id'),
  ...each(
    'strategy',
    [{ provider_identifier: ['a', 'b'] }],
    (routing_strategy) => session({ routing_strategy }),
    'routing_strategy',
  ),
  ...each(
    'fields',
    ['x', 7, [{}]],
    (custom_fields_schema) => session({ custom_fields_schema }),
    'custom_fields_schema',
  ),
  ...each('customer', ['cus_x', 'x'], (customer_id) => session({ customer_id }), 'customer_id'),
  ...each('payer_email', ['nobody', 7], (payer_email) => session({ payer_email }), 'payer_email'),
  ['a NUL', () => session({ description: 'a\u0000' }), 'description'],
  [
    'half a pair',
    () => ask('POST', '/checkout-sessions', '{"amount":1,"currency":"TRY","description":"\\ud800"}'),
    'description',
  ],
  ['a field twice', () => ask('POST', '/checkout-sessions', '{"amount":1,"amount":2}'), 'amount'],
  ['no JSON', () => ask('POST', '/checkout-sessions', '{'), undefined],
  ['a list', () => ask('POST', '/checkout-sessions', '[]'), undefined],
  ['100 KB', () => session({ description: 'x'.repeat(100_000) }), undefined, 413],
  [
    'a form',
    () => ask('POST', '/checkout-sessions', 'amount=1', { 'content-type': 'application/x-www-form-urlencoded' }),
    undefined,
    415,
  ],
  ...each('payment amount', [undefined, 0, '5'], (amount) => payment({ amount }), 'amount'),
  ...each('payment currency', [undefined, 'zzz'], (currency) => payment({ currency }), 'currency'),
  ...each('installments', [3], (installments) => payment({ installments }), 'installments'),
  ...each('method', [undefined, {}], (payment_method) => confirm({ payment_method }), 'payment_method.data.pan'),
  ...each('method', ['card', 7], (payment_method) => confirm({ payment_method }), 'payment_method'),
  ['a sort of method', () => confirm({ payment_method: { type: 'wire', data: DATA } }), 'payment_method.type'],
  [
    'a number as the holder',
    () => confirm({ payment_method: { data: { ...DATA, name: DIGITS } } }),
    'payment_method.data.name',
  ],
  ['a stored card by a token', () => confirm({ payment_method: { id: 'pm_x' } }), undefined, 401],
  ...each('email', ['nobody', 7], (email) => payer({ email }), 'payer.email'),
  ...each('phone', [DIGITS, 'x'.repeat(41)], (phone) => payer({ phone }), 'payer.phone'),
  ...each(
    'country',
    ['Turkey', 7],
    (country) => payer({ billing_address: { country } }),
    'payer.billing_address.country',
  ),
  ...each(
    'identity',
    ['text', { note: DIGITS }, { note: 'x'.repeat(5000) }],
    (payer_identity) => confirm({ payer_identity }),
    'payer_identity',
  ),
  ['page 0', () => ask('GET', '/payments?page=0'), 'page'],
  ['limit 1000', () => ask('GET', '/payments?limit=1000'), 'limit'],
  ['too far', () => ask('GET', '/payments?limit=100&page=101'), 'page'],
  ['a search for nothing', () => ask('GET', '/checkout-sessions/search'), 'q'],
  ['an id of another kind', () => ask('GET', `/payments/${open.id}`), 'id', 404],
  ['a payment of nobody', () => ask('GET', '/payments/pay_123'), 'id', 404],
  ['a session of nobody', () => ask('GET', '/checkout-sessions/cks_123'), 'id', 404],
  ['a plan of nobody', () => ask('GET', '/routing-plans/rp_123'), 'id', 404],
  ['a capture of nothing', () => ask('POST', `/payments/${open.payment_id}/capture`, {}), undefined, 409],
  ['an endpoint without an address', () => ask('POST', '/webhooks', { enabled_events: ['*'] }), 'endpoint'],
  [
    'an endpoint at home',
    () => ask('POST', '/webhooks', { endpoint: 'http://10.0.0.1/', enabled_events: [] }),
    'endpoint',
  ],
  ['an account of somebody', () => ask('GET', '/payments?account_id=acct_x'), undefined, 403],
]
for (const [what, send, field, status = 400] of ROWS) {
  test(`${what} is refused by name`, async () => {
    const answer = await send()
    assert.equal(answer.status, status, answer.text)
    assert.deepEqual([answer.json.success, answer.json.error.code], [false, status])
    assert.equal(answer.json.error.details.field?.split(/\.\d/)[0], field)
    assert.equal(answer.json.message, answer.json.error.message)
    assert.ok(!answer.text.includes('4242 4242'), 'no number comes back')
  })
}

test('keys that are missing, of strangers, revoked or publishable', async () => {
  const { row, text } = await createKey(till, till.caller.tenant, 'secret')
  await revokeKey(till, till.caller.tenant, row.id)
  const { text: publishable } = await createKey(till, till.caller.tenant, 'publishable')
  for (const [authorization, status] of [
    ['', 401],
    ['Bearer sk_live_x', 401],
    [`Bearer ${text}`, 401],
    [`Bearer ${publishable}`, 403],
  ] as const) {
    const { status: got, json } = await ask('GET', '/payments', undefined, { authorization })
    assert.deepEqual([got, json.success, json.error.code], [status, false, status])
  }
})

test('hsrc 14: a session that is left alone expires, and its confirmation is refused', async () => {
  const { checkout_session: alone } = (await session({})).json
  await env.advance(31 * 60_000)
  assert.equal((await confirm({}, alone.token)).status, 409, 'even before anybody has closed it')
  await expireDueSessions(till.payments)
  const read = (await ask('GET', `/checkout-sessions/${alone.id}`)).json.checkout_session
  assert.equal(read.status, 'EXPIRED')
  assert.equal((await ask('GET', `/payments/${alone.payment_id}`)).json.payment.status, 'EXPIRED')
  assert.equal((await confirm({}, alone.token)).status, 409)
})

test('names in the SDK’s spelling are read too, and the API’s spelling counts', async () => {
  const { returnUrl, ...rest } = { ...SESSION, returnUrl: 'https://merchant.example/camel' }
  const { return_url: _, ...camel } = { ...rest, returnUrl, secureMode: true, autoCapture: false }
  const made = (await ask('POST', '/checkout-sessions', camel)).json.checkout_session
  assert.equal(made.return_url, returnUrl)
  assert.equal((made.payment as { auto_capture: boolean }).auto_capture, false)
  const both = (await session({ returnUrl })).json.checkout_session
  assert.equal(both.return_url, SESSION.return_url)
})

test('lists are pages by number, and a session is found by what the shop knows of it', async () => {
  const order = `order ${till.caller.tenant} 77`
  const ids: string[] = []
  for (let made = 0; made < 3; made++) {
    await env.advance(1)
    ids.push((await session({ metadata: { order } })).json.checkout_session.id)
  }
  const listed = async (query: string) => {
    const { json } = await ask('GET', `/checkout-sessions/${query}`)
    return (json as unknown as { data: { id: string }[] }).data.map(({ id }) => id)
  }
  ids.reverse()
  assert.deepEqual(await listed('?limit=2'), ids.slice(0, 2))
  assert.deepEqual((await listed('?limit=2&page=2'))[0], ids[2])
  assert.deepEqual(await listed('?limit=100&page=50'), [])
  assert.deepEqual(await listed(`search?q=${encodeURIComponent(order)}`), ids)
  assert.deepEqual(await listed(`search?q=${ids[1]}`), [ids[1]])
  assert.deepEqual(await listed('search?q=pay_x'), [])
})

test('what the payer said is in the session, address and answers of the shop’s own questions too', async () => {
  const { checkout_session: made } = (await session({ collect_address: 'BILLING' })).json
  const billing_address = { country: 'tr', city: 'Istanbul', line1: 'Istiklal 1', zip: '34430' }
  const told = { email: 'ada@example.com', name: 'Ada L', phone: '+90 555 000 00 00', billing_address }
  const { json } = await confirm(
    { payer: { ...told, shipping_same_as_billing: true, custom_fields: { gift: 'yes' } } },
    made.token,
  )
  const { checkout_session: paid } = json
  assert.deepEqual([paid.status, paid.payer_name, paid.payer_phone], ['COMPLETED', 'Ada L', '+90 555 000 00 00'])
  const address = { country: 'TR', city: 'Istanbul', state: null, line1: 'Istiklal 1', line2: null, zip: '34430' }
  assert.deepEqual([paid.billing_address, paid.shipping_address], [address, address])
  assert.deepEqual(paid.custom_fields_values, { gift: 'yes' })
  assert.ok(!JSON.stringify(json).includes(DATA.pan))
  assert.ok(!api.logged.join('').includes(DATA.pan))
})

test('where the account has closed this door, no token and no charge opens it until it is open again', async () => {
  const { checkout_session: made } = (await session({ secure_mode: true })).json
  const token = `/checkout-sessions/token/${made.token}`
  const nobody = { authorization: '' }
  const waiting = (await confirm({}, made.token)).json
  assert.equal(waiting.payment.status, 'REQUIRES_ACTION')
  const { charges } = (await ask('GET', `/payments/${made.payment_id}?include_charges=true`)).json.payment
  const back = `/three-d-secure-callback-urls/${charges?.[0]?.id}`
  const calls = [
    () => ask('GET', token, undefined, nobody),
    () => confirm({}, made.token),
    () => ask('POST', back, undefined, nobody),
  ]
  await changeSettings(till, till.caller.tenant, { doors: ['bpc'] })
  try {
    for (const call of calls) assert.equal((await call()).status, 404)
  } finally {
    await changeSettings(till, till.caller.tenant, { doors: null })
  }
  assert.equal((await ask('GET', token, undefined, nobody)).json.checkout_session.status, 'PROCESSING')
})

test('the issuer’s way back leads to no other door’s success URL', async () => {
  const native = await api.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 2400, product_data: { name: 'Tea' } } }],
    success_url: 'https://shop.example/paid',
  })
  const names = await api.stripe.rawRequest('GET', `/v1/checkout/sessions/${native.id}/names`)
  const { checkout_session: here } = (await ask('GET', `/checkout-sessions/${(names as { hsrc?: string }).hsrc}`)).json
  await confirm({ payment_method: { data: { ...DATA, pan: '4000000000009995', year: '34' } } }, here.token)
  const { charges } = (await ask('GET', `/payments/${here.payment_id}?include_charges=true`)).json.payment
  const answer = await ask('GET', `/three-d-secure-callback-urls/${charges?.[0]?.id}`, undefined, { authorization: '' })
  assert.deepEqual([answer.status, answer.json.data.id], [200, charges?.[0]?.id])
})
