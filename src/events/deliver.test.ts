import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { testDatabase } from '../../test/support/database.ts'
import { testEnv } from '../../test/support/env.ts'
import { plainDoor } from '../../test/support/plain-door.ts'
import { endpointOf, factOf, newTenant } from '../../test/support/told-events.ts'
import { PAUSES_MS } from '../core/delivery-schedule.ts'
import type { WebhookEndpoint } from '../core/event.ts'
import { nameOf, newUuid, type Tenant, type Uuid } from '../core/ids.ts'
import { makeEnv } from '../env.ts'
import { openStorage } from '../storage/storage.ts'
import { type DeliveryWorker, type DeliveryWorld, startDelivery } from './deliver.ts'
import { createEgress } from './egress.ts'
import { makeSecretSealer, newEndpointSecret } from './endpoint-secret.ts'
import { planWith } from './plan.ts'

/** A clock that a test moves, put at the real time because the libraries judge timestamps by theirs. */
const env = testEnv({ now: makeEnv().now() })
const db = await testDatabase(import.meta.url)
const storage = openStorage(db.sql)
const sealer = makeSecretSealer(env, env.randomBytes(32))

type Received = { readonly headers: IncomingHttpHeaders; readonly body: string }
type Answer = (response: ServerResponse, received: Received, times: number) => void
const answers = new Map<string, Answer>()
const received = new Map<string, Received[]>()
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const path = request.url ?? ''
  const one = { headers: request.headers, body: Buffer.concat(chunks).toString() }
  const all = [...(received.get(path) ?? []), one]
  received.set(path, all)
  const answer = answers.get(path) ?? ((to) => void to.writeHead(200).end('ok'))
  answer(response, one, all.length)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const workers = new Set<DeliveryWorker>()
after(async () => {
  for (const worker of workers) await worker.stop(0)
  server.closeAllConnections()
  server.close()
  await db.drop()
})

const doors = {
  native: plainDoor('native', ({ event, number, pending }) => ({
    id: nameOf('event', event.tenant, event.id),
    object: 'event',
    type: event.type,
    number: Number(number),
    pending_webhooks: pending,
    place: event.rootVersion,
    root: event.root,
  })),
}

function start(more: Partial<DeliveryWorld> = {}): DeliveryWorker {
  const policy = { publicHosts: true, loopback: true, allowHosts: [] }
  const client = createEgress({ env, policy, assertNoTransaction: () => {} })
  const log = { info: () => {}, error: (fields: object, message: string) => console.error(message, fields) }
  const worker = startDelivery({ env, storage, egressFor: () => client, sealer, doors, log, ...more })
  workers.add(worker)
  return worker
}

async function stop(worker: DeliveryWorker, budgetMs?: number) {
  await worker.stop(budgetMs)
  workers.delete(worker)
}

let paths = 0
type Hook = { readonly endpoint: WebhookEndpoint; readonly secret: string; readonly got: () => readonly Received[] }

/** An endpoint of a tenant at a path of its own of the receiver. */
async function hook(tenant: Tenant, answer?: Answer, more: Partial<WebhookEndpoint> = {}): Promise<Hook> {
  const path = `/hook/${++paths}`
  if (answer) answers.set(path, answer)
  const secret = newEndpointSecret(env)
  const endpoint = endpointOf(env, tenant, { url: origin + path, sealedSecret: sealer.seal(tenant, secret), ...more })
  assert.deepEqual(await storage.commit({ endpoints: [endpoint] }), { ok: true })
  return { endpoint, secret, got: () => received.get(path) ?? [] }
}

async function tell(tenant: Tenant, root: Uuid, rootVersion: number) {
  const fact = factOf(env, tenant, { root, rootVersion, ordinal: 0 })
  assert.deepEqual(await storage.commit({ events: [fact] }), { ok: true })
  return fact
}

const places = (got: readonly Received[]) => got.map(({ body }) => (JSON.parse(body) as { place: number }).place)
const always =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end('no')

async function rows(tenant: Tenant) {
  return db.sql<{ state: string; tries: number; last_status: number | null; last_error: string | null }[]>`
    select state, tries, last_status, last_error from deliveries where tenant = ${tenant} order by number, endpoint_id`
}

