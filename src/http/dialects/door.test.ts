import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestApi, type TestKeys } from '../../../test/support/api.ts'
import { changeSettings } from '../../flows/change-settings.ts'
import { createKey } from '../../flows/open-account.ts'
import { authorizationOf } from '../authenticate.ts'
import { Refused } from '../errors.ts'
import { Pace } from '../pace.ts'
import { decimal, flag, later, object, openObject, optional, text } from '../parameters/fields.ts'
import { callThrough, type Manner, openDoor } from './door.ts'

const Order = openObject({
  amount: decimal(),
  rush: optional(flag()),
  note: optional(text(20)),
  lines: optional(openObject({ name: text(10) })),
  split: later(),
})

const manner: Manner = {
  door: 'bpc',
  keyOf: authorizationOf,
  bodies: ['json', 'form', 'multipart'],
  json: { wholeFractions: true },
  names: { success_url: 'successUrl', 'line_items[][price_data][unit_amount]': 'items[][price]' },
  spell: ({ status, message, param, detail }) => ({
    status,
    body: { message, field: param ?? null, ...(detail === undefined ? {} : { quoted: detail }) },
  }),
}

let api: Awaited<ReturnType<typeof startTestApi>>
let shop: TestKeys
let paced: Pace
before(async () => {
  api = await startTestApi(import.meta.url, {}, (app, deps) => {
    paced = new Pace(deps.env, 2)
    openDoor(app, deps, '/try', manner, (routes) => {
      routes.post('/orders', { schema: { body: Order } }, async (request) => ({ ...(request.body as object) }))
      routes.post('/keyed', { schema: { body: object({}) } }, async (request) => {
        const { caller, key } = callThrough(request, 'order 7')
        return { door: caller.door, key: key?.key }
      })
      routes.get('/free', { config: { keyless: true } }, async (request) => ({ known: request.caller !== null }))
      routes.get('/paced', async (request) => {
        paced.spend(String(request.caller?.keyId))
        return {}
      })
      routes.get('/refused/:param', async (request) => {
        const { param } = request.params as { readonly param: string }
        throw new Refused({ code: 'parameter_missing', param })
      })
      routes.get('/missing/:id', async (request) => {
        const { id } = request.params as { readonly id: string }
        throw new Refused({ code: 'resource_missing', detail: id })
      })
    })
  })
  shop = await api.openAccount()
})
after(() => api?.stop())

