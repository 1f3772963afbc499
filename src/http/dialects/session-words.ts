import type { Dialect, Session } from '../../core/session.ts'
import type { SessionState } from '../../core/session-machine.ts'

type Words = { readonly [state in Exclude<SessionState, 'complete'> | 'paid' | 'unpaid']: string }

/** What each door beside our own calls a session's state; a complete one by whether its money has come. */
const WORDS: { readonly [door in Dialect]: Words } = {
  opencheckout: {
    open: 'open',
    processing: 'processing',
    paid: 'completed',
    unpaid: 'processing',
    expired: 'expired',
    canceled: 'canceled',
    failed: 'canceled',
  },
  ozura: {
    open: 'pending',
    processing: 'pending',
    paid: 'completed',
    unpaid: 'pending',
    expired: 'expired',
    canceled: 'cancelled',
    failed: 'failed',
  },
  bpc: {
    open: 'open',
    processing: 'open',
    paid: 'completed',
    unpaid: 'open',
    expired: 'expired',
    canceled: 'expired',
    failed: 'expired',
  },
  hsrc: {
    open: 'PENDING',
    processing: 'PROCESSING',
    paid: 'COMPLETED',
    unpaid: 'PROCESSING',
    expired: 'EXPIRED',
    canceled: 'CANCELLED',
    failed: 'FAILED',
  },
  secpaid: {
    open: 'Unused',
    processing: 'Unused',
    paid: 'Used',
    unpaid: 'Unused',
    expired: 'Deleted',
    canceled: 'Cancelled',
    failed: 'Cancelled',
  },
}

/** @param captured what came of its money so far, in minor units; a session of nothing is paid when it is complete */
export function sessionWord(door: Dialect, session: Pick<Session, 'state' | 'amountTotal'>, captured: bigint): string {
  const { state } = session
  if (state !== 'complete') return WORDS[door][state]
  return WORDS[door][captured >= session.amountTotal ? 'paid' : 'unpaid']
}
