import type { Seen } from '../src/core/observation.ts'
import type { Faults } from './faults.ts'
import type { World } from './world.ts'

/** Lies are of other sizes than what is really taken otherwise. */
const LEAST_LIE = 10n
/** Long enough to be asked again, and to say something else, before a second answer would count. */
const STRETCH_MS = [20_000, 70_000] as const

/**
 * What a provider says that is not so: an answer that contradicts itself or what we ordered, never twice the same, so
 * that nothing may follow from it. Some lies are slips, and the next answer is plain; a liar is asked again and again
 * and says something else each time, until it comes to its senses.
 */
export function makeLies(world: World): (faults: Faults, reference: string, seen: Seen) => Seen {
  const draw = world.random('lies')
  const lyingUntilMs = new Map<string, number>()
  let told = 0n

  function isLie(faults: Faults, reference: string): boolean {
    if (faults.over()) return false
    if (world.nowMs() < (lyingUntilMs.get(reference) ?? 0)) return true
    if (faults.hits('liar')) {
      lyingUntilMs.set(reference, world.nowMs() + draw.between(...STRETCH_MS))
      return true
    }
    return faults.hits('contradictory_answer')
  }

  return (faults, reference, seen) => {
    if (typeof seen === 'string' || seen.authorized === 0n || !isLie(faults, reference)) return seen
    told += 1n
    const off = LEAST_LIE + told
    const refund = seen.refunds.at(-1)
    if (refund && draw.chance(0.3)) {
      return { ...seen, refunds: [...seen.refunds.slice(0, -1), { ...refund, amount: refund.amount + off }] }
    }
    const dispute = seen.disputes?.at(-1)
    if (dispute && draw.chance(0.5)) {
      const other = { ...dispute, amount: seen.captured + off }
      return { ...seen, disputes: [...(seen.disputes ?? []).slice(0, -1), other] }
    }
    return { ...seen, authorized: seen.authorized + off, captured: seen.captured > 0n ? seen.captured + off : 0n }
  }
}
