import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import Stripe from 'stripe'
import { testDatabase } from '../../test/support/database.ts'
import { testEnv } from '../../test/support/env.ts'
import { plainDoor } from '../../test/support/plain-door.ts'
import { startReceiver } from '../../test/support/receiver.ts'
import { endpointOf, factOf, newTenant } from '../../test/support/told-events.ts'
import type { EventDoors } from '../core/door-events.ts'
import type { WebhookEndpoint } from '../core/event.ts'
import { newUuid, type Tenant } from '../core/ids.ts'
import { makeEnv } from '../env.ts'
import { openStorage } from '../storage/storage.ts'
import { startDelivery } from './deliver.ts'
import { createEgress } from './egress.ts'
import { makeSecretSealer, newEndpointSecret } from './endpoint-secret.ts'

const env = testEnv({ now: makeEnv().now() })
const db = await testDatabase(import.meta.url)
const storage = openStorage(db.sql)
const sealer = makeSecretSealer(env, env.randomBytes(32))
const receiver = await startReceiver()
after(async () => {
  await receiver.stop()
  await db.drop()
})

/** A door of this test: forms instead of JSON, a signature over body and time, and a second shape for one version. */
const secpaid = plainDoor('secpaid', () => ({}), {
  types: ['Changed'],
  explicit: [],
  typeOf: ({ type }) => (type === 'customer.updated' ? 'Changed' : undefined),
  render: ({ event, number }, { apiVersion }) =>
    apiVersion === 'json'
      ? { shape: 'secpaid/json', body: Buffer.from(JSON.stringify({ is: event.type })) }
      : { shape: 'secpaid/form', body: Buffer.from(`is=${event.type}&number=${number}`) },
  headers: ({ shape, body, sentAtSeconds, secrets: [secret = ''], number }) => ({
    'content-type': shape === 'secpaid/form' ? 'application/x-www-form-urlencoded' : 'application/json',
    'user-agent': 'SecPaid',
    'x-number': String(number),
    'x-signature': `t=${sentAtSeconds},v1=${createHmac('sha256', secret).update(body).update(`.${sentAtSeconds}`).digest('hex')}`,
  }),
})
const native = plainDoor('native', ({ event }) => ({ id: 'evt_1', object: 'event', type: event.type }))

async function deliverAll(doors: EventDoors): Promise<void> {
  const policy = { publicHosts: false, loopback: true, allowHosts: [] }
  const client = createEgress({ env, policy, assertNoTransaction: () => {} })
  const log = { info: () => {}, error: (fields: object, message: string) => assert.fail(`${message} ${fields}`) }
  const worker = startDelivery({ env, storage, egressFor: () => client, sealer, doors, log })
  await worker.idle()
  await worker.stop()
}

async function hook(tenant: Tenant, path: string, secret: string, more: Partial<WebhookEndpoint>) {
  const sealedSecret = sealer.seal(tenant, secret)
  const endpoint = endpointOf(env, tenant, { url: `${receiver.origin}${path}`, sealedSecret, ...more })
  assert.deepEqual(await storage.commit({ endpoints: [endpoint] }), { ok: true })
  return endpoint
}

const tell = (tenant: Tenant) =>
  storage.commit({ events: [factOf(env, tenant, { root: newUuid(env), rootVersion: 1, ordinal: 0 })] })

test('one event goes to the endpoints of two doors, each in its own words and under its own signature', async () => {
  const tenant = await newTenant(env, storage)
  const whsec = newEndpointSecret(env)
  await hook(tenant, '/native', whsec, {})
  await hook(tenant, '/form', 'an old secret', { door: 'secpaid' })
  await hook(tenant, '/json', 'an old secret', { door: 'secpaid', apiVersion: 'json' })
  await tell(tenant)
  await deliverAll({ native, secpaid })

  const [plain] = receiver.got('/native')
  assert.ok(plain)
  Stripe.webhooks.constructEvent(plain.body, String(plain.headers['stripe-signature']), whsec)
  const [form, ...more] = receiver.got('/form')
  assert.ok(form)
  assert.deepEqual(more, [])
  assert.equal(form.body, 'is=customer.updated&number=1')
  assert.equal(form.headers['content-type'], 'application/x-www-form-urlencoded')
  assert.equal(form.headers['user-agent'], 'SecPaid')
  assert.equal(form.headers['stripe-signature'], undefined)
  assert.deepEqual([form.headers['opentill-event-number'], form.headers['x-number']], ['1', '1'])
  const [, t = '', v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(form.headers['x-signature'])) ?? []
  assert.equal(createHmac('sha256', 'an old secret').update(`${form.body}.${t}`).digest('hex'), v1)
  const [json] = receiver.got('/json')
  assert.deepEqual([json?.headers['content-type'], json?.body], ['application/json', '{"is":"customer.updated"}'])

  const kept = await db.sql<{ headers: Record<string, string> }[]>`
    select request_headers as headers from delivery_tries where tenant = ${tenant} and shape = 'secpaid/form'`
  assert.match(kept[0]?.headers['x-signature'] ?? '', /^t=\d+,v1=[0-9a-f]{8}…$/)
})

test('every try sends the same bytes, newly signed', async () => {
  const tenant = await newTenant(env, storage)
  receiver.answer('/tries', (times) => (times === 1 ? 500 : 200))
  await hook(tenant, '/tries', 'an old secret', { door: 'secpaid' })
  await tell(tenant)
  await deliverAll({ secpaid })
  await env.advance(60 * 60_000)
  // What is told now has other words: the event keeps those that it was told in.
  const render = () => ({ shape: 'secpaid/other', body: Buffer.from('other') })
  await deliverAll({ secpaid: { ...secpaid, render } })
  const [first, second] = receiver.got('/tries')
  assert.ok(first && second)
  assert.equal(second.body, first.body)
  assert.notEqual(second.headers['x-signature'], first.headers['x-signature'])
})

test('what waits for an endpoint whose door is closed waits on, and goes out when it opens', async () => {
  const tenant = await newTenant(env, storage)
  receiver.answer('/closed', (times) => (times === 1 ? 500 : 200))
  await hook(tenant, '/closed', 'an old secret', { door: 'secpaid' })
  await tell(tenant)
  await deliverAll({ secpaid })
  await env.advance(60 * 60_000)
  await deliverAll({ native })
  assert.equal(receiver.got('/closed').length, 1)
  const [row] = await db.sql`select state, last_error from deliveries where tenant = ${tenant}`
  assert.deepEqual({ ...row }, { state: 'pending', last_error: 'the front door of this endpoint tells no events' })
  await env.advance(60 * 60_000)
  await deliverAll({ secpaid })
  assert.equal(receiver.got('/closed').length, 2)
})
