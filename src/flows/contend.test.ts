import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { MOST_WAIT_MS, mayTry } from './contend.ts'

/** A world in which each try takes so long, beside its pauses. */
function tryFor(takesMs: number): { readonly waits: readonly number[]; loses(): Promise<number> } {
  let clock = 0
  const waits: number[] = []
  const env = {
    ...testEnv(),
    monotonicMs: () => clock,
    async sleep(ms: number) {
      waits.push(ms)
      clock += ms
    },
  }
  return {
    waits,
    async loses() {
      const since = env.monotonicMs()
      let tries = 0
      while (await mayTry(env, since, tries)) {
        tries += 1
        clock += takesMs
      }
      return tries
    },
  }
}

test('the first losers try again at once, the others after pauses that grow and differ', async () => {
  const { waits, loses } = tryFor(0)
  const tries = await loses()
  assert.equal(waits.length, tries - 3)
  assert.ok(waits.every((ms) => ms >= 1 && ms <= 101))
  assert.ok(Math.max(...waits.slice(0, 3)) <= 51)
  assert.ok(new Set(waits).size > 100)
})

test('who loses gives up after the time that there is, and not sooner', async () => {
  const { waits, loses } = tryFor(5)
  const tries = await loses()
  const waited = waits.reduce((sum, ms) => sum + ms, 0) + 5 * tries
  assert.ok(waited >= MOST_WAIT_MS && waited < MOST_WAIT_MS + 200)
})

test('however slow each try is there are eighty, and where no time passes there is an end', async () => {
  assert.equal(await tryFor(MOST_WAIT_MS).loses(), 80)
  const still = { ...testEnv(), sleep: async () => {} }
  let tries = 0
  while (await mayTry(still, 0, tries)) tries += 1
  assert.equal(tries, 1000)
})
