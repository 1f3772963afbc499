import type { Tenant } from '../core/ids.ts'
import { Refused } from './errors.ts'

/** How many may wait in this process: a waiting request costs a socket and memory, so there is an end to it. */
export type PlaceLimits = { readonly perTenant: number; readonly inAll: number }

/** The places of those who wait for something to happen. */
export class Places {
  readonly #limits: PlaceLimits
  readonly #taken = new Map<Tenant, number>()
  #inAll = 0

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  /**
   * Takes a place until the returned function is called.
   * @throws Refused `too_many_waiting` when the tenant or the process has none left
   */
  take(tenant: Tenant): () => void {
    const taken = this.#taken.get(tenant) ?? 0
    if (taken >= this.#limits.perTenant || this.#inAll >= this.#limits.inAll) {
      throw new Refused({ code: 'too_many_waiting', detail: String(this.#limits.perTenant) })
    }
    this.#taken.set(tenant, taken + 1)
    this.#inAll += 1
    let free = false
    return () => {
      if (free) return
      free = true
      const left = (this.#taken.get(tenant) ?? 0) - 1
      if (left > 0) this.#taken.set(tenant, left)
      else this.#taken.delete(tenant)
      this.#inAll -= 1
    }
  }
}
