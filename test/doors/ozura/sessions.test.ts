import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { payByForm } from '../pay-by-form.ts'
import { type AskOzura, type Json, ORDER, ozuraClient, readSession } from './client.ts'

let till: RunningOpentill
let ask: AskOzura
before(async () => {
  till = await startTestOpentill(import.meta.url)
  ask = ozuraClient(till.url, { vault: till.secretKey, merchant: till.secretKey })
})
after(() => till?.stop())

const create = (more: Json = {}) => ask('POST', '/create', { ...ORDER, ...more })
const read = (id: unknown) => readSession(till.url, id)

test('ozura 1: a session is made with both keys, and its address opens the page', async () => {
  const { status, body, data } = await create()
  assert.deepEqual([status, body.success], [200, true])
  assert.match(String(data.sessionId), /^session_test_[0-9A-Za-z]{49}$/)
  assert.equal(data.checkoutUrl, `${till.url}/checkout/${data.sessionId}`)
  assert.deepEqual(data.pricing, { subtotal: 25, tax: 0, shipping: 0, total: 25, currency: 'USD' })
  const { createdAt } = await read(data.sessionId)
  assert.equal(Date.parse(String(data.expiresAt)) - Date.parse(String(createdAt)), 15 * 60_000)
  const page = await fetch(String(data.checkoutUrl))
  const html = await page.text()
  assert.equal(page.status, 200)
  assert.match(html, /Acme Store/)
  assert.match(html, /25\.00/)
})

test('ozura 2: without a currency the price is in USD', async () => {
  const { currency: _, ...order } = ORDER
  const { data } = await ask('POST', '/create', order)
  assert.equal((data.pricing as Json).currency, 'USD')
  assert.equal((await read(data.sessionId)).currency, 'USD')
})

test('ozura 3: without keys, with one, with wrong ones or those of two accounts nobody gets in', async () => {
  const other = till.secretKey.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  const key = till.secretKey
  for (const keys of [
    {},
    { vault: key },
    { merchant: key },
    { vault: 'nonsense', merchant: key },
    { vault: key, merchant: other },
    { vault: till.publishableKey, merchant: key },
    { vault: key, merchant: till.publishableKey },
  ]) {
    const { status, body } = await ozuraClient(till.url, keys)('POST', '/create', ORDER)
    assert.equal(status, 401, JSON.stringify(Object.keys(keys)))
    assert.equal(body.success, false)
    assert.ok(typeof body.error === 'string' && body.error.length > 10)
    assert.ok(!body.error.includes(key))
  }
})

for (const field of ['merchantId', 'merchantName', 'amount', 'successUrl', 'cancelUrl', 'errorUrl'] as const) {
  test(`ozura 4: without ${field} the answer names it`, async () => {
    for (const nothing of [undefined, null, '']) {
      const { status, body } = await create({ [field]: nothing })
      assert.deepEqual([status, body.success], [400, false])
      assert.match(String((body.details as string[])[0]), new RegExp(`^${field}: `))
    }
  })
}

test('ozura 5: an iframe or a popup without parentOrigin is refused for that, and with it until pages are framed', async () => {
  for (const embedMode of ['iframe', 'popup']) {
    const without = await create({ embedMode })
    assert.deepEqual([without.status, (without.body.details as string[]).length], [400, 1])
    assert.match(String(without.body.details), /^parentOrigin: /)
    const framed = await create({ embedMode, parentOrigin: 'https://shop.example' })
    assert.equal(framed.status, 400)
    assert.match(String(framed.body.details), /^embedMode: .*not available yet/)
  }
  assert.match(String((await create({ embedMode: 'new_tab' })).body.details), /^embedMode: .*not available yet/)
  assert.equal((await create({ embedMode: 'redirect', parentOrigin: 'https://shop.example' })).status, 200)
})

