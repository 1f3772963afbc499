import type { Tenant } from './ids.ts'

/**
 * What a provider told us. It names a charge to ask about, and nothing in it is a fact: whatever else it said is not even
 * kept. Its key is the provider's own id of it, so that it is the same one however often it is told.
 */
export type Notice = {
  readonly tenant: Tenant
  readonly connector: string
  /** Our account at the provider, as the provider names it. */
  readonly account: string
  readonly noticeId: string
  /** The provider's word for what happened, for the operator. */
  readonly type: string
  /** What the provider says we call the charge. */
  readonly reference: string
  readonly receivedAt: Date
}

/**
 * `waiting` to be asked about, for the first time or again; `done`: asked, and answered; `foreign`: about nothing that we
 * ever ordered; `given_up`: the provider knew nothing of it, or did not answer, for a day.
 */
export const NOTICE_STATES = ['waiting', 'done', 'foreign', 'given_up'] as const
export type NoticeState = (typeof NOTICE_STATES)[number]

/** A notice that somebody is asking about now. Whoever claims it next has a higher fence. */
export type ClaimedNotice = Notice & { readonly tries: number; readonly fence: number }

/** What became of a claimed notice. */
export type SettledNotice = Pick<ClaimedNotice, 'connector' | 'account' | 'noticeId' | 'fence'> &
  ({ readonly state: 'waiting'; readonly nextAt: Date } | { readonly state: Exclude<NoticeState, 'waiting'> })

const SECOND_MS = 1000
const PAUSES_MS = [2, 5, 10, 30, 60, 300, 900].map((seconds) => seconds * SECOND_MS)
const LONGEST_MS = 3600 * SECOND_MS
const PATIENCE_MS = 24 * 3600 * SECOND_MS

/** When to try a notice again that led to nothing; undefined where a day of trying is over. */
export function nextTry({ tries, receivedAt }: ClaimedNotice, now: Date): Date | undefined {
  if (now.getTime() - receivedAt.getTime() >= PATIENCE_MS) return undefined
  return new Date(now.getTime() + (PAUSES_MS[tries - 1] ?? LONGEST_MS))
}
