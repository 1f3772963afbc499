import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../../test/support/database.ts'
import { plainDoor } from '../../../test/support/plain-door.ts'
import { startReceiver } from '../../../test/support/receiver.ts'
import { endpointOf, factOf, newTenant } from '../../../test/support/told-events.ts'
import type { WebhookEndpoint } from '../../core/event.ts'
import { newUuid, type Tenant, type Uuid } from '../../core/ids.ts'
import { makeEnv } from '../../env.ts'
import { startDelivery } from '../../events/deliver.ts'
import { createEgress } from '../../events/egress.ts'
import { makeSecretSealer, newEndpointSecret } from '../../events/endpoint-secret.ts'
import { planWith } from '../../events/plan.ts'
import { openStorage } from '../../storage/storage.ts'
import { waitDelivered } from './wait-delivered.ts'

// Real time: what is waited for happens elsewhere.
const env = makeEnv()
const db = await testDatabase(import.meta.url)
const storage = openStorage(db.sql)
const sealer = makeSecretSealer(env, env.randomBytes(32))
const receiver = await startReceiver()
const doors = { bpc: plainDoor('bpc', ({ event }) => event.type), native: plainDoor('native', () => ({})) }
const client = createEgress({
  env,
  policy: { publicHosts: false, loopback: true, allowHosts: [] },
  assertNoTransaction: () => {},
})
after(async () => {
  await receiver.stop()
  await db.drop()
})
/** Longer than any machine needs, so that only what never comes makes it pass. */
const LONG_MS = 60_000
const wait = (tenant: Tenant, eventId: Uuid, ms: number) => waitDelivered({ env, storage }, tenant, eventId, 'bpc', ms)

async function tell(tenant: Tenant, root = newUuid(env), rootVersion = 1): Promise<Uuid> {
  const fact = factOf(env, tenant, { root, rootVersion, ordinal: 0 })
  assert.deepEqual(await storage.commit({ events: [fact] }), { ok: true })
  return fact.id
}

async function hook(tenant: Tenant, path: string, more: Partial<WebhookEndpoint> = {}) {
  const sealedSecret = sealer.seal(tenant, newEndpointSecret(env))
  const endpoint = endpointOf(env, tenant, { url: `${receiver.origin}${path}`, sealedSecret, door: 'bpc', ...more })
  assert.deepEqual(await storage.commit({ endpoints: [endpoint] }), { ok: true })
}

test('it ends when every endpoint of the door was sent the event once, taken or not', async () => {
  const tenant = await newTenant(env, storage)
  receiver.answer('/refuses', () => 500)
  await hook(tenant, '/takes')
  await hook(tenant, '/refuses')
  const eventId = await tell(tenant)
  const log = { info: () => {}, error: (fields: object, message: string) => assert.fail(`${message} ${fields}`) }
  const waiting = wait(tenant, eventId, LONG_MS)
  const worker = startDelivery({ env, storage, egressFor: () => client, sealer, doors, log })
  assert.equal(await waiting, true)
  assert.deepEqual([receiver.got('/takes').length, receiver.got('/refuses').length], [1, 1])
  // Both are known by now; the one that refuses is tried again later, for which nobody waits.
  assert.equal(await wait(tenant, eventId, 0), true)
  await worker.stop()
})

test('nobody waits where the door has no endpoint that is enabled', async () => {
  const tenant = await newTenant(env, storage)
  await hook(tenant, '/native', { door: 'native' })
  await hook(tenant, '/off', { status: 'disabled', disabledReason: 'gone', disabledAt: env.now() })
  assert.equal(await wait(tenant, await tell(tenant), 0), true)
})

test('an event that nobody numbers or sends is waited for as long as was asked', async () => {
  const tenant = await newTenant(env, storage)
  await hook(tenant, '/never')
  const eventId = await tell(tenant)
  assert.equal(await wait(tenant, eventId, 20), false)
  const plan = planWith(doors, (_, fault) => assert.fail(String(fault)))
  assert.equal(await storage.numberEvents(tenant, { limit: 10, now: env.now() }, plan), 1)
  assert.equal(await wait(tenant, eventId, 20), false)
  assert.equal(receiver.got('/never').length, 0)
})

test('what an endpoint did not ask for, and what waits behind an earlier event, is not waited for', async () => {
  const tenant = await newTenant(env, storage)
  await hook(tenant, '/picky', { enabledEvents: ['charge.failed'] })
  const plan = planWith(doors, (_, fault) => assert.fail(String(fault)))
  const number = () => storage.numberEvents(tenant, { limit: 10, now: env.now() }, plan)
  const unwanted = await tell(tenant)
  await number()
  assert.equal(await wait(tenant, unwanted, 0), true)

  await hook(tenant, '/down')
  const root = newUuid(env)
  await tell(tenant, root, 1)
  await number()
  await db.sql`update deliveries set next_at = next_at + interval '1 hour' where tenant = ${tenant}`
  const behind = await tell(tenant, root, 2)
  await number()
  assert.equal(await wait(tenant, behind, 0), true)
})
