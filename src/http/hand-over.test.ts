import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestApi } from '../../test/support/api.ts'
import { createKey } from '../flows/open-account.ts'
import { registerDoors } from './doors.ts'
import { SHARED_PATHS, SHARED_ROOTS } from './hand-over.ts'
import { buildServer } from './server.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const shop = await api.openAccount()
const { text: hsrcKey } = await createKey(api, shop.tenant, 'secret', 'hsrc')

const named = (routes: typeof api.routes) =>
  routes.filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`)
const native = api.routes.filter(({ url, door }) => url.startsWith('/v1/') && door === undefined)
const others = api.routes.filter(({ url, door }) => url.startsWith(`${SHARED_ROOTS.hsrc}/`) && door === 'hsrc')
const inside = (url: string) => url.slice(SHARED_ROOTS.hsrc?.length)

test('every path that two doors share is listed here', () => {
  assert.deepEqual(
    named(others)
      .map((route) => route.replace(SHARED_ROOTS.hsrc ?? '', ''))
      .sort(),
    [
      'GET /v1/charges',
      'GET /v1/charges/:id',
      'GET /v1/customers',
      'GET /v1/customers/:id',
      'GET /v1/refunds',
      'GET /v1/refunds/:id',
      'POST /v1/charges/:id/capture',
      'POST /v1/customers',
      'POST /v1/refunds',
    ],
  )
  for (const { url } of others)
    assert.ok(
      SHARED_PATHS.some(({ path }) => path.test(inside(url))),
      url,
    )
})

test('no other path belongs to both: whoever asks there is answered by one door, whatever the key', () => {
  const own = api.routes.filter(({ url, door }) => url.startsWith('/v1/') && door !== undefined)
  assert.ok(own.length > 20)
  const taken = new Set(named(native))
  for (const route of named(own)) assert.ok(!taken.has(route), route)
})

test('the key’s door answers on shared paths, and both can be asked for what the other has', async () => {
  for (const path of ['/v1/charges', '/v1/customers', '/v1/refunds', '/v1/charges/']) {
    const theirs = (await api.ask(hsrcKey, 'GET', path)).json
    assert.deepEqual([theirs.success, theirs.data], [true, []], path)
    const ours = (await api.ask(shop.secret, 'GET', path)).json
    assert.deepEqual([ours.object, ours.data], ['list', []], path)
  }
  const strange = await api.ask(hsrcKey, 'GET', '/v1/charges/ch_x')
  assert.deepEqual([strange.status, strange.json.success], [404, false])
})

test('the inner side of a shared path asks for a key, and knows only its account', async () => {
  const { text: stranger } = await createKey(api, (await api.openAccount()).tenant, 'secret', 'hsrc')
  const made = await api.ask(hsrcKey, 'POST', '/v1/customers', { name: 'Ada' })
  assert.equal(made.status, 201, made.text)
  const { id } = made.json.data
  for (const key of [hsrcKey, shop.secret]) {
    assert.equal((await api.ask(key, 'GET', `${SHARED_ROOTS.hsrc}/v1/customers/${id}`)).json.data.name, 'Ada')
  }
  assert.equal((await api.ask(stranger, 'GET', `/v1/customers/${id}`)).status, 404)
  assert.equal((await api.ask(undefined, 'GET', `${SHARED_ROOTS.hsrc}/v1/customers/${id}`)).status, 401)
  assert.equal((await api.ask(shop.publishable, 'GET', `${SHARED_ROOTS.hsrc}/v1/customers`)).status, 403)
})

test('where the server does not have the key’s door, the native one answers', async () => {
  const app = buildServer(api.deps)
  registerDoors(app, api.deps, ['ozura'])
  const answer = await app.inject({ url: '/v1/charges', headers: { authorization: `Bearer ${hsrcKey}` } })
  assert.deepEqual([answer.statusCode, answer.json().object], [200, 'list'])
})
