/**
 * `npm run sim:interleave -- --schedules N [--race words] [--seed S]` lets real flows race on real connections;
 * `--race words --follow 0,1,1` plays one schedule again. See docs/simulator.md.
 */
import { testDatabase } from '../../test/support/database.ts'
import { leave, readOptions, wholeNumber } from '../read-options.ts'
import { openArena } from './arena.ts'
import { following } from './explore.ts'
import { RACES } from './races/index.ts'
import { tellLost, tryRace } from './try-race.ts'

const USAGE = `Usage: npm run sim:interleave -- [--schedules <number>] [--race <words of its name>] [--seed <number>]
       npm run sim:interleave -- --race <words> --follow 0,1,1
See docs/simulator.md.`

const values = readOptions(USAGE, {
  schedules: { type: 'string', default: '200' },
  race: { type: 'string', default: '' },
  seed: { type: 'string', default: '1' },
  free: { type: 'string', default: '10' },
  follow: { type: 'string' },
  brief: { type: 'boolean', default: false },
})
const limits = {
  most: wholeNumber(values.schedules, USAGE),
  seed: wholeNumber(values.seed, USAGE),
  free: wholeNumber(values.free, USAGE),
}

const races = RACES.filter(({ name }) => name.includes(values.race))
if (races.length === 0) {
  leave(`No race is named “${values.race}”. There are:\n${RACES.map(({ name }) => `  ${name}`).join('\n')}`, 2)
}
const db = await testDatabase(import.meta.url)
const arena = await openArena(db.url)
process.exitCode = await (values.follow === undefined ? tryAll() : followOne(values.follow)).finally(async () => {
  await arena.close()
  await db.drop()
})

async function tryAll(): Promise<number> {
  let total = 0
  for (const [index, race] of races.entries()) {
    const started = performance.now()
    const tried = await tryRace(arena, race, limits)
    if (tried.lost) {
      console.error(tellLost(race, tried.lost, !values.brief))
      return 1
    }
    total += tried.runs
    const covered = tried.allUpTo === undefined ? 'all' : `all with up to ${tried.allUpTo} preemptions, and others`
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(
      `${index + 1}/${races.length} ${race.name}: ${tried.runs} schedules (${covered}), ` +
        `${tried.waits} waits for a lock, ends: ${[...tried.ends].join('; ')} (${seconds} s)`,
    )
  }
  console.log(`${total} schedules, each as if one command had happened at a time`)
  return 0
}

async function followOne(text: string): Promise<number> {
  const [race] = races
  if (!race) return 1
  const played = await arena.play(race, following(text.split(',').filter(Boolean).map(Number)))
  console.log(played.story.join('\n'))
  console.log(played.outcomes.join('\n'))
  if (played.violation) console.error(`${played.violation.rule}: ${played.violation.message}`)
  return played.violation ? 1 : 0
}
