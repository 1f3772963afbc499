/** The long crash run: `npm run test:crash -- --rounds 20 --seed 7`. It ends with 1 when anything was lost. */
import { parseArgs } from 'node:util'
import { crashRun } from './crash-run.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
  },
})
const [rounds, seed] = [Number(values.rounds), Number(values.seed)]
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed))
  throw new Error('--rounds and --seed are whole numbers')
console.log(`crash run of ${rounds} rounds; again with --seed ${seed}`)
const survived = await crashRun({
  seed,
  rounds,
  say: (line) => console.log(`${performance.now().toFixed(0).padStart(7)} ms  ${line}`),
})
console.log(`nothing was lost: ${JSON.stringify(survived)}`)
