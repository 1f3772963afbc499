import type { Hands } from './steady.ts'

/** One of those who race: real flows or commands of the storage, on a server and a connection of its own. */
export type Racer = {
  readonly name: string
  /** @returns what came of it, in words */
  readonly run: (hands: Hands) => Promise<string>
}

export type Race = {
  readonly name: string
  /** Sets the stage, one thing after the other. */
  readonly prepare: (hands: Hands) => Promise<readonly Racer[]>
  /** What must be true of what came of them, beside what must be true of every race. @returns what is wrong */
  readonly judge?: (outcomes: readonly string[]) => string | undefined
}

/**
 * Somebody who holds rows for a moment and changes nothing, as an operator may: whoever needs them stops in the middle of
 * a statement, with its snapshot taken, and others catch up with it.
 * @param table with whatever follows it in a `select`
 */
export const bystander = (table: string): Racer => ({
  name: 'bystander',
  async run({ sql }) {
    await sql.begin((tx) => tx.unsafe(`select 1 from ${table} for update`))
    return 'gone'
  },
})

/** How many of the outcomes are this one. */
export const count = (outcomes: readonly string[], outcome: string): number =>
  outcomes.filter((one) => one === outcome).length

/** @returns a judge that wants this many winners, and every loser to end in one of these ways */
export function winners(wanted: number, won: string, ...lost: readonly string[]): NonNullable<Race['judge']> {
  return (outcomes) => {
    const strange = outcomes.find((one) => one !== won && !lost.includes(one))
    if (strange !== undefined) return `one ended with ${strange}`
    return count(outcomes, won) === wanted ? undefined : `${count(outcomes, won)} of ${wanted} ended with ${won}`
  }
}
