import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { testDatabase } from '../../test/support/database.ts'
import { testEnv } from '../../test/support/env.ts'
import { newTenant } from '../../test/support/told-events.ts'
import type { Customer } from '../core/catalog.ts'
import { newUuid, type Tenant } from '../core/ids.ts'
import type { Page, PageOf } from './page-of.ts'
import { openStorage } from './storage.ts'

const db = await testDatabase(import.meta.url)
after(db.drop)
const env = testEnv()
const storage = openStorage(db.sql)
const tenant = await newTenant(env, storage)
const neighbor = await newTenant(env, storage)
const START = env.now().getTime()
const SECONDS = 12

/** Two customers a second for a while, of two accounts in turn; two in one millisecond now and then. */
const all: Customer[] = []
for (let at = 0; at < SECONDS * 2; at++) {
  env.setNow(new Date(START + Math.floor(at / 3) * 1500))
  all.push(await made(tenant, at))
  await made(neighbor, at)
}
all.sort((one, other) => (one.id < other.id ? 1 : -1))

async function made(owner: Tenant, at: number): Promise<Customer> {
  const email = `c${at % 2}@shop.example`
  const customer = {
    tenant: owner,
    id: newUuid(env),
    version: 1,
    email,
    name: null,
    createdAt: env.now(),
    document: {},
  }
  const row = { ...customer, deleted: at % 7 === 6 }
  assert.deepEqual(await storage.commit({ customers: [row] }), { ok: true })
  return row
}

/** The same question asked of a sorted list in memory. */
function model(page: PageOf, email: string | undefined): Page<Customer> {
  const { startingAfter, endingBefore, createdFrom, createdBefore, limit } = page
  const fitting = all.filter(
    (row) =>
      !row.deleted &&
      (!email || row.email === email) &&
      (!startingAfter || row.id < startingAfter) &&
      (!endingBefore || row.id > endingBefore) &&
      (!createdFrom || row.createdAt >= createdFrom) &&
      (!createdBefore || row.createdAt < createdBefore),
  )
  const items = endingBefore ? fitting.slice(-limit) : fitting.slice(0, limit)
  return { items, hasMore: fitting.length > limit }
}

const moments = fc.integer({ min: -1, max: SECONDS + 1 }).map((at) => new Date(START + at * 1000))
const cursors = fc.constantFrom(...all.map(({ id }) => id))
const pages: fc.Arbitrary<PageOf> = fc.oneof(
  ...(['startingAfter', 'endingBefore'] as const).map((cursor) =>
    fc.record(
      { limit: fc.integer({ min: 1, max: 10 }), createdFrom: moments, createdBefore: moments, [cursor]: cursors },
      { requiredKeys: ['limit'] },
    ),
  ),
)

test('a page by key says what a sorted list says, forwards and backwards, within any times', async () => {
  const emails = fc.constantFrom(undefined, 'c0@shop.example', 'c1@shop.example')
  await fc.assert(
    fc.asyncProperty(pages, emails, async (page, email) => {
      const found = await storage.listCustomers(tenant, page, email ? { email } : {})
      assert.deepEqual(found, model(page, email))
    }),
    { numRuns: 150 },
  )
})

for (const direction of ['startingAfter', 'endingBefore'] as const) {
  test(`walking by ${direction} meets every row once`, async () => {
    const met: Customer[] = []
    let page: PageOf = direction === 'startingAfter' ? { limit: 5 } : { limit: 5, endingBefore: firstId() }
    for (;;) {
      const { items, hasMore } = await storage.listCustomers(tenant, page, {})
      met.push(...(direction === 'startingAfter' ? items : items.toReversed()))
      const last = direction === 'startingAfter' ? items.at(-1) : items[0]
      if (!hasMore || !last) break
      page = { limit: 5, [direction]: last.id }
    }
    const living = all.filter(({ deleted }) => !deleted)
    assert.deepEqual(met, direction === 'startingAfter' ? living : living.toReversed())
  })
}

const firstId = () => '00000000-0000-0000-0000-000000000000' as Customer['id']