test('ozura 6, as far as it is validation: recurring without its config, or with items, is refused for that', async () => {
  const recurringConfig = { planName: 'Monthly Pro', interval: 'monthly', startDate: '2026-06-01' }
  const recurring = (more: Json) => create({ checkoutMode: 'recurring', amount: '29.99', ...more })
  const items = [{ name: 'Hat', qty: 1, unitPrice: 5 }]
  const details = async (more: Json) => {
    const { status, body } = await recurring(more)
    assert.equal(status, 400)
    return String(body.details)
  }
  assert.match(await details({}), /^recurringConfig: Missing/)
  assert.match(await details({ recurringConfig, items }), /^items: .*only specify one/)
  assert.match(await details({ recurringConfig }), /^checkoutMode: .*recurring is not available yet/)
  assert.match(String((await create({ recurringConfig })).body.details), /^recurringConfig: .*not available yet/)
  assert.match(String((await create({ checkoutMode: 'donation' })).body.details), /^checkoutMode: .*not available yet/)
  assert.match(String((await create({ donationConfig: {} })).body.details), /^donationConfig: .*not available yet/)
})

test('ozura 8: a bare read says whether it was paid, and only then who paid', async () => {
  const { data } = await create({ metadata: { orderId: 'A-1' } })
  const before = await read(data.sessionId)
  assert.equal(before.status, 'pending')
  assert.equal(before.billing, undefined)
  const to = new URL(await payByForm(String(data.checkoutUrl)))
  const session = await read(data.sessionId)
  assert.equal(session.status, 'completed')
  assert.deepEqual(
    [session.amount, session.currency, session.cardLastFour, session.cardBrand],
    ['25.00', 'USD', '4242', 'VISA'],
  )
  assert.equal(session.transactionId, to.searchParams.get('transactionId'))
  const billing = session.billing as Json
  assert.deepEqual([billing.firstName, billing.lastName, billing.email], ['Jenny', 'Rosen', 'jenny@example.com'])
})

test('ozura 9: neither the success URL nor a read has secrets, and the URL has nobody in it', async () => {
  const secret = 'do-not-show-me'
  const hidden = { apiKey: secret, ozuraApiKey: secret, idempotencyKey: secret, merchantName: secret, waxKey: secret }
  const odd = { note: 'Größe "M" & 100 %', nested: { n: 1.5, list: [true, null] }, ...hidden }
  const { data, text } = await create({ metadata: odd, successUrl: 'https://shop.example/success?marker=7#top' })
  const to = await payByForm(String(data.checkoutUrl))
  assert.ok(to.startsWith('https://shop.example/success?marker=7&success=true&sessionId='))
  assert.ok(to.endsWith('#top'))
  const { searchParams } = new URL(to)
  assert.deepEqual(
    [...searchParams.keys()],
    (
      'marker success sessionId checkoutMode transactionId transactionType amount currency ozuraMerchantId ' +
      'cardLastFour cardBrand metadata transDate'
    ).split(' '),
  )
  const { transactionId, transDate, metadata, ...said } = Object.fromEntries(searchParams)
  assert.deepEqual(said, {
    marker: '7',
    success: 'true',
    sessionId: data.sessionId,
    checkoutMode: 'payment',
    transactionType: 'sale',
    amount: '25.00',
    currency: 'USD',
    ozuraMerchantId: 'ozu_abc',
    cardLastFour: '4242',
    cardBrand: 'VISA',
  })
  assert.match(String(transactionId), /^ch_/)
  assert.match(String(transDate), /^\d{4}-\d\d-\d\dT.*Z$/)
  const { note, nested } = odd
  assert.deepEqual(JSON.parse(String(metadata)), { note, nested })
  const session = await read(data.sessionId)
  assert.deepEqual(session.metadata, { note, nested })
  for (const shown of [text, to, JSON.stringify(session)]) assert.ok(!shown.includes(secret))
  for (const person of ['jenny', 'rosen', 'example.com&']) assert.ok(!to.toLowerCase().includes(person))
  const stored = await till.sql`select document from sessions where document->>'successUrl' like '%marker=7%'`
  assert.ok(!JSON.stringify(stored).includes(secret), 'what is never shown is not kept')
  assert.ok(!JSON.stringify(session).includes('shop.example'), 'where a paid shopper goes is the shop’s secret')
})

test('metadata that no address can carry is left to the read', async () => {
  const metadata = { text: 'ä'.repeat(2_000) }
  const { status, data } = await create({ metadata })
  assert.equal(status, 200)
  const to = await payByForm(String(data.checkoutUrl))
  assert.ok(to.length < 8000)
  assert.equal(new URL(to).searchParams.get('metadata'), null)
  assert.equal(new URL(to).searchParams.get('cardBrand'), 'VISA')
  assert.deepEqual((await read(data.sessionId)).metadata, metadata)
})