async function send(method: 'GET' | 'POST', path: string, body?: BodyInit, type?: string, key?: string | null) {
  const sent = new Response(body)
  const told = type ?? sent.headers.get('content-type')
  const answer = await api.app.inject({
    method,
    url: `/try${path}`,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key ?? shop.secret}` }),
      ...(body === undefined || told === null ? {} : { 'content-type': told }),
    },
    ...(body === undefined ? {} : { payload: Buffer.from(await sent.arrayBuffer()) }),
  })
  return { status: answer.statusCode, headers: answer.headers, json: answer.json() as Record<string, unknown> }
}
const order = (body: object) => send('POST', '/orders', JSON.stringify(body), 'application/json')

test('JSON, forms and multipart say the same; what is unknown or empty is left unread', async () => {
  const wanted = { amount: '49.99', rush: true, note: 'x' }
  assert.deepEqual((await order({ amount: 49.99, rush: 'Yes', note: 'x', lines: null, odd: [1] })).json, wanted)
  const form = new URLSearchParams({ amount: '49.99', rush: 'true', note: 'x', odd: '', 'lines[odd]': '' })
  const parts = new FormData()
  for (const [name, value] of form) if (!name.startsWith('lines')) parts.set(name, value)
  assert.deepEqual((await send('POST', '/orders', parts)).json, wanted)
  form.delete('lines[odd]')
  assert.deepEqual((await send('POST', '/orders', form)).json, wanted)
  assert.equal((await order({ amount: 12.0 })).json.amount, '12')
})

test('a fault names its field and says what to do, in the door’s shape', async () => {
  assert.deepEqual(await order({}).then(({ status, json }) => [status, json.field]), [400, 'amount'])
  for (const amount of ['1e3', '-1', '1.23456', ' 1', true, [1]]) {
    assert.deepEqual(await order({ amount }).then(({ status, json }) => [status, json.field]), [400, 'amount'])
  }
  for (const rush of [{}, [], 'perhaps', 2]) {
    assert.deepEqual(await order({ amount: 1, rush }).then(({ status, json }) => [status, json.field]), [400, 'rush'])
  }
  assert.equal((await order({ amount: 1, lines: {} })).json.field, 'lines[name]')
  assert.equal((await order({ amount: 1, note: '4242 4242 4242 4242' })).json.field, 'note')
  const split = await order({ amount: 1, split: [{ share: 1 }] })
  assert.equal(split.json.field, 'split')
  assert.match(String(split.json.message), /not available yet/)
  assert.equal((await order({ amount: 1, split: null })).status, 200)
})

test('what a flow refuses by a native name is told by the door’s', async () => {
  const field = async (param: string) => (await send('GET', `/refused/${encodeURIComponent(param)}`)).json.field
  assert.equal(await field('success_url'), 'successUrl')
  assert.equal(await field('line_items[3][price_data][unit_amount]'), 'items[3][price]')
  assert.equal(await field('success_urls'), 'success_urls')
})

test('a door that quotes what was asked for in its own words gets it without card numbers', async () => {
  const { json } = await send('GET', '/missing/cs_4242424242424242')
  assert.equal(json.quoted, 'cs_[card number]')
  assert.equal(
    (await send('GET', `/missing/${encodeURIComponent('a\n4242 4242 4242 4242')}`)).json.quoted,
    'a [card number]',
  )
})

test('a path that is not there, a file, and a body of another kind are told in the door’s shape', async () => {
  assert.deepEqual(await send('GET', '/nowhere').then(({ status, json }) => [status, json.field]), [404, null])
  const parts = new FormData()
  parts.set('amount', new Blob(['x']), 'x.txt')
  assert.equal((await send('POST', '/orders', parts)).status, 400)
  assert.equal((await send('POST', '/orders', 'no parts', 'multipart/form-data; boundary=x')).status, 400)
  assert.equal((await send('POST', '/orders', '<a/>', 'text/xml')).status, 415)
})

test('a key is asked for, except where the path opens by itself', async () => {
  assert.deepEqual((await send('GET', '/free', undefined, undefined, null)).json, { known: false })
  assert.equal((await send('GET', '/free')).json.known, true)
  assert.equal((await send('GET', '/paced', undefined, undefined, null)).status, 401)
  assert.equal((await send('GET', '/free', undefined, undefined, 'sk_test_x')).status, 401)
})

test('flows see the door that a request came through, and the key of its own place', async () => {
  assert.deepEqual((await send('POST', '/keyed')).json, { door: 'bpc', key: 'order 7' })
})

test('an account’s keys do not open a door that it has closed', async () => {
  const { text: key } = await createKey(api, shop.tenant, 'secret')
  await changeSettings(api, shop.tenant, { doors: ['hsrc'] })
  const closed = await send('GET', '/free', undefined, undefined, key)
  assert.equal(closed.status, 403)
  assert.match(String(closed.json.message), /setting doors/)
  await changeSettings(api, shop.tenant, { doors: null })
})

test('whoever asks too often is told how long to wait, and alone', async () => {
  const other = (await createKey(api, shop.tenant, 'secret')).text
  const asked = async (key?: string) => (await send('GET', '/paced', undefined, undefined, key)).status
  assert.deepEqual([await asked(), await asked()], [200, 200])
  const refused = await send('GET', '/paced')
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '60'])
  assert.equal(await asked(other), 200)
  await api.env.advance(60_000)
  assert.equal(await asked(), 200)
})
