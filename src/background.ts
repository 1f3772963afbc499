import type { Logger } from 'pino'
import { followDatabaseClock } from './databases.ts'
import type { ProductionEnv } from './env.ts'
import { expireDueSessions } from './flows/close-session.ts'
import { keepDeliveries } from './flows/endpoints/keep-deliveries.ts'
import { followNotices } from './flows/follow-notices.ts'
import { forgetOldKeys } from './flows/forget-keys.ts'
import { forgetOldNotices } from './flows/forget-notices.ts'
import { forgetOldLines, type RequestTails } from './flows/listeners/tails.ts'
import { lookAgain } from './flows/look-again.ts'
import type { Payments } from './flows/pay.ts'
import { sweepOrders } from './flows/sweep.ts'
import { type Round, type Rounds, startRounds } from './rounds.ts'
import type { Sql } from './storage/connect.ts'
import type { Vault } from './vault/vault.ts'

/** A card that no attempt has used up by then is shredded. */
const UNUSED_CARD_MS = 60 * 60 * 1000

export type Background = {
  /** A provider has told something: it is followed at once, not at the next round. */
  noticeKept(): void
  stop(): Promise<unknown>
}

type Parts = {
  readonly env: ProductionEnv
  readonly log: Logger
  readonly sql: Sql
  readonly payments: Payments
  readonly vault: Pick<Vault, 'forgetBefore'>
  readonly tails: RequestTails
}

/** Starts what runs beside the requests. */
export function startBackground({ env, log, sql, payments, vault, tails }: Parts): Background {
  const rounds = (
    [
      { name: 'expire sessions', everyMs: 1_000, work: () => expireDueSessions(payments) },
      { name: 'ask about orders', everyMs: 1_000, work: () => sweepOrders(payments), overlaps: true },
      { name: 'look at charges again', everyMs: 5_000, work: () => lookAgain(payments), overlaps: true },
      { name: 'show requests', everyMs: 250, work: tails.pass },
      { name: 'give up and forget old deliveries', everyMs: 60_000, work: () => keepDeliveries(payments) },
      { name: 'forget old idempotency keys', everyMs: 60_000, work: () => forgetOldKeys(payments) },
      { name: 'forget old notices', everyMs: 60_000, work: () => forgetOldNotices(payments) },
      { name: 'forget requests that were shown', everyMs: 60_000, work: () => forgetOldLines(payments) },
      { name: 'follow the database clock', everyMs: 60_000, work: () => followDatabaseClock(sql, env) },
      {
        name: 'shred unused cards',
        everyMs: 60_000,
        work: () => vault.forgetBefore(new Date(env.now().getTime() - UNUSED_CARD_MS)),
      },
    ] satisfies readonly Round[]
  ).map((round) => startRounds(env, log, round))
  const notices: Rounds = startRounds(env, log, {
    name: 'follow what providers tell',
    everyMs: 1_000,
    overlaps: true,
    work: async () => {
      // Where there was something there may be more.
      if ((await followNotices(payments)) > 0) notices.wake()
    },
  })
  return {
    noticeKept: notices.wake,
    stop: () => Promise.all([...rounds, notices].map((round) => round.stop())),
  }
}