test('an event arrives with both signatures over its exact bytes', async () => {
  const tenant = await newTenant(env, storage)
  const { secret, got } = await hook(tenant)
  const worker = start()
  const fact = await tell(tenant, newUuid(env), 1)
  await worker.idle()
  await stop(worker)

  const [delivery, ...others] = got() as [Received, ...Received[]]
  assert.deepEqual(others, [])
  const event = Stripe.webhooks.constructEvent(delivery.body, String(delivery.headers['stripe-signature']), secret)
  assert.equal(event.id, nameOf('event', tenant, fact.id))
  assert.equal(event.pending_webhooks, 1)
  const verified = new Webhook(secret).verify(delivery.body, delivery.headers as Record<string, string>)
  assert.deepEqual(verified, JSON.parse(delivery.body))
  assert.equal(delivery.headers['webhook-id'], event.id)
  assert.equal(delivery.headers['content-type'], 'application/json; charset=utf-8')
  assert.deepEqual(
    (await rows(tenant)).map((row) => ({ ...row })),
    [{ state: 'delivered', tries: 1, last_status: 200, last_error: null }],
  )
})

test('while a secret is rolled both libraries verify the same delivery under either, and afterwards under the new one', async () => {
  const tenant = await newTenant(env, storage)
  const { endpoint, secret: old, got } = await hook(tenant)
  const fresh = newEndpointSecret(env)
  const rolled = {
    ...endpoint,
    version: 2,
    sealedSecret: sealer.seal(tenant, fresh),
    sealedPrevious: endpoint.sealedSecret,
    previousUntil: new Date(env.now().getTime() + 60_000),
  }
  assert.deepEqual(await storage.commit({ endpoints: [rolled] }), { ok: true })
  const worker = start()
  await tell(tenant, newUuid(env), 1)
  await worker.idle()
  const verifies = ({ body, headers }: Received, secret: string) => {
    Stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), secret)
    new Webhook(secret).verify(body, headers as Record<string, string>)
  }
  const [during] = got() as [Received]
  for (const secret of [fresh, old]) verifies(during, secret)
  assert.throws(() => verifies(during, newEndpointSecret(env)))
  const now = env.now()
  env.setNow(new Date(now.getTime() + 60_000))
  await tell(tenant, newUuid(env), 1)
  await worker.idle()
  env.setNow(now)
  await stop(worker)
  const [, after] = got() as [Received, Received]
  verifies(after, fresh)
  assert.throws(() => verifies(after, old))
})

test('each delivery names its number and the one before it to the same endpoint; what is kept of a try holds no secret', async () => {
  const tenant = await newTenant(env, storage)
  const { got } = await hook(tenant, (response) => {
    const headers = { 'set-cookie': 'session=abc', 'x-shop': 'tea', 'x-api-key': 'k' }
    response
      .writeHead(200, headers)
      .end(`card 4242424242424242, sk_live_abcdefgh, ${'x'.repeat(4_045)} 4242424242424242 and more`)
  })
  const picky = await hook(tenant, undefined, { enabledEvents: ['charge.failed'] })
  const worker = start()
  for (let count = 0; count < 3; count++) await tell(tenant, newUuid(env), 1)
  await worker.idle()
  await stop(worker)
  const named = got().map(({ headers }) => [headers['opentill-previous-number'], headers['opentill-event-number']])
  assert.deepEqual(named.sort(), [
    ['0', '1'],
    ['1', '2'],
    ['2', '3'],
  ])
  assert.equal(picky.got().length, 0)
  const [kept] = await db.sql<
    { request_headers: Record<string, string>; response_headers: Record<string, string>; response_body: string }[]
  >`select request_headers, response_headers, response_body from delivery_tries where tenant = ${tenant} limit 1`
  assert.ok(kept)
  assert.equal(kept.response_headers['x-shop'], 'tea')
  assert.equal(kept.response_headers['set-cookie'], '[redacted]')
  assert.equal(kept.response_headers['x-api-key'], '[redacted]')
  assert.match(kept.response_body, /^card \[card number\], sk_\[redacted\], x+ \[card number\]( and)?/)
  assert.ok(kept.response_body.length <= 4096)
  assert.match(kept.request_headers['stripe-signature'] ?? '', /^t=\d+,v1=[0-9a-f]{8}…$/)
  assert.match(kept.request_headers['webhook-signature'] ?? '', /^v1,.{8}…$/)
})

