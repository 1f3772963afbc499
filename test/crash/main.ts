/** The long crash run: `npm run test:crash -- --rounds 20 --seed 7`. It ends with 1 when anything was lost. */
import { leave, readOptions, wholeNumber } from '../../sim/read-options.ts'
import { crashRun } from './crash-run.ts'

const USAGE = 'Usage: npm run test:crash -- [--rounds <number>] [--seed <number>]\nSee docs/crash-run.md.'

const values = readOptions(USAGE, {
  rounds: { type: 'string', default: '20' },
  seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
})
const [rounds, seed] = [wholeNumber(values.rounds, USAGE), wholeNumber(values.seed, USAGE)]
if (rounds < 1) leave(`At least one round.\n${USAGE}`, 2)
console.log(`crash run of ${rounds === 1 ? 'one round' : `${rounds} rounds`}; again with --seed ${seed}`)
const survived = await crashRun({
  seed,
  rounds,
  say: (line) => console.log(`${performance.now().toFixed(0).padStart(7)} ms  ${line}`),
})
console.log(`nothing was lost: ${JSON.stringify(survived)}`)
