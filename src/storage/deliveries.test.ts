import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { testEnv } from '../../test/support/env.ts'
import { endpointOf, factOf, newTenant } from '../../test/support/told-events.ts'
import type { ClaimedDelivery, DeliveryOutcome, PlanEvent } from '../core/delivery.ts'
import type { WebhookEndpoint } from '../core/event.ts'
import { newUuid, type Tenant, type Uuid } from '../core/ids.ts'
import { connect } from './connect.ts'
import { claimDeliveries } from './deliveries.ts'
import { openStorage } from './storage.ts'

const db = await testDatabase(import.meta.url)
after(db.drop)
const env = testEnv()
const storage = openStorage(db.sql)
const LEASE_MS = 60_000
const DAY_MS = 24 * 60 * 60_000

const everyone: PlanEvent = (event, number, endpoints) => ({
  bodies: [{ shape: 'plain', body: Buffer.from(`${number} ${event.id}`) }],
  deliveries: endpoints.map(({ id }) => ({ endpointId: id, shape: 'plain' })),
})

function claimOf(
  more: { perEndpoint?: number; limit?: number; failingLimit?: number; underWay?: ReadonlyMap<Uuid, number> } = {},
) {
  const now = env.now()
  const leasedUntil = new Date(now.getTime() + LEASE_MS)
  return { now, leasedUntil, limit: 100, failingLimit: 100, perEndpoint: 100, underWay: new Map(), ...more }
}

/** An account with its endpoints and `events` numbered events, one after the other, of as many roots as named. */
async function shop({ endpoints = 1, roots = ['a'] }: { endpoints?: number; roots?: readonly string[] } = {}) {
  const tenant = await newTenant(env, storage)
  const list = Array.from({ length: endpoints }, () => endpointOf(env, tenant, { sealedSecret: Uint8Array.of(1, 2) }))
  await storage.commit({ endpoints: list })
  const ids = new Map(roots.map((name) => [name, newUuid(env)]))
  for (const [at, name] of roots.entries()) {
    const fact = factOf(env, tenant, { root: ids.get(name) as Uuid, rootVersion: at + 1, ordinal: 0 })
    await storage.commit({ events: [fact] })
    assert.equal(await storage.numberEvents(tenant, { limit: 1, now: env.now() }, everyone), 1)
  }
  return { tenant, endpoints: list, endpoint: list[0] as WebhookEndpoint }
}

const numbersOf = (claimed: readonly ClaimedDelivery[]) => claimed.map(({ number }) => Number(number))
const settle = (claimed: ClaimedDelivery, outcome: DeliveryOutcome) =>
  storage.settleDelivery(claimed.tenant, claimed, outcome)
const delivered = (): DeliveryOutcome => ({ state: 'delivered', at: env.now(), status: 200 })
const again = (ms: number, more: { late?: boolean; gone?: boolean; error?: string } = {}): DeliveryOutcome => {
  const at = env.now()
  const nextAt = new Date(at.getTime() + ms)
  return { state: 'pending', at, nextAt, late: false, gone: false, status: 500, error: 'the answer was 500', ...more }
}
const isDue = async (tenant: Tenant) => (await storage.tenantsWithDueDeliveries(env.now())).includes(tenant)

async function rows(tenant: Tenant) {
  return db.sql<
    { number: bigint; state: string; tries: number; last_status: number | null; last_error: string | null }[]
  >`
    select number, state, tries, last_status, last_error from deliveries where tenant = ${tenant} order by number`
}

test('a claim carries what a try needs', async () => {
  const { tenant, endpoint } = await shop()
  const [claimed, ...others] = await storage.claimDeliveries(tenant, claimOf())
  assert.ok(claimed)
  assert.deepEqual(others, [])
  assert.equal(claimed.url, endpoint.url)
  assert.deepEqual(claimed.sealedSecret, endpoint.sealedSecret)
  assert.equal(Buffer.from(claimed.body).toString(), `1 ${claimed.eventId}`)
  assert.deepEqual([claimed.tries, claimed.fence], [0, 1])
})

