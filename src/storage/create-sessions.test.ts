import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestTill } from '../../test/support/till.ts'
import type { Currency } from '../core/currencies.ts'
import { newUuid, type Uuid } from '../core/ids.ts'
import type { Session } from '../core/session.ts'
import { createSession } from '../flows/create-session.ts'
import { connect } from './connect.ts'
import { insertSessions, type NewSession } from './create-sessions.ts'
import { openStorage } from './storage.ts'

const till = await startTestTill(import.meta.url)
after(till.stop)
const { env, storage, caller } = till
const pattern = await till.openSession()

function unitOf(key: string | null, change: Partial<Session> = {}): NewSession {
  const session = { ...pattern, id: newUuid(env), paymentId: newUuid(env), ...change }
  const event: NewSession['event'] = {
    tenant: session.tenant,
    id: newUuid(env),
    type: 'checkout.session.created',
    root: session.id,
    rootVersion: 1,
    ordinal: 1,
    snapshot: { is: 'session', v: 1, session, payment: null, captured: 0n },
    requestId: 'req_test',
    idempotencyKey: key,
    createdAt: env.now(),
  }
  if (key === null) return { session, event, idempotency: null }
  const request = { request: 'POST /v1/checkout/sessions', parameters: {} }
  const row = { tenant: session.tenant, door: session.door, key, ...request, objectId: session.id }
  return {
    session,
    event,
    idempotency: { ...row, eventId: event.id, answer: null, refusal: null, leasedUntil: null, createdAt: env.now() },
  }
}

async function counted(ids: readonly Uuid[]) {
  const [row] = await till.db.sql<{ sessions: number; events: number; queued: number }[]>`
    select
      (select count(*)::int4 from sessions where id = any(${ids}::uuid[])) as sessions,
      (select count(*)::int4 from events where root = any(${ids}::uuid[])) as events,
      (select count(*)::int4 from event_queue q join events e on e.tenant = q.tenant and e.id = q.event_id
       where e.root = any(${ids}::uuid[])) as queued`
  return row
}
const idsOf = (units: readonly NewSession[]) => units.map(({ session }) => session.id)

test('a batch of several tenants, with and without keys, is written whole', async () => {
  const units = [unitOf(null), unitOf('a'), unitOf('b'), unitOf(null)]
  assert.deepEqual(await insertSessions(till.db.sql, units), [true, true, true, true])
  assert.deepEqual(await counted(idsOf(units)), { sessions: 4, events: 4, queued: 4 })
  assert.deepEqual(await storage.findSessionView(caller.tenant, idsOf(units)[0] as Uuid), {
    session: units[0]?.session,
    payment: null,
    charge: null,
  })
})

test('one key twice in a batch, and again later: the first alone is written, with nothing of the others', async () => {
  const units = [unitOf('twice'), unitOf('twice'), unitOf('once')]
  const written = await insertSessions(till.db.sql, units)
  assert.deepEqual([written.filter(Boolean).length, written[2]], [2, true])
  assert.deepEqual(await insertSessions(till.db.sql, [unitOf('twice'), unitOf('fresh')]), [false, true])
  assert.deepEqual(await counted(idsOf(units)), { sessions: 2, events: 2, queued: 2 })
})

test('one key in another world or through another door is another key', async () => {
  const live = pattern.tenant ^ 1
  const units = [
    unitOf('same'),
    unitOf('same', { tenant: live as Session['tenant'] }),
    unitOf('same', { door: 'ozura' }),
  ]
  assert.deepEqual(await insertSessions(till.db.sql, units), [true, true, true])
})

test('1000 requests under one key, over two connections and two servers’ queues: one session', async () => {
  const sql = connect(till.db.url, { max: 2 })
  const second = openStorage(sql)
  try {
    const units = Array.from({ length: 1000 }, () => unitOf('race'))
    const written = await Promise.all(units.map((unit, at) => (at % 2 ? second : storage).createSession(unit)))
    assert.equal(written.filter(Boolean).length, 1)
    assert.deepEqual(await counted(idsOf(units)), { sessions: 1, events: 1, queued: 1 })
    const row = await storage.findIdempotency(caller.tenant, caller.door, 'race')
    assert.equal(row?.objectId, units[written.indexOf(true)]?.session.id)
  } finally {
    await sql.end()
  }
})

test('batches that share keys in opposite orders never wait for each other crosswise', async () => {
  for (let round = 0; round < 5; round++) {
    const keys = Array.from({ length: 256 }, (_, at) => `cross-${round}-${at}`)
    const [forwards, backwards] = [keys, keys.toReversed()].map((order) => order.map((key) => unitOf(key)))
    const written = await Promise.all([forwards, backwards].map((units = []) => insertSessions(till.db.sql, units)))
    assert.equal(written.flat().filter(Boolean).length, 256)
  }
})

test('a session that breaks a rule fails alone, its neighbors in the batch are made', async () => {
  const units = Array.from({ length: 30 }, (_, at) =>
    unitOf(`neighbor-${at}`, at === 17 ? { expiresAt: pattern.createdAt } : {}),
  )
  const results = await Promise.allSettled(units.map((unit) => storage.createSession(unit)))
  const failed = results.flatMap((result, at) => (result.status === 'rejected' ? [at] : []))
  assert.deepEqual(failed, [17])
  assert.equal((await counted(idsOf(units)))?.sessions, 29)
  assert.equal(await storage.findIdempotency(caller.tenant, caller.door, 'neighbor-17'), undefined, 'its key is free')
})

test('the row of an ordinary basket stays under 2 KB, its address and the shopper’s answers included', async (t) => {
  const made = await createSession(
    till.payments,
    { caller, requestId: 'req_test', key: null },
    {
      lineItems: [1, 2, 3].map((at) => ({
        priceData: {
          currency: 'EUR' as Currency,
          unitAmount: 1500n,
          productData: {
            name: `The Salt Road, volume ${at}, paperback`,
            description: 'A walk along the old salt roads from the Alps to the sea, with forty maps.',
            images: [`https://shop.example/images/salt-road-volume-${at}.jpg`],
          },
        },
        quantity: 2,
      })),
      successUrl: 'https://shop.example/checkout/done?session={CHECKOUT_SESSION_ID}',
      cancelUrl: 'https://shop.example/checkout/cart',
      clientReferenceId: 'order-2026-000123',
      customerEmail: 'jenny.rosen@example.com',
      metadata: { order: '2026-000123', channel: 'web', campaign: 'autumn' },
      shippingCountries: ['DE', 'FR', 'AT'],
    },
  )
  assert.ok(made.ok && made.value.snapshot.is === 'session')
  const { session } = made.value.snapshot
  const address = { line1: '1 Harbor Street', city: 'Bremen', postalCode: '28195', country: 'DE' }
  const collected = { name: 'Jenny Rosen', phone: '+49421555123', billing: address }
  const shipping = { name: 'Jenny Rosen', address }
  const document = { ...session.document, collected: { ...collected, shipping } }
  assert.deepEqual(await storage.commit({ sessions: [{ ...session, version: 2, document }] }), { ok: true })
  const [row] = await till.db.sql<{ bytes: number; stored: number }[]>`
    select pg_column_size(s.*) as bytes, pg_column_size(s.document) as stored from sessions s where id = ${session.id}`
  assert.ok((row?.bytes ?? Infinity) < 2048, `${row?.bytes} bytes`)
  t.diagnostic(`a session of three lines takes ${row?.bytes} bytes, ${row?.stored} of them the document`)
})
