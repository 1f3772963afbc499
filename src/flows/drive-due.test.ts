import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Tenant, testTenant, type Uuid } from '../core/ids.ts'
import { type DueWork, driveDue, type Lanes, MOST_AT_ONCE, MOST_OF_ONE } from './drive-due.ts'

type Thing = { readonly id: Uuid; readonly tenant: Tenant }
const things = (tenant: Tenant, count: number): Thing[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${tenant}-${index}` as Uuid, tenant }))
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Work whose pieces end when the test says so. */
function somebody(all: readonly Thing[]) {
  const waiting = new Map<Uuid, { end(): void; fail(error: Error): void }>()
  const begun: Uuid[] = []
  const over = new Set<Uuid>()
  let most = 0
  const work: DueWork<Thing> = {
    tenants: async () => [...new Set(all.filter(({ id }) => !over.has(id)).map(({ tenant }) => tenant))],
    due: async (tenant) => all.filter((one) => one.tenant === tenant && !over.has(one.id)).slice(0, 20),
    drive: ({ id }) => {
      begun.push(id)
      return new Promise((resolve, reject) => {
        const settle = (run: () => void) => {
          waiting.delete(id)
          over.add(id)
          run()
        }
        waiting.set(id, { end: () => settle(() => resolve(true)), fail: (error) => settle(() => reject(error)) })
        most = Math.max(most, waiting.size)
      })
    },
  }
  const endAll = async () => {
    while (waiting.size > 0) {
      for (const one of [...waiting.values()]) one.end()
      await turn()
    }
  }
  return { work, waiting, begun, most: () => most, endAll }
}

test('an account whose provider is silent holds back nobody else, in this round or the next', async () => {
  const [silent, quiet] = [testTenant(1), testTenant(2)]
  const all = things(silent, 30)
  const { work, waiting, begun, endAll } = somebody(all)
  const lanes: Lanes = new WeakMap()
  const owner = {}
  const first = driveDue(lanes, owner, work)
  await turn()
  assert.equal(begun.length, MOST_OF_ONE)
  all.push(...things(quiet, 1))
  const second = driveDue(lanes, owner, work)
  await turn()
  assert.deepEqual(begun.slice(MOST_OF_ONE), [`${quiet}-0`])
  waiting.get(`${quiet}-0` as Uuid)?.end()
  assert.equal(await second, 1)
  await endAll()
  assert.equal(await first, 20)
  assert.equal(new Set(begun).size, begun.length, 'nothing is done twice')
})

test('no more is under way than the bounds allow, and accounts take turns when there is too much', async () => {
  const accounts = Array.from({ length: 40 }, (_, number) => testTenant(number + 1))
  const { work, begun, most, endAll } = somebody(accounts.flatMap((tenant) => things(tenant, 40)))
  const lanes: Lanes = new WeakMap()
  const owner = {}
  const served = new Set<string>()
  for (let round = 0; round < 5; round++) {
    const driven = driveDue(lanes, owner, work)
    await turn()
    for (const id of begun.splice(0)) served.add(id.split('-')[0] ?? '')
    await endAll()
    await driven
  }
  assert.equal(most(), MOST_AT_ONCE)
  assert.equal(served.size, accounts.length, 'five rounds of eight accounts reach all forty')
})

test('accounts whose providers are silent hold all hands no longer than for what they have begun', async () => {
  const silent = Array.from({ length: MOST_AT_ONCE / MOST_OF_ONE }, (_, number) => testTenant(number + 1))
  const quiet = testTenant(silent.length + 1)
  const all = silent.flatMap((tenant) => things(tenant, 20))
  const { work, waiting, begun, most, endAll } = somebody(all)
  const lanes: Lanes = new WeakMap()
  const owner = {}
  const first = driveDue(lanes, owner, work)
  await turn()
  all.push(...things(quiet, 1))
  assert.equal(await driveDue(lanes, owner, work), 0, 'no hands are left')
  assert.equal(begun.length, MOST_AT_ONCE)
  const [answered] = begun
  waiting.get(answered as Uuid)?.end()
  await turn()
  assert.equal(begun.length, MOST_AT_ONCE, 'a hand is free, and takes nothing more of its own account')
  const second = driveDue(lanes, owner, work)
  await turn()
  assert.equal(begun.at(-1), `${quiet}-0`)
  await endAll()
  let done = (await first) + (await second)
  for (let driven = 1; driven > 0; done += driven) {
    const round = driveDue(lanes, owner, work)
    await turn()
    await endAll()
    driven = await round
  }
  assert.deepEqual([done, new Set(begun).size, begun.length], [161, 161, 161], 'what was given back is done once')
  assert.equal(most(), MOST_AT_ONCE)
})

test('what fails stops nothing else, and is told when all is done', async () => {
  const [broken, poisoned, fine] = [testTenant(1), testTenant(2), testTenant(3)]
  const { work, waiting, begun, endAll } = somebody([...things(broken, 1), ...things(poisoned, 6), ...things(fine, 1)])
  const due = (tenant: Tenant) => {
    if (tenant === broken) throw new Error('its rows cannot be read')
    return work.due(tenant)
  }
  const driven = driveDue(new WeakMap(), {}, { ...work, due: async (tenant) => due(tenant) })
  const refused = assert.rejects(driven, (error: AggregateError) => {
    const told = error.errors.flatMap((one) => (one instanceof AggregateError ? one.errors : [one]))
    assert.deepEqual(told.map(({ message }) => message).sort(), ['its rows cannot be read', 'refused by the books'])
    return true
  })
  await turn()
  waiting.get(`${poisoned}-0` as Uuid)?.fail(new Error('refused by the books'))
  await turn()
  await endAll()
  await refused
  assert.equal(begun.length, 7, 'all but the one whose rows cannot be read')
})

test('a round whose account was not free comes back to it when it is', async () => {
  const { work, begun, endAll } = somebody(things(testTenant(1), 3))
  const lanes: Lanes = new WeakMap()
  const owner = {}
  const first = driveDue(lanes, owner, work)
  await turn()
  assert.equal(await driveDue(lanes, owner, work), 0, 'all three are held')
  assert.equal(begun.length, 3)
  await endAll()
  assert.equal(await first, 3)
  assert.equal(await driveDue(lanes, owner, work), 0, 'nothing is due')
})