test('items replace the amount, and the surcharge is a line of its own', async () => {
  const items = [
    { name: 'Hat', qty: 2, unitPrice: 19.99, productId: 'hat-1', imageUrl: 'https://cdn.shop.example/hat.png' },
    { name: 'Pin', quantity: 3, price: '1.10' },
    { name: 'Card', unitPrice: '0.05' },
  ]
  const { data } = await create({ amount: '999.00', items, surchargePercent: 3, taxExempt: true })
  // 43.33 at 3 % is 1.2999.
  assert.deepEqual(data.pricing, {
    subtotal: 43.33,
    surcharge: 1.3,
    tax: 0,
    shipping: 0,
    total: 44.63,
    currency: 'USD',
  })
  const session = await read(data.sessionId)
  assert.deepEqual([session.amount, session.taxExempt, session.surchargePercent], ['44.63', true, '3'])
  assert.deepEqual(session.items, [
    items[0],
    { name: 'Pin', qty: 3, unitPrice: 1.1 },
    { name: 'Card', qty: 1, unitPrice: 0.05 },
  ])
  const html = await (await fetch(String(data.checkoutUrl))).text()
  assert.match(html, /Surcharge \(3%\)/)
  assert.match(html, /44\.63/)
  assert.equal((await create({ surchargePercent: '0' })).data.pricing instanceof Object, true)
  assert.equal(((await create({ surchargePercent: '0' })).data.pricing as Json).total, 25)
})

test('one idempotencyKey is one session, and another body under it is a conflict', async () => {
  const idempotencyKey = 'order 5'
  const [first, again] = [await create({ idempotencyKey }), await create({ idempotencyKey })]
  assert.deepEqual(again.data, first.data)
  const other = await create({ idempotencyKey, amount: '26.00' })
  assert.deepEqual([other.status, other.body.success], [409, false])
  assert.match(String(other.body.error), /amount differs/)
  assert.notEqual((await create()).data.sessionId, (await create()).data.sessionId)
})

