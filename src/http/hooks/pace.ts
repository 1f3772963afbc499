import type { Env } from '../../core/env.ts'

const SECOND_MS = 1_000

/** Counts what comes in for each name, and says when it is more than one may send in a second. */
export class Pace {
  readonly #env: Pick<Env, 'monotonicMs'>
  readonly #mostPerSecond: number
  #second = -1
  #counted = new Map<number, number>()

  constructor(env: Pick<Env, 'monotonicMs'>, mostPerSecond: number) {
    this.#env = env
    this.#mostPerSecond = mostPerSecond
  }

  /** Memory holds one second's names, and only those that somebody had the address of. */
  allows(name: number): boolean {
    const second = Math.floor(this.#env.monotonicMs() / SECOND_MS)
    if (second !== this.#second) {
      this.#second = second
      this.#counted = new Map()
    }
    const count = (this.#counted.get(name) ?? 0) + 1
    this.#counted.set(name, count)
    return count <= this.#mostPerSecond
  }
}
