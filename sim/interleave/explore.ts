import { makeRandom, type Random } from '../random.ts'

/** One moment at which several could go on, and who did. */
export type Decision = {
  readonly ready: readonly number[]
  readonly chosen: number
  readonly before: number | undefined
}
/** @returns one of those who are ready */
export type Choose = (ready: readonly number[], before: number | undefined) => number

/** Whoever went last goes on while it can. */
const goOn: Choose = (ready, before) => (before !== undefined && ready.includes(before) ? before : (ready[0] ?? 0))

export type Explored = {
  readonly runs: number
  /** Every schedule with at most this many preemptions was tried; undefined when there are no others at all. */
  readonly allUpTo: number | undefined
}

/**
 * Tries schedules, those with few preemptions first: most faults of concurrency need one or two (Musuvathi and Qadeer,
 * "Iterative context bounding", 2007). Once there are more than may be tried, a seeded choice of them is, and as many
 * schedules again in which every step is drawn.
 * @param play runs one schedule and tells where it could have gone otherwise
 */
export async function explore(
  play: (choose: Choose) => Promise<readonly Decision[]>,
  { most, seed }: { readonly most: number; readonly seed: number },
): Promise<Explored> {
  const draw = makeRandom(seed, 'schedules')
  let level: readonly (readonly number[])[] = [[]]
  let runs = 0
  for (let preemptions = 0; level.length > 0; preemptions++) {
    const nextLevel: (readonly number[])[] = []
    const queue = [...level]
    const planned = Math.ceil(most / 2)
    for (let prefix = queue.shift(); prefix; prefix = queue.shift()) {
      if (runs >= planned && preemptions > 0 && queue.length > 0) {
        for (; runs < most; runs++) await play(drawn(draw))
        return { runs, allUpTo: preemptions - 1 }
      }
      const taken = await play(following(prefix))
      runs += 1
      branch(taken, prefix.length, (other, preempts) => (preempts ? nextLevel : queue).push(other))
    }
    level = shuffled(nextLevel, draw)
  }
  return { runs, allUpTo: undefined }
}

/** What else could have been chosen after a prefix, and whether that takes the turn from somebody who could go on. */
function branch(
  taken: readonly Decision[],
  from: number,
  found: (prefix: readonly number[], preempts: boolean) => void,
): void {
  const chosen = taken.map((decision) => decision.chosen)
  for (const [at, { ready, before }] of taken.entries()) {
    if (at < from) continue
    for (const other of ready) {
      if (other === chosen[at]) continue
      found([...chosen.slice(0, at), other], before !== undefined && ready.includes(before) && other !== before)
    }
  }
}

export function following(prefix: readonly number[]): Choose {
  let at = 0
  return (ready, before) => {
    const wanted = prefix[at++]
    return wanted !== undefined && ready.includes(wanted) ? wanted : goOn(ready, before)
  }
}

/** Short stretches of one after the other, so that schedules differ in more than their beginnings. */
function drawn(draw: Random): Choose {
  return (ready, before) => (draw.chance(0.4) ? goOn(ready, before) : draw.pick(ready))
}

function shuffled<T>(all: readonly T[], draw: Random): readonly T[] {
  return all
    .map((one) => ({ one, place: draw.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)
}
