import type { EventType } from '../../core/event.ts'
import type { PaymentBooks } from '../../storage/books.ts'
import type { Findings } from './finding.ts'

type Least = number
type Most = number

/** What was told must fit what happened: each transition once. A step that may have been told or not has two bounds. */
export function judgeTold({ payment, session, charges, told }: PaymentBooks, findings: Findings): void {
  const count = (...states: readonly string[]) => charges.filter(({ charge }) => states.includes(charge.state)).length
  const refunds = charges.flatMap((one) => one.refunds)
  const disputes = charges.flatMap((one) => one.disputes)
  const [won, taken] = [disputes.filter(({ state }) => state === 'won').length, disputes.filter(hasTaken).length]
  const wanted: Partial<Record<EventType, readonly [Least, Most]>> = {
    // Voided before it held anything, or found by its absence and paid late: it was never told as a success.
    'charge.succeeded': [count('authorized', 'captured'), count('authorized', 'captured', 'voided', 'surplus')],
    'charge.failed': [count('declined', 'failed'), count('declined', 'failed', 'surplus')],
    'charge.dispute.funds_withdrawn': [taken, taken],
    'charge.dispute.funds_reinstated': [won, won],
    'payment_intent.created': [1, 1],
    'payment_intent.succeeded': [count('captured'), count('captured')],
    'refund.created': [refunds.length, refunds.length],
  }
  if (session) {
    const { state } = session
    const complete = Number(state === 'complete')
    const closed = Number(state === 'expired' || state === 'canceled' || state === 'failed')
    wanted['checkout.session.created'] = [1, 1]
    // A hold that was released again leaves its session complete.
    wanted['checkout.session.completed'] = [complete, complete]
    wanted['checkout.session.expired'] = [closed, closed]
  }
  for (const [type, [least, most]] of Object.entries(wanted)) {
    const times = told.get(type) ?? 0
    if (times < least || times > most) {
      const expected = least === most ? `${least}` : `${least} to ${most}`
      findings.add('told', `${type} ${expected} times`, `${times} times`)
    }
  }
  for (const types of TOGETHER) {
    const [first = 0, ...others] = types.map((type) => told.get(type) ?? 0)
    if (others.some((times) => times !== first) && charges.every(({ charge }) => charge.state !== 'surplus')) {
      findings.add(
        'told',
        `${types.join(' and ')} together`,
        `in ${payment.state}: ${[first, ...others].join(' and ')}`,
      )
    }
  }
}

/** Told in one breath. */
const TOGETHER: readonly (readonly EventType[])[] = [['charge.failed', 'payment_intent.payment_failed']]

/** A chargeback has taken its money, whatever became of that. */
const hasTaken = ({ state }: PaymentBooks['charges'][number]['disputes'][number]): boolean =>
  !state.startsWith('warning_')
