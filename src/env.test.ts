import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEnv } from '../test/support/env.ts'
import { makeEnv } from './env.ts'

test('the clock follows the database’s, whatever this machine’s says', () => {
  const env = makeEnv()
  const behindMs = env.disciplineTo(new Date('2040-01-01T00:00:00Z'), 4)
  assert.ok(behindMs > 0)
  assert.equal(env.now().getUTCFullYear(), 2040)
  env.disciplineTo(new Date('2001-06-01T00:00:00Z'))
  assert.equal(env.now().getUTCFullYear(), 2001)
})

test('time within the process only grows, and no byte comes twice', () => {
  const env = makeEnv()
  const before = env.monotonicMs()
  assert.ok(env.monotonicMs() >= before)
  assert.equal(env.randomBytes(16).length, 16)
  assert.notDeepEqual(env.randomBytes(16), env.randomBytes(16))
})

for (const [name, env] of [
  ['real', makeEnv()],
  ['test', testEnv()],
] as const) {
  test(`a ${name} sleep that is called off rejects with the reason given`, async () => {
    const reason = new Error('closing')
    const waiting = new AbortController()
    const sleep = env.sleep(60_000, waiting.signal)
    waiting.abort(reason)
    await assert.rejects(sleep, reason)
    await assert.rejects(env.sleep(60_000, AbortSignal.abort(reason)), reason)
  })
}

test('a test moves its clock, and sleepers wake in order', async () => {
  const env = testEnv({ now: new Date(0) })
  const woke: [string, number][] = []
  const sleeper = async (name: string, ms: number) => {
    await env.sleep(ms)
    woke.push([name, env.now().getTime()])
  }
  const late = sleeper('late', 300)
  const early = sleeper('early', 100).then(() => sleeper('again', 100))
  await env.advance(250)
  assert.deepEqual(woke, [
    ['early', 100],
    ['again', 200],
  ])
  assert.equal(env.sleeping(), 1)
  await env.advance(50)
  await Promise.all([late, early])
  assert.deepEqual([env.now().getTime(), env.monotonicMs(), env.sleeping()], [300, 300, 0])
})

test('a seed always draws the same bytes', () => {
  const [one, two, other] = [testEnv({ seed: 'a' }), testEnv({ seed: 'a' }), testEnv({ seed: 'b' })]
  const drawn = one.randomBytes(40)
  assert.equal(drawn.length, 40)
  assert.deepEqual(two.randomBytes(40), drawn)
  assert.notDeepEqual(other.randomBytes(40), drawn)
  assert.notDeepEqual(one.randomBytes(40), drawn)
})
