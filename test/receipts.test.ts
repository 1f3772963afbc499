import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import type Stripe from 'stripe'
import { startApiTill } from './support/api-till.ts'
import { temporaryFolder } from './support/folder.ts'
import { SCRIPT } from './support/page-till.ts'
import { ROOT } from './support/source.ts'

/** The API and the page in one server, as a shop has them. */
const api = await startApiTill(import.meta.url, { pages: true })
after(api.stop)
const { stripe, till } = api
const [, code = ''] =
  /^```js\n\/\/ verify-receipt\.mjs\n(.*?)^```$/ms.exec(readFileSync(join(ROOT, 'docs/receipts.md'), 'utf8')) ?? []
const sample = join(temporaryFolder(), 'verify-receipt.mjs')
writeFileSync(sample, code)

/** What the sample of the documentation says of a receipt. */
async function verified(receipt: string, keysUrl: string, secondsLater = 0): Promise<string> {
  const later = `const now = Date.now; Date.now = () => now() + ${secondsLater * 1000}`
  const options = ['--import', `data:text/javascript,${encodeURIComponent(later)}`, sample, receipt, keysUrl]
  const { stdout } = await promisify(execFile)(process.execPath, options)
  return stdout.trim()
}

type Read = { readonly receipt: string; readonly keys_url: string; readonly expires_at: number }
const read = async (id: string): Promise<Read> =>
  (await stripe.rawRequest('GET', `/v1/checkout/sessions/${id}/receipt`)) as unknown as Read
const claimsOf = (receipt: string) => JSON.parse(Buffer.from(receipt.split('.')[1] ?? '', 'base64url').toString())

const success = 'https://shop.example/done?a=%20b&id={CHECKOUT_SESSION_ID}#top'
async function openSession(more: object = {}): Promise<Stripe.Checkout.Session> {
  const basket = {
    mode: 'payment' as const,
    success_url: success,
    line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 2400, product_data: { name: 'Tea' } } }],
  }
  return stripe.checkout.sessions.create({ ...basket, ...more })
}

/** Pays on the page as a browser does. @returns where the shopper is sent */
async function payAt(url: string, headers?: Record<string, string>): Promise<Response> {
  const page = await (await fetch(url)).text()
  const attempt = /name="attempt" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const body = new URLSearchParams({
    attempt,
    email: 'jenny@example.com',
    cardNumber: '4242424242424242',
    cardExpiry: '12/34',
    cardCvc: '123',
    billingName: 'Jenny Rosen',
  })
  return fetch(`${url}/pay`, { method: 'POST', redirect: 'manual', body, headers: headers ?? {} })
}

test('a shopper who paid carries a receipt back, which the sample verifies, and the shop’s URL is whole', async () => {
  const session = await openSession({ signed_receipt: true })
  const reply = await payAt(session.url ?? '')
  assert.equal(reply.status, 303)
  const location = reply.headers.get('location') ?? ''
  const [before = '', receipt = ''] = location.replace('#top', '').split('&opentill_receipt=')
  assert.equal(before, success.replace('{CHECKOUT_SESSION_ID}', session.id).replace('#top', ''))
  assert.ok(location.endsWith('#top'))
  const { keys_url: keysUrl } = await read(session.id)
  assert.equal(await verified(receipt, keysUrl), `${session.id} paid 2400 eur`)
  const { iat, exp, iss, version, ...claims } = claimsOf(receipt)
  assert.deepEqual(claims, {
    sub: session.id,
    amount: 2400,
    currency: 'eur',
    livemode: false,
    state: 'paid',
  })
  assert.equal(exp - iat, 900)
  assert.equal(`${iss}/receipt-keys.json`, keysUrl)
  assert.equal(version, claimsOf((await read(session.id)).receipt).version)
  assert.doesNotMatch(
    Buffer.from(receipt.split('.')[1] ?? '', 'base64url').toString(),
    /jenny|rosen|Tea|shop\.example/i,
  )
  // The page that is opened again leads to the shop with a receipt as well.
  assert.match(
    await (await fetch(session.url ?? '')).text(),
    /href="https:\/\/shop\.example\/done[^"]*opentill_receipt=/,
  )
})