test('Retry-After is honoured from the planned pause to its double', async () => {
  const asked = ['1', '7', '1000000000', 'Fri, 31 Dec 9999 23:59:59 GMT', 'soon']
  const waits: number[] = []
  for (const text of asked) {
    const tenant = await newTenant(env, storage)
    await hook(tenant, always(503, { 'retry-after': text }))
    const worker = start()
    await tell(tenant, newUuid(env), 1)
    await worker.idle()
    await stop(worker)
    const [row] = await db.sql<{ next_at: Date }[]>`select next_at from deliveries where tenant = ${tenant}`
    waits.push((row?.next_at.getTime() ?? 0) - env.now().getTime())
  }
  for (const ms of waits) assert.ok(ms >= 4_000 && ms <= 12_000, String(waits))
  assert.equal(waits[1], 7_000)
  for (const at of [2, 3]) assert.ok((waits[at] ?? 0) >= 8_000)
})

test('a refused event is sent again with the same id and bytes, a new time and a new signature', async () => {
  const tenant = await newTenant(env, storage)
  const { got, secret } = await hook(
    tenant,
    (response, _, times) => void response.writeHead(times < 3 ? 500 : 204).end(),
  )
  const worker = start()
  await tell(tenant, newUuid(env), 1)
  await worker.idle()
  assert.equal(got().length, 1)
  await env.advance(3_900)
  await worker.idle()
  assert.equal(got().length, 1, 'not before the pause is over')
  await env.advance(2_100)
  await worker.idle()
  await env.advance(36_000)
  await worker.idle()
  await env.advance(1_000_000)
  await worker.idle()
  await stop(worker)

  assert.equal(got().length, 3)
  for (const name of ['webhook-id'] as const) assert.equal(new Set(got().map(({ headers }) => headers[name])).size, 1)
  assert.equal(new Set(got().map(({ body }) => body)).size, 1)
  assert.equal(new Set(got().map(({ headers }) => headers['webhook-timestamp'])).size, 3)
  for (const { body, headers } of got()) {
    Stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), secret, 0)
  }
  assert.deepEqual({ ...(await rows(tenant))[0] }, { state: 'delivered', tries: 3, last_status: 204, last_error: null })
})

test('thirteen refusals over three days, then one an hour, and the first yes is the last', async () => {
  const tenant = await newTenant(env, storage)
  let mended = false
  const { got } = await hook(tenant, (response) => void response.writeHead(mended ? 200 : 503).end())
  const worker = start()
  await tell(tenant, newUuid(env), 1)
  const after = async (ms: number) => {
    env.setNow(new Date(env.now().getTime() + ms))
    await worker.idle()
  }
  for (const pause of PAUSES_MS) await after(pause * 1.2)
  assert.equal(got().length, 13)
  await after(47 * 60_000)
  assert.equal(got().length, 13, 'not before its hour')
  await after(25 * 60_000)
  assert.equal(got().length, 14)
  for (let hour = 0; hour < 5; hour++) await after(72 * 60_000)
  assert.equal(got().length, 19)
  mended = true
  for (let hour = 0; hour < 5; hour++) await after(72 * 60_000)
  await stop(worker)
  env.setNow(makeEnv().now())
  assert.equal(got().length, 20)
  assert.deepEqual(
    { ...(await rows(tenant))[0] },
    { state: 'delivered', tries: 20, last_status: 200, last_error: null },
  )
})

test('a redirect is a refusal and is not followed', async () => {
  const tenant = await newTenant(env, storage)
  const elsewhere = await hook(tenant, undefined, { status: 'disabled' })
  const { got } = await hook(tenant, always(308, { location: elsewhere.endpoint.url }))
  const worker = start()
  await tell(tenant, newUuid(env), 1)
  await worker.idle()
  await stop(worker)
  assert.equal(got().length, 1)
  assert.equal(elsewhere.got().length, 0)
  assert.deepEqual((await rows(tenant))[0]?.last_error, 'the answer was 308')
})

test('order is kept per root, and a refused event holds back its own root only', async () => {
  const tenant = await newTenant(env, storage)
  const [refused, other] = [newUuid(env), newUuid(env)]
  let mended = false
  const { got } = await hook(tenant, (response, { body }) => {
    response.writeHead(!mended && body.includes(refused) ? 500 : 200).end()
  })
  for (let version = 1; version <= 5; version++) {
    await tell(tenant, refused, version)
    await tell(tenant, other, version)
  }
  const worker = start()
  await worker.idle()
  const of = (root: Uuid) => got().filter(({ body }) => body.includes(root))
  assert.deepEqual(places(of(other)), [1, 2, 3, 4, 5])
  assert.deepEqual(places(of(refused)), [1])
  mended = true
  await env.advance(6_000)
  await worker.idle()
  await stop(worker)
  assert.deepEqual(places(of(refused)), [1, 1, 2, 3, 4, 5])
})

