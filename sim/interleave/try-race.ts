import type { Arena, Played } from './arena.ts'
import { type Choose, type Explored, explore } from './explore.ts'
import type { Race } from './race.ts'

export type Tried = Explored & {
  /** How often somebody had to wait for a lock. */
  readonly waits: number
  /** The ways in which the race came out. */
  readonly ends: ReadonlySet<string>
  /** The first schedule that went wrong. */
  readonly lost: Played | undefined
}

export type Limits = {
  readonly most: number
  readonly seed: number
  /** How often, beside, nobody is held back: one statement may meet another in the middle then. */
  readonly free: number
}

class Stop extends Error {}

/** Lets one race happen in many orders, until one goes wrong. */
export async function tryRace(arena: Arena, race: Race, limits: Limits): Promise<Tried> {
  const ends = new Set<string>()
  let waits = 0
  let lost: Played | undefined
  let runs = 0
  async function play(choose: Choose | undefined): Promise<Played['decisions']> {
    const played = await arena.play(race, choose)
    runs += 1
    waits += played.waits
    ends.add(played.outcomes.join(', '))
    if (!played.violation) return played.decisions
    lost = played
    throw new Stop()
  }
  try {
    const explored = await explore(play, limits)
    // Where there are few orders of whole statements, what happens within them is all the more of interest.
    const spared = Math.max(0, limits.most - explored.runs)
    for (let run = 0; run < limits.free + spared; run++) await play(undefined)
    return { ...explored, runs, waits, ends, lost }
  } catch (error) {
    if (error instanceof Stop) return { runs, allUpTo: 0, waits, ends, lost }
    throw error
  }
}

/** What went wrong, how it came about, and how it is seen again. */
export function tellLost({ name }: Race, { decisions, story, violation }: Played, whole = true): string {
  const says = `race "${name}" breaks ${violation?.rule}: ${violation?.message}`
  if (!whole) return says
  const follow = decisions.map(({ chosen }) => chosen).join()
  return `${says}\n\n${story.join('\n')}\n\nnpm run sim:interleave -- --race '${name}' --follow ${follow}`
}
