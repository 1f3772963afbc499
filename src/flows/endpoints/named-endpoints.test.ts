import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../../test/support/database.ts'
import { testEnv } from '../../../test/support/env.ts'
import { plainDoor } from '../../../test/support/plain-door.ts'
import { startReceiver } from '../../../test/support/receiver.ts'
import { endpointOf, newTenant } from '../../../test/support/told-events.ts'
import type { Currency } from '../../core/currencies.ts'
import { nameOf, newUuid, type Tenant } from '../../core/ids.ts'
import type { NotifyAddress } from '../../core/session.ts'
import { makeEnv } from '../../env.ts'
import { startDelivery } from '../../events/deliver.ts'
import { createEgress } from '../../events/egress.ts'
import { makeSecretSealer, newEndpointSecret } from '../../events/endpoint-secret.ts'
import { openStorage } from '../../storage/storage.ts'
import type { Call } from '../call.ts'
import { expireSession } from '../close-session.ts'
import { createSession } from '../create-session.ts'
import { createEndpoint, deleteEndpoint, updateEndpoint } from './change-endpoint.ts'
import { namedEndpoint, namedEndpoints } from './named-endpoints.ts'
import { resendEvent } from './resend.ts'
import { sendTest } from './send-test.ts'

const env = testEnv({ now: makeEnv().now() })
const db = await testDatabase(import.meta.url)
const storage = openStorage(db.sql)
const sealer = makeSecretSealer(env, env.randomBytes(32))
const receiver = await startReceiver()
after(async () => {
  await receiver.stop()
  await db.drop()
})
/** A door of this test, which tells how sessions end and nothing else. */
const secpaid = plainDoor(
  'secpaid',
  ({ event: { snapshot } }) => (snapshot.is === 'session' ? { over: snapshot.session.id } : {}),
  {
    types: ['Over'],
    explicit: [],
    typeOf: ({ type }) => (type === 'checkout.session.expired' ? 'Over' : undefined),
  },
)
const native = plainDoor('native', ({ event }) => ({ type: event.type }))
const context = { env, storage, sealer, doors: { native, secpaid }, allowLoopback: true }
const here = (path: string) => `${receiver.origin}${path}`
const callOf = (tenant: Tenant): Call => ({
  caller: { tenant, keyId: newUuid(env), kind: 'secret', door: 'secpaid' },
  requestId: 'req_1',
  key: null,
})

async function named(tenant: Tenant, ...urls: string[]): Promise<readonly NotifyAddress[]> {
  const found = await namedEndpoints(context, tenant, 'secpaid', urls)
  assert.ok(found.ok, JSON.stringify(found))
  return found.value
}

async function openSession(tenant: Tenant, notify?: readonly NotifyAddress[]) {
  const made = await createSession(context, callOf(tenant), {
    lineItems: [
      {
        priceData: { currency: 'EUR' as Currency, unitAmount: 1000n, productData: { name: 'Tea' } },
        quantity: 1,
      },
    ],
    successUrl: 'https://shop.example/done',
    ...(notify ? { notify } : {}),
  })
  assert.ok(made.ok && made.value.snapshot.is === 'session')
  return made.value.snapshot.session
}

async function deliverAll(): Promise<void> {
  const policy = { publicHosts: false, loopback: true, allowHosts: [] }
  const client = createEgress({ env, policy, assertNoTransaction: () => {} })
  const log = { info: () => {}, error: (fields: object, message: string) => assert.fail(`${message} ${fields}`) }
  const worker = startDelivery({ env, storage, egressFor: () => client, sealer, doors: context.doors, log })
  await worker.idle()
  await worker.stop()
}

test('all sessions share one hidden endpoint for an origin; two addresses of one origin have two', async () => {
  const tenant = await newTenant(env, storage)
  const urls = [here('/a'), here('/b'), 'https://shop.example/c?x=1', here('/a')]
  const first = await named(tenant, ...urls)
  assert.deepEqual(
    first.map(({ url }) => url),
    urls.slice(0, 3),
  )
  assert.equal(new Set(first.map(({ endpointId }) => endpointId)).size, 3)
  assert.deepEqual(await named(tenant, ...urls), first)
  const other = await namedEndpoint(context, tenant, 'secpaid', 'https://shop.example/d')
  assert.ok(other.ok)
  assert.deepEqual(other.value, { endpointId: first[2]?.endpointId, url: 'https://shop.example/d' })
  const { items } = await storage.listEndpoints(tenant, { limit: 10 })
  assert.deepEqual(items.map(({ url, named: place, door }) => [url, place, door]).sort(), [
    [receiver.origin, 1, 'secpaid'],
    [receiver.origin, 2, 'secpaid'],
    ['https://shop.example', 1, 'secpaid'],
  ])
})

test('links that are made at the same moment find the same endpoint', async () => {
  const tenant = await newTenant(env, storage)
  const all = await Promise.all(Array.from({ length: 6 }, (_, at) => named(tenant, `https://shop.example/${at}`)))
  assert.equal(new Set(all.map(([one]) => one?.endpointId)).size, 1)
  assert.deepEqual(await storage.countEndpoints(tenant), { made: 0, named: 1 })
})

