import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { nameOf, newUuid } from '../../../src/core/ids.ts'
import { changeSettings } from '../../../src/flows/change-settings.ts'
import { createKey, revokeKey } from '../../../src/flows/open-account.ts'
import { bpcId } from '../../../src/http/dialects/bpc/ids.ts'
import { startTestApi } from '../../support/api.ts'
import { CARD, PAYMENT, SESSION } from './client.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const shop = await api.openAccount()
const stranger = await api.openAccount()

type Said = {
  readonly type: string
  readonly code: string
  readonly message: string
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
}
async function ask(method: string, path: string, body?: unknown, headers: object = {}, key = shop.secret) {
  const answer = await api.app.inject({
    method: method as 'GET',
    url: `/api2${path}`,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: answer.json() as Said }
}

/** A request that would do, with some of its members changed; undefined takes one away. */
const session = (changes: object) => ask('POST', '/sessions', { ...SESSION, ...changes })
const payment = (changes: object) => ask('POST', '/payments', { ...PAYMENT, ...changes })
const card = (changes: object) => payment({ paymentMethod: { type: 'card', card: { ...CARD, ...changes } } })
const DIGITS = '4242 4242 4242 4242'

type Row = readonly [what: string, send: () => ReturnType<typeof ask>, field: string, status?: number]
const each = (
  what: string,
  values: readonly unknown[],
  send: (value: unknown) => ReturnType<typeof ask>,
  field: string,
) => values.map((value): Row => [`${what}: ${JSON.stringify(value)?.slice(0, 30) ?? 'none'}`, () => send(value), field])

const ROWS: readonly Row[] = [
  ...each(
    'amount',
    [undefined, null, 0, -1, 1.5, '100', true, [1], {}, 1e12, 2 ** 60],
    (amount) => session({ amount }),
    'amount',
  ),
  ...each(
    'currency',
    [undefined, '', 'zzz', 'EURO', 'xxx', 978, ['eur']],
    (currency) => session({ currency }),
    'currency',
  ),
  ...each(
    'success',
    [undefined, '', 'nowhere', '/done', 7, {}, 'x'.repeat(5001)],
    (successUrl) => session({ successUrl }),
    'successUrl',
  ),
  ...each(
    'failure',
    [undefined, '//shop.example', 'https://', ['https://shop.example']],
    (failureUrl) => session({ failureUrl }),
    'failureUrl',
  ),
  ...each('locale', ['e', 'en gb', 'x'.repeat(36), 5], (locale) => session({ locale }), 'locale'),
  ...each(
    'expiry',
    ['soon', '2023-10-31', '2099-02-30T00:00:00Z', 7, '2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z'],
    (expiresAt) => session({ expiresAt }),
    'expiresAt',
  ),
  ...each(
    'reference',
    ['x'.repeat(201), 7, 'a\nb', DIGITS],
    (merchantReferenceId) => session({ merchantReferenceId }),
    'merchantReferenceId',
  ),
  ...each(
    'customer',
    ['short', 'x'.repeat(51), 'with space', 7],
    (merchantCustomerId) => session({ merchantCustomerId }),
    'merchantCustomerId',
  ),
  ...each('metadata', ['text', 7, [1]], (metadata) => session({ metadata }), 'metadata').slice(0, 2),
  ...each('metadata', [{}, 7, DIGITS, 'x'.repeat(501)], (k) => session({ metadata: { k } }), 'metadata.k'),
  [
    '50 keys and one',
    () => session({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, k) => [k, 'x'])) }),
    'metadata',
  ],
  ...each(
    'details',
    ['text', 7, { note: DIGITS }, { note: 'x'.repeat(4000) }],
    (customerDetails) => session({ customerDetails }),
    'customerDetails',
  ),
  ...each('email', ['nobody', 7], (email) => session({ customerDetails: { email } }), 'customerDetails.email'),
  ...each(
    'country',
    ['Cyprus', '', 7].slice(0, 1),
    (country) => session({ customerDetails: { address: { country } } }),
    'customerDetails.address.country',
  ),
  ...each(
    'capture',
    ['later', 7],
    (captureMethod) => session({ paymentData: { captureMethod } }),
    'paymentData.captureMethod',
  ),
  ...each(
    'attempts',
    [0, 21, '2', 1.5],
    (maxAttempts) => session({ paymentData: { maxAttempts } }),
    'paymentData.maxAttempts',
  ),
  ...each(
    'storing',
    ['recurrent', 'unscheduled', 'installment'],
    (category) => session({ setupFutureUsage: { category } }),
    'setupFutureUsage.category',
  ),
  ['a NUL', () => ask('POST', '/sessions', JSON.stringify({ ...SESSION, locale: 'a\u0000' })), 'locale'],
  ['half a pair', () => ask('POST', '/sessions', JSON.stringify({ ...SESSION, locale: '\ud800' })), 'locale'],
  ['an amount twice', () => ask('POST', '/sessions', '{"amount":1,"amount":2}'), 'amount'],
  ...each('payment amount', [undefined, 0, '5'], (amount) => payment({ amount }), 'amount'),
  ...each('payment currency', [undefined, 'zzz'], (currency) => payment({ currency }), 'currency'),
  ...each('method', [undefined, 'card', 7], (paymentMethod) => payment({ paymentMethod }), 'paymentMethod'),
  ['no card', () => payment({ paymentMethod: { type: 'card' } }), 'paymentMethod.card'],
  ['another method', () => payment({ paymentMethod: { type: 'sepa', card: CARD } }), 'paymentMethod.type'],
  ...each(
    'number',
    [undefined, '', '4242424242424241', 'abcd', {}, [4]],
    (number) => card({ number }),
    'paymentMethod.card.number',
  ),
  ...each('month', [undefined, 13, 0, 'x'], (expiryMonth) => card({ expiryMonth }), 'paymentMethod.card.expiryMonth'),
  ...each('year', [2020, 9999], (expiryYear) => card({ expiryYear }), 'paymentMethod.card.expiryMonth'),
  ...each('code', ['12', 'abc', '12345'], (cvc) => card({ cvc }), 'paymentMethod.card.cvc'),
  ['a number as the holder', () => card({ holder: DIGITS }), 'paymentMethod.card.holder'],
  ['a stored method', () => payment({ storedPaymentMethodId: 'pm_x' }), 'storedPaymentMethodId'],
  ['a way back that is none', () => payment({ returnUrl: 'nowhere' }), 'returnUrl'],
  ['a refund of nothing', () => ask('POST', '/refunds', {}), 'paymentId'],
  [
    'a refund of a payment that is not there',
    () => ask('POST', '/refunds', { paymentId: bpcId('payment', newUuid(api.env)) }),
    'paymentId',
  ],
  ['a refund of nothing much', () => ask('POST', '/refunds', { paymentId: 'x', amount: 0 }), 'amount'],
  ...each(
    'http',
    [
      'http://shop.example/x',
      'http://10.0.0.1/x',
      'ftp://shop.example',
      'javascript:alert(1)',
      'app://x',
      'https://a:b@shop.example',
    ],
    (successUrl) => session({ successUrl }),
    'successUrl',
  ).map(([what, send, field]): Row => [what, send, field, 412]),
]

