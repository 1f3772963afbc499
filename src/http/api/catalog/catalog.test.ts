import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type Stripe from 'stripe'
import { startTestApi } from '../../../../test/support/api.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const shop = await api.openAccount()
const stripe = await api.sdk(shop.secret)

const eventsOf = async (id: string) => {
  const rows = await api.sql<{ type: string; previous: object | null }[]>`
    select type, previous from events where snapshot::text like ${`%${id}%`} order by root_version`
  return rows
}

test('a product comes with its first price, changes, and goes when it has none', async () => {
  const product = await stripe.products.create({
    name: 'Green tea',
    description: 'Loose',
    images: ['https://shop.example/tea.png'],
    metadata: { shelf: '4' },
    default_price_data: { currency: 'eur', unit_amount: 1250 },
    marketing_features: [{ name: 'Organic' }],
    package_dimensions: { height: 1.5, length: 2, weight: 0.25, width: 3 },
    shippable: true,
    expand: ['default_price'],
  })
  assert.equal(typeof product.default_price === 'object' && product.default_price?.unit_amount, 1250)
  assert.deepEqual(product.package_dimensions, { height: 1.5, length: 2, weight: 0.25, width: 3 })
  const changed = await stripe.products.update(product.id, { description: '', metadata: { shelf: '', row: '2' } })
  assert.equal(changed.description, null)
  assert.deepEqual(changed.metadata, { row: '2' })
  await assert.rejects(stripe.products.del(product.id), { code: 'product_has_prices' })

  const bare = await stripe.products.create({ name: 'A word' })
  assert.deepEqual((await stripe.products.del(bare.id)).deleted, true)
  await assert.rejects(stripe.products.retrieve(bare.id), { statusCode: 404, code: 'resource_missing' })
  const listed = await stripe.products.list({ ids: [product.id, bare.id] })
  assert.deepEqual(
    listed.data.map(({ id }) => id),
    [product.id],
  )
})

test('a price is made, found by its lookup key, and hands the key over', async () => {
  const first = await stripe.prices.create({
    currency: 'jpy',
    unit_amount: 500,
    product_data: { name: 'Postcard' },
    lookup_key: 'postcard',
    nickname: 'Spring',
    tax_behavior: 'inclusive',
  })
  assert.equal(first.lookup_key, 'postcard')
  assert.equal(first.unit_amount_decimal?.toString(), '500')
  const product = String(first.product)
  const again = { currency: 'jpy', unit_amount: 600, product, lookup_key: 'postcard' }
  await assert.rejects(stripe.prices.create(again), { code: 'lookup_key_taken' })
  const second = await stripe.prices.create({ ...again, transfer_lookup_key: true })
  assert.equal((await stripe.prices.retrieve(first.id)).lookup_key, null)
  const found = await stripe.prices.list({ lookup_keys: ['postcard'], expand: ['data.product'] })
  assert.deepEqual(
    found.data.map(({ id }) => id),
    [second.id],
  )
  assert.equal(typeof found.data[0]?.product, 'object')
  const archived = await stripe.prices.update(first.id, { active: false })
  assert.equal(archived.active, false)
  await assert.rejects(stripe.prices.update(first.id, { tax_behavior: 'exclusive' }), { code: 'tax_behavior_fixed' })
  await assert.rejects(
    stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ price: first.id, quantity: 1 }],
      success_url: 'https://shop.example/done',
    }),
    { code: 'price_inactive', param: 'line_items[0][price]' },
  )
})

test('a customer is made, changed, listed and deleted, and every change is told', async () => {
  const made = await stripe.customers.create({
    email: 'jenny@example.com',
    name: 'Jenny Rosen',
    phone: '+4930123456',
    address: { line1: 'Torstr. 1', city: 'Berlin', postal_code: '10119', country: 'DE' },
    preferred_locales: ['de'],
    metadata: { crm: '7' },
  })
  const changed = await stripe.customers.update(made.id, { name: '', address: '', metadata: { crm: '8' } })
  assert.equal(changed.name, null)
  assert.equal(changed.address, null)
  const listed = await stripe.customers.list({ email: 'jenny@example.com' })
  assert.deepEqual(
    listed.data.map(({ id }) => id),
    [made.id],
  )
  assert.equal((await stripe.customers.del(made.id)).deleted, true)
  const gone = await stripe.customers.retrieve(made.id)
  assert.equal(gone.deleted, true)
  await assert.rejects(stripe.customers.update(made.id, { name: 'x' }), { statusCode: 404 })
  const [{ tenant: _, id, ...first } = { tenant: 0, id: '', type: '' }] = await api.sql<
    { tenant: number; id: string; type: string }[]
  >`select tenant, root as id, type from events where type = 'customer.created' order by created_at desc limit 1`
  assert.equal(first.type, 'customer.created')
  assert.deepEqual(
    (await eventsOf(id)).map(({ type }) => type),
    ['customer.created', 'customer.updated', 'customer.deleted'],
  )
})