test('of each root and endpoint only the first that waits can be had', async () => {
  const { tenant } = await shop({ endpoints: 2, roots: ['a', 'a', 'b', 'a'] })
  const first = await storage.claimDeliveries(tenant, claimOf())
  assert.deepEqual(numbersOf(first), [1, 1, 3, 3])
  assert.deepEqual(await storage.claimDeliveries(tenant, claimOf()), [])
  const [one] = first as [ClaimedDelivery]
  assert.equal(await settle(one, delivered()), true)
  const second = await storage.claimDeliveries(tenant, claimOf())
  assert.deepEqual(
    second.map((next) => [next.number, next.endpointId]),
    [[2n, one.endpointId]],
  )
})

test('an event that is refused holds back its root, and its root alone', async () => {
  const { tenant } = await shop({ roots: ['a', 'b', 'a', 'b'] })
  const [a, b] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery, ClaimedDelivery]
  await settle(a, again(5_000))
  await settle(b, delivered())
  const [next] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  assert.equal(next.number, 4n)
  await settle(next, delivered())
  assert.equal(await isDue(tenant), false, 'the followers of a refused event are not looked at before its next try')
  await env.advance(5_000)
  assert.equal(await isDue(tenant), true)
  const [retry] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  assert.deepEqual([retry.number, retry.tries], [1n, 1])
  await settle(retry, delivered())
  assert.deepEqual(numbersOf(await storage.claimDeliveries(tenant, claimOf())), [3])
})

test('a lease that ended is taken over, and its former holder changes nothing', async () => {
  const { tenant } = await shop()
  const [abandoned] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  await env.advance(LEASE_MS - 1)
  assert.deepEqual(await storage.claimDeliveries(tenant, claimOf()), [])
  await env.advance(1)
  const [taken] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  assert.deepEqual([taken.number, taken.fence], [1n, 2])
  assert.deepEqual(taken.body, abandoned.body)

  for (const outcome of [delivered(), again(1), { state: 'released' } as const]) {
    assert.equal(await settle(abandoned, outcome), false)
  }
  assert.deepEqual(
    { ...(await rows(tenant))[0] },
    {
      number: 1n,
      state: 'pending',
      tries: 0,
      last_status: null,
      last_error: null,
    },
  )
  assert.equal(await settle(taken, delivered()), true)
  assert.equal(await settle(taken, again(1)), false, 'a try is settled once')
  assert.equal((await rows(tenant))[0]?.state, 'delivered')
})

test('a released lease is free at once and its try does not count', async () => {
  const { tenant } = await shop()
  const [claimed] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  assert.equal(await settle(claimed, { state: 'released' }), true)
  const [next] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  assert.deepEqual([next.tries, next.fence > claimed.fence], [0, true])
})

test('what is given up after 30 days lets the followers of its root go', async () => {
  const { tenant } = await shop({ roots: ['a', 'a'] })
  const [first] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  await settle(first, again(40 * DAY_MS, { error: 'x'.repeat(900) }))
  assert.equal((await rows(tenant))[0]?.last_error?.length, 500)
  await env.advance(30 * DAY_MS - 1)
  const [one] = await rows(tenant)
  const giveUp = { toldBefore: new Date(env.now().getTime() - 30 * DAY_MS + 1), now: env.now(), limit: 1 }
  assert.equal(await storage.giveUpDeliveries(tenant, { ...giveUp, toldBefore: new Date(0) }), 0)
  assert.equal(one?.state, 'pending')
  assert.equal(await storage.giveUpDeliveries(tenant, giveUp), 1)
  const [given] = await rows(tenant)
  assert.deepEqual([given?.state, given?.tries], ['failed', 1])
  assert.match(given?.last_error ?? '', /^given up after 30 days: x+$/)
  await env.advance(10 * DAY_MS + 1)
  assert.deepEqual(numbersOf(await storage.claimDeliveries(tenant, claimOf())), [2])
})

