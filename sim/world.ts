import { makeRandom, type Random } from './random.ts'
import { type Line, makeTrace, type Trace } from './trace.ts'

/** A rule that did not hold. The seed that showed it shows it again. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly rule: string
  constructor(rule: string, message: string) {
    super(message)
    this.rule = rule
  }
}

export type World = {
  readonly seed: number
  /** Milliseconds since the start. Nothing moves it but the next event's time. */
  nowMs(): number
  wallMs(): number
  /** Runs something later; of events at one moment a seeded draw decides which is first. */
  after(delayMs: number, run: () => void | Promise<void>): void
  /** A client's own wait: shops and shoppers are not processes of ours. */
  sleep(ms: number): Promise<void>
  random(purpose: string): Random
  readonly trace: Trace
  note(who: string, what: string, detail?: unknown): void
  /** Counts that something rare happened. */
  mark(name: string): void
  readonly marks: ReadonlyMap<string, number>
  /** Ends the run: the first violation counts. */
  fail(violation: Violation): void
  failure(): Violation | undefined
  /** Runs events until this moment, each to quiescence before the next one, or until a rule is broken. */
  runUntil(endMs: number): Promise<void>
  steps(): number
  /** The last words of a run: the violation, if there is one. */
  readonly checks: (() => void)[]
}

type Event = {
  readonly atMs: number
  readonly draw: number
  readonly order: number
  readonly run: () => void | Promise<void>
}

/** When every simulation begins. */
const START = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

/** A discrete-event world: one clock, one queue, one thing at a time. */
export function makeWorld(seed: number, onLine?: (line: Line) => void): World {
  const trace = makeTrace(onLine)
  const ties = makeRandom(seed, 'ties')
  const streams = new Map<string, Random>()
  const marks = new Map<string, number>()
  const queue: Event[] = []
  const checks: (() => void)[] = []
  let nowMs = 0
  let order = 0
  let steps = 0
  let failure: Violation | undefined

  const after = (delayMs: number, run: Event['run']) =>
    push(queue, { atMs: nowMs + Math.max(0, Math.round(delayMs)), draw: ties.next(), order: order++, run })
  const fail = (violation: Violation) => {
    failure ??= violation
  }

  return {
    seed,
    trace,
    marks,
    checks,
    nowMs: () => nowMs,
    wallMs: () => START + nowMs,
    after,
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
    random(purpose) {
      const stream = streams.get(purpose) ?? makeRandom(seed, purpose)
      streams.set(purpose, stream)
      return stream
    },
    note: (who, what, detail) => trace.add({ atMs: nowMs, who, what, detail }),
    mark: (name) => marks.set(name, (marks.get(name) ?? 0) + 1),
    fail,
    failure: () => failure,
    steps: () => steps,
    async runUntil(endMs) {
      // Whoever was set up before has begun, and waits.
      await quiescence()
      while (failure === undefined) {
        const next = queue[0]
        if (next === undefined || next.atMs > endMs) break
        pop(queue)
        nowMs = next.atMs
        steps += 1
        await next.run()
        await quiescence()
        for (const check of checks) attempt(check, fail)
      }
      if (failure === undefined) nowMs = Math.max(nowMs, endMs)
    },
  }
}

function attempt(check: () => void, fail: (violation: Violation) => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    fail(error)
  }
}

/** Promises are settled one after another before the loop turns: after one turn nobody has anything left to do. */
const quiescence = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const before = (one: Event, other: Event): boolean =>
  one.atMs - other.atMs < 0 ||
  (one.atMs === other.atMs && (one.draw < other.draw || (one.draw === other.draw && one.order < other.order)))

/** A binary heap: the earliest event is at 0. */
function push(heap: Event[], event: Event): void {
  let at = heap.length
  heap.push(event)
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !before(event, parent)) break
    heap[at] = parent
    at = above
  }
  heap[at] = event
}

function pop(heap: Event[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const left = heap[2 * at + 1]
    if (left === undefined) break
    const right = heap[2 * at + 2]
    const under = right !== undefined && before(right, left) ? 2 * at + 2 : 2 * at + 1
    const child = heap[under]
    if (child === undefined || !before(child, last)) break
    heap[at] = child
    at = under
  }
  heap[at] = last
}
