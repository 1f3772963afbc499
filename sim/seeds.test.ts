import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAULT_KINDS } from './faults.ts'
import { missing } from './marks.ts'
import { profileOf, runMany } from './run-many.ts'
import { RULES, runSeed } from './run-seed.ts'

const SEEDS = 2_000

test(`${SEEDS} seeds break no rule, and meet every rare state`, async () => {
  const summary = await runMany({ from: 1, count: SEEDS, profile: undefined })
  assert.equal(summary.failure, undefined)
  assert.equal(summary.runs, SEEDS)
  assert.deepEqual(missing(summary.marks, SEEDS), [])
})

test('equal seeds leave equal traces, and no two seeds the same one', async () => {
  const hashes = new Set<string>()
  for (let seed = 1; seed <= 30; seed++) {
    const [one, other] = [await run(seed), await run(seed)]
    assert.equal(one.hash, other.hash)
    assert.equal(one.steps, other.steps)
    hashes.add(one.hash)
  }
  assert.equal(hashes.size, 30)
})

test('the programme is as large as the house demands', () => {
  assert.ok(FAULT_KINDS.length >= 20)
  assert.ok(RULES.length >= 20)
  assert.ok(RULES.filter((rule) => rule.onCommit ?? rule.onStep).length >= 12)
})

const run = (seed: number) => runSeed({ seed, profile: profileOf(seed, undefined) })
