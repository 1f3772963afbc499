import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { newUuid, type Tenant } from '../core/ids.ts'
import { LOOK_MS, lookUntil, openBell } from './bell.ts'

const ONE = 3 as Tenant
const OTHER = 5 as Tenant
const never = new AbortController().signal
const rungFor = (tenant: Tenant, roots: Parameters<ReturnType<typeof openBell>['watch']>[1] = []) =>
  ({ tenant, last: 1n, roots }) as const

test('what rang between two waits is heard at once, and only once', async () => {
  const env = testEnv()
  const bell = openBell(env)
  const watch = bell.watch(ONE)
  bell.ring(rungFor(ONE))
  bell.ring(rungFor(ONE))
  assert.equal(await watch.next(1000, never), 'rung')
  const second = watch.next(1000, never)
  await env.advance(1000)
  assert.equal(await second, 'quiet')
})

test('a waiter wakes for its tenant and its roots alone, and for doubt', async () => {
  const env = testEnv()
  const bell = openBell(env)
  const [mine, foreign] = [newUuid(env), newUuid(env)]
  const cases = [
    [rungFor(OTHER, [mine]), 'quiet'],
    [rungFor(ONE, [foreign]), 'quiet'],
    [rungFor(ONE, [foreign, mine]), 'rung'],
    [{ tenant: ONE, last: 1n, roots: 'many' }, 'rung'],
    ['unsure', 'rung'],
  ] as const
  for (const [news, expected] of cases) {
    const watch = bell.watch(ONE, [mine])
    bell.ring(news)
    const waited = watch.next(10, never)
    await env.advance(10)
    assert.equal(await waited, expected, JSON.stringify(news === 'unsure' ? news : news.roots))
    watch.leave()
  }
})

test('nobody waits longer than the look, than the caller or than the server', async () => {
  const env = testEnv()
  const bell = openBell(env)
  const silent = bell.watch(ONE).next(60_000, never)
  await env.advance(LOOK_MS)
  assert.equal(await silent, 'quiet')
  const caller = new AbortController()
  const left = bell.watch(ONE).next(60_000, caller.signal)
  caller.abort()
  assert.equal(await left, 'quiet')
  const stopped = bell.watch(ONE).next(60_000, never)
  bell.stop()
  assert.equal(await stopped, 'quiet')
  assert.equal(env.sleeping(), 0)
})

test('an answer is looked for once per ring, and the last look is the answer', async () => {
  const env = testEnv()
  const bell = openBell(env)
  const watch = bell.watch(ONE)
  const seen: number[] = []
  const look = async () => seen.push(seen.length + 1)
  const settled = lookUntil({ env, bell }, watch, { ms: 60_000, gone: never }, look, (looks) => looks === 3)
  for (const expected of [1, 2]) {
    await new Promise(setImmediate)
    assert.equal(seen.length, expected)
    bell.ring(rungFor(ONE))
  }
  assert.equal(await settled, 3)
  const late = lookUntil({ env, bell }, watch, { ms: 700, gone: never }, look, () => false)
  await new Promise(setImmediate)
  await env.advance(700)
  assert.equal(await late, 5)
})