test('lists go forth and back by cursor', async () => {
  const ids: string[] = []
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await api.env.advance(1)
    ids.unshift((await stripe.customers.create({ name })).id)
  }
  const first = await stripe.customers.list({ limit: 2 })
  assert.deepEqual(
    first.data.map(({ id }) => id),
    ids.slice(0, 2),
  )
  assert.equal(first.has_more, true)
  const second = await stripe.customers.list({ limit: 2, starting_after: ids[1] ?? '' })
  assert.deepEqual(
    second.data.map(({ id }) => id),
    ids.slice(2, 4),
  )
  const back = await stripe.customers.list({ limit: 2, ending_before: ids[2] ?? '' })
  assert.deepEqual(
    back.data.map(({ id }) => id),
    ids.slice(0, 2),
  )
  const all: string[] = []
  for await (const customer of stripe.customers.list({ limit: 2 })) all.push(customer.id)
  assert.deepEqual(all, ids)
  await assert.rejects(stripe.customers.list({ starting_after: 'cus_nothing' }), {
    statusCode: 400,
    code: 'resource_missing',
    param: 'starting_after',
  })
})

test('search finds by text, metadata, size and absence', async () => {
  await stripe.customers.create({ name: 'Søren Tea', email: 's@example.com', metadata: { order: '99' } })
  const find = async (query: string) => (await stripe.customers.search({ query })).data.map(({ name }) => name)
  assert.deepEqual(await find(`name~"tea" AND metadata['order']:'99'`), ['Søren Tea'])
  assert.deepEqual(await find('email:"S@EXAMPLE.COM"'), ['Søren Tea'])
  assert.deepEqual(await find('name:"a" OR name:"b"'), ['b', 'a'])
  assert.deepEqual(await find('-email:null'), ['Søren Tea'])
  assert.deepEqual(await find('created>4000000000'), [])
  const page = await stripe.customers.search({ query: 'created>0', limit: 4 })
  assert.equal(page.data.length, 4)
  const rest = await stripe.customers.search({ query: 'created>0', limit: 4, page: page.next_page ?? '' })
  assert.equal(rest.has_more, false)
  await assert.rejects(stripe.customers.search({ query: 'name:"a" AND name:"b" OR name:"c"' }), {
    code: 'search_query_invalid',
    param: 'query',
  })
})

test('a recurring price says how often it is due, is found by that, and is not for a single payment', async () => {
  const product = await stripe.products.create({
    name: 'Tea club',
    default_price_data: { currency: 'eur', unit_amount: 900, recurring: { interval: 'week', interval_count: 2 } },
    expand: ['default_price'],
  })
  const { recurring, type } = product.default_price as Stripe.Price
  const fortnight = {
    interval: 'week',
    interval_count: 2,
    meter: null,
    trial_period_days: null,
    usage_type: 'licensed',
  }
  assert.deepEqual([type, recurring], ['recurring', fortnight])
  const made = { product: product.id, currency: 'eur', unit_amount: 1500 }
  const monthly = await stripe.prices.create({ ...made, recurring: { interval: 'month' } })
  const once = await stripe.prices.create(made)
  assert.equal(once.recurring, null)
  const named = async (params: Stripe.PriceListParams) =>
    (await stripe.prices.list({ product: product.id, ...params })).data.map(({ id }) => id)
  assert.deepEqual(await named({ type: 'one_time' }), [once.id])
  assert.deepEqual(await named({ recurring: { interval: 'month' } }), [monthly.id])
  assert.equal((await named({ type: 'recurring' })).length, 2)
  const { data: found } = await stripe.prices.search({ query: `product:"${product.id}" AND type:"one_time"` })
  assert.deepEqual(
    found.map(({ id }) => id),
    [once.id],
  )
  await assert.rejects(
    stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://shop.example/done',
      line_items: [{ price: monthly.id, quantity: 1 }],
    }),
    { code: 'price_recurring', param: 'line_items[0][price]' },
  )
  await assert.rejects(stripe.prices.create({ ...made, recurring: { interval: 'year', interval_count: 4 } }), {
    code: 'parameter_invalid_range',
    param: 'recurring[interval_count]',
  })
})
