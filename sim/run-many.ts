import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Fault, PROFILES, type Profile } from './faults.ts'
import { runSeed } from './run-seed.ts'

export type Batch = { readonly from: number; readonly count: number; readonly profile: Profile | undefined }
export type Failure = { readonly seed: number; readonly profile: Profile; readonly rule: string; readonly says: string }
export type Summary = {
  readonly runs: number
  readonly steps: number
  readonly virtualMs: number
  readonly marks: ReadonlyMap<string, number>
  /** The failure of the smallest seed. */
  readonly failure: Failure | undefined
}

/** Each seed has a weather of its own, unless one is asked for. */
export const profileOf = (seed: number, profile: Profile | undefined): Profile =>
  profile ?? PROFILES[seed % PROFILES.length] ?? 'stormy'

/** Runs seeds one after another, up to the first that fails. */
export async function runBatch({ from, count, profile }: Batch): Promise<Summary> {
  const marks = new Map<string, number>()
  let steps = 0
  let virtualMs = 0
  for (let seed = from; seed < from + count; seed++) {
    const run = await runSeed({ seed, profile: profileOf(seed, profile) })
    steps += run.steps
    virtualMs += run.virtualMs
    for (const [name, times] of run.marks) marks.set(name, (marks.get(name) ?? 0) + times)
    if (run.violation) {
      const { rule, message } = run.violation
      const failure = { seed, profile: run.profile, rule, says: message }
      return { runs: seed - from + 1, steps, virtualMs, marks, failure }
    }
  }
  return { runs: count, steps, virtualMs, marks, failure: undefined }
}

const BATCH = 25

/** Runs seeds on all cores, smallest first, until one fails. @param onProgress hears how far it is after each batch */
export async function runMany(
  { from, count, profile }: Batch,
  onProgress: (summary: Summary) => void = () => {},
): Promise<Summary> {
  let next = from
  let summary: Summary = { runs: 0, steps: 0, virtualMs: 0, marks: new Map(), failure: undefined }
  const workers = Array.from({ length: Math.min(availableParallelism(), Math.ceil(count / BATCH)) }, async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url))
    try {
      while (next < from + count && !summary.failure) {
        const batch = { from: next, count: Math.min(BATCH, from + count - next), profile }
        next += batch.count
        const done = await ask(worker, batch)
        summary = joined(summary, done)
        onProgress(summary)
      }
    } finally {
      await worker.terminate()
    }
  })
  await Promise.all(workers)
  return summary
}

function ask(worker: Worker, batch: Batch): Promise<Summary> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (summary: Summary) => {
      worker.off('error', reject)
      resolve(summary)
    })
    worker.postMessage(batch)
  })
}

function joined(one: Summary, other: Summary): Summary {
  const marks = new Map(one.marks)
  for (const [name, times] of other.marks) marks.set(name, (marks.get(name) ?? 0) + times)
  const failures = [one.failure, other.failure].filter((failure) => failure !== undefined)
  return {
    runs: one.runs + other.runs,
    steps: one.steps + other.steps,
    virtualMs: one.virtualMs + other.virtualMs,
    marks,
    failure: failures.sort((a, b) => a.seed - b.seed)[0],
  }
}

export type Story = { readonly without: readonly Fault[]; readonly purchases: number }

/**
 * The same failure with as little as possible around it: faults are left out one by one, then purchases, for as long as
 * the same rule breaks.
 */
export async function shrink({ seed, profile, rule }: Failure): Promise<Story> {
  const breaks = async (without: ReadonlySet<Fault>, purchases: number): Promise<boolean> =>
    (await runSeed({ seed, profile, without, purchases })).violation?.rule === rule
  const { enabled } = await runSeed({ seed, profile })
  let without: ReadonlySet<Fault> = new Set()
  for (const fault of enabled) {
    const fewer = new Set([...without, fault])
    if (await breaks(fewer, 5)) without = fewer
  }
  let purchases = 5
  while (purchases > 1 && (await breaks(without, purchases - 1))) purchases -= 1
  return { without: [...without], purchases }
}