test('an address that nobody may call is refused, and so are more than ten in a session', async () => {
  const tenant = await newTenant(env, storage)
  const refusal = async (urls: readonly string[], door: 'secpaid' | 'ozura' = 'secpaid', where = tenant) => {
    const found = await namedEndpoints(context, where, door, urls)
    return found.ok ? 'taken' : found.refusal.code
  }
  for (const url of ['https://10.0.0.1/x', 'http://shop.example/x', 'nonsense', 'https://shop.example:22/']) {
    assert.equal(await refusal([url]), 'endpoint_url_refused', url)
  }
  const live = (tenant - 1) as Tenant
  assert.equal(await refusal([here('/x')], 'secpaid', live), 'endpoint_url_refused')
  assert.equal(await refusal(Array.from({ length: 11 }, (_, at) => here(`/${at}`))), 'endpoint_url_refused')
  assert.equal(await refusal([here('/x')], 'ozura'), 'door_without_events')
  assert.deepEqual(await storage.countEndpoints(tenant), { made: 0, named: 0 })
})

test('sessions name a hundred origins at most; the shop’s own endpoints are counted apart', async () => {
  const tenant = await newTenant(env, storage)
  const endpoints = Array.from({ length: 100 }, (_, at) =>
    endpointOf(env, tenant, { door: 'secpaid', url: `https://shop${at}.example`, named: 1 }),
  )
  assert.deepEqual(await storage.commit({ endpoints }), { ok: true })
  const one = await namedEndpoints(context, tenant, 'secpaid', ['https://one.example/more'])
  assert.equal(one.ok || one.refusal.code, 'too_many_endpoints')
  assert.equal((await named(tenant, 'https://shop7.example/x'))[0]?.endpointId, endpoints[7]?.id)
  const own = await createEndpoint(context, callOf(tenant), { url: 'https://own.example', enabledEvents: ['*'] })
  assert.ok(own.ok)
})

test('a session’s end is told to the addresses that it names, and to no other session’s', async () => {
  const tenant = await newTenant(env, storage)
  const sealedSecret = sealer.seal(tenant, newEndpointSecret(env))
  const usual = endpointOf(env, tenant, { url: here('/usual'), sealedSecret })
  assert.deepEqual(await storage.commit({ endpoints: [usual] }), { ok: true })
  const one = await openSession(tenant, await named(tenant, here('/one?link=1'), here('/both')))
  const two = await openSession(tenant, await named(tenant, here('/two'), here('/both')))
  const none = await openSession(tenant)
  for (const { id } of [one, two, none]) assert.ok((await expireSession(context, callOf(tenant), id)).ok)
  await deliverAll()
  const got = (path: string) => receiver.got(path).map(({ body }) => JSON.parse(body).over)
  assert.deepEqual(got('/one?link=1'), [one.id])
  assert.deepEqual(got('/two'), [two.id])
  assert.deepEqual(got('/both').sort(), [one.id, two.id].sort())
  assert.equal(receiver.got('/usual').length, 3)
  assert.equal(receiver.got('/').length, 0)
})

test('a 410 at one session’s address leaves the origin to the others; each try says where it went', async () => {
  const tenant = await newTenant(env, storage)
  receiver.answer('/gone', () => 410)
  const gone = await openSession(tenant, await named(tenant, here('/gone')))
  const there = await openSession(tenant, await named(tenant, here('/there')))
  assert.ok((await expireSession(context, callOf(tenant), gone.id)).ok)
  await deliverAll()
  await env.advance(1)
  assert.ok((await expireSession(context, callOf(tenant), there.id)).ok)
  await deliverAll()
  assert.equal(receiver.got('/gone').length, 1)
  assert.equal(receiver.got('/there').length, 1)
  const { items } = await storage.listEndpoints(tenant, { limit: 10 })
  assert.deepEqual(
    items.map(({ status }) => status),
    ['enabled'],
  )
  const tries = await storage.listTries(tenant, { limit: 10 }, { endpointId: items[0]?.id ?? newUuid(env) })
  assert.deepEqual(
    tries.items.map(({ url, status, nextAt }) => [url, status, nextAt !== null]),
    [
      [here('/there'), 200, false],
      [here('/gone'), 410, true],
    ],
  )
})

test('a hidden endpoint is sent its sessions’ events once more, and neither tests, nor others’ events, nor elsewhere', async () => {
  const tenant = await newTenant(env, storage)
  const [address] = await named(tenant, here('/again'))
  assert.ok(address)
  const { endpointId } = address
  const [own, other] = [await openSession(tenant, [address]), await openSession(tenant)]
  for (const { id } of [own, other]) assert.ok((await expireSession(context, callOf(tenant), id)).ok)
  await deliverAll()
  const { items } = await storage.listEvents(tenant, { limit: 10 }, { types: ['checkout.session.expired'] })
  const eventOf = (id: string) => items.find(({ event }) => event.root === id)?.event.id ?? newUuid(env)
  assert.ok((await resendEvent(context, tenant, eventOf(own.id), endpointId)).ok)
  await deliverAll()
  assert.equal(receiver.got('/again').length, 2)
  for (const refused of [
    await resendEvent(context, tenant, eventOf(other.id), endpointId),
    await sendTest(context, tenant, endpointId),
  ]) {
    assert.equal(refused.ok || refused.refusal.code, 'event_not_told')
  }
  const moved = await updateEndpoint(context, callOf(tenant), endpointId, { url: 'https://shop.example/' })
  assert.equal(moved.ok || moved.refusal.code, 'endpoint_url_refused')
  assert.match(nameOf('endpoint', tenant, endpointId), /^we_/)
})

test('a hidden endpoint that the shop deleted is made anew when a session names its origin', async () => {
  const tenant = await newTenant(env, storage)
  const [before] = await named(tenant, here('/x'))
  assert.ok(before && (await deleteEndpoint(context, callOf(tenant), before.endpointId)).ok)
  const [after] = await named(tenant, here('/x'))
  assert.notEqual(after?.endpointId, before.endpointId)
  assert.deepEqual(await storage.countEndpoints(tenant), { made: 0, named: 1 })
})
