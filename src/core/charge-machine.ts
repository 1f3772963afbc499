import { type Machine, statesOf } from './machine.ts'

export type ChargeState =
  | 'intent'
  | 'requires_action'
  | 'pending'
  | 'unknown'
  | 'authorized'
  | 'captured'
  | 'declined'
  | 'failed'
  | 'voided'
  | 'surplus'
  | 'needs_review'

/** Facts about a charge, all of them evidence from the provider but `lost` and `undecided`, which are the lack of it. */
export type ChargeEvent =
  | 'action_required'
  | 'waiting'
  /** The call ended without an answer we can read. */
  | 'lost'
  | 'authorized'
  | 'captured'
  /** Success after the payment could no longer be made: its session ended meanwhile. */
  | 'late'
  | 'declined'
  /** The order never reached the provider, or the provider proves that it has no record of it. */
  | 'absent'
  | 'voided'
  /** Asking has gone on for as long as it makes sense: a person must look. */
  | 'undecided'

/**
 * Late, repeated and reordered facts are ordinary. Money that arrives on a charge that was closed becomes `surplus`,
 * which is outside the live set and orders its own void or refund.
 */
export const CHARGE_MACHINE: Machine<ChargeState, ChargeEvent> = {
  intent: {
    action_required: 'requires_action',
    waiting: 'pending',
    lost: 'unknown',
    authorized: 'authorized',
    captured: 'captured',
    late: 'surplus',
    declined: 'declined',
    absent: 'failed',
    voided: 'voided',
    undecided: 'needs_review',
  },
  requires_action: {
    action_required: '=',
    waiting: 'pending',
    lost: 'unknown',
    authorized: 'authorized',
    captured: 'captured',
    late: 'surplus',
    declined: 'declined',
    absent: 'failed',
    voided: 'voided',
    undecided: 'needs_review',
  },
  pending: {
    action_required: 'requires_action',
    waiting: '=',
    lost: 'unknown',
    authorized: 'authorized',
    captured: 'captured',
    late: 'surplus',
    declined: 'declined',
    absent: 'failed',
    voided: 'voided',
    undecided: 'needs_review',
  },
  unknown: {
    action_required: 'requires_action',
    waiting: 'pending',
    lost: '=',
    authorized: 'authorized',
    captured: 'captured',
    late: 'surplus',
    declined: 'declined',
    absent: 'failed',
    voided: 'voided',
    undecided: 'needs_review',
  },
  authorized: {
    action_required: '=',
    waiting: '=',
    lost: '=',
    authorized: '=',
    captured: 'captured',
    late: '=',
    declined: '!',
    absent: '!',
    voided: 'voided',
    undecided: '=',
  },
  captured: {
    action_required: '=',
    waiting: '=',
    lost: '=',
    authorized: '=',
    captured: '=',
    late: '=',
    declined: '!',
    absent: '!',
    voided: '!',
    undecided: '=',
  },
  declined: {
    action_required: '=',
    waiting: '=',
    lost: '=',
    authorized: 'surplus',
    captured: 'surplus',
    late: 'surplus',
    declined: '=',
    absent: '=',
    voided: '=',
    undecided: '=',
  },
  failed: {
    action_required: '=',
    waiting: '=',
    lost: '=',
    authorized: 'surplus',
    captured: 'surplus',
    late: 'surplus',
    declined: '=',
    absent: '=',
    voided: '=',
    undecided: '=',
  },
  voided: {
    action_required: '=',
    waiting: '=',
    lost: '=',
    authorized: '=',
    captured: 'surplus',
    late: '=',
    declined: '=',
    absent: '=',
    voided: '=',
    undecided: '=',
  },
  surplus: {
    action_required: '=',
    waiting: '=',
    lost: '=',
    authorized: '=',
    captured: '=',
    late: '=',
    declined: '=',
    absent: '=',
    voided: '=',
    undecided: '=',
  },
  needs_review: {
    action_required: '=',
    waiting: '=',
    lost: '=',
    authorized: 'authorized',
    captured: 'captured',
    late: 'surplus',
    declined: 'declined',
    absent: 'failed',
    voided: 'voided',
    undecided: '=',
  },
}

const ENDED: readonly ChargeState[] = ['declined', 'failed', 'voided', 'surplus']

/** The states in which a charge holds its payment: at most one charge of a payment and leg may be in any of them. */
export const LIVE_CHARGE_STATES: readonly ChargeState[] = statesOf(CHARGE_MACHINE).filter(
  (state) => !ENDED.includes(state),
)

export const isLiveCharge = (state: ChargeState): boolean => LIVE_CHARGE_STATES.includes(state)