test('an endpoint that never answers delays nobody else, and gets four calls at a time', async () => {
  const [slow, quick] = [await newTenant(env, storage), await newTenant(env, storage)]
  const open: ServerResponse[] = []
  const full = Promise.withResolvers<void>()
  const black = await hook(slow, (response) => {
    open.push(response)
    if (open.length === 4) full.resolve()
  })
  const beside = await hook(slow)
  const good = await hook(quick)
  const worker = start()
  for (let count = 0; count < 10; count++) {
    await tell(slow, newUuid(env), 1)
    await tell(quick, newUuid(env), 1)
  }
  worker.wake()
  await full.promise
  const arrived = async () => {
    const [row] = await db.sql<{ count: number }[]>`
      select count(*)::int4 as count from deliveries
      where state = 'delivered' and endpoint_id in (${beside.endpoint.id}, ${good.endpoint.id})`
    return row?.count
  }
  while ((await arrived()) !== 20) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(black.got().length, 4)
  for (const response of open) response.end()
  answers.delete(new URL(black.endpoint.url).pathname)
  await worker.idle()
  await stop(worker)
  assert.equal(black.got().length, 10)
})

test('a dead endpoint and one at a private address are tried again; the good one beside them has everything', async () => {
  const tenant = await newTenant(env, storage)
  const dead = createServer().listen(0, '127.0.0.1')
  await once(dead, 'listening')
  const port = (dead.address() as AddressInfo).port
  dead.close()
  await once(dead, 'close')
  await hook(tenant, undefined, { url: `http://127.0.0.1:${port}/` })
  await hook(tenant, undefined, { url: 'https://169.254.169.254/latest/meta-data' })
  const good = await hook(tenant)
  const worker = start()
  for (let count = 0; count < 5; count++) await tell(tenant, newUuid(env), 1)
  await worker.idle()
  await stop(worker)
  assert.equal(good.got().length, 5)
  const faults = (await rows(tenant)).filter((row) => row.state === 'pending')
  assert.deepEqual([...new Set(faults.map((row) => row.last_error))].sort(), [
    'the URL must name a public host',
    'the connection was refused',
  ])
  assert.equal(faults.length, 10)
})

test('an endless answer is cut: with a 2xx the event has arrived, with another status it is refused', async () => {
  const tenant = await newTenant(env, storage)
  const endless =
    (status: number): Answer =>
    (response) => {
      response.writeHead(status)
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16 * 1024)));
      }
      response.on('drain', more)
      more()
    }
  await hook(tenant, endless(200))
  await hook(tenant, endless(500))
  const worker = start()
  await tell(tenant, newUuid(env), 1)
  await worker.idle()
  await stop(worker)
  const found = (await rows(tenant)).map((row) => `${row.state} ${row.last_status} ${row.last_error}`)
  assert.deepEqual(found.sort(), ['delivered 200 null', 'pending 500 the answer is longer than 65536 bytes (500)'])
})

test('what a killed process had claimed arrives after its lease, through another', async () => {
  const tenant = await newTenant(env, storage)
  const { got } = await hook(tenant)
  await tell(tenant, newUuid(env), 1)
  const now = env.now()
  const plan = planWith(doors, assert.fail)
  assert.equal(await storage.numberEvents(tenant, { limit: 1, now }, plan), 1)
  // All that a process leaves behind that claims and is then killed, before or after it has sent.
  const leasedUntil = new Date(now.getTime() + 60_000)
  const claim = { now, leasedUntil, limit: 1, failingLimit: 1, perEndpoint: 1, underWay: new Map() }
  assert.equal((await storage.claimDeliveries(tenant, claim)).length, 1)
  const worker = start()
  await worker.idle()
  assert.equal(got().length, 0)
  await env.advance(60_000)
  await worker.idle()
  await stop(worker)
  assert.equal(got().length, 1)
})

test('a stop lets what is under way end', async () => {
  const tenant = await newTenant(env, storage)
  const holding = Promise.withResolvers<ServerResponse>()
  await hook(tenant, (response) => holding.resolve(response))
  const worker = start()
  await tell(tenant, newUuid(env), 1)
  worker.wake()
  const response = await holding.promise
  const stopped = stop(worker)
  response.end()
  await stopped
  assert.equal((await rows(tenant))[0]?.state, 'delivered')
})

