import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueueFull } from '../core/overload.ts'
import { GroupCommit } from './group-commit.ts'

/** A flush that each test ends by hand. */
function held() {
  const flushes: { units: readonly number[]; done: (error?: Error) => void }[] = []
  const flush = (units: readonly number[]) =>
    new Promise<readonly string[]>((resolve, reject) => {
      flushes.push({ units, done: (error) => (error ? reject(error) : resolve(units.map((unit) => `${unit}!`))) })
    })
  return { flushes, flush }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))
const never = () => false
const LIMITS = { maxBatch: 4, maxQueue: 6 }

test('a lone request leaves at once; what comes while two flushes are away shares the next ones', async () => {
  const { flushes, flush } = held()
  const group = new GroupCommit(flush, never, LIMITS)
  const answers = [1, 2, 3, 4, 5, 6, 7].map((unit) => group.add(unit))
  assert.deepEqual(
    flushes.map(({ units }) => units),
    [[1], [2]],
  )
  flushes[0]?.done()
  await settled()
  assert.deepEqual(flushes[2]?.units, [3, 4, 5, 6], 'as many as a batch may have')
  flushes[1]?.done()
  await settled()
  assert.deepEqual(flushes[3]?.units, [7])
  for (const one of flushes) one.done()
  assert.deepEqual(await Promise.all(answers), ['1!', '2!', '3!', '4!', '5!', '6!', '7!'])
})

test('more requests than may wait are refused, and there is room again after a flush', async () => {
  const { flushes, flush } = held()
  const group = new GroupCommit(flush, never, LIMITS)
  const answers = Array.from({ length: 8 }, (_, unit) => group.add(unit))
  await assert.rejects(group.add(8), QueueFull)
  flushes[0]?.done()
  await settled()
  const later = group.add(9)
  for (let at = 1; at < 5; at++) {
    flushes[at]?.done()
    await settled()
  }
  assert.equal((await Promise.all(answers)).length, 8)
  assert.equal(await later, '9!')
})

test('a bad unit fails alone and the others are committed', async () => {
  const seen: (readonly number[])[] = []
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const flush = async (units: readonly number[]) => {
    await gate
    seen.push(units)
    if (units.includes(5)) throw new Error('bad')
    return units.map(String)
  }
  const group = new GroupCommit(flush, () => true, { maxBatch: 100, maxQueue: 100 })
  const answers = Array.from({ length: 20 }, (_, unit) => group.add(unit))
  open()
  const results = await Promise.allSettled(answers)
  for (const [unit, result] of results.entries()) {
    assert.equal(result.status, unit === 5 ? 'rejected' : 'fulfilled', String(unit))
    if (result.status === 'fulfilled') assert.equal(result.value, String(unit))
  }
  assert.ok(seen.length <= 3 + 2 * Math.ceil(Math.log2(18)), `${seen.length} statements`)
})

test('a database that is away fails a batch once: nobody is tried again', async () => {
  const { flushes, flush } = held()
  const group = new GroupCommit(flush, never, { maxBatch: 100, maxQueue: 100 })
  const answers = Array.from({ length: 12 }, (_, unit) => group.add(unit))
  flushes[0]?.done()
  flushes[1]?.done()
  await settled()
  flushes[2]?.done(new Error('away'))
  const results = await Promise.allSettled(answers)
  assert.equal(results.filter(({ status }) => status === 'rejected').length, 10)
  assert.equal(flushes.length, 3)
})