const LONG = 'x'.repeat(300)
const item = (more: Json) => ({ items: [{ name: 'Hat', qty: 1, unitPrice: 5, ...more }] })
const WRONG: readonly (readonly [string, Json, RegExp])[] = [
  ['a merchantId that is a number', { merchantId: 7 }, /^merchantId: /],
  ['a long merchantName', { merchantName: LONG }, /^merchantName: /],
  ['a card number as its name', { merchantName: 'Shop 4242 4242 4242 4242' }, /^merchantName: /],
  ['NUL in its name', { merchantName: 'a\u0000b' }, /^merchantName: /],
  ['a blank name', { merchantName: '   ' }, /^merchantName: /],
  ['an amount below zero', { amount: '-5.00' }, /^amount: /],
  ['an amount in words', { amount: 'five' }, /^amount: /],
  ['an amount with an exponent', { amount: '1e3' }, /^amount: /],
  ['an amount with a comma', { amount: '25,00' }, /^amount: /],
  ['an amount that is a list', { amount: ['25.00'] }, /^amount: /],
  ['parts of a cent', { amount: '25.005' }, /^amount: .*USD/],
  ['decimals of a yen', { currency: 'JPY', amount: '25.00' }, /^amount: .*JPY/],
  ['an amount of nothing', { amount: '0' }, /^amount: /],
  ['more than can be charged', { amount: '99999999999' }, /^amount: /],
  ['a currency that is none', { currency: 'XQZ' }, /^currency: /],
  ['a currency that is a number', { currency: 840 }, /^currency: /],
  ['no items', { items: [] }, /^items: /],
  ['items that are no list', { items: {} }, /^items: /],
  ['too many items', { items: Array.from({ length: 100 }, () => ({ name: 'x', unitPrice: 1 })) }, /^items: /],
  ['an item without a name', item({ name: undefined }), /^items\[0\]\[name\]: /],
  ['an item without a price', item({ unitPrice: null }), /^items\[0\]\[unitPrice\]: /],
  ['half an item', item({ qty: 0.5 }), /^items\[0\]\[qty\]: /],
  ['no piece of an item', item({ qty: 0 }), /^items\[0\]\[qty\]: /],
  [
    'an item by the month',
    item({ recurring: { interval: 'monthly' } }),
    /^items\[0\]\[recurring\]: .*not available yet/,
  ],
  ['items for nothing', item({ unitPrice: 0 }), /^items: /],
  ['items for too much', item({ unitPrice: '9999999999', qty: 999_999 }), /^items: /],
  ['a card number as an item', item({ name: '4242424242424242' }), /^items\[0\]\[name\]: /],
  ['a script for a success URL', { successUrl: 'javascript:alert(1)' }, /^successUrl: /],
  ['a plain success URL', { successUrl: 'http://shop.example/' }, /^successUrl: /],
  ['a cancel URL with a password', { cancelUrl: 'https://a:b@shop.example/' }, /^cancelUrl: /],
  ['an error URL without a host', { errorUrl: '/error' }, /^errorUrl: /],
  ['a long error URL', { errorUrl: `https://shop.example/${'x'.repeat(2100)}` }, /^errorUrl: /],
  ['an unknown embedMode', { embedMode: 'overlay' }, /^embedMode: /],
  ['an unknown checkoutMode', { checkoutMode: 'barter' }, /^checkoutMode: /],
  ['a surcharge above the limit', { surchargePercent: '3.01' }, /^surchargePercent: .*3\.00/],
  ['a surcharge below zero', { surchargePercent: -1 }, /^surchargePercent: /],
  ['a payment by telephone', { transactionChannel: 'moto' }, /^transactionChannel: .*not available yet/],
  ['an unknown channel', { transactionChannel: 'pigeon' }, /^transactionChannel: /],
  ['taxExempt maybe', { taxExempt: 'maybe' }, /^taxExempt: /],
  ['a delivery address maybe', { collectShippingAddress: 'maybe' }, /^collectShippingAddress: /],
  ['metadata that is a text', { metadata: 'x' }, /^metadata: /],
  ['metadata of more than 10 KB', { metadata: { text: 'x'.repeat(10_240) } }, /^metadata: .*10240/],
  ['NUL in metadata', { metadata: { text: 'a\u0000b' } }, /^metadata/],
  ['a card number in metadata', { metadata: { card: '4242424242424242' } }, /^metadata: /],
  ['an appearance that is a text', { appearance: 'blue' }, /^appearance: /],
  ['a key with line breaks', { idempotencyKey: 'a\nb' }, /idempotency/i],
]
for (const [what, more, names] of WRONG) {
  test(`a session with ${what} is refused by name`, async () => {
    const { status, body } = await create(more)
    assert.equal(status, 400)
    assert.equal(body.success, false)
    assert.match(String((body.details as string[] | undefined)?.[0] ?? body.error), names)
  })
}

const FIELDS = [
  ...Object.keys(ORDER),
  'items embedMode parentOrigin allowPopup checkoutMode recurringConfig donationConfig surchargePercent'.split(' '),
  'transactionChannel taxExempt collectShippingAddress metadata appearance idempotencyKey'.split(' '),
].flat()

test('whatever stands in a field, the answer is a session or names what is wrong', async () => {
  const values = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'binary', maxLength: 50 }), fc.double())
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...FIELDS), values, async (field, value) => {
      const { status, body } = await create({ [field]: value })
      assert.ok(status === 200 || status === 400, `${field}: ${status}`)
      assert.equal(body.success, status === 200)
      if (status === 400) assert.equal(typeof body.error, 'string')
    }),
    { numRuns: 300 },
  )
})

test('bodies that cannot be read are refused in this door’s shape', async () => {
  const said = async (body: unknown, headers = {}) => {
    const answer = await ask('POST', '/create', body, headers)
    assert.equal(answer.body.success, false)
    return [answer.status, typeof answer.body.error]
  }
  assert.deepEqual(await said('{"merchantId":'), [400, 'string'])
  assert.deepEqual(await said('[]'), [400, 'string'])
  assert.deepEqual(await said('{"amount":1,"amount":2}'), [400, 'string'])
  assert.deepEqual(await said(`{"note":"${'x'.repeat(100_000)}"}`), [413, 'string'])
  assert.deepEqual(await said('amount=25', { 'Content-Type': 'application/x-www-form-urlencoded' }), [415, 'string'])
})

