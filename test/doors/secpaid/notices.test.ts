import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../support/until.ts'
import { cancelByForm, payByForm } from '../pay-by-form.ts'
import type { Received } from '../receiver.ts'
import { type SecPaidTill, startSecPaid } from './client.ts'
import { type Hearing, type Shop, startShop } from './shop.ts'

const SECRET = 'the-api-secret-of-the-plugin'
const KEY = 'k9QmX2vTz7LpR4sWc8Yd1FgH5jNb3UaE'
let till: SecPaidTill
const shops = new Map<Hearing, Shop>()
before(async () => {
  till = await startSecPaid(import.meta.url)
  for (const hearing of ['json', 'encrypted', 'plugin'] as const) {
    shops.set(hearing, await startShop(till, hearing, hearing === 'plugin' ? SECRET : KEY))
  }
  // The plugin's endpoint hears of all links, under a secret that it has already; it is told in its own tests alone.
  await till.stripe.rawRequest('POST', '/v1/webhook_endpoints', {
    url: `${shop('plugin').url}/notice`,
    enabled_events: ['*'],
    door: 'secpaid',
    secret: SECRET,
  })
})
after(async () => {
  await till?.stop()
  for (const one of shops.values()) await one.stop()
})

const shop = (hearing: Hearing): Shop => shops.get(hearing) ?? assert.fail(hearing)

/** The shop makes a link for a new order. */
async function order(hearing: Hearing, more: object = {}) {
  const { url, orders } = shop(hearing)
  const endpoint = hearing === 'plugin' ? {} : { payment_endpoint: `${url}/notice` }
  const link = await till.link({ amount: 12.5, callback_url: `${url}/callback`, ...endpoint, ...more })
  const mine = { state: 'open' as const, shipped: 0 }
  orders.set(String(link.id), mine)
  return { link, order: mine as { state: string; shipped: number } }
}
/** Waits until the shop knows how an order ended. @returns what told it */
async function ended(hearing: Hearing, { link, order: mine }: Awaited<ReturnType<typeof order>>): Promise<Received> {
  await until(`the end of ${link.id}`, () => mine.state !== 'open')
  const about = ({ body }: Received) => hearing === 'encrypted' || body.includes(String(link.id))
  return shop(hearing).got.findLast((one) => isNotice(one) && about(one)) ?? assert.fail('nothing was told')
}
const isNotice = ({ url }: Received): boolean => url.pathname === '/notice'
const again = (hearing: Hearing, { headers, body }: Received) =>
  fetch(`${shop(hearing).url}/notice`, {
    method: 'POST',
    headers: {
      'content-type': String(headers['content-type']),
      'x-secpaid-signature': String(headers['x-secpaid-signature']),
    },
    body: Uint8Array.from(body),
  })

const FORMS: readonly (readonly [name: string, hearing: Hearing, more: object])[] = [
  ['a handler of nested JSON', 'json', {}],
  ['secpaid 19: a handler that decrypts', 'encrypted', { is_encryption: 'true', encryption_key: KEY }],
  ['secpaid 20: the plugin’s parser of forms', 'plugin', {}],
]
for (const [name, hearing, more] of FORMS) {
  test(`${name} hears of a payment once, though its shopper never came back and the notice came twice`, async () => {
    await till.settings({ secpaid_notice_format: hearing === 'plugin' ? 'urlencoded' : 'json' })
    const made = await order(hearing, more)
    await payByForm(made.link.pay_link)
    assert.equal((await again(hearing, await ended(hearing, made))).status, 200)
    assert.deepEqual(made.order, { state: 'paid', shipped: 1 })
  })

  test(`${name} hears of a cancel`, async () => {
    const made = await order(hearing, more)
    await cancelByForm(made.link.pay_link)
    assert.equal((await again(hearing, await ended(hearing, made))).status, 200)
    assert.deepEqual(made.order, { state: 'canceled', shipped: 0 })
  })

  test(`${name} believes nobody who only knows the number`, async () => {
    const { link, order: mine } = await order(hearing, more)
    const data = { pay_id: link.id, note: '', amount: 12.5, user_id: link.user_id, status: 'Success' }
    const form = new URLSearchParams({ ResponseCode: '1', 'data[pay_id]': String(link.id), 'data[status]': 'success' })
    const body = Buffer.from(hearing === 'plugin' ? String(form) : JSON.stringify({ ResponseCode: 1, data }))
    const headers = { 'content-type': 'application/json', 'x-secpaid-signature': 'ab'.repeat(32) }
    assert.equal((await again(hearing, { method: 'POST', url: new URL(shop(hearing).url), headers, body })).status, 400)
    assert.deepEqual(mine, { state: 'open', shipped: 0 })
  })
}

