import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { startTestApi } from '../../test/support/api.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const shop = await api.openAccount()

const PRICE = 'line_items[0][price_data]'
/** A session that would be made; each row changes one thing. */
const SESSION: Readonly<Record<string, string>> = {
  mode: 'payment',
  success_url: 'https://shop.example/done',
  'line_items[0][quantity]': '1',
  [`${PRICE}[currency]`]: 'eur',
  [`${PRICE}[unit_amount]`]: '1000',
  [`${PRICE}[product_data][name]`]: 'Tea',
}

const post = (path: string, fields: Readonly<Record<string, string>>, headers: object = {}) =>
  api.ask(shop.secret, 'POST', path, new URLSearchParams(fields).toString(), headers)

type Row = readonly [what: string, field: string, value: string, code: string, param?: string]
const AMOUNT = `${PRICE}[unit_amount]`
const NAME = `${PRICE}[product_data][name]`

const SESSION_ROWS: readonly Row[] = [
  ['1 negative', AMOUNT, '-1', 'parameter_invalid_integer'],
  ['3 minus zero', AMOUNT, '-0', 'parameter_invalid_integer'],
  ['4 a fraction', AMOUNT, '10.5', 'parameter_invalid_integer'],
  ['5 an exponent', AMOUNT, '1e2', 'parameter_invalid_integer'],
  ['5 a huge exponent', AMOUNT, '1E400', 'parameter_invalid_integer'],
  ['7 a leading zero', AMOUNT, '0100', 'parameter_invalid_integer'],
  ['7 a plus', AMOUNT, '+100', 'parameter_invalid_integer'],
  ['8 above 2^53', AMOUNT, '9007199254740993', 'parameter_invalid_integer'],
  ['9 2^63', AMOUNT, '9223372036854775808', 'parameter_invalid_integer'],
  ['10 NaN', AMOUNT, 'NaN', 'parameter_invalid_integer'],
  ['10 Infinity', AMOUNT, 'Infinity', 'parameter_invalid_integer'],
  ['12 above the most', AMOUNT, '1000000000000', 'parameter_invalid_range'],
  ['13 below the least', AMOUNT, '1', 'amount_too_small', 'line_items'],
  ['14 an unknown currency', `${PRICE}[currency]`, 'abc', 'invalid_currency'],
  ['14 a retired currency', `${PRICE}[currency]`, 'hrk', 'invalid_currency'],
  ['14 the test currency', `${PRICE}[currency]`, 'xxx', 'invalid_currency'],
  ['14 another currency beside', 'currency', 'usd', 'invalid_currency', 'line_items[0]'],
  ['18 no quantity', 'line_items[0][quantity]', '0', 'parameter_invalid_range'],
  ['18 a negative quantity', 'line_items[0][quantity]', '-1', 'parameter_invalid_range'],
  ['18 a huge quantity', 'line_items[0][quantity]', '1000000000', 'parameter_invalid_range'],
  ['26 another kind of name', 'customer', 'prod_0000000000000000000000000', 'resource_missing'],
  ['27 a name that is none', 'customer', 'cus_x', 'resource_missing'],
  ['28 a UUID', 'customer', '0191b3a0-0000-7000-8000-000000000000', 'resource_missing'],
  ['46 half a surrogate pair, as a form has it', 'client_reference_id', '\ufffd\u0000', 'body_invalid'],
  ['49 NUL', NAME, 'a\u0000b', 'body_invalid'],
  ['50 a direction override', NAME, 'evil\u202egnp.exe', 'parameter_invalid_string'],
  ['50 an invisible edge', NAME, '\u200bTea', 'parameter_invalid_string'],
  ['51 emoji beyond the limit', NAME, '😀'.repeat(251), 'parameter_too_long'],
  ['53 a line break', 'client_reference_id', 'a\r\nSet-Cookie: x', 'parameter_invalid_string'],
  ['58 a long key', `metadata[${'k'.repeat(41)}]`, 'x', 'parameter_too_long'],
  ['58 a long value', 'metadata[k]', 'x'.repeat(501), 'parameter_too_long'],
  ['59 a card number in a text', NAME, 'card 4242 4242 4242 4242', 'card_number_refused'],
  ['59 a card number in metadata', 'metadata[note]', '4242424242424242', 'card_number_refused'],
  ['59 a card number in a reference', 'client_reference_id', '4242-4242-4242-4242', 'card_number_refused'],
  ['71 a script', 'success_url', 'javascript:alert(1)', 'return_url_refused'],
  ['71 data', 'success_url', 'data:text/html,x', 'return_url_refused'],
  ['72 a user', 'success_url', 'https://a:b@shop.example/', 'return_url_refused'],
  ['72 a backslash', 'success_url', 'https:\\\\shop.example', 'return_url_refused'],
  ['81 a long URL', 'success_url', `https://shop.example/${'x'.repeat(5000)}`, 'parameter_too_long'],
  ['an empty value', 'success_url', '', 'parameter_invalid_empty'],
  ['an unknown parameter', 'colour', 'red', 'parameter_unknown'],
  ['an unknown parameter inside', `${PRICE}[colour]`, 'red', 'parameter_unknown'],
  ['an unknown mode', 'mode', 'pay', 'parameter_invalid_enum'],
  ['a mode that comes later', 'mode', 'subscription', 'parameter_not_supported_yet'],
  ['a page that comes later', 'ui_mode', 'embedded_page', 'parameter_not_supported_yet'],
  ['a discount', 'discounts[0][coupon]', 'x', 'parameter_not_supported_yet', 'discounts'],
  ['a shipping price', 'shipping_options[0][shipping_rate]', 'x', 'parameter_not_supported_yet', 'shipping_options'],
  ['tax', 'automatic_tax[enabled]', 'true', 'parameter_not_supported_yet'],
  [
    'a quantity that shoppers change',
    'line_items[0][adjustable_quantity][enabled]',
    'true',
    'parameter_not_supported_yet',
  ],
  ['a customer made of every guest', 'customer_creation', 'always', 'parameter_not_supported_yet'],
  ['a saved card', 'payment_intent_data[setup_future_usage]', 'off_session', 'parameter_not_supported_yet'],
  ['a rail that comes later', 'payment_method_types[0]', 'ideal', 'parameter_not_supported_yet'],
  ['no boolean', 'phone_number_collection[enabled]', 'yes', 'parameter_invalid_boolean'],
  ['no list', 'custom_fields', 'x', 'parameter_invalid_array'],
  ['no object', 'payment_intent_data', 'x', 'parameter_invalid_object'],
  ['no email', 'customer_email', 'jenny@', 'email_invalid'],
  ['no country', 'shipping_address_collection[allowed_countries][0]', 'de', 'parameter_invalid_string'],
  ['too soon', 'expires_at', '1', 'expiry_out_of_range'],
  ['too late', 'expires_at', '4000000000', 'expiry_out_of_range'],
  ['both price and data', 'line_items[0][price]', 'price_x', 'parameters_exclusive'],
  ['a path to nowhere', 'expand[0]', 'nothing', 'expand_invalid', 'expand'],
  ['a path too deep', 'expand[0]', 'line_items.data.price.product.default_price', 'expand_invalid', 'expand'],
]
for (const [what, field, value, code, param = field] of SESSION_ROWS) {
  test(`a session with ${what} is refused as ${code} of ${param.slice(0, 40)}`, async () => {
    const reply = await post('/v1/checkout/sessions', { ...SESSION, [field]: value })
    assert.equal(reply.status, 400, reply.text)
    assert.equal(reply.json.error.code, code, reply.text)
    assert.equal(reply.json.error.param, param)
    assert.ok(!reply.text.includes('4242'))
  })
}

