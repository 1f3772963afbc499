import type { Tenant } from '../../core/ids.ts'
import type { RequestLine } from '../../core/listener.ts'
import type { Context } from '../call.ts'
import { eachTenant } from '../each-tenant.ts'

/** The lines of requests on their way to whoever looks at them, perhaps at another process. */
export type RequestTails = {
  /** Whether somebody looks at this account's requests: nothing is kept of them otherwise. */
  isWatched(tenant: Tenant): boolean
  watch(tenant: Tenant): void
  note(line: RequestLine): void
  /** A round of background work: writes what was noted, and asks who looks now. */
  pass(): Promise<void>
}

const KEPT_MS = 2 * 60 * 1000
/** A burst beyond this between two rounds is not shown whole; it is a view, not a record. */
const MOST_NOTED = 1_000
/** Who looks through another process is known here after so many rounds. */
const ROUNDS_BETWEEN_LOOKS = 4

/** Forgets the last lines that somebody was shown: nobody writes another, with which they would go. @returns how many */
export async function forgetOldLines({ storage, env }: Context): Promise<number> {
  const before = new Date(env.now().getTime() - KEPT_MS)
  return eachTenant(await storage.tenantsWithOldLines(before), (tenant) => storage.forgetLines(tenant, before))
}

export function makeTails({ env, storage }: Context): RequestTails {
  let watched: ReadonlySet<Tenant> = new Set()
  let noted: RequestLine[] = []
  let round = 0
  return {
    isWatched: (tenant) => watched.has(tenant),
    watch(tenant) {
      watched = new Set([...watched, tenant])
    },
    note(line) {
      if (noted.length < MOST_NOTED) noted.push(line)
    },
    async pass() {
      const lines = noted
      noted = []
      if (round++ % ROUNDS_BETWEEN_LOOKS === 0) watched = new Set(await storage.tenantsWithTails(env.now()))
      const forgetBefore = new Date(env.now().getTime() - KEPT_MS)
      for (const [tenant, own] of Map.groupBy(lines, (line) => line.tenant)) {
        await storage.insertLines(tenant, own, forgetBefore)
      }
    },
  }
}
