import type { ChargeState } from './charge-machine.ts'
import type { Machine } from './machine.ts'

export type SessionState = 'open' | 'processing' | 'complete' | 'expired' | 'canceled' | 'failed'

export type SessionEvent =
  /** The shopper pressed Pay: an intent to charge is written in the same commit. */
  | 'confirm'
  /** The attempt ended without money and tries are left. */
  | 'declined'
  /** The attempt ended without money and no try is left, or nothing can change the answer. */
  | 'exhausted'
  /** The shopper has nothing left to do. */
  | 'succeeded'
  /** Time ran out, or the shop closed the session. */
  | 'expire'
  /** The shopper gave up, where the session's door lets that end it. */
  | 'cancel'

/** Only `open` may expire or be canceled: a session that is being paid ends by its payment's outcome alone. */
export const SESSION_MACHINE: Machine<SessionState, SessionEvent> = {
  open: {
    confirm: 'processing',
    declined: '=',
    exhausted: '=',
    succeeded: '!',
    expire: 'expired',
    cancel: 'canceled',
  },
  processing: {
    confirm: '-',
    declined: 'open',
    exhausted: 'failed',
    succeeded: 'complete',
    expire: '-',
    cancel: '-',
  },
  complete: { confirm: '-', declined: '!', exhausted: '!', succeeded: '=', expire: '-', cancel: '-' },
  expired: { confirm: '-', declined: '=', exhausted: '=', succeeded: '!', expire: '-', cancel: '-' },
  canceled: { confirm: '-', declined: '=', exhausted: '=', succeeded: '!', expire: '-', cancel: '-' },
  failed: { confirm: '-', declined: '=', exhausted: '=', succeeded: '!', expire: '-', cancel: '-' },
}

/** Why a session that nobody paid is closed; the page says it differently to the shopper. */
export type ClosedBy = 'time' | 'merchant' | 'shopper'

/** What the page shows, by number in the page's specification: `form` 2–4, `processing` 5, `challenge` 6 and 7, `confirming` 8 and so on. */
export type ScreenName =
  | 'form'
  | 'processing'
  | 'challenge'
  | 'confirming'
  | 'success'
  | 'failure'
  | 'canceled_by_shopper'
  | 'closed_by_merchant'
  | 'expired'
  | 'in_progress_elsewhere'

export type ScreenFacts = {
  readonly state: SessionState
  readonly closedBy: ClosedBy | null
  /** The latest charge's state, when there has been one. */
  readonly charge: ChargeState | null
  /** The shopper took another card or did not come back, and the bank has not let go yet. */
  readonly givenUp: boolean
  /** Time is up although no worker has closed the session yet: nothing may be offered for payment. */
  readonly pastExpiry: boolean
  /** This window sent the attempt that is in flight. */
  readonly ownAttempt: boolean
}

/** Money that came on a charge which was over is held until it is on its way back. */
const IN_DOUBT: readonly (ChargeState | null)[] = ['unknown', 'needs_review', 'surplus']

/** The one guard of the page: the screen is a function of the session, never of the way the shopper came. */
export function screenFor(facts: ScreenFacts): ScreenName {
  switch (facts.state) {
    case 'open':
      return facts.pastExpiry ? 'expired' : 'form'
    case 'processing':
      if (facts.givenUp || IN_DOUBT.includes(facts.charge)) return 'confirming'
      // The issuer's page may be opened from any window: nobody is shut out by the one that was closed.
      if (facts.charge === 'requires_action') return 'challenge'
      return facts.ownAttempt ? 'processing' : 'in_progress_elsewhere'
    case 'complete':
      return 'success'
    case 'failed':
      return 'failure'
    case 'canceled':
      return facts.closedBy === 'shopper' ? 'canceled_by_shopper' : 'closed_by_merchant'
    case 'expired':
      return facts.closedBy === 'merchant' ? 'closed_by_merchant' : 'expired'
  }
}