for (const [what, send, field, status = 400] of ROWS) {
  test(`${field}, ${what}`, async () => {
    const { json, text, ...answer } = await send()
    assert.equal(answer.status, status, text)
    assert.equal(json.type, 'invalidRequestError')
    assert.match(json.code, /^[a-z][A-Za-z]+$/)
    assert.deepEqual(json.errors, [{ field, message: json.message }])
    assert.ok(!json.message.includes('['), 'fields are named as this system names them')
    assert.ok(!/4242/.test(text))
    assert.match(String(answer.headers['api-request-id']), /^req_/)
    assert.equal(answer.headers['x-version'], '2023-10-31')
  })
}

test('bodies that cannot be read are refused as a whole', async () => {
  const refused = async (body: string, headers: object = {}) => {
    const { status, json } = await ask('POST', '/sessions', body, headers)
    return [status, json.code, typeof json.message]
  }
  assert.deepEqual(await refused('{'), [400, 'bodyInvalid', 'string'])
  assert.deepEqual(await refused('[]'), [400, 'bodyInvalid', 'string'])
  assert.deepEqual(await refused(`{"note":"${'x'.repeat(100_000)}"}`), [413, 'bodyTooLarge', 'string'])
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  assert.deepEqual(await refused('amount=1', form), [415, 'contentTypeUnsupported', 'string'])
  assert.deepEqual(await refused('{}', { 'content-encoding': 'gzip' }), [415, 'contentEncodingUnsupported', 'string'])
})

test('members that are not known are left unread, null and an empty text are none', async () => {
  const { status } = await session({ locale: null, merchantReferenceId: '', orderId: 7, nested: { deep: [1] } })
  assert.equal(status, 200)
})

test('an unknown version is refused, and the answer is in the default one', async () => {
  for (const version of ['2023-10-30', 'latest', '20231031', '', '2023-10-31, 2023-11-15']) {
    const { status, json, headers } = await ask('POST', '/sessions', SESSION, { 'x-version': version })
    assert.deepEqual([status, headers['x-version']], [400, '2023-10-31'], version)
    assert.equal(json.errors?.[0]?.field, 'X-Version')
  }
  const later = await ask('POST', '/sessions', SESSION, { 'x-version': '2023-11-15' })
  assert.deepEqual([later.status, later.headers['x-version']], [200, '2023-11-15'])
})

test('a key that is wrong is an invalid request, one that was revoked an authentication error', async () => {
  const told = async (key: string) => {
    const { status, json } = await ask('GET', '/sessions/x', undefined, {}, key)
    return [status, json.type, json.code]
  }
  assert.deepEqual(await told('nonsense'), [401, 'invalidRequestError', 'apiKeyInvalid'])
  assert.deepEqual(await told(shop.publishable), [403, 'invalidRequestError', 'secretKeyRequired'])
  const { text, row } = await createKey(api, shop.tenant, 'secret')
  await revokeKey(api, shop.tenant, row.id)
  assert.deepEqual(await told(text), [401, 'authenticationError', 'apiKeyExpired'])
})