test('a script that pays hears the same URL', async () => {
  const session = await openSession({ signed_receipt: true })
  const { next } = (await (await payAt(session.url ?? '', SCRIPT)).json()) as { next: string }
  assert.match(next, /&opentill_receipt=[\w-]+\.[\w-]+\.[\w-]+#top$/)
})

test('who did not ask for a receipt gets none', async () => {
  const session = await openSession({ signed_receipt: false })
  const reply = await payAt(session.url ?? '')
  assert.equal(reply.headers.get('location'), success.replace('{CHECKOUT_SESSION_ID}', session.id))
  await assert.rejects(read(session.id), { statusCode: 400, code: 'receipt_not_asked_for' })
})

test('a receipt says honestly that nobody has paid yet, or that the session is over', async () => {
  const session = await openSession({ signed_receipt: true })
  const open = await read(session.id)
  assert.equal(await verified(open.receipt, open.keys_url), `${session.id} open 2400 eur`)
  await stripe.checkout.sessions.expire(session.id)
  const closed = await read(session.id)
  assert.equal(claimsOf(closed.receipt).state, 'expired')
  assert.ok(claimsOf(closed.receipt).version > claimsOf(open.receipt).version)
})

test('a forged, a foreign and an old receipt are refused', async () => {
  const session = await openSession({ signed_receipt: true })
  const { receipt, keys_url: keysUrl } = await read(session.id)
  const [header = '', payload = '', signature = ''] = receipt.split('.')
  const paid = Buffer.from(JSON.stringify({ ...claimsOf(receipt), state: 'paid' })).toString('base64url')
  assert.equal(await verified(`${header}.${paid}.${signature}`, keysUrl), 'refused')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  assert.equal(await verified(`${none}.${payload}.`, keysUrl), 'refused')
  assert.equal(await verified(receipt, keysUrl.replace('-test', '')), 'refused')
  assert.equal(await verified(receipt, keysUrl, 880), `${session.id} open 2400 eur`)
  assert.equal(await verified(receipt, keysUrl, 902), 'refused')
})

test('a rolled key signs no more and can still be read; two who roll at once both succeed', async () => {
  const session = await openSession({ signed_receipt: true })
  const before = await read(session.id)
  const rolled = await Promise.all([1, 2].map(() => api.ask('POST', '/v1/receipt_keys')))
  assert.deepEqual(
    rolled.map(({ status }) => status),
    [200, 200],
  )
  const after = await read(session.id)
  const kid = (receipt: string) => JSON.parse(Buffer.from(receipt.split('.')[0] ?? '', 'base64url').toString()).kid
  assert.notEqual(kid(after.receipt), kid(before.receipt))
  for (const { receipt, keys_url: url } of [before, after]) {
    assert.equal(await verified(receipt, url), `${session.id} open 2400 eur`)
  }
  const { data } = (await api.ask('GET', '/v1/receipt_keys')).json
  assert.deepEqual(
    data.map(({ retired_at: retired }: { retired_at: number | null }) => retired === null),
    [true, false, false],
  )
  assert.equal(data[0].id, kid(after.receipt))
  const set = await fetch(after.keys_url)
  assert.deepEqual(
    [set.headers.get('content-type'), set.headers.get('access-control-allow-origin')],
    ['application/jwk-set+json; charset=utf-8', '*'],
  )
  const published = ((await set.json()) as { keys: object[] }).keys
  assert.deepEqual(
    published.map((key) => Object.keys(key).sort()),
    data.map(() => ['alg', 'crv', 'kid', 'kty', 'use', 'x']),
  )
})

test('a key that is rolled with an idempotency key is rolled once, and its private part is kept nowhere else', async () => {
  const published = async () => (await api.ask('GET', '/v1/receipt_keys')).json.data
  const keyed = () => api.ask('POST', '/v1/receipt_keys', undefined, { 'idempotency-key': 'roll' })
  const before = await published()
  const [first, again] = [await keyed(), await keyed()]
  assert.deepEqual([again.json, again.headers['idempotent-replayed']], [first.json, 'true'])
  assert.equal((await published()).length, before.length + 1)
  const [kept] = await till.db.sql<{ answer: string }[]>`select answer::text from idempotency where key = 'roll'`
  const [stored] = await till.db.sql<{ seed: string }[]>`
    select encode(sealed_seed, 'hex') as seed from receipt_keys where retired_at is null`
  assert.ok(kept && stored && !kept.answer.includes(stored.seed))
})

test('a key rests sealed, and only its tenant’s', async () => {
  const rows = await till.db.sql<{ sealed_seed: Buffer; public_key: Buffer }[]>`select * from receipt_keys`
  for (const { sealed_seed: sealed } of rows) assert.equal(sealed.length, 1 + 12 + 32 + 16)
})

test('an account that does not exist has no keys to show', async () => {
  const { keys_url: url } = await read((await openSession({ signed_receipt: true })).id)
  for (const wrong of [url.replace(/acct_./, 'acct_z'), url.replace('acct_', 'cs_'), url.replace('-test', '-tes')]) {
    assert.equal((await fetch(wrong)).status, 404, wrong)
  }
})