test('a stop whose budget is over gives the lease back: another process sends at once', async () => {
  const tenant = await newTenant(env, storage)
  const holding = Promise.withResolvers<ServerResponse>()
  const { got } = await hook(tenant, (response, _, times) => {
    if (times === 1) holding.resolve(response)
    else response.writeHead(200).end()
  })
  const first = start()
  await tell(tenant, newUuid(env), 1)
  first.wake()
  const response = await holding.promise
  let stopped = false
  const stopping = stop(first, 0).then(() => {
    stopped = true
  })
  while (!stopped) await env.advance(0).then(() => new Promise((resolve) => setImmediate(resolve)))
  await stopping
  const second = start()
  await second.idle()
  assert.equal(got().length, 2)
  response.writeHead(500).end() // the late answer of the abandoned try
  await second.idle()
  await stop(second)
  const [row] = await rows(tenant)
  assert.deepEqual({ ...row }, { state: 'delivered', tries: 1, last_status: 200, last_error: null })
})

test('two workers on one database send every event once, in order', async () => {
  const tenant = await newTenant(env, storage)
  const { got } = await hook(tenant)
  const roots = Array.from({ length: 8 }, () => newUuid(env))
  const [one, two] = [start(), start()]
  for (let version = 1; version <= 5; version++) {
    await Promise.all(roots.map((root) => tell(tenant, root, version)))
    one.wake()
    two.wake()
  }
  await Promise.all([one.idle(), two.idle()])
  await Promise.all([one.idle(), two.idle()])
  await Promise.all([stop(one), stop(two)])
  assert.equal(got().length, 40)
  for (const root of roots) {
    assert.deepEqual(places(got().filter(({ body }) => body.includes(root))), [1, 2, 3, 4, 5])
  }
})

test('an event that cannot be rendered is told to the operator and waits, without holding up other roots', async () => {
  const tenant = await newTenant(env, storage)
  const { got } = await hook(tenant)
  const [broken, healthy] = [newUuid(env), newUuid(env)]
  const logged: string[] = []
  const log = { info: () => {}, error: (_: object, message: string) => void logged.push(message) }
  const faulty = start({
    log,
    doors: {
      native: plainDoor('native', ({ event: { root } }) => {
        if (root === broken) throw new Error('no shape for this')
        return { root }
      }),
    },
  })
  await tell(tenant, broken, 1)
  await tell(tenant, healthy, 1)
  await faulty.idle()
  await stop(faulty)
  assert.equal(got().length, 1)
  assert.ok(logged.includes('an event cannot be rendered'))
  const mended = start()
  await mended.idle()
  await stop(mended)
  assert.equal(got().length, 2)
})

test('endpoints of one shape share the bytes, and a secret that cannot be opened is a failed try', async () => {
  const tenant = await newTenant(env, storage)
  const same = [await hook(tenant), await hook(tenant)]
  const newer = await hook(tenant, undefined, { apiVersion: '2026-10-28.endive' })
  await hook(tenant, undefined, { sealedSecret: new Uint8Array(80) })
  const worker = start()
  await tell(tenant, newUuid(env), 1)
  await worker.idle()
  await stop(worker)
  assert.equal(newer.got().length, 1)
  assert.equal(same[0]?.got()[0]?.body, same[1]?.got()[0]?.body)
  const bodies = await db.sql<
    { shape: string }[]
  >`select shape from event_bodies where tenant = ${tenant} order by shape`
  assert.deepEqual(
    bodies.map(({ shape }) => shape),
    ['native/2026-10-28.endive', 'native/plain'],
  )
  assert.ok((await rows(tenant)).some((row) => row.last_error === 'the signing secret cannot be opened'))
})

test('a database that fails is asked again, and nothing is lost', async () => {
  const tenant = await newTenant(env, storage)
  const { got } = await hook(tenant)
  let failures = 2
  const log = { info: () => {}, error: () => {} }
  const worker = start({
    log,
    storage: {
      ...storage,
      async tenantsWithQueuedEvents() {
        if (failures-- > 0) throw new Error('the database is away')
        return storage.tenantsWithQueuedEvents()
      },
    },
  })
  await tell(tenant, newUuid(env), 1)
  const idle = worker.idle()
  while (failures >= 0) {
    await env.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await idle
  await stop(worker)
  assert.equal(got().length, 1)
})