test('no route opens without a key', async () => {
  const routes = api.routes.filter(({ url }) => url.startsWith('/api2/'))
  assert.ok(routes.length >= 9)
  for (const { method, url } of routes) {
    for (const key of ['', 'nonsense']) {
      const path = url.slice('/api2'.length).replace(':id', 'x')
      const answer = await api.app.inject({
        method: method as 'GET',
        url: `/api2${path}`,
        headers: { 'x-api-key': key },
      })
      assert.equal(answer.statusCode, 401, `${method} ${url}`)
    }
  }
})

test('what is not there, another account’s and another mode’s are not found', async () => {
  const { id } = (await session({})).json as unknown as { id: string }
  const paths = [
    '/sessions/x',
    `/sessions/${nameOf('session', shop.tenant, newUuid(api.env))}`,
    `/sessions/${bpcId('session', newUuid(api.env))}`,
    `/payments/${id}`,
    `/payments/${bpcId('payment', newUuid(api.env))}`,
    `/refunds/${bpcId('refund', newUuid(api.env))}`,
  ]
  for (const path of paths) assert.equal((await ask('GET', path)).status, 404, path)
  for (const key of [stranger.secret, shop.live]) {
    assert.equal((await ask('GET', `/sessions/${id}`, undefined, {}, key)).status, 404)
    assert.equal((await ask('POST', `/sessions/${id}/expire`, {}, {}, key)).status, 404)
  }
  assert.equal((await ask('POST', `/sessions/${bpcId('session', newUuid(api.env))}/expire`)).status, 404)
  for (const action of ['capture', 'cancel']) assert.equal((await ask('POST', `/payments/pp_x/${action}`)).status, 404)
  const { status, json } = await ask('GET', '/nowhere')
  assert.deepEqual([status, json.code], [404, 'urlUnknown'])
})

test('return URLs are those that the account allows: https anywhere, until it names origins', async () => {
  const { secret, tenant, live } = await api.openAccount()
  const status = async (successUrl: string, key = secret) =>
    (await ask('POST', '/sessions', { ...SESSION, successUrl }, {}, key)).status
  assert.equal(await status('https://anywhere.example/x'), 200)
  assert.equal(await status('http://localhost:3000/x'), 200)
  assert.equal(await status('http://localhost:3000/x', live), 412)
  assert.equal(await status('sdk://done'), 412)
  await changeSettings(api, tenant, { returnUrlOrigins: ['https://shop.example'], returnUrlSchemes: ['sdk'] })
  assert.equal(await status('https://anywhere.example/x'), 412)
  assert.equal(await status('https://shop.example/x'), 200)
  assert.equal(await status('sdk://done'), 200)
})

test('an account that closed this door is told so', async () => {
  const { secret, tenant } = await api.openAccount()
  await changeSettings(api, tenant, { doors: ['hsrc'] })
  const { status, json } = await ask('POST', '/sessions', SESSION, {}, secret)
  assert.deepEqual([status, json.code], [403, 'doorClosed'])
})

test('whatever a stranger sends, it is never a failure of ours', async () => {
  const bodies = [
    [
      '/sessions',
      {
        ...SESSION,
        expiresAt: '',
        locale: 'EN',
        metadata: {},
        customerDetails: {},
        paymentData: {},
        setupFutureUsage: {},
      },
    ],
    ['/payments', { ...PAYMENT, metadata: {}, returnUrl: 'https://shop.example', storedPaymentMethodId: '' }],
    ['/refunds', { paymentId: 'pp_x', amount: 1, metadata: {} }],
  ] as const
  const changes = fc
    .constantFrom(...bodies)
    .chain(([path, body]) =>
      fc.tuple(
        fc.constant(path),
        fc.constant(body),
        fc.constantFrom(...Object.keys(body)),
        fc.jsonValue({ maxDepth: 3 }),
      ),
    )
  await fc.assert(
    fc.asyncProperty(changes, async ([path, body, member, value]) => {
      const { status, text, json } = await ask('POST', path, { ...body, [member]: value })
      assert.ok(status < 500, text)
      if (status >= 400) assert.equal(typeof json.message, 'string')
    }),
    { numRuns: 400 },
  )
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 90 }), async (id) => {
      const name = encodeURIComponent(id.toWellFormed())
      for (const kind of ['sessions', 'payments', 'refunds'])
        assert.ok((await ask('GET', `/${kind}/${name}`)).status < 500)
    }),
    { numRuns: 100 },
  )
})

test('no card number was logged', () => {
  assert.ok(api.logged.length > 0)
  for (const line of api.logged) assert.ok(!/4242\s?4242/.test(line))
})
