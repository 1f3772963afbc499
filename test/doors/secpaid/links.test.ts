import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cancelByForm, payByForm } from '../pay-by-form.ts'
import { type Receiver, startReceiver } from '../receiver.ts'
import { dataOf, type SecPaidTill, startSecPaid } from './client.ts'

let till: SecPaidTill
let shop: Receiver
const SAVED = ['https://shop.example/first?from=till', 'https://shop.example/second']
before(async () => {
  till = await startSecPaid(import.meta.url)
  shop = await startReceiver()
  await till.settings({
    secpaid_callback_urls: SAVED,
    secpaid_payment_endpoints: [`${shop.url}/one`, `${shop.url}/two`],
  })
})
after(async () => {
  await till?.stop()
  await shop?.stop()
})

const form = (fields: Record<string, string>) => new URLSearchParams(fields)

test('secpaid 1: a link is made from JSON, and its address carries its number', async () => {
  const sent = await till.call('createLink', { amount: 49.99, recipient_note: 'Invoice #1234' })
  const { json } = sent
  assert.equal(sent.status, 200)
  assert.deepEqual([json.ResponseCode, json.Result, json.ServerTime], [1, 'True', 'UTC'])
  const { id, linktopay_id, user_id, pay_link, qr_img, created_at, ...rest } = dataOf(sent)
  assert.ok(Number.isSafeInteger(id))
  assert.equal(linktopay_id, id)
  assert.match(String(user_id), /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/)
  assert.match(String(created_at), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  const url = new URL(String(pay_link))
  assert.equal(url.pathname, '/payment')
  assert.equal(Buffer.from(url.searchParams.get('link_id') ?? '', 'base64').toString(), String(id))
  assert.ok(String(qr_img).startsWith(till.url))
  assert.deepEqual(rest, {
    amount: 49.99,
    recipient_note: 'Invoice #1234',
    status: 'Unused',
    paymentEndpoint: `${shop.url}/one,${shop.url}/two`,
    callback_url: SAVED[0],
    is_cancellation: 'Yes',
    servicefee: '0.0',
    recipients: null,
    is_split_link: 'false',
    split_type: 'normal',
    bank_transfer: 'false',
    is_qr_link: 'false',
    payment_config: '',
    bank_statement_description: '',
    transaction_type: 'Basic',
  })
})

test('secpaid 2: an index names a saved address', async () => {
  for (const index of [0, 1]) {
    const fields = { amount: '10', callback_url: String(index), payment_endpoint: String(index) }
    for (const body of [form(fields), { ...fields, callback_url: index, payment_endpoint: index }]) {
      const link = await till.link(body)
      assert.equal(link.callback_url, SAVED[index])
      assert.equal(link.paymentEndpoint, `${shop.url}/${index === 0 ? 'one' : 'two'}`)
    }
  }
  const refused = await till.call('createLink', form({ amount: '10', callback_url: '2' }))
  assert.match(refused.json.ResponseMsg, /callback_url.*2 are saved/)
})

test('secpaid 3: an address of its own replaces the saved one', async () => {
  const own = 'https://other.example/back'
  assert.equal((await till.link(form({ amount: '10', callback_url: own }))).callback_url, own)
})

test('secpaid 4: a list has indexes and addresses, and its commas may be in addresses too', async () => {
  const own = 'https://other.example/back?a=x,y'
  const link = await till.link(form({ amount: '10', callback_url: `0,${own}`, payment_endpoint: `1, ${shop.url}/own` }))
  assert.equal(link.callback_url, `${SAVED[0]},${own}`)
  assert.equal(link.paymentEndpoint, `${shop.url}/two,${shop.url}/own`)
})

test('secpaid 5: a plugin’s form is read under any content type and under none', async () => {
  const fields = form({ amount: '12.50', recipient_note: 'Order #7', pay_id: '77' })
  for (const headers of [{ 'content-type': 'application/x-www-form-urlencoded' }, { 'content-type': 'text/plain' }]) {
    const sent = await till.call('createLink', String(fields), headers)
    const { amount, recipient_note } = dataOf(sent)
    assert.deepEqual([sent.status, amount, recipient_note], [200, 12.5, 'Order #7'])
  }
  const bare = await fetch(`${till.url}/api/v2/createLink`, {
    method: 'POST',
    headers: { token: till.secretKey },
    body: Buffer.from(String(fields)),
  })
  const { data } = await bare.json()
  assert.deepEqual([bare.status, typeof data.pay_link, typeof data.id], [200, 'string', 'number'])
  const parts = new FormData()
  for (const [name, value] of fields) parts.set(name, value)
  assert.equal(dataOf(await till.call('createLink', parts)).amount, 12.5)
  const json = await till.call('createLink', JSON.stringify({ amount: '12.5' }), { 'content-type': 'text/plain' })
  assert.equal(dataOf(json).amount, 12.5)
})

const about = (id: unknown, path: string) => (request: { readonly url: URL; readonly body: Buffer }) =>
  request.url.pathname === path && request.body.includes(String(id))

test('secpaid 6: a paid link is told to every endpoint, and its shopper is sent to the first callback', async () => {
  const link = await till.link({
    amount: 49.99,
    recipient_note: 'Order 7',
    callback_url: '0,1',
    payment_endpoint: `0,1,${shop.url}/own`,
  })
  const query = `pay_id=${link.id}&user_id=${link.user_id}&status=success`
  assert.equal(await payByForm(link.pay_link), `${SAVED[0]}&${query}`)
  for (const path of ['/one', '/two', '/own']) {
    const told = await shop.wait(path, about(link.id, path))
    assert.equal(told.method, 'POST')
    assert.equal(told.headers['content-type'], 'application/json')
    assert.deepEqual(JSON.parse(told.body.toString()), {
      ResponseCode: 1,
      data: { pay_id: link.id, note: 'Order 7', amount: 49.99, user_id: link.user_id, status: 'Success' },
    })
  }
  assert.equal(
    await payByForm((await till.link({ amount: 1, callback_url: '1' })).pay_link).then(beforeQuery),
    SAVED[1],
  )
})

const beforeQuery = (url: string) => url.split('?')[0]

test('secpaid 8: a shopper who cancels ends the link, where it can be canceled', async () => {
  const link = await till.link({ amount: 5 })
  assert.match(await cancelByForm(link.pay_link), new RegExp(`&pay_id=${link.id}&user_id=.*&status=cancel$`))
  const told = await shop.wait('the cancel', about(link.id, '/two'))
  assert.equal(JSON.parse(told.body.toString()).data.status, 'Cancel')
  await assert.rejects(payByForm(link.pay_link), /no form/)
  const cancelButton = /\/cancel"/
  assert.match(await page((await till.link({ amount: 5 })).pay_link), cancelButton)
  for (const never of [{ cancellable: false }, { is_cancellation: 'No' }, { cancellable: 'false' }]) {
    const one = await till.link({ amount: 5, ...never })
    assert.equal(one.is_cancellation, 'No')
    assert.doesNotMatch(await page(one.pay_link), cancelButton)
  }
})

const page = async (url: string) => (await fetch(url)).text()

test('secpaid 11: a link has an amount', async () => {
  const { status, json } = await till.call('createLink', { recipient_note: 'x' })
  assert.equal(status, 200)
  assert.deepEqual(json, { ResponseCode: 0, ResponseMsg: 'Amount is required', Result: 'False', ServerTime: 'UTC' })
})

test('secpaid 12: who has no key, or a wrong one, is told so', async () => {
  for (const token of ['', 'nonsense', 'sk_test_x', till.publishableKey]) {
    for (const path of ['createLink', 'getPayInTransactions', 'refundPayment']) {
      const { status, json } = await till.call(path, {}, { token })
      assert.deepEqual([status, json.ResponseCode, json.Result], [401, 0, 'False'])
      assert.equal(json.ResponseMsg, 'Incorrect token or missing token')
    }
  }
})

test('a pay link opens nothing without its proof, with another number, or with another link’s proof', async () => {
  const [one, other] = [
    new URL((await till.link({ amount: 5 })).pay_link),
    new URL((await till.link({ amount: 5 })).pay_link),
  ]
  const status = async (change: (url: URL) => void) => {
    const url = new URL(one)
    change(url)
    return (await fetch(url)).status
  }
  assert.equal(await status(() => {}), 200)
  assert.equal(await status(({ searchParams }) => searchParams.delete('key')), 404)
  assert.equal(await status(({ searchParams }) => searchParams.delete('link_id')), 404)
  assert.equal(await status(({ searchParams }) => searchParams.set('link_id', 'MQ==')), 404)
  assert.equal(await status(({ searchParams }) => searchParams.set('key', other.searchParams.get('key') ?? '')), 404)
  assert.equal(await status(({ searchParams }) => searchParams.append('key', 'x')), 404)
})

const WRONG: readonly (readonly [what: string, body: object, names: RegExp])[] = [
  ['an amount of nothing', { amount: 0 }, /amount/],
  ['a negative amount', { amount: -5 }, /amount/],
  ['an amount of words', { amount: 'ten' }, /amount/],
  ['an amount of three decimals', { amount: '1.234' }, /amount/],
  ['an amount too small to charge', { amount: '0.01' }, /amount/],
  ['a huge amount', { amount: 1e11 }, /amount/],
  ['an object for an amount', { amount: { value: 1 } }, /amount/],
  ['a long note', { amount: 1, recipient_note: 'x'.repeat(201) }, /recipient_note/],
  ['a card number as a note', { amount: 1, recipient_note: 'card 4242 4242 4242 4242' }, /recipient_note/],
  ['a list as a note', { amount: 1, recipient_note: ['x'] }, /recipient_note/],
  ['a script for a callback', { amount: 1, callback_url: 'javascript:alert(1)' }, /callback_url/],
  ['a plain callback', { amount: 1, callback_url: 'http://shop.example/' }, /callback_url/],
  ['a callback that is none', { amount: 1, callback_url: 'shop' }, /callback_url/],
  ['an endpoint within', { amount: 1, payment_endpoint: 'https://10.0.0.1/' }, /payment_endpoint/],
  ['an endpoint that is ourselves', { amount: 1, payment_endpoint: 'http://127.0.0.1:1/x,9' }, /payment_endpoint/],
  ['perhaps', { amount: 1, cancellable: 'perhaps' }, /cancellable/],
  ['a short key', { amount: 1, encryption_key: 'short' }, /encryption_key/],
  ['encryption without a key', { amount: 1, is_encryption: 'true' }, /encryption_key/],
  ['recipients', { amount: 1, recipients: [{ token: 'a', share: 10 }] }, /recipients.*not available/],
]
for (const [what, body, names] of WRONG) {
  test(`a link with ${what} is refused by name`, async () => {
    const { status, json } = await till.call('createLink', body)
    assert.deepEqual([status, json.ResponseCode, json.Result], [200, 0, 'False'])
    assert.match(json.ResponseMsg, names)
  })
}

test('what is no request at all is told with its status, in the envelope', async () => {
  const json = { 'content-type': 'application/json' }
  assert.equal((await till.call('createLink', '{"amount":', json)).status, 400)
  const nul = await till.call('createLink', { amount: 1, recipient_note: 'a\u0000b' })
  assert.equal(nul.status, 400)
  assert.match(nul.json.ResponseMsg, /recipient_note/)
  assert.equal((await till.call('createLink', 'x'.repeat(100_000))).status, 413)
  assert.equal((await till.call('nowhere')).status, 404)
  const split = await till.call('createSplitLink', { amount: 1, recipients: [] })
  assert.match(split.json.ResponseMsg, /createSplitLink is not available yet/)
  assert.equal(split.json.ResponseCode, 0)
})
