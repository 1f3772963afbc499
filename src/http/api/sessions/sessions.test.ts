import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestApi } from '../../../../test/support/api.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const shop = await api.openAccount()
const stripe = await api.sdk(shop.secret)

const tea = {
  price_data: { currency: 'eur', unit_amount: 1250, product_data: { name: 'Green tea', description: 'Loose, 100 g' } },
  quantity: 2,
}

test('the SDK makes a session, reads it back and lists it', async () => {
  const made = await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [tea],
    success_url: 'https://shop.example/done?id={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/cart',
    client_reference_id: 'order-17',
    customer_email: 'jenny@example.com',
    metadata: { cart: '17' },
    expand: ['line_items'],
  })
  assert.match(made.id, /^cs_test_/)
  assert.equal(made.amount_total, 2500)
  assert.equal(made.status, 'open')
  assert.equal(made.payment_status, 'unpaid')
  assert.match(made.url ?? '', /^https:\/\/pay\.example\/c\/pay\/cs_test_/)
  assert.equal(made.customer_details?.email, 'jenny@example.com')
  assert.equal(made.line_items?.data[0]?.description, 'Green tea')
  assert.match(made.lastResponse.requestId ?? '', /^req_/)

  const { line_items: _, lastResponse: __, ...plain } = made
  const read = await stripe.checkout.sessions.retrieve(made.id)
  const { lastResponse: ___, ...readPlain } = read
  assert.deepEqual(readPlain, plain)

  const listed = await stripe.checkout.sessions.list({ limit: 3, created: { gte: made.created } })
  assert.deepEqual(
    listed.data.map((session) => session.id),
    [made.id],
  )
  const lines = await stripe.checkout.sessions.listLineItems(made.id, { expand: ['data.price.product'] })
  const [line] = lines.data
  assert.equal(line?.amount_total, 2500)
  const product = line?.price?.product
  assert.ok(typeof product === 'object')
  const expanded = await stripe.checkout.sessions.retrieve(made.id, { expand: ['line_items.data.price.product'] })
  const inside = expanded.line_items?.data[0]?.price?.product
  assert.ok(typeof inside === 'object' && !inside.deleted && inside.name === 'Green tea')
})

test('when to ask for 3-D Secure is kept and shown again, beside what the payment will say', async () => {
  const asking = async (card?: object, payment_intent_data?: object) => {
    const options = card ? { payment_method_options: { card } } : {}
    const made = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [tea],
      success_url: 'https://shop.example/done',
      ...options,
      ...(payment_intent_data ? { payment_intent_data } : {}),
    })
    await stripe.checkout.sessions.update(made.id, { metadata: { changed: 'yes' } })
    const read = await stripe.checkout.sessions.retrieve(made.id)
    return read.payment_method_options?.card?.request_three_d_secure
  }
  assert.equal(await asking(), 'automatic')
  assert.equal(await asking({ request_three_d_secure: 'any' }), 'any')
  assert.equal(await asking({ request_three_d_secure: 'challenge' }, { description: 'Tea' }), 'challenge')
  await assert.rejects(asking({ request_three_d_secure: 'never' }), { code: 'parameter_invalid_enum' })
  await assert.rejects(asking({ setup_future_usage: 'off_session' }), {
    code: 'parameter_not_supported_yet',
    param: 'payment_method_options[card][setup_future_usage]',
  })
})

test('a repeated key gets the first answer, a changed request is told what differs', async () => {
  const body = { mode: 'payment' as const, line_items: [tea], success_url: 'https://shop.example/done' }
  const first = await stripe.checkout.sessions.create(body, { idempotencyKey: 'order-18' })
  const again = await stripe.checkout.sessions.create(body, { idempotencyKey: 'order-18' })
  assert.equal(again.id, first.id)
  assert.equal(again.url, first.url)
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true')
  assert.equal(again.lastResponse.headers['original-request'], first.lastResponse.requestId)
  await assert.rejects(
    stripe.checkout.sessions.create({ ...body, client_reference_id: 'x' }, { idempotencyKey: 'order-18' }),
    { type: 'StripeIdempotencyError', code: 'idempotency_mismatch', param: 'client_reference_id' },
  )
})

