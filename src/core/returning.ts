import type { Attempt } from './attempt.ts'
import { RETURNED_REFUND_STATES } from './refund-machine.ts'

/**
 * Whether money on a charge that is over is still held or taken: nobody may pay again beside it. What the provider has
 * accepted as a refund is on its way back, however long a bank takes for it; what an issuer took back is there.
 */
export function isReturning({ charge, refunds }: Pick<Attempt, 'charge' | 'refunds'>): boolean {
  if (charge.state !== 'surplus') return false
  const back = refunds.filter(({ state, providerId }) => providerId !== null && RETURNED_REFUND_STATES.includes(state))
  return charge.held > 0n || charge.captured > back.reduce((sum, { amount }) => sum + amount, charge.disputed)
}

/** The shopper took another card, or never came back: whatever the charge still brings is not wanted any more. */
export const wasGivenUp = ({ orders }: Pick<Attempt, 'orders'>): boolean =>
  orders.some(({ kind, document }) => kind === 'void' && document.givesUp === true)