test('a form has every member flat, and a cancel under both of its names', async () => {
  await till.settings({ secpaid_notice_format: 'urlencoded' })
  const made = await order('plugin', { recipient_note: 'Größe & 7' })
  const { link } = made
  await cancelByForm(link.pay_link)
  const told = await ended('plugin', made)
  assert.equal(told.headers['content-type'], 'application/x-www-form-urlencoded')
  assert.deepEqual(Object.fromEntries(new URLSearchParams(told.body.toString())), {
    ResponseCode: '1',
    'data[pay_id]': String(link.id),
    'data[note]': 'Größe & 7',
    'data[amount]': '12.50',
    'data[user_id]': link.user_id,
    'data[status]': 'cancel',
    'data[Status]': 'cancel',
  })
  await till.settings({ secpaid_notice_format: '' })
})

test('an account that wants no notice of cancels gets none, and none of a deleted link', async () => {
  await till.settings({ secpaid_cancel_notice: 'no' })
  const [silent, deleted, paid] = [await order('json'), await order('json'), await order('json')]
  await cancelByForm(silent.link.pay_link)
  await till.call('deleteLink', { link_id: deleted.link.id })
  await payByForm(paid.link.pay_link)
  await ended('json', paid)
  assert.equal(paid.order.state, 'paid')
  assert.deepEqual([silent.order.state, deleted.order.state], ['open', 'open'])
  await till.settings({ secpaid_cancel_notice: '' })
})

test('an account’s key encrypts what it wants encrypted, and rests sealed', async () => {
  await till.settings({ secpaid_encryption_key: KEY, secpaid_encryption: 'yes' })
  const settings = (await till.stripe.rawRequest('GET', '/v1/account/settings')) as unknown as Record<string, unknown>
  assert.deepEqual([settings.secpaid_encryption, settings.secpaid_encryption_key], ['yes', '********'])
  const sealed = await order('encrypted')
  await payByForm(sealed.link.pay_link)
  const told = JSON.parse((await ended('encrypted', sealed)).body.toString())
  assert.deepEqual(Object.keys(told), ['data'])
  assert.equal(sealed.order.state, 'paid')
  const open = await order('json', { is_encryption: 'false' })
  await payByForm(open.link.pay_link)
  assert.equal(JSON.parse((await ended('json', open)).body.toString()).data.status, 'Success')
  for (const table of ['accounts', 'sessions', 'events', 'idempotency']) {
    const rows = await till.sql`select 1 from ${till.sql(table)} t where to_jsonb(t)::text like ${`%${KEY}%`}`
    assert.equal(rows.length, 0, table)
  }
  assert.ok(!till.logged.some((line) => line.includes(KEY)))
  await till.settings({ secpaid_encryption: '', secpaid_encryption_key: '' })
})

test('the image of a link is drawn here, for whoever has the link', async () => {
  const { link } = await order('json', { is_qr_link: 'true' })
  assert.deepEqual([link.is_qr_link, link.transaction_type], ['true', 'Personal QR'])
  const image = await fetch(String(link.qr_img))
  assert.deepEqual([image.status, image.headers.get('content-type')], [200, 'image/svg+xml'])
  assert.match(await image.text(), /^<svg .*<\/svg>$/s)
  assert.equal((await fetch(String(link.qr_img).replace(/key=.*/, 'key=x'))).status, 404)
  assert.equal((await fetch(`${till.url}/api/v2/qr`)).status, 404)
})
