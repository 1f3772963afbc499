import type { Env } from '../core/env.ts'
import type { Uuid } from '../core/ids.ts'

const LIFE_MS = 15 * 60 * 1000
const MAX_CODES = 50_000

/**
 * Security codes between the form and the authorization: in this process's memory, never anywhere else. A code is
 * given out once. When it is gone (a restart, a long wait) the page asks for it again.
 */
export class SecurityCodes {
  readonly #env: Env
  readonly #codes = new Map<Uuid, { readonly code: string; readonly until: number }>()

  constructor(env: Env) {
    this.#env = env
  }

  keep(token: Uuid, code: string): void {
    this.dropOld()
    while (this.#codes.size >= MAX_CODES) this.#dropFirst()
    this.#codes.set(token, { code, until: this.#env.monotonicMs() + LIFE_MS })
  }

  take(token: Uuid): string | undefined {
    const kept = this.#codes.get(token)
    this.#codes.delete(token)
    return kept && kept.until > this.#env.monotonicMs() ? kept.code : undefined
  }

  /** Entries are in the order they came, so the old ones are at the front. */
  dropOld(): void {
    const now = this.#env.monotonicMs()
    for (const [token, kept] of this.#codes) {
      if (kept.until > now) return
      this.#codes.delete(token)
    }
  }

  #dropFirst(): void {
    for (const token of this.#codes.keys()) {
      this.#codes.delete(token)
      return
    }
  }
}