const TAKEN: readonly (readonly [what: string, field: string, value: string, seen: (session: never) => unknown])[] = [
  [
    '14 an upper-case currency',
    `${PRICE}[currency]`,
    'EUR',
    ({ currency }: { currency: string }) => currency === 'eur',
  ],
  ['15 yen', `${PRICE}[currency]`, 'jpy', (session: { amount_total: number }) => session.amount_total === 1000],
  ['15 dinar', `${PRICE}[currency]`, 'kwd', (session: { amount_total: number }) => session.amount_total === 1000],
  ['15 króna', `${PRICE}[currency]`, 'isk', (session: { amount_total: number }) => session.amount_total === 1000],
  ['51 emoji at the limit', NAME, '😀'.repeat(250), () => true],
  [
    '52 a decomposed letter',
    'metadata[n]',
    'e\u0301',
    ({ metadata }: { metadata: { n: string } }) => metadata.n === 'e\u0301',
  ],
  ['54 markup', 'metadata[n]', '<svg onload=x>', ({ metadata }: { metadata: { n: string } }) => metadata.n[0] === '<'],
  ['55 a formula', 'metadata[n]', '=1+1', ({ metadata }: { metadata: { n: string } }) => metadata.n === '=1+1'],
  ['56 quotes', 'metadata[n]', "'; drop table x", ({ metadata }: { metadata: { n: string } }) => metadata.n[0] === "'"],
  ['57 a long run', 'client_reference_id', 'a'.repeat(200), () => true],
  [
    'a customer where one is needed',
    'customer_creation',
    'if_required',
    (session: { customer_creation: string }) => session.customer_creation === 'if_required',
  ],
  ['a quantity that stays', 'line_items[0][adjustable_quantity][enabled]', 'false', () => true],
  ['a numbered key', 'metadata[0]', 'x', ({ metadata }: { metadata: Record<string, string> }) => metadata['0'] === 'x'],
]
for (const [what, field, value, seen] of TAKEN) {
  test(`a session with ${what} is made and reads back as it was sent`, async () => {
    const reply = await post('/v1/checkout/sessions', { ...SESSION, [field]: value })
    assert.equal(reply.status, 200, reply.text)
    assert.ok(seen(reply.json as never), reply.text)
  })
}

