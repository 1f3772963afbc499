import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { testEnv } from '../../test/support/env.ts'
import { endpointOf, newTenant } from '../../test/support/told-events.ts'
import { connect } from './connect.ts'
import { openStorage } from './storage.ts'

const db = await testDatabase(import.meta.url)
const env = testEnv()
/** What the commands of this test read, by the server's own count. */
const sql = connect(db.url, { max: 1, statementTimeoutMs: 120_000 })
const storage = openStorage(sql)
after(async () => {
  await sql.end({ timeout: 5 })
  await db.drop()
})

const EVENTS = 30_000

test(`with ${EVENTS} events behind them, what is due is found by reading a few pages`, async () => {
  const tenant = await newTenant(env, storage)
  const endpoint = endpointOf(env, tenant, { sealedSecret: Uint8Array.of(1, 2) })
  await storage.commit({ endpoints: [endpoint] })
  await fill(tenant, endpoint.id)
  const now = env.now()
  const claim = { now, leasedUntil: new Date(now.getTime() + 60_000), limit: 8, failingLimit: 8, perEndpoint: 4 }
  const before = new Date(now.getTime() - 86_400_000)
  const asked: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['the tenants with something due', () => storage.tenantsWithDueDeliveries(now)],
    ['a claim', () => storage.claimDeliveries(tenant, { ...claim, underWay: new Map() })],
    ['an endpoint’s health', () => storage.readHealth(tenant, endpoint.id, now)],
    ['what was given up', () => storage.listDeliveries(tenant, endpoint.id, { limit: 10 }, 'failed')],
    ['giving up', () => storage.giveUpDeliveries(tenant, { toldBefore: before, now, limit: 100 })],
  ]
  for (const [name, ask] of asked) {
    const pages = await pagesRead(ask)
    assert.ok(pages < 300, `${name} read ${pages} pages of the tables`)
  }
  await sql`update deliveries set state = 'delivered', next_at = null where state = 'pending'`
  const range = { from: new Date(0), before: new Date('2100-01-01'), now, limit: 200 }
  const first = await storage.resendUndelivered(tenant, endpoint.id, { ...range, after: 0n, placed: 0 })
  const second = await storage.resendUndelivered(tenant, endpoint.id, { ...range, after: first.last, placed: 200 })
  assert.deepEqual([first.count, second.count, second.last], [200, 70, 29_900n])
  const [slots] = await sql<{ moments: number; ordered: boolean }[]>`
    select count(distinct resend_at)::int4 as moments,
      array_agg(number order by resend_at) = array_agg(number order by number) as ordered
    from deliveries where state = 'failed'`
  assert.deepEqual({ ...slots }, { moments: 270, ordered: true }, 'a resend in steps has a moment for each')
})

test('a planner that remembers a quiet day still asks the indexes when everything waits', async () => {
  const now = env.now()
  await sql`alter table deliveries set (autovacuum_enabled = false)`
  await sql`update deliveries set state = 'delivered', next_at = null where state = 'pending'`
  await sql`vacuum analyze deliveries`
  const later = new Date(now.getTime() + 60_000)
  await sql`update deliveries set state = 'pending', next_at = ${later} where number <= 3000 and state = 'delivered'`
  assert.deepEqual(await storage.tenantsWithDueDeliveries(now), [])
  const pages = await pagesRead(() => storage.tenantsWithDueDeliveries(later))
  assert.ok(pages < 300, `the tenants with something due read ${pages} pages of the tables`)
})

/** Deliveries: nearly all are over, one in a thousand waits, one in a hundred was given up. */
async function fill(tenant: number, endpointId: string): Promise<void> {
  const at = env.now()
  await sql.begin(async (tx) => {
    await tx`set local synchronous_commit = off`
    await tx`
      insert into events (tenant, id, type, root, root_version, ordinal, snapshot, created_at)
      select ${tenant}, ('019b0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'customer.updated',
        ('019b0000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, 0, '{}', ${at}
      from generate_series(1, ${EVENTS}) n`
    await tx`
      insert into event_log (tenant, number, event_id)
      select ${tenant}, n, ('019b0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
      from generate_series(1, ${EVENTS}) n`
    await tx`insert into event_bodies (tenant, number, shape, body)
      select ${tenant}, n, 'native', '\\x01' from generate_series(1, ${EVENTS}) n`
    await tx`
      insert into deliveries (
        tenant, endpoint_id, number, previous_number, event_id, root, shape, state, tries, next_at, told_at, fence
      )
      select ${tenant}, ${endpointId}, n, n - 1, ('019b0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
        ('019b0000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'native',
        case when n % 1000 = 0 then 'pending' when n % 100 = 0 then 'failed' else 'delivered' end, 1,
        case when n % 1000 = 0 then ${at}::timestamptz end, ${at}, 0
      from generate_series(1, ${EVENTS}) n`
  })
  await sql`vacuum analyze events, event_log, event_bodies, deliveries, webhook_endpoints, tenants`
}

async function pagesRead(ask: () => Promise<unknown>): Promise<number> {
  const count = async () => {
    await sql`select pg_stat_force_next_flush()`
    const [row] = await sql<{ pages: number }[]>`
      select sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0))::int4 as pages
      from pg_statio_user_tables where relname in ('deliveries', 'events', 'event_log', 'event_bodies', 'delivery_tries')`
    return row?.pages ?? 0
  }
  const start = await count()
  await ask()
  return (await count()) - start
}