test('an open session can be changed and expired, an expired one not', async () => {
  const made = await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [tea],
    success_url: 'https://shop.example/done',
    metadata: { cart: '17', note: 'x' },
  })
  const changed = await stripe.checkout.sessions.update(made.id, { metadata: { note: '', gift: 'yes' } })
  assert.deepEqual(changed.metadata, { cart: '17', gift: 'yes' })
  const expired = await stripe.checkout.sessions.expire(made.id)
  assert.equal(expired.status, 'expired')
  assert.equal(expired.url, null)
  await assert.rejects(stripe.checkout.sessions.expire(made.id), { statusCode: 400, code: 'session_not_open' })
  await assert.rejects(stripe.checkout.sessions.update('cs_test_nothing', { metadata: {} }), {
    statusCode: 404,
    code: 'resource_missing',
    param: 'id',
  })
})

test('ten requests with one key at once make one session, and all get it', async () => {
  const body = { mode: 'payment' as const, line_items: [tea], success_url: 'https://shop.example/done' }
  const made = await Promise.all(
    Array.from({ length: 10 }, () => stripe.checkout.sessions.create(body, { idempotencyKey: 'at-once' })),
  )
  assert.equal(new Set(made.map(({ id, url }) => `${id} ${url}`)).size, 1)
  assert.equal(made.filter(({ lastResponse }) => lastResponse.headers['idempotent-replayed'] === 'true').length, 9)
})

test('a replay is the first answer, even when the session has changed since', async () => {
  const body = { mode: 'payment' as const, line_items: [tea], success_url: 'https://shop.example/done' }
  const first = await stripe.checkout.sessions.create(body, { idempotencyKey: 'first-answer' })
  await stripe.checkout.sessions.expire(first.id)
  const again = await stripe.checkout.sessions.create(body, { idempotencyKey: 'first-answer' })
  assert.equal(again.status, 'open')
  assert.equal((await stripe.checkout.sessions.retrieve(first.id)).status, 'expired')
})

test('sessions are listed by status, customer and email', async () => {
  const customer = await stripe.customers.create({ email: 'list@example.com' })
  const body = { mode: 'payment' as const, line_items: [tea], success_url: 'https://shop.example/done' }
  const open = await stripe.checkout.sessions.create({ ...body, customer: customer.id })
  const closed = await stripe.checkout.sessions.create({ ...body, customer_email: 'other@example.com' })
  await stripe.checkout.sessions.expire(closed.id)
  const ids = async (filter: object) => (await stripe.checkout.sessions.list(filter)).data.map(({ id }) => id)
  assert.deepEqual(await ids({ customer: customer.id }), [open.id])
  assert.deepEqual(await ids({ customer_details: { email: 'other@example.com' } }), [closed.id])
  assert.deepEqual(await ids({ customer_details: { email: 'list@example.com' }, status: 'open' }), [open.id])
  assert.ok(!(await ids({ status: 'expired', limit: 100 })).includes(open.id))
  const read = await stripe.checkout.sessions.retrieve(open.id, { expand: ['customer'] })
  assert.ok(typeof read.customer === 'object' && read.customer?.id === customer.id)
})

test('lines keep their order, and are paged by cursor', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `Line ${index}`)
  const line_items = names.map((name) => ({
    price_data: { currency: 'eur', unit_amount: 100, product_data: { name } },
    quantity: 1,
  }))
  const made = await stripe.checkout.sessions.create({ mode: 'payment', line_items, expand: ['line_items'] })
  assert.equal(made.line_items?.data.length, 10)
  assert.equal(made.line_items?.has_more, true)
  const all: (string | null)[] = []
  for await (const line of stripe.checkout.sessions.listLineItems(made.id, { limit: 5 })) all.push(line.description)
  assert.deepEqual(all, names)
})
