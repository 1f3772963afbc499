import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { payByForm } from '../pay-by-form.ts'
import { type Receiver, startReceiver } from '../receiver.ts'

type Body = Record<string, unknown>
let till: RunningOpentill
let shop: Receiver
let cookie = ''
before(async () => {
  till = await startTestOpentill(import.meta.url)
  shop = await startReceiver()
  const signedIn = await ask('POST', 'session', { api_key: till.secretKey })
  cookie = signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
})
after(async () => {
  await till?.stop()
  await shop?.stop()
})

async function ask(method: string, path: string, body?: Body, more: Record<string, string> = {}) {
  const answer = await fetch(`${till.url}/api/dashboard/${path}`, {
    method,
    headers: {
      origin: till.url,
      ...(cookie === '' ? {} : { cookie }),
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...more,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Body }
}

test('a key signs a merchant in for eight hours, by a cookie that no script reads', async () => {
  const signedIn = await ask('POST', 'session', { api_key: till.secretKey })
  assert.deepEqual([signedIn.status, signedIn.json.authenticated], [200, true])
  assert.match(
    signedIn.headers.get('set-cookie') ?? '',
    /^oc_dashboard_session=key_[^;]+; Path=\/api\/dashboard; Max-Age=28800; HttpOnly; SameSite=Strict$/,
  )
  assert.equal((await ask('GET', 'session')).json.authenticated, true)
  const out = await ask('DELETE', 'session')
  assert.match(out.headers.get('set-cookie') ?? '', /Max-Age=0/)
})

test('nobody is signed in by a wrong key, a cookie that was changed, or from a page elsewhere', async () => {
  const wrong = await ask('POST', 'session', { api_key: 'sk_test_x' })
  assert.deepEqual([wrong.status, wrong.json], [401, { error: { message: 'Invalid API key' } }])
  for (const bad of [
    '',
    cookie.slice(0, -1),
    cookie.replace(/\.\d+\./, '.9999999999.'),
    'oc_dashboard_session=x.1.y',
  ]) {
    assert.equal((await ask('GET', 'session', undefined, { cookie: bad })).json.authenticated, false)
    assert.equal((await ask('GET', 'keys', undefined, { cookie: bad })).status, 401)
  }
  const elsewhere = { origin: 'https://evil.example' }
  for (const [method, path] of [
    ['POST', 'session'],
    ['POST', 'keys'],
    ['DELETE', 'keys?id=x'],
    ['POST', 'settings'],
  ] as const) {
    const refused = await ask(method, path, { api_key: till.secretKey, name: 'x' }, elsewhere)
    assert.deepEqual([refused.status, refused.json], [403, { error: { message: 'Invalid request origin' } }])
  }
})

test('keys are made, shown once, revoked, and the last one stays', async () => {
  const made = await ask('POST', 'keys', { name: 'till 2' })
  assert.equal(made.status, 201)
  const { id, plaintext } = made.json as { id: string; plaintext: string }
  const session = { authorization: `Bearer ${plaintext}` }
  const used = async () => (await fetch(`${till.url}/api/checkout/sessions`, { headers: session })).status
  assert.equal(await used(), 200)
  const listed = (await ask('GET', 'keys')).json.data as Body[]
  assert.deepEqual(
    listed.map(({ name }) => name),
    ['', 'till 2'],
  )
  assert.ok(!JSON.stringify(listed).includes(plaintext))
  assert.equal((await ask('DELETE', `keys?id=${id}`)).status, 200)
  assert.equal((await ask('DELETE', `keys?id=${id}`)).status, 404)
  const last = await ask('DELETE', `keys?id=${listed[0]?.id}`)
  assert.equal(last.status, 400)
  assert.match(JSON.stringify(last.json), /last key/)
  assert.match(JSON.stringify((await ask('POST', 'keys', {})).json), /name/)
})

test('one address is told of payments, signed with a secret that is shown once', async () => {
  assert.deepEqual((await ask('GET', 'settings')).json, { webhook_url: '', webhook_secret_masked: '' })
  const set = (await ask('POST', 'settings', { webhook_url: `${shop.url}/hook` })).json
  assert.match(String(set.webhook_secret), /^[\da-f]{64}$/)
  assert.deepEqual((await ask('GET', 'settings')).json, {
    webhook_url: `${shop.url}/hook`,
    webhook_secret_masked: '••••••••',
  })
  const created = await fetch(`${till.url}/api/checkout/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${till.secretKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      mode: 'payment',
      line_items: [{ price_data: { currency: 'eur', product_data: { name: 'Tea' }, unit_amount: 500 } }],
      success_url: 'https://shop.example/done',
      cancel_url: 'https://shop.example/cart',
    }),
  })
  const session = (await created.json()) as { id: string; url: string }
  await payByForm(session.url)
  await shop.wait('the event', ({ body }) => body.includes(session.id))
  const listed = (await ask('GET', 'sessions?limit=1')).json.data as Body[]
  assert.deepEqual([listed[0]?.id, listed[0]?.status], [session.id, 'completed'])
  const rolled = (await ask('POST', 'settings', { regenerate_secret: true })).json
  assert.notEqual(rolled.webhook_secret, set.webhook_secret)
  const inside = await ask('POST', 'settings', { webhook_url: 'https://10.0.0.1/hook' })
  assert.equal(inside.status, 400)
  assert.equal((await ask('POST', 'settings', { webhook_url: '' })).json.webhook_url, '')
  assert.equal((await ask('GET', 'settings')).json.webhook_url, '')
})

test('where the account has closed this door, neither a key nor a cookie of before opens it', async () => {
  const { plaintext } = (await ask('POST', 'keys', { name: 'till 3' })).json
  const closed = await fetch(`${till.url}/v1/account/settings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${till.secretKey}` },
    body: new URLSearchParams({ 'doors[0]': 'ozura' }),
  })
  assert.equal(closed.status, 200)
  assert.equal((await ask('POST', 'session', { api_key: plaintext })).status, 403)
  assert.equal((await ask('GET', 'session')).json.authenticated, false)
  for (const path of ['sessions', 'keys', 'settings']) assert.equal((await ask('GET', path)).status, 401)
  assert.equal((await ask('POST', 'keys', { name: 'x' })).status, 401)
})
