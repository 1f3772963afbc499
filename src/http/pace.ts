import type { Env } from '../core/env.ts'
import { Refused } from './errors.ts'

const WINDOW_MS = 60_000
/** Who is not among so many began a new minute: memory has an end, and forgetting one is no harm. */
const MOST_KEYS = 10_000

/** So many requests a minute for each key, counted in this process. */
export class Pace {
  readonly #env: Env
  readonly #perMinute: number
  readonly #windows = new Map<string, { readonly endsMs: number; spent: number }>()

  constructor(env: Env, perMinute: number) {
    this.#env = env
    this.#perMinute = perMinute
  }

  /** @throws Refused `too_many_requests`, which says for how many seconds to wait */
  spend(key: string): void {
    const nowMs = this.#env.monotonicMs()
    const known = this.#windows.get(key)
    const window = known && known.endsMs > nowMs ? known : { endsMs: nowMs + WINDOW_MS, spent: 0 }
    this.#windows.delete(key)
    this.#windows.set(key, window) // the order of a Map is the order of its use
    const oldest = this.#windows.size > MOST_KEYS ? this.#windows.keys().next().value : undefined
    if (oldest !== undefined) this.#windows.delete(oldest)
    if (window.spent >= this.#perMinute) {
      throw new Refused({ code: 'too_many_requests', detail: String(Math.ceil((window.endsMs - nowMs) / 1000)) })
    }
    window.spent += 1
  }
}