test('a claim keeps to its limits, and counts what is under way at each endpoint', async () => {
  const roots = ['a', 'b', 'c', 'd', 'e', 'f']
  const { tenant, endpoints } = await shop({ endpoints: 2, roots })
  const [busy, free] = endpoints.map(({ id }) => id) as [Uuid, Uuid]
  const claimed = await storage.claimDeliveries(tenant, claimOf({ perEndpoint: 4, underWay: new Map([[busy, 3]]) }))
  const count = (id: Uuid) => claimed.filter(({ endpointId }) => endpointId === id).length
  assert.deepEqual([count(busy), count(free)], [1, 4])
  const over = claimOf({
    perEndpoint: 4,
    underWay: new Map([
      [busy, 9],
      [free, 4],
    ]),
  })
  assert.deepEqual(await storage.claimDeliveries(tenant, over), [])
  assert.equal((await storage.claimDeliveries(tenant, claimOf({ limit: 3 }))).length, 3)
})

test('a failing endpoint gets one call at a time until it takes something', async () => {
  const roots = ['a', 'b', 'c', 'd', 'e', 'f']
  const { tenant, endpoints } = await shop({ endpoints: 2, roots })
  const [bad, good] = endpoints.map(({ id }) => id) as [Uuid, Uuid]
  const first = await storage.claimDeliveries(tenant, claimOf())
  for (const one of first) await settle(one, one.endpointId === bad ? again(1_000) : delivered())
  await env.advance(1_000)
  const claimed = await storage.claimDeliveries(tenant, claimOf({ perEndpoint: 4 }))
  assert.deepEqual(
    claimed.map(({ endpointId, failing }) => [endpointId === bad, failing]),
    [[true, true]],
  )
  const none = claimOf({ perEndpoint: 4, failingLimit: 0, underWay: new Map([[good, 1]]) })
  assert.deepEqual(await storage.claimDeliveries(tenant, none), [])
  await settle(claimed[0] as ClaimedDelivery, delivered())
  assert.equal((await storage.claimDeliveries(tenant, claimOf({ perEndpoint: 4 }))).length, 4)
})

test('late events are probed once an hour in turn, and one that is taken lets all others follow at the pace of a drain', async () => {
  const { tenant, endpoint } = await shop({ roots: ['a', 'b', 'a', 'c'] })
  const exhaust = async () => {
    for (const one of await storage.claimDeliveries(tenant, claimOf()))
      await settle(one, again(3_600_000, { late: true }))
  }
  await db.sql`update deliveries set tries = 12 where tenant = ${tenant} and number <> 3`
  await exhaust()
  assert.equal(await isDue(tenant), false)
  const probes: number[] = []
  for (let hour = 0; hour < 4; hour++) {
    await env.advance(3_600_000)
    assert.equal(await isDue(tenant), true)
    const claimed = await storage.claimDeliveries(tenant, claimOf())
    assert.deepEqual(
      claimed.map(({ kind }) => kind),
      ['probe'],
    )
    probes.push(...numbersOf(claimed))
    assert.deepEqual(await storage.claimDeliveries(tenant, claimOf()), [])
    await settle(claimed[0] as ClaimedDelivery, again(3_600_000, { late: true }))
  }
  assert.deepEqual(probes, [1, 2, 4, 1])
  const health = await storage.readHealth(tenant, endpoint.id, env.now())
  assert.ok(health.downSince !== null && health.probeAt !== null)

  await env.advance(3_600_000)
  const [probe] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  assert.equal(probe.number, 2n)
  await settle(probe, delivered())
  assert.equal((await storage.readHealth(tenant, endpoint.id, env.now())).downSince, null)
  assert.deepEqual(numbersOf(await storage.claimDeliveries(tenant, claimOf())), [], 'the first goes after one step')
  await env.advance(40)
  const [one] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  assert.equal(one.number, 1n)
  await env.advance(120)
  assert.deepEqual(
    numbersOf(await storage.claimDeliveries(tenant, claimOf())),
    [4],
    'its root still waits for the first',
  )
  await settle(one, delivered())
  assert.deepEqual(numbersOf(await storage.claimDeliveries(tenant, claimOf())), [3])
})

