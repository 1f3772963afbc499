import type { Env } from '../core/env.ts'
import type { Numbered } from '../core/event.ts'
import type { Tenant, Uuid } from '../core/ids.ts'

/**
 * Rung when events got their numbers, in whichever process that was; everybody in this one who waits for events hears it.
 * What it says is a hint: who hears it reads the database, and who hears nothing for `LOOK_MS` reads it all the same.
 */
export type Bell = {
  /** `unsure`: something may have been missed. Then everybody looks. */
  ring(news: Numbered | 'unsure'): void
  /**
   * Hears what is rung from now on: begin to watch, then read, then wait, and nothing falls between.
   * @param roots whose events matter; every event of the tenant does when left out
   */
  watch(tenant: Tenant, roots?: readonly Uuid[]): Watch
  /** Aborted when the server stops: nobody waits any longer. */
  readonly stopped: AbortSignal
  stop(): void
}

export type Watch = {
  /** Waits until it rang since the last call, or `ms` or `LOOK_MS` passed, or `until` is aborted. Never throws. */
  next(ms: number, until: AbortSignal): Promise<'rung' | 'quiet'>
  leave(): void
}

/** One read for each waiter in this time, should the bell be out of order. */
export const LOOK_MS = 5_000

type Ear = { readonly roots: ReadonlySet<Uuid> | undefined; rung: boolean; wake: AbortController }

export function openBell(env: Pick<Env, 'sleep'>): Bell {
  const ears = new Map<Tenant, Set<Ear>>()
  const stopping = new AbortController()

  const wake = (ear: Ear): void => {
    ear.rung = true
    ear.wake.abort()
  }

  return {
    stopped: stopping.signal,
    stop: () => stopping.abort(),
    ring(news) {
      if (news === 'unsure') for (const all of ears.values()) all.forEach(wake)
      else for (const ear of ears.get(news.tenant) ?? []) if (concerns(ear, news)) wake(ear)
    },
    watch(tenant, roots) {
      const ear: Ear = { roots: roots && new Set(roots), rung: false, wake: new AbortController() }
      const own = ears.get(tenant) ?? new Set()
      ears.set(tenant, own.add(ear))
      return {
        async next(ms, until) {
          const end = AbortSignal.any([ear.wake.signal, until, stopping.signal])
          await env.sleep(Math.min(ms, LOOK_MS), end).catch(() => undefined)
          const { rung } = ear
          ear.rung = false
          ear.wake = new AbortController()
          return rung ? 'rung' : 'quiet'
        },
        leave() {
          own.delete(ear)
          if (own.size === 0 && ears.get(tenant) === own) ears.delete(tenant)
        },
      }
    },
  }
}

function concerns({ roots }: Ear, news: Numbered): boolean {
  return roots === undefined || news.roots === 'many' || news.roots.some((root) => roots.has(root))
}

/**
 * Looks until there is enough to see, woken by the bell, for at most `waitMs`.
 * @param gone aborted when nobody waits for the answer any more
 * @returns what was seen last
 */
export async function lookUntil<T>(
  { env, bell }: { readonly env: Env; readonly bell: Bell },
  watch: Watch,
  wait: { readonly ms: number; readonly gone: AbortSignal },
  look: () => Promise<T>,
  enough: (seen: T) => boolean,
): Promise<T> {
  const end = env.monotonicMs() + wait.ms
  for (;;) {
    const seen = await look()
    const left = end - env.monotonicMs()
    if (enough(seen) || left <= 0) return seen
    await watch.next(left, wait.gone)
    if (wait.gone.aborted || bell.stopped.aborted) return seen
  }
}
