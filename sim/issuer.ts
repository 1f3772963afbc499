import type { DisputeOrder } from '../src/connectors/contract.ts'
import type { DisputeState } from '../src/core/dispute-machine.ts'
import type { News } from './post.ts'
import type { Booking, Verdict } from './provider.ts'
import type { World } from './world.ts'

/** What a cardholder has against a charge, in the provider's books. */
export type IssuerDispute = { readonly providerId: string; amount: bigint; state: DisputeState; submissions: number }

export type Issuer = {
  /** Whether somebody complains of this one. */
  isComplainedTo: () => boolean
  /** Some cardholders complain of what was captured, at once or later. */
  complain(booking: Booking): void
  /** An issuer reads one letter, and decides at once or takes its time. Without evidence the shop gives the dispute up. */
  read(booking: Booking, order: DisputeOrder): Verdict
}

/** Cardholders' banks: they ask, take money back, and decide, by what the shop says or by themselves. */
export function makeIssuer(world: World, nextId: () => string, tell: (news: News) => void): Issuer {
  const draw = world.random('issuer')

  /** An issuer asks about a charge, or takes back what is left of it, whole or in part. */
  function dispute(booking: Booking): void {
    const left = leftOf(booking)
    if (left <= 0n) return
    const amount = draw.chance(0.6) ? left : left / 2n + 1n
    const state = draw.chance(0.3) ? 'warning_needs_response' : 'needs_response'
    const opened: IssuerDispute = { providerId: nextId(), amount, state, submissions: 0 }
    booking.disputes.push(opened)
    world.mark(`dispute at the provider ${state}`)
    tell({ reference: booking.reference, type: 'dispute.created', refund: null })
    // Some issuers decide without waiting for the shop, and some take what they had only asked about.
    if (draw.chance(0.4)) world.after(draw.between(2_000, 100_000), () => goOn(booking, opened))
  }

  function goOn(booking: Booking, open: IssuerDispute): void {
    const state = nextOf(booking, open)
    const left = leftOf(booking)
    if (state === 'needs_response' && open.amount > left) open.amount = left
    if (state) become(booking, open, state)
  }

  function nextOf(booking: Booking, { state }: IssuerDispute): DisputeState | undefined {
    if (state === 'needs_response') return draw.chance(0.5) ? 'won' : 'lost'
    if (state !== 'warning_needs_response' && state !== 'warning_under_review') return undefined
    return leftOf(booking) <= 0n || draw.chance(0.4) ? 'warning_closed' : 'needs_response'
  }

  function become(booking: Booking, open: IssuerDispute, state: DisputeState): void {
    open.state = state
    world.mark(`dispute at the provider ${state}`)
    tell({ reference: booking.reference, type: 'dispute.updated', refund: null })
    if (state !== 'under_review') return
    world.after(draw.between(5_000, 120_000), () => {
      if (open.state === 'under_review') become(booking, open, draw.chance(0.5) ? 'won' : 'lost')
    })
  }

  const issuer: Issuer = {
    isComplainedTo: () => false,
    complain(booking) {
      if (!issuer.isComplainedTo()) return
      if (draw.chance(0.3)) dispute(booking)
      else world.after(draw.between(500, 100_000), () => dispute(booking))
      if (draw.chance(0.2)) world.after(draw.between(500, 100_000), () => dispute(booking))
    },
    read(booking, { providerId, evidence }) {
      const open = booking.disputes.find((one) => one.providerId === providerId)
      const wanted = open && WAITING[open.state]
      if (!wanted || (evidence && wanted !== 'answer')) return { sent: 'refused', refusal: 'wrong_state' }
      if (evidence) open.submissions += 1
      become(booking, open, evidence ? readAs(open.state, evidence.uncategorized_text) : givenUp(open.state))
      return { sent: 'accepted' }
    },
  }
  return issuer
}

/** What an issuer still takes from the shop; nothing where the dispute is over. */
const WAITING: { readonly [state in DisputeState]?: 'answer' | 'acceptance' } = {
  warning_needs_response: 'answer',
  warning_under_review: 'acceptance',
  needs_response: 'answer',
  under_review: 'acceptance',
}

const givenUp = (state: DisputeState): DisputeState => (state.startsWith('warning_') ? 'warning_closed' : 'lost')

function readAs(state: DisputeState, text: string | undefined): DisputeState {
  if (state.startsWith('warning_')) return text === 'winning' ? 'warning_closed' : 'warning_under_review'
  return text === 'winning' ? 'won' : text === 'losing' ? 'lost' : 'under_review'
}

export const refundedOf = ({ refunds }: Booking): bigint =>
  refunds.reduce((sum, { amount, status }) => (status === 'pending' || status === 'succeeded' ? sum + amount : sum), 0n)

/** What issuers have taken back and not given back. */
export const disputedOf = ({ disputes }: Booking): bigint =>
  disputes.reduce((sum, { amount, state }) => (TAKEN.includes(state) ? sum + amount : sum), 0n)
const TAKEN: readonly DisputeState[] = ['needs_response', 'under_review', 'lost']

export const leftOf = (booking: Booking): bigint => booking.captured - refundedOf(booking) - disputedOf(booking)
