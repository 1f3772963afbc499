import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabase } from '../../test/support/database.ts'
import { endpointOf, factOf, newTenant } from '../../test/support/told-events.ts'
import type { PlanEvent } from '../core/delivery.ts'
import type { EventFact } from '../core/event.ts'
import { newUuid, type Tenant, type Uuid } from '../core/ids.ts'
import { makeEnv } from '../env.ts'
import { connect } from './connect.ts'
import { numberEvents } from './sequencer.ts'
import { encodeEvent } from './snapshots.ts'
import { openStorage } from './storage.ts'

const db = await testDatabase(import.meta.url)
after(db.drop)
const env = makeEnv()
const storage = openStorage(db.sql)

/** Every endpoint wants every event, in one shape whose bytes tell the number. */
const everyone: PlanEvent = (event, number, endpoints) => ({
  bodies: endpoints.length === 0 ? [] : [{ shape: 'plain', body: Buffer.from(`${number} ${event.id}`) }],
  deliveries: endpoints.map(({ id }) => ({ endpointId: id, shape: 'plain' })),
})
const batch = (limit = 100) => ({ limit, now: env.now() })

async function tell(...events: readonly EventFact[]) {
  assert.deepEqual(await storage.commit({ events }), { ok: true })
}

type LogRow = { number: bigint; event_id: Uuid; root: Uuid; root_version: number; ordinal: number }
function readLog(tenant: Tenant): Promise<LogRow[]> {
  return db.sql<LogRow[]>`
    select l.number, l.event_id, e.root, e.root_version, e.ordinal
    from event_log l join events e on e.tenant = l.tenant and e.id = l.event_id
    where l.tenant = ${tenant} order by l.number`
}

test('numbers without a gap, with bodies once per shape and a delivery per endpoint', async () => {
  const tenant = await newTenant(env, storage)
  const endpoints = [endpointOf(env, tenant), endpointOf(env, tenant)]
  await storage.commit({
    endpoints: [
      ...endpoints,
      endpointOf(env, tenant, { status: 'disabled' }),
      endpointOf(env, tenant, { deleted: true }),
    ],
  })
  const root = newUuid(env)
  const facts = [1, 2, 3].map((rootVersion) => factOf(env, tenant, { root, rootVersion, ordinal: 0 }))
  await tell(...facts)
  assert.ok((await storage.tenantsWithQueuedEvents()).includes(tenant))

  assert.equal(await storage.numberEvents(tenant, batch(2), everyone), 2)
  assert.equal(await storage.numberEvents(tenant, batch(2), everyone), 1)
  assert.equal(await storage.numberEvents(tenant, batch(2), everyone), 0)
  assert.ok(!(await storage.tenantsWithQueuedEvents()).includes(tenant))

  const log = await readLog(tenant)
  assert.deepEqual(
    log.map((row) => [row.number, row.event_id]),
    facts.map((fact, at) => [BigInt(at + 1), fact.id]),
  )
  const bodies = await db.sql<{ body: Buffer }[]>`
    select body from event_bodies where tenant = ${tenant} order by number`
  assert.deepEqual(
    bodies.map((row) => row.body.toString()),
    facts.map((fact, at) => `${at + 1} ${fact.id}`),
  )
  const deliveries = await db.sql<{ endpoint_id: Uuid }[]>`
    select endpoint_id from deliveries where tenant = ${tenant} order by number, endpoint_id`
  assert.deepEqual(
    deliveries.map((row) => row.endpoint_id),
    facts.flatMap(() => endpoints.map(({ id }) => id).sort()),
  )
  assert.equal((await storage.findEvent(tenant, facts[1]?.id as Uuid))?.number, 2n)
})

test('order within a root holds though a later event has an older id, and every cut is a prefix', async () => {
  const tenant = await newTenant(env, storage)
  const [root, other] = [newUuid(env), newUuid(env)]
  const ids = Array.from({ length: 5 }, () => newUuid(env))
  const id = (at: number) => ({ id: ids[at] as Uuid })
  await tell(
    factOf(env, tenant, { root, rootVersion: 2, ordinal: 1 }, id(0)),
    factOf(env, tenant, { root: other, rootVersion: 1, ordinal: 0 }, id(1)),
    factOf(env, tenant, { root, rootVersion: 2, ordinal: 0 }, id(2)),
    factOf(env, tenant, { root, rootVersion: 1, ordinal: 0 }, id(4)),
  )
  for (let left = 4; left > 0; left--) assert.equal(await storage.numberEvents(tenant, batch(1), everyone), 1)
  const places = (await readLog(tenant)).filter((row) => row.root === root)
  assert.deepEqual(
    places.map((row) => [row.root_version, row.ordinal]),
    [
      [1, 0],
      [2, 0],
      [2, 1],
    ],
  )
})