for (const missing of Object.keys(SESSION)) {
  test(`a session without ${missing} is told so`, async () => {
    const { [missing]: _, ...rest } = SESSION
    const reply = await post('/v1/checkout/sessions', rest)
    if (missing === 'success_url') return assert.equal(reply.status, 200)
    assert.equal(reply.json.error.code, 'parameter_missing')
    const gone = missing === NAME ? `${PRICE}[product_data]` : missing
    assert.equal(reply.json.error.param, gone)
  })
}

const JSON_ROWS: readonly (readonly [what: string, amount: string, code: string])[] = [
  ['6 a text', '"100"', 'parameter_invalid_integer'],
  ['4 a fraction', '10.5', 'parameter_invalid_integer'],
  ['4 a whole fraction', '1.0', 'parameter_invalid_integer'],
  ['5 an exponent', '1e2', 'parameter_invalid_integer'],
  ['3 minus zero', '-0', 'parameter_invalid_integer'],
  ['8 above 2^53', '9007199254740993', 'parameter_invalid_integer'],
  ['a boolean', 'true', 'parameter_invalid_integer'],
  ['null', 'null', 'parameter_invalid_empty'],
  ['a list', '[]', 'parameter_invalid_integer'],
  ['an object', '{}', 'parameter_invalid_integer'],
]
for (const [what, amount, code] of JSON_ROWS) {
  test(`an amount in JSON that is ${what} is refused as ${code}`, async () => {
    const body = `{"currency":"eur","unit_amount":${amount},"product_data":{"name":"Tea"}}`
    const reply = await api.ask(shop.secret, 'POST', '/v1/prices', body, { 'content-type': 'application/json' })
    assert.equal(reply.status, 400)
    assert.equal(reply.json.error.code, code, reply.text)
    assert.equal(reply.json.error.param, 'unit_amount')
  })
}

