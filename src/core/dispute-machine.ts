import type { Machine } from './machine.ts'

/** Stripe's words; the dispute's status on the native wire is this very word. Before a chargeback an issuer only asks. */
export type DisputeState =
  | 'warning_needs_response'
  | 'warning_under_review'
  | 'warning_closed'
  | 'needs_response'
  | 'under_review'
  | 'won'
  | 'lost'

/** Facts about a dispute, all of them evidence from the provider. */
export type DisputeEvent =
  /** The issuer asks. */
  | 'asked'
  | 'inquiry_answered'
  | 'inquiry_closed'
  /** The issuer has taken the money back, and waits for the merchant's answer. */
  | 'charged_back'
  | 'answered'
  | 'won'
  | 'lost'

/**
 * Facts come late, twice and in any order, and some are never heard: whatever an issuer does next may be heard first.
 * An older fact changes nothing. A decided dispute that is decided otherwise, and a chargeback that was only a question,
 * contradict what moved money: that is never applied.
 */
export const DISPUTE_MACHINE: Machine<DisputeState, DisputeEvent> = {
  warning_needs_response: {
    asked: '=',
    inquiry_answered: 'warning_under_review',
    inquiry_closed: 'warning_closed',
    charged_back: 'needs_response',
    answered: 'under_review',
    won: 'won',
    lost: 'lost',
  },
  warning_under_review: {
    asked: '=',
    inquiry_answered: '=',
    inquiry_closed: 'warning_closed',
    charged_back: 'needs_response',
    answered: 'under_review',
    won: 'won',
    lost: 'lost',
  },
  warning_closed: {
    asked: '=',
    inquiry_answered: '=',
    inquiry_closed: '=',
    charged_back: 'needs_response',
    answered: 'under_review',
    won: 'won',
    lost: 'lost',
  },
  needs_response: {
    asked: '=',
    inquiry_answered: '=',
    inquiry_closed: '!',
    charged_back: '=',
    answered: 'under_review',
    won: 'won',
    lost: 'lost',
  },
  under_review: {
    asked: '=',
    inquiry_answered: '=',
    inquiry_closed: '!',
    charged_back: '=',
    answered: '=',
    won: 'won',
    lost: 'lost',
  },
  won: {
    asked: '=',
    inquiry_answered: '=',
    inquiry_closed: '!',
    charged_back: '=',
    answered: '=',
    won: '=',
    lost: '!',
  },
  lost: {
    asked: '=',
    inquiry_answered: '=',
    inquiry_closed: '!',
    charged_back: '=',
    answered: '=',
    won: '!',
    lost: '=',
  },
}

/** The fact behind each state that a provider shows. */
export const FACT_OF: { readonly [state in DisputeState]: DisputeEvent } = {
  warning_needs_response: 'asked',
  warning_under_review: 'inquiry_answered',
  warning_closed: 'inquiry_closed',
  needs_response: 'charged_back',
  under_review: 'answered',
  won: 'won',
  lost: 'lost',
}

/** Nobody waits for anything any more. */
export const isOverDispute = (state: DisputeState): boolean =>
  state === 'warning_closed' || state === 'won' || state === 'lost'

/** The merchant's answer is still wanted. */
export const wantsResponse = (state: DisputeState): boolean =>
  state === 'needs_response' || state === 'warning_needs_response'

export const isInquiry = (state: DisputeState): boolean => state.startsWith('warning_')
