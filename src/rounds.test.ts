import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEnv } from '../test/support/env.ts'
import { startRounds } from './rounds.ts'

const log = { info: () => {}, error: () => {} }

for (const overlaps of [true, false]) {
  test(`a slow round ${overlaps ? 'does not keep' : 'keeps'} the next one waiting, and stopping waits for it`, async () => {
    const env = testEnv()
    let begun = 0
    let finish = () => {}
    const slow = new Promise<void>((resolve) => {
      finish = resolve
    })
    const work = async () => {
      begun += 1
      await slow
    }
    const rounds = startRounds(env, log, { name: 'x', everyMs: 1000, work, ...(overlaps ? { overlaps } : {}) })
    for (let second = 0; second < 3; second++) await env.advance(1000)
    assert.equal(begun, overlaps ? 4 : 1)
    let stopped = false
    const stopping = rounds.stop().then(() => {
      stopped = true
    })
    await env.advance(0)
    assert.equal(stopped, false)
    finish()
    await stopping
  })
}

test('a round that fails is told, and tried again', async () => {
  const env = testEnv()
  const told: string[] = []
  const failing = { ...log, error: (_: object, message: string) => told.push(message) }
  const rounds = startRounds(env, failing, { name: 'x', everyMs: 1000, work: () => Promise.reject(new Error('no')) })
  for (let round = 0; round < 2; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    await env.advance(1000)
  }
  await rounds.stop()
  assert.ok(told.length >= 2)
})
