import type { Machine } from './machine.ts'

export type RefundState = 'requested' | 'pending' | 'succeeded' | 'failed' | 'canceled' | 'needs_review'

export type RefundEvent =
  /** The provider has it and will tell. */
  | 'accepted'
  | 'succeeded'
  | 'failed'
  /** Called back before the money left. */
  | 'canceled'
  /** The call ended without an answer we can read. */
  | 'lost'
  /** The provider proves that it has no record of it. */
  | 'absent'
  | 'undecided'

/**
 * Money that came back after it had been paid out is a new fact: `succeeded` may still become `failed`. And a refund
 * that we closed because the provider had no record of it may turn out to have been made.
 */
export const REFUND_MACHINE: Machine<RefundState, RefundEvent> = {
  requested: {
    accepted: 'pending',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'canceled',
    lost: '=',
    absent: 'failed',
    undecided: 'needs_review',
  },
  pending: {
    accepted: '=',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'canceled',
    lost: '=',
    absent: '!',
    undecided: 'needs_review',
  },
  succeeded: {
    accepted: '=',
    succeeded: '=',
    failed: 'failed',
    canceled: '!',
    lost: '=',
    absent: '!',
    undecided: '=',
  },
  failed: {
    accepted: 'pending',
    succeeded: 'succeeded',
    failed: '=',
    canceled: '=',
    lost: '=',
    absent: '=',
    undecided: '=',
  },
  canceled: { accepted: '=', succeeded: '!', failed: '=', canceled: '=', lost: '=', absent: '=', undecided: '=' },
  needs_review: {
    accepted: 'pending',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'canceled',
    lost: '=',
    absent: 'failed',
    undecided: '=',
  },
}

/** The provider has accepted it, and nothing has been heard to the contrary. */
export const RETURNED_REFUND_STATES: readonly RefundState[] = ['pending', 'succeeded']

/** While a refund is in one of these its amount is reserved: no other refund can have it. */
export const RESERVING_REFUND_STATES: readonly RefundState[] = ['requested', 'pending', 'succeeded', 'needs_review']