const TELL_WHAT_TO_DO: readonly (readonly [field: string, value: string, message: string | RegExp])[] = [
  ['sucess_url', 'https://shop.example', 'Received unknown parameter: sucess_url. Did you mean success_url?'],
  [AMOUNT, '24.00', 'Invalid integer: 24.00 (amounts count in the currency’s smallest unit: 2400 for 24.00 EUR)'],
  ['line_items[0][quantity]', '1.5', 'Invalid integer: 1.5'],
  [AMOUNT, '49', 'Invalid line_items: the total must be at least 0.50 EUR.'],
  [`${PRICE}[currency]`, 'euro', 'Invalid currency: give a three-letter ISO 4217 code in lower case, such as eur.'],
  ['mode', 'payments', /^Invalid mode: /],
  ['mode', 'subscription', 'mode=subscription is not available yet. Use another value, or leave it out.'],
  ['payment_method_types[0]', 'cart', 'Invalid payment_method_types[0]: must be card'],
  [
    'billing_address_collection',
    'requierd',
    'Invalid billing_address_collection: did you mean required? It must be one of auto, or required',
  ],
]

for (const [field, value, message] of TELL_WHAT_TO_DO) {
  test(`${field}=${value} is answered with what to do`, async () => {
    const reply = await post('/v1/checkout/sessions', { ...SESSION, [field]: value })
    if (typeof message === 'string') assert.equal(reply.json.error.message, message)
    else assert.match(reply.json.error.message, message)
  })
}

test('a parameter in the address of a change is told where it belongs', async () => {
  const reply = await post('/v1/customers?name=Jenny', {})
  assert.equal(
    reply.json.error.message,
    'Received unknown parameter: name. It stands in the URL; a POST takes its parameters in its body.',
  )
})

test('a path that only Stripe has is told so', async () => {
  const reply = await post('/v1/coupons', { percent_off: '10' })
  assert.equal(
    reply.json.error.message,
    'Unrecognized request URL (POST: /v1/coupons). Check the method and the path; not everything that Stripe has is built here yet.',
  )
})

test('JSON that says the same as a form is the same request', async () => {
  const key = { 'idempotency-key': 'same-in-both' }
  const form = await post('/v1/prices', { currency: 'eur', unit_amount: '100', 'product_data[name]': 'Tea' }, key)
  const json = { product_data: { name: 'Tea' }, unit_amount: 100, currency: 'eur' }
  const again = await api.ask(shop.secret, 'POST', '/v1/prices', json, key)
  assert.equal(again.json.id, form.json.id)
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.equal(again.headers['original-request'], form.headers['request-id'])
})

test('58 fifty keys of metadata are taken, fifty-one are not', async () => {
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`metadata[k${index}]`, 'x']))
  assert.equal((await post('/v1/customers', keys(50))).status, 200)
  const refused = await post('/v1/customers', keys(51))
  assert.equal(refused.json.error.code, 'metadata_too_many_keys')
  assert.equal(refused.json.error.param, 'metadata')
})

const IDEMPOTENCY: readonly (readonly [what: string, key: string, status: number])[] = [
  ['22 255 characters', 'k'.repeat(255), 200],
  ['22 256 characters', 'k'.repeat(256), 400],
  ['22 nothing', '', 400],
  ['24 an emoji', '😀', 400],
  ['24 a tab', 'a\tb', 400],
  ['24 spaces', 'a key with spaces', 200],
  ['59 a card number', 'order 4242424242424242', 400],
]
for (const [what, key, status] of IDEMPOTENCY) {
  test(`an idempotency key of ${what} is ${status}`, async () => {
    const reply = await post('/v1/customers', { name: 'x' }, { 'idempotency-key': key })
    assert.equal(reply.status, status)
    if (status === 400) assert.equal(reply.json.error.code, 'idempotency_key_invalid')
  })
}

