import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { testEnv } from '../../test/support/env.ts'
import { plainDoor } from '../../test/support/plain-door.ts'
import { endpointOf, factOf, newTenant } from '../../test/support/told-events.ts'
import { newUuid, type Tenant } from '../core/ids.ts'
import { openStorage } from '../storage/storage.ts'
import { startDelivery } from './deliver.ts'
import { createEgress } from './egress.ts'
import { makeSecretSealer, newEndpointSecret } from './endpoint-secret.ts'

const env = testEnv()
const db = await testDatabase(import.meta.url)
const storage = openStorage(db.sql)
const sealer = makeSecretSealer(env, env.randomBytes(32))

/** Calls that were not answered yet, by the account's name in their path. */
const open = new Map<string, ServerResponse[]>()
const quick = new Map<string, number>()
const server = createServer((request, response) => {
  const [, name = '', pace] = (request.url ?? '').split('/')
  if (pace === 'slow') return void open.set(name, [...(open.get(name) ?? []), response])
  quick.set(name, (quick.get(name) ?? 0) + 1)
  response.writeHead(200).end()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const client = createEgress({
  env,
  policy: { publicHosts: true, loopback: true, allowHosts: [] },
  assertNoTransaction: () => {},
})
const worker = startDelivery({
  env,
  storage,
  egressFor: () => client,
  sealer,
  doors: { native: plainDoor('native', ({ event }) => event.id) },
  log: { info: () => {}, error: (fields, message) => console.error(message, fields) },
})
after(async () => {
  await worker.stop(0)
  server.closeAllConnections()
  server.close()
  await db.drop()
})

/** An account with so many endpoints, each of which is told four events that wait for nothing. */
async function shop(name: string, pace: 'slow' | 'quick', endpoints: number): Promise<Tenant> {
  const tenant = await newTenant(env, storage)
  const sealedSecret = sealer.seal(tenant, newEndpointSecret(env))
  const urls = Array.from({ length: endpoints }, (_, at) => `${origin}/${name}/${pace}/${at}`)
  await storage.commit({ endpoints: urls.map((url) => endpointOf(env, tenant, { url, sealedSecret })) })
  const events = Array.from({ length: 4 }, () =>
    factOf(env, tenant, { root: newUuid(env), rootVersion: 1, ordinal: 0 }),
  )
  await storage.commit({ events })
  worker.wake()
  return tenant
}

const held = (...names: readonly string[]) => names.map((name) => open.get(name)?.length ?? 0)

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

function answer(name: string, count: number): void {
  const waiting = open.get(name) ?? []
  for (const response of waiting.splice(0, count)) response.writeHead(200).end()
}

/** Answers all calls as they come, until nothing is left. */
async function finish(...names: readonly string[]): Promise<void> {
  let idle = false
  const ended = worker.idle().then(() => {
    idle = true
  })
  await until(() => {
    for (const name of names) answer(name, Infinity)
    return idle
  })
  await ended
}

test('an account alone has all places, and yields to another as its calls end', async () => {
  await shop('first', 'slow', 30)
  await until(() => held('first')[0] === 64)
  await shop('second', 'slow', 30)
  await until(() => held('second')[0] === 4)
  assert.deepEqual(held('first', 'second'), [64, 4], 'what is under way is not cut short')
  answer('first', 40)
  await until(() => held('second')[0] === 32 && held('first')[0] === 32)
  answer('second', 10)
  await until(() => held('second')[0] === 32)
  assert.deepEqual(held('first', 'second'), [32, 32])
  await finish('first', 'second')
})

test('accounts whose endpoints are slow but answer 200 keep no other waiting', async () => {
  await Promise.all([shop('slow', 'slow', 20), shop('slower', 'slow', 20)])
  const heldBySlow = () => held('slow', 'slower').reduce((sum, count) => sum + count, 0)
  await until(() => heldBySlow() >= 64)
  await Promise.all(['a', 'b', 'c'].map((name) => shop(name, 'quick', 5)))
  await until(() => ['a', 'b', 'c'].every((name) => quick.get(name) === 20))
  assert.ok(heldBySlow() >= 64, 'not one of the slow calls has ended')
  await finish('slow', 'slower')
})
