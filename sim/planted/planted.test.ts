import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../../test/support/source.ts'
import { ISOLATION_BUGS } from '../interleave/planted.ts'
import { BUGS, type Bug } from './bugs.ts'
import { interleaver, plant, simulator } from './plant.ts'

const SAMPLE = 6
const SEEDS = 2_000

test('there are enough planted bugs, each with one place in the code', () => {
  assert.ok(BUGS.length >= 25)
  const all = [...BUGS, ...ISOLATION_BUGS]
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length)
  const lost = all.filter(({ file, find }) => readFileSync(join(ROOT, file), 'utf8').split(find).length !== 2)
  assert.deepEqual(lost, [])
})

for (const bug of sample(BUGS)) {
  test(`the simulator finds out that ${bug.name}`, async () => {
    const { killed, said } = await plant(bug, simulator(SEEDS))
    assert.ok(killed, said)
  })
}

for (const bug of ISOLATION_BUGS) {
  test(`the interleaver finds out that ${bug.name}`, async () => {
    const { killed, said } = await plant(bug, interleaver(bug.race))
    assert.ok(killed, said)
  })
}

/** Others with each version; all of them with `npm run sim:planted`. */
function sample(bugs: readonly Bug[]): readonly Bug[] {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const place = (bug: Bug) => createHash('sha256').update(`${version} ${bug.name}`).digest('hex')
  return [...bugs].sort((a, b) => (place(a) < place(b) ? -1 : 1)).slice(0, SAMPLE)
}
