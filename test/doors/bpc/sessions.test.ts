import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { after, test } from 'node:test'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { bpcClient, SESSION } from './client.ts'

const till: RunningOpentill = await startTestOpentill(import.meta.url)
after(() => till.stop())
const ask = bpcClient(till.url, till.secretKey)

/** As the system's mobile SDKs do it: prefix, alphabet, inner prefix; the rest is the order number. */
function sdkOrderNumber(sessionId: string): string {
  const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  assert.match(sessionId, /^ps_[1-9A-HJ-NP-Za-km-z]+$/)
  let value = 0n
  for (const digit of sessionId.slice(3)) value = value * 58n + BigInt(digits.indexOf(digit))
  const inner = Buffer.from(value.toString(16), 'hex').toString('latin1')
  assert.match(inner, /^ps:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  return inner.slice(3)
}

test('bpc 1: a session is made with amount, currency and two URLs', async () => {
  const { status, headers, json } = await ask('POST', '/sessions', SESSION)
  assert.equal(status, 200)
  assert.equal(headers.get('x-version'), '2023-10-31')
  assert.match(headers.get('api-request-id') ?? '', /^req_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  const { id, created, expiresAt, paymentUrl, merchantReferenceId, ...rest } = json
  sdkOrderNumber(id)
  for (const time of [created, expiresAt]) assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.equal(Date.parse(String(expiresAt)) - Date.parse(String(created)), 20 * 60_000)
  assert.ok(String(merchantReferenceId).length > 0)
  assert.ok(paymentUrl?.startsWith(`${till.url}/`))
  assert.deepEqual(rest, {
    ...SESSION,
    status: 'open',
    paymentStatus: 'unpaid',
    locale: 'EN',
    metadata: {},
    customerDetails: {},
    paymentData: { captureMethod: 'automatic' },
  })
})

test('bpc 2: without a version the default one answers, and says so', async () => {
  const answer = await fetch(`${till.url}/api2/sessions`, {
    method: 'POST',
    headers: { 'x-api-key': till.secretKey, 'content-type': 'application/json' },
    body: JSON.stringify(SESSION),
  })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('x-version'), '2023-10-31')
})

test('bpc 3: the key may be a bearer token', async () => {
  const { status } = await ask('POST', '/sessions', SESSION, {
    'x-api-key': '',
    authorization: `Bearer ${till.secretKey}`,
  })
  assert.equal(status, 200)
  const both = await ask('POST', '/sessions', SESSION, { authorization: 'Bearer nonsense' })
  assert.equal(both.status, 200, 'its own header goes first')
})

test('bpc 4: without a key the answer is 401 with a message', async () => {
  const { status, json, headers } = await ask('POST', '/sessions', SESSION, { 'x-api-key': '' })
  assert.equal(status, 401)
  assert.deepEqual([json.type, json.code], ['invalidRequestError', 'apiKeyMissing'])
  assert.match(json.message ?? '', /X-Api-Key/)
  assert.equal(headers.get('x-version'), '2023-10-31')
  assert.match(headers.get('api-request-id') ?? '', /^req_/)
})

test('bpc 8: a session is read as it was made', async () => {
  const sent = {
    ...SESSION,
    amount: 1234,
    currency: 'USD',
    merchantReferenceId: '4000',
    merchantCustomerId: 'customer-7',
    locale: 'de',
    metadata: { cart: 'c1', note: 'two\nlines' },
    customerDetails: {
      email: 'jenny@example.com',
      loyalty: { points: 12 },
      address: { country: 'CY', city: 'Limassol' },
    },
    paymentData: { captureMethod: 'manual', maxAttempts: 3 },
    setupFutureUsage: { category: '' },
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  }
  const made = await ask('POST', '/sessions', sent)
  assert.equal(made.status, 200, made.text)
  const { setupFutureUsage: _, expiresAt, ...echoed } = sent
  for (const [name, value] of Object.entries(echoed)) assert.deepEqual(made.json[name], value, name)
  assert.equal(made.json.expiresAt, `${expiresAt.slice(0, 19)}Z`)
  const read = await ask('GET', `/sessions/${made.json.id}`)
  assert.equal(read.status, 200)
  assert.deepEqual(read.json, made.json)
})

test('bpc 9: a session that is expired has no address any more', async () => {
  const { json } = await ask('POST', '/sessions', SESSION)
  const expired = await ask('POST', `/sessions/${json.id}/expire`)
  assert.equal(expired.status, 200, expired.text)
  const { paymentUrl, ...rest } = json
  assert.deepEqual(expired.json, { ...rest, status: 'expired' })
  const again = await ask('POST', `/sessions/${json.id}/expire`, {})
  assert.deepEqual([again.status, again.json.code], [400, 'sessionNotOpen'])
  const page = await fetch(paymentUrl ?? '')
  assert.equal(page.status, 410)
})

test('bpc 12: the mobile SDK’s session: chunked, app schemes, an id that it takes apart', async () => {
  await fetch(`${till.url}/v1/account/settings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${till.secretKey}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'return_url_schemes[]=sdk',
  })
  const body = JSON.stringify({ amount: 100, currency: 'USD', successUrl: 'sdk://done', failureUrl: 'sdk://done' })
  const text = await new Promise<string>((resolve, reject) => {
    const request = httpRequest(`${till.url}/api2/sessions`, {
      method: 'POST',
      headers: { 'x-api-key': till.secretKey, 'x-version': '2023-10-31', 'content-type': 'application/json' },
    })
    request.on('error', reject)
    request.on('response', async (response) => resolve(Buffer.concat(await response.toArray()).toString()))
    request.write(body.slice(0, 20))
    request.end(body.slice(20))
  })
  const session = JSON.parse(text)
  assert.equal(session.successUrl, 'sdk://done')
  sdkOrderNumber(session.id)
})