test('an event that cannot be rendered holds back its own root only', async () => {
  const tenant = await newTenant(env, storage)
  const [poisoned, healthy] = [newUuid(env), newUuid(env)]
  const facts = [1, 2].flatMap((rootVersion) =>
    [poisoned, healthy].map((root) => factOf(env, tenant, { root, rootVersion, ordinal: 0 })),
  )
  await tell(...facts)
  const refusing: PlanEvent = (event, ...rest) =>
    event.root === poisoned && event.rootVersion === 1 ? undefined : everyone(event, ...rest)
  assert.equal(await storage.numberEvents(tenant, batch(), refusing), 2)
  assert.equal(await storage.numberEvents(tenant, batch(), refusing), 0)
  assert.equal(await storage.numberEvents(tenant, batch(), everyone), 2)
  const log = await readLog(tenant)
  assert.deepEqual(
    log.map((row) => [row.number, row.root, row.root_version]),
    [
      [1n, healthy, 1],
      [2n, healthy, 2],
      [3n, poisoned, 1],
      [4n, poisoned, 2],
    ],
  )
})

test('a sequencer that was overtaken between read and commit reads again', async () => {
  const tenant = await newTenant(env, storage)
  const roots = [newUuid(env), newUuid(env)]
  for (const root of roots) await tell(factOf(env, tenant, { root, rootVersion: 1, ordinal: 0 }))
  const numbersAsked: bigint[] = []
  let overtaking: Promise<number> | undefined
  const slow = connect(db.url, { max: 1 })
  // The rival numbers one event on its own connection while the first sequencer's commit waits for its turn there.
  const slowSql = new Proxy(slow, {
    async apply(target, self, parameters) {
      if (overtaking && String(parameters[0]).includes('last_number =')) await overtaking
      return Reflect.apply(target, self, parameters)
    },
  })
  const numbered = await numberEvents(slowSql, tenant, batch(), (event, number, endpoints) => {
    numbersAsked.push(number)
    overtaking ??= storage.numberEvents(tenant, batch(1), everyone)
    return everyone(event, number, endpoints)
  })
  await slow.end()
  assert.equal(numbered, 1)
  assert.deepEqual(numbersAsked, [1n, 2n, 2n])
  assert.deepEqual(
    (await readLog(tenant)).map((row) => row.number),
    [1n, 2n],
  )
})

test('thirty-two writers with slow commits and two sequencers: no gap, no loss, order kept', async () => {
  const tenant = await newTenant(env, storage)
  await storage.commit({ endpoints: [endpointOf(env, tenant)] })
  const [WRITERS, CHANGES, ORDINALS] = [32, 6, 2]
  const writing = connect(db.url, { max: WRITERS })
  let left = WRITERS
  const writer = async () => {
    const root = newUuid(env)
    for (let rootVersion = 1; rootVersion <= CHANGES; rootVersion++) {
      await writing.begin(async (tx) => {
        for (let ordinal = 0; ordinal < ORDINALS; ordinal++) {
          const fact = factOf(env, tenant, { root, rootVersion, ordinal })
          await tx`
            insert into events
            select * from jsonb_populate_record(null::events, ${JSON.stringify(encodeEvent(fact))}::text::jsonb)`
          await tx`insert into event_queue (tenant, event_id) values (${tenant}, ${fact.id})`
        }
        await sleep(randomInt(25))
      })
    }
    left--
  }
  const sequencer = async () => {
    const own = connect(db.url, { max: 1 })
    let total = 0
    for (let last = false; ; last = left === 0) {
      const numbered = await numberEvents(own, tenant, batch(7), everyone)
      total += numbered
      if (numbered === 0 && last) break
      await sleep(1)
    }
    await own.end()
    return total
  }
  const [first, second] = await Promise.all([sequencer(), sequencer(), ...Array.from({ length: WRITERS }, writer)])
  await writing.end()

  const expected = WRITERS * CHANGES * ORDINALS
  assert.equal(Number(first) + Number(second), expected)
  const log = await readLog(tenant)
  assert.deepEqual(
    log.map((row) => row.number),
    Array.from({ length: expected }, (_, at) => BigInt(at + 1)),
  )
  const seen = new Map<Uuid, number>()
  for (const row of log) {
    const place = row.root_version * 10 + row.ordinal
    assert.ok(place > (seen.get(row.root) ?? 0), 'an event was numbered before its predecessor')
    seen.set(row.root, place)
  }
  const [counts] = await db.sql<{ queued: number; due: number; bodies: number }[]>`
    select
      (select count(*)::int4 from event_queue where tenant = ${tenant}) as queued,
      (select count(*)::int4 from deliveries where tenant = ${tenant}) as due,
      (select count(*)::int4 from event_bodies where tenant = ${tenant}) as bodies`
  assert.deepEqual({ ...counts }, { queued: 0, due: expected, bodies: expected })
})

test('numbering does not wait for an insert that refers to the tenant, nor the insert for numbering', async () => {
  const tenant = await newTenant(env, storage)
  await tell(factOf(env, tenant, { root: newUuid(env), rootVersion: 1, ordinal: 0 }))
  await db.sql.begin(async (tx) => {
    // As a payment's insert does through its foreign key, until it commits.
    await tx`select from tenants where tenant = ${tenant} for key share`
    assert.equal(await storage.numberEvents(tenant, batch(), everyone), 1)
  })
})
