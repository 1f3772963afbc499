/** `npm run sim:planted [-- name …]`: every planted bug, or those whose names contain a word, until it is found. */
import { ISOLATION_BUGS, type IsolationBug } from '../interleave/planted.ts'
import { leave } from '../read-options.ts'
import { BUGS, type Bug } from './bugs.ts'
import { interleaver, plant, simulator } from './plant.ts'

const SEEDS = 2_000
const wanted = process.argv.slice(2)
const all: readonly (Bug | IsolationBug)[] = [...BUGS, ...ISOLATION_BUGS]
const bugs = all.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
if (bugs.length === 0) {
  leave(`No planted bug is named so. There are:\n${all.map(({ name }) => `  ${name}`).join('\n')}`, 2)
}
let survivors = 0
for (const [index, bug] of bugs.entries()) {
  const { killed, said } = await plant(bug, 'race' in bug ? interleaver(bug.race) : simulator(SEEDS))
  if (!killed) survivors += 1
  console.log(`${index + 1}/${bugs.length} ${killed ? 'killed  ' : 'SURVIVED'} ${bug.name}: ${said.slice(0, 220)}`)
}
console.log(`${bugs.length - survivors} of ${bugs.length} killed`)
process.exitCode = survivors === 0 ? 0 : 1
