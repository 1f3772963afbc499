import type { Faults } from './faults.ts'
import type { World } from './world.ts'

/** One run of a process of ours. When it dies, all it had in memory is gone: what it waited for never comes. */
export type Life = {
  readonly name: string
  alive: boolean
  pausedUntilMs: number
}

/** Runs something in a process later: never when it has died, and not before a pause of the whole process ends. */
export function defer(world: World, life: Life, delayMs: number, run: () => void): void {
  const fire = (): void => {
    if (!life.alive) return
    const pausedMs = life.pausedUntilMs - world.nowMs()
    if (pausedMs > 0) world.after(pausedMs, fire)
    else run()
  }
  world.after(delayMs, fire)
}

const STORMS = ['provider_5xx', 'provider_429'] as const
/** The answer began, and cannot be read. */
const GARBLINGS = ['reset_after_first_byte', 'malformed_answer'] as const

/** How much later than any promise an order may still be carried out. */
export const LATEST_MS = 1_600_000

export type Exchange<T> = {
  readonly label: string
  readonly timeoutMs: number
  /** What the other side does and answers, each time that the request arrives. */
  readonly handle: () => T
  /** The slowest that a request arrives, by the other side's promise. */
  readonly latestMs?: number
  /** Late enough that even the other side's promises do not hold any more. */
  readonly beyondMs?: number
  /** Whether the other side does as it is told and says nothing. */
  readonly isSilent?: () => boolean
  /** Whether what arrives now is carried out at the last moment that was promised. */
  readonly isStuck?: () => boolean
  /** Hears what arrived at our side, at that moment. */
  readonly onAnswer?: (answer: T) => void
}

/**
 * One call over a network that does what networks do.
 * @returns the answer; `lost` when the other side may have acted; `not_sent` when no byte left
 */
export function exchange<T>(
  world: World,
  faults: Faults,
  life: Life,
  { label, timeoutMs, handle, latestMs = Number.POSITIVE_INFINITY, beyondMs, isSilent, isStuck, onAnswer }: Exchange<T>,
): Promise<T | 'lost' | 'not_sent'> {
  const draw = world.random('network')
  const latency = () => (faults.hits('reordered') ? draw.between(500, 20_000) : draw.between(5, 400))
  return new Promise((resolve) => {
    let over = false
    const end = (answer: T | 'lost' | 'not_sent', because?: string): void => {
      if (over) return
      over = true
      world.note(life.name, `${label} →`, because ?? answer)
      resolve(answer)
    }
    const fail = (delayMs: number, because: string): void => defer(world, life, delayMs, () => end('lost', because))
    if (faults.hits('reset_before_first_byte')) {
      return defer(world, life, latency(), () => end('not_sent', 'not sent'))
    }
    fail(timeoutMs, 'timed out')
    if (faults.hits('request_lost')) return
    const copies = faults.hits('duplicate_delivery') ? 2 : 1
    for (let copy = 0; copy < copies; copy++) world.after(delay(copy), () => arrive())

    function delay(copy: number): number {
      if (copy > 0) return draw.between(10, 30_000)
      if (beyondMs !== undefined && faults.hits('slow_beyond_horizon')) return beyondMs + draw.between(1_000, LATEST_MS)
      if (isStuck?.()) return latestMs - draw.between(0, 2_000)
      // What does not answer is often busy: it carries out at any moment that it has promised to need at most.
      if (isSilent?.() && draw.chance(0.5)) return draw.between(0, latestMs)
      if (!faults.hits('slow_beyond_timeout')) return latency()
      return draw.between(timeoutMs + 1_000, Math.min(timeoutMs + 120_000, latestMs))
    }

    function arrive(): void {
      const storm = STORMS.find((one) => faults.hits(one))
      if (storm) {
        fail(latency(), storm)
        return
      }
      const answer = handle()
      world.note('outside', label, answer)
      if (isSilent?.() || faults.hits('response_lost')) return
      const garbled = GARBLINGS.find((one) => faults.hits(one))
      if (garbled) {
        fail(latency(), garbled)
        return
      }
      defer(world, life, latency(), () => {
        if (!over) onAnswer?.(answer)
        end(answer)
      })
    }
  })
}