test('what is unknown is ignored, and full metadata is kept', async () => {
  const metadata = { text: 'x'.repeat(10_200), n: 7 }
  const { status, data } = await create({ odd: [{}], allowPopup: 'no', metadata, amount: 25 })
  assert.equal(status, 200)
  assert.deepEqual((await read(data.sessionId)).metadata, metadata)
  const [row] = await till.stripe.checkout.sessions.list({ limit: 1 }).then(({ data: rows }) => rows)
  assert.deepEqual(row?.metadata, {}, 'neither a long text nor a number is a pair of texts')
})

test('pairs of texts in metadata are seen at every door', async () => {
  await create({ metadata: { orderId: 'A-7', nested: { a: 1 } } })
  const [row] = await till.stripe.checkout.sessions.list({ limit: 1 }).then(({ data }) => data)
  assert.deepEqual(row?.metadata, { orderId: 'A-7' })
})

test('an id that is unknown, tampered, or another door’s opens nothing', async () => {
  const { data } = await create()
  const id = String(data.sessionId)
  const flipped = id.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  const name = (await till.stripe.checkout.sessions.list({ limit: 1 })).data[0]?.id ?? ''
  const page = (await fetch(String(data.checkoutUrl), { redirect: 'manual' })).headers.get('location') ?? ''
  for (const other of [
    'session_nothing',
    flipped,
    name,
    name.replace(/^cs_/, 'session_'),
    page.split('/').at(-1)?.replace(/^cs_/, 'session_'),
    id.slice(0, -1),
    `${id}x`,
    `session_${'%00'.repeat(3)}`,
    'x'.repeat(95),
  ]) {
    const { status, body } = await ozuraClient(till.url, {})('GET', `/${other}`)
    assert.deepEqual([status, body], [404, { success: false, error: 'Session not found.' }], String(other))
  }
  for (const path of [`/checkout/${flipped}`, '/checkout/session_x']) {
    assert.equal((await fetch(till.url + path)).status, 404)
  }
})

test('a read with good keys is the same, and one with bad keys is refused', async () => {
  const { data } = await create()
  const withKeys = await ask('GET', `/${data.sessionId}`)
  assert.deepEqual((withKeys.data.session as Json).status, 'pending')
  const bad = ozuraClient(till.url, { vault: 'x', merchant: 'x' })
  assert.equal((await bad('GET', `/${data.sessionId}`)).status, 401)
})

test('a session of another door reads here, once one knows what it is called here', async () => {
  const native = await till.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price_data: { currency: 'jpy', product_data: { name: 'Tea' }, unit_amount: 700 }, quantity: 2 }],
    success_url: 'https://shop.example/native',
    metadata: { apiKey: 'secret', order: '7' },
  })
  const names = await till.stripe.rawRequest('GET', `/v1/checkout/sessions/${native.id}/names`)
  const id = String((names as unknown as Json).ozura)
  const session = await read(id)
  assert.deepEqual(
    [session.status, session.amount, session.currency, session.metadata],
    ['pending', '1400', 'JPY', { order: '7' }],
  )
  assert.match(String(session.merchantId), /^acct_/)
  assert.ok(!JSON.stringify(session).includes('secret'))
  assert.equal(await payByForm(`${till.url}/checkout/${id}`), 'https://shop.example/native')
  assert.equal((await read(id)).status, 'completed')
})

test('an account that has closed this door is not answered through it, and its shoppers still pay', async () => {
  const { data } = await create()
  const setting = (...doors: string[]) => till.stripe.rawRequest('POST', '/v1/account/settings', { doors })
  await setting('bpc')
  try {
    assert.equal((await ozuraClient(till.url, {})('GET', `/${data.sessionId}`)).status, 404)
    assert.match(await payByForm(String(data.checkoutUrl)), /^https:\/\/shop\.example\/success\?success=true/)
  } finally {
    await setting('opencheckout', 'ozura', 'bpc', 'hsrc', 'secpaid')
  }
})

test('nothing that was logged holds a card number or a key', () => {
  const logged = till.logged.join('\n')
  for (const secret of ['4242424242424242', till.secretKey]) assert.ok(!logged.includes(secret))
})