test('one event that is refused alone is no downtime, and a 2xx of another root does not hurry it', async () => {
  const { tenant, endpoint } = await shop({ roots: ['a', 'b'] })
  const [a, b] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery, ClaimedDelivery]
  await settle(a, again(3 * 3_600_000))
  await env.advance(2 * 3_600_000)
  await settle(b, delivered())
  assert.equal((await storage.readHealth(tenant, endpoint.id, env.now())).downSince, null)
  assert.equal(await isDue(tenant), false)
  await env.advance(3_600_000)
  assert.equal(await isDue(tenant), true)
})

test('a 410 disables the address that was called, and no other', async () => {
  for (const url of [undefined, 'https://shop.example/new']) {
    const { tenant, endpoint } = await shop()
    const [claimed] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
    if (url) await storage.commit({ endpoints: [{ ...endpoint, version: 2, url }] })
    await settle(claimed, again(5_000, { gone: true }))
    const found = await storage.findEndpoint(tenant, endpoint.id)
    assert.equal(found?.status, url ? 'enabled' : 'disabled')
    assert.equal(found?.disabledReason, url ? null : 'gone')
  }
})

test('nothing goes to a disabled endpoint until it is enabled again, and to a deleted one never', async () => {
  const { tenant, endpoint } = await shop({ roots: ['a', 'b'] })
  const change = async (more: Partial<WebhookEndpoint>) =>
    assert.deepEqual(await storage.commit({ endpoints: [{ ...endpoint, ...more }] }), { ok: true })
  await change({ version: 2, status: 'disabled' })
  assert.equal(await isDue(tenant), false)
  assert.deepEqual(await storage.claimDeliveries(tenant, claimOf()), [])
  await change({ version: 3 })
  const [claimed] = await storage.claimDeliveries(tenant, claimOf({ limit: 1 }))
  assert.equal(claimed?.number, 1n)
  await change({ version: 4, deleted: true })
  assert.equal(await isDue(tenant), true)
  assert.deepEqual(await storage.claimDeliveries(tenant, claimOf()), [])
  assert.deepEqual(
    (await rows(tenant)).map((row) => row.state),
    ['pending', 'failed'],
    'the try under way ends by itself',
  )
  assert.equal(await isDue(tenant), false)
})

test('what a deleted endpoint was to get much later is dropped at once', async () => {
  const { tenant, endpoint } = await shop()
  const [claimed] = (await storage.claimDeliveries(tenant, claimOf())) as [ClaimedDelivery]
  await settle(claimed, again(DAY_MS))
  await storage.commit({ endpoints: [{ ...endpoint, version: 2, deleted: true }] })
  assert.equal(await isDue(tenant), true)
  assert.deepEqual(await storage.claimDeliveries(tenant, claimOf()), [])
  assert.deepEqual([(await rows(tenant))[0]?.state, await isDue(tenant)], ['failed', false])
})

test('many claimers at once: each delivery is had by one', async () => {
  const { tenant } = await shop({ endpoints: 3, roots: Array.from({ length: 20 }, (_, at) => `root ${at}`) })
  const pools = Array.from({ length: 8 }, () => connect(db.url, { max: 1 }))
  const claims = await Promise.all(
    pools.map(async (sql) => {
      const own: ClaimedDelivery[] = []
      for (let round = 0; round < 6; round++) own.push(...(await claimDeliveries(sql, tenant, claimOf({ limit: 5 }))))
      return own
    }),
  )
  await Promise.all(pools.map((sql) => sql.end()))
  const had = [...claims.flat(), ...(await storage.claimDeliveries(tenant, claimOf()))]
  const names = had.map(({ endpointId, number }) => `${endpointId} ${number}`)
  assert.equal(names.length, 60)
  assert.equal(new Set(names).size, 60)
  assert.ok(had.every(({ fence }) => fence === 1))
})
