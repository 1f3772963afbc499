/**
 * `npm run sim -- --seeds N [--from K] [--profile calm|stormy|crashy]` simulates many seeds; `--seed S [--trace]` one of
 * them again. See docs/simulator.md.
 */
import { FAULT_KINDS, type Fault, PROFILES, type Profile } from './faults.ts'
import { missing } from './marks.ts'
import { leave, readOptions, wholeNumber as readWhole } from './read-options.ts'
import { type Failure, profileOf, runMany, type Story, type Summary, shrink } from './run-many.ts'
import { RULES, runSeed } from './run-seed.ts'
import { printLine } from './trace.ts'

const USAGE = `Usage: npm run sim -- --seeds <number> [--from <seed>] [--profile ${PROFILES.join('|')}]
       npm run sim -- --seed <seed> [--profile …] [--trace]
See docs/simulator.md.`

const values = readOptions(USAGE, {
  seeds: { type: 'string', default: '1000' },
  from: { type: 'string', default: '1' },
  profile: { type: 'string' },
  seed: { type: 'string' },
  trace: { type: 'boolean', default: false },
  without: { type: 'string', default: '' },
  purchases: { type: 'string', default: '5' },
  brief: { type: 'boolean', default: false },
})

process.exitCode = values.seed === undefined ? await runAll() : await runOne(wholeNumber(values.seed))

async function runAll(): Promise<number> {
  const [count, from] = [wholeNumber(values.seeds), wholeNumber(values.from)]
  const started = process.hrtime.bigint()
  const seconds = () => Number(process.hrtime.bigint() - started) / 1e9
  const summary = await runMany({ from, count, profile: profile() }, ({ runs, steps }) => {
    if (!process.stderr.isTTY && runs % 500 !== 0) return
    const end = process.stderr.isTTY ? '\r' : '\n'
    process.stderr.write(`${runs} of ${count} seeds, ${steps} steps, ${(runs / seconds()).toFixed(0)} a second${end}`)
  })
  if (summary.failure) return tellFailure(summary.failure)
  return tellSuccess(summary, count, seconds())
}

function tellSuccess({ runs, steps, virtualMs, marks }: Summary, count: number, seconds: number): number {
  const hours = (virtualMs / 3_600_000).toFixed(0)
  console.log(
    `${runs} seeds: ${steps} steps in ${hours} virtual hours, ${RULES.length} rules held (${seconds.toFixed(1)} s)`,
  )
  // Fewer seeds cannot be asked to meet everything.
  const rare = count >= 500 && profile() === undefined ? missing(marks, runs) : []
  for (const one of rare) console.error(`too rare: ${one}`)
  return rare.length === 0 ? 0 : 1
}

async function tellFailure(failure: Failure): Promise<number> {
  console.error(`\nseed ${failure.seed} (${failure.profile}) breaks ${failure.rule}: ${failure.says}`)
  if (values.brief) return 1
  const story = await shrink(failure)
  const run = await runSeed({ ...failure, without: new Set(story.without), purchases: story.purchases })
  console.error(`\nthe end of its story, without what it does not need:\n${run.last.map(printLine).join('\n')}`)
  console.error(`\n${run.violation?.rule}: ${run.violation?.message}\n\n${replay(failure, story)}`)
  return 1
}

function replay({ seed, profile: of }: Failure, { without, purchases }: Story): string {
  const fewer = without.length === 0 ? '' : ` --without ${without.join()}`
  const less = purchases === 5 ? '' : ` --purchases ${purchases}`
  return `npm run sim -- --seed ${seed} --profile ${of}${fewer}${less} --trace`
}

async function runOne(seed: number): Promise<number> {
  const run = await runSeed({
    seed,
    profile: profileOf(seed, profile()),
    without: new Set(values.without.split(',').filter(Boolean).map(fault)),
    purchases: wholeNumber(values.purchases),
    ...(values.trace ? { onLine: (line) => console.log(printLine(line)) } : {}),
  })
  console.log(`seed ${seed} (${run.profile}): ${run.steps} steps, trace ${run.hash}`)
  if (run.violation) console.error(`${run.violation.rule}: ${run.violation.message}`)
  return run.violation ? 1 : 0
}

function profile(): Profile | undefined {
  if (values.profile === undefined) return undefined
  return PROFILES.find((one) => one === values.profile) ?? leave(`a profile is one of ${PROFILES.join(', ')}`, 2)
}

function fault(name: string): Fault {
  return FAULT_KINDS.find((one) => one === name) ?? leave(`a fault is one of ${FAULT_KINDS.join(', ')}`, 2)
}

function wholeNumber(text: string): number {
  return readWhole(text, USAGE)
}