test('23 a key of another path is refused, of another account and mode it is another key', async () => {
  const key = { 'idempotency-key': 'k-23' }
  const first = await post('/v1/customers', { name: 'x' }, key)
  const other = await post('/v1/products', { name: 'x' }, key)
  assert.equal(other.status, 400)
  assert.equal(other.json.error.type, 'idempotency_error')
  const stranger = await api.openAccount()
  for (const secret of [stranger.secret, shop.live]) {
    const made = await api.ask(secret, 'POST', '/v1/customers', 'name=x', key)
    assert.equal(made.status, 200)
    assert.notEqual(made.json.id, first.json.id)
  }
})

const QUERIES: readonly (readonly [query: string, code: string, param: string])[] = [
  ['limit=0', 'parameter_invalid_range', 'limit'],
  ['limit=101', 'parameter_invalid_range', 'limit'],
  ['limit=x', 'parameter_invalid_integer', 'limit'],
  ['limit=1&limit=2', 'body_invalid', 'limit'],
  ['created[gte]=x', 'parameter_invalid_integer', 'created[gte]'],
  ['created%5Bnope%5D=1', 'parameter_unknown', 'created[nope]'],
  ['starting_after=cus_x', 'resource_missing', 'starting_after'],
  ['starting_after=a&ending_before=b', 'parameters_exclusive', 'starting_after'],
  ['expand[]=data.nothing', 'expand_invalid', 'expand'],
  ['expand[]=default_source', 'expand_invalid', 'expand'],
  ['colour=red', 'parameter_unknown', 'colour'],
  ['a[b=1', 'body_invalid', 'a[b'],
  ['email=%00', 'body_invalid', 'email'],
]
for (const [query, code, param] of QUERIES) {
  test(`a list asked with ${query} is refused as ${code}`, async () => {
    const reply = await api.ask(shop.secret, 'GET', `/v1/customers?${query}`)
    assert.equal(reply.status, 400, reply.text)
    assert.equal(reply.json.error.code, code)
    assert.equal(reply.json.error.param, param)
  })
}

test('whatever a stranger sends, it is never a failure of ours', async () => {
  const routes = api.routes.filter(({ url }) => url.startsWith('/v1/'))
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('', '-1', 'null', '1e9', 'true', '{}', '%00', '4000000000'),
    fc.integer(),
    fc.constant(null),
    fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
  )
  const field = fc.constantFrom(
    ...['mode', 'line_items', 'name', 'email', 'metadata', 'currency', 'unit_amount', 'product', 'price', 'expand'],
    ...['limit', 'created', 'query', 'page', 'url', 'enabled_events', 'address', 'shipping', 'expires_at', 'locale'],
  )
  const body = fc.dictionary(
    field,
    fc.oneof(value, fc.dictionary(fc.string({ maxLength: 8 }), value, { maxKeys: 3 })),
    {
      maxKeys: 4,
    },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...routes),
      body,
      fc.string({ maxLength: 30 }),
      async ({ method, url }, sent, id) => {
        const path = url.replace(':id', encodeURIComponent(id.toWellFormed()) || 'x')
        const query = new URLSearchParams(
          Object.entries(sent).map(([key, member]) => [key, JSON.stringify(member)]),
        ).toString()
        const reply =
          method === 'POST'
            ? await api.ask(shop.secret, method, path, sent)
            : await api.ask(shop.secret, method, `${path}?${query}`)
        assert.ok(reply.status < 500, `${method} ${path} ${JSON.stringify(sent)} ${reply.text}`)
        assert.match(String(reply.headers['request-id']), /^req_/)
      },
    ),
    { numRuns: 400 },
  )
})
