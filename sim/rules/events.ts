import type { EventFact } from '../../src/core/event.ts'
import { nameOf } from '../../src/core/ids.ts'
import type { Commit } from '../books.ts'
import { firstWrong, type Rule } from '../rules.ts'

/** What each step of a machine must be told as, in the commit of the step. */
const CHARGE_TOLD: Readonly<Record<string, readonly string[]>> = {
  requires_action: ['payment_intent.requires_action'],
  pending: ['charge.pending', 'payment_intent.processing'],
  authorized: ['charge.succeeded', 'payment_intent.amount_capturable_updated'],
  captured: ['payment_intent.succeeded'],
  declined: ['charge.failed', 'payment_intent.payment_failed'],
  failed: ['charge.failed', 'payment_intent.payment_failed'],
  voided: ['payment_intent.canceled'],
}
const SESSION_TOLD: Readonly<Record<string, readonly string[]>> = {
  open: ['checkout.session.created'],
  complete: ['checkout.session.completed'],
  expired: ['checkout.session.expired'],
  canceled: ['checkout.session.expired'],
  failed: ['checkout.session.expired'],
}

/** A charge that is not its payment's latest is nobody's news but its own. */
function mustTell(commit: Commit, latest: (chargeId: string) => boolean): readonly string[] {
  const types: string[] = []
  for (const { before, after } of commit.sessions) {
    if (before?.state === after.state || (before && after.state === 'open')) continue
    types.push(...(SESSION_TOLD[after.state] ?? []))
  }
  for (const { before, after } of commit.charges) {
    // Where nobody can act, nobody is asked to: the charge is declined next.
    const asksNobody = after.state === 'requires_action' && after.document.unattended
    if (before?.state === after.state || !latest(after.id) || asksNobody) continue
    types.push(...(CHARGE_TOLD[after.state] ?? []))
  }
  for (const { before, after } of commit.payments) {
    const charge = commit.charges.find((change) => change.after.id === after.latestChargeId)?.after
    const again = before && before.state !== after.state && after.state === 'requires_payment_method'
    if (again && charge?.state === 'surplus') types.push('payment_intent.payment_failed')
  }
  for (const { before, after } of commit.refunds) {
    if (!before) types.push('refund.created')
    else if (before.state !== after.state && after.state === 'failed') types.push('refund.failed')
  }
  for (const { before, after } of commit.disputes) {
    if (!before) types.push('charge.dispute.created')
    if (after.withdrawnAt && !before?.withdrawnAt) types.push('charge.dispute.funds_withdrawn')
    if (after.reinstatedAt && !before?.reinstatedAt) types.push('charge.dispute.funds_reinstated')
    const over = after.state === 'won' || after.state === 'lost' || after.state === 'warning_closed'
    if (over && before?.state !== after.state) types.push('charge.dispute.closed')
  }
  return types
}

/** These come with a step and with nothing else. */
const STEPS_ONLY = [
  'checkout.session.created',
  'checkout.session.completed',
  'checkout.session.expired',
  'charge.succeeded',
  'charge.failed',
  'payment_intent.payment_failed',
  'payment_intent.succeeded',
  'payment_intent.requires_action',
  'refund.created',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
]

const count = (types: readonly string[], type: string): number => types.filter((one) => one === type).length

export const EVENT_RULES: readonly Rule[] = [
  {
    id: 'I-15',
    says: 'each step is told, once, in its own commit',
    onCommit: ({ books }, commit) => {
      if (commit.sessions.length + commit.charges.length + commit.refunds.length + commit.events.length === 0) {
        return undefined
      }
      const latest = (id: string) => [...books.payments.values()].some(({ latestChargeId }) => latestChargeId === id)
      const due = mustTell(commit, latest)
      const told = commit.events.map(({ type }) => type)
      return (
        firstWrong(due, (type) =>
          count(told, type) === count(due, type) ? undefined : `${type} is told ${count(told, type)} times`,
        ) ??
        firstWrong(told, (type) => {
          // A hold that was told is not told again as success when it is captured.
          const extra = STEPS_ONLY.includes(type) && count(due, type) === 0 && type !== 'charge.succeeded'
          return extra ? `${type} is told and nothing happened` : undefined
        })
      )
    },
  },
  {
    id: 'I-01',
    says: 'when an order has an outcome, the key that waits for it is answered, by this commit at the latest',
    onCommit: ({ books }, { operations }) =>
      firstWrong(operations, ({ before, after }) => {
        const { answers } = after.document
        const over = after.state === 'succeeded' || after.state === 'failed'
        if (!answers || !over || before?.state === after.state || before?.state === 'needs_review') return undefined
        const row = books.keys.get(answers.key)
        return row && (row.answer !== null || row.refusal !== null) ? undefined : `key ${answers.key} stays undecided`
      }),
  },
  {
    id: 'snapshot',
    says: 'an event carries its objects as they are in that commit',
    onCommit: ({ books }, { events }) =>
      firstWrong(events, ({ type, snapshot }) => {
        if (snapshot.is === 'session') {
          const now = books.sessions.get(snapshot.session.id)
          return now?.state === snapshot.session.state ? undefined : `${type} shows ${snapshot.session.state}`
        }
        if (snapshot.is !== 'payment' && snapshot.is !== 'charge' && snapshot.is !== 'refund') return undefined
        const now = books.payments.get(snapshot.payment.id)
        return now?.state === snapshot.payment.state
          ? undefined
          : `${type} shows a payment that is ${snapshot.payment.state}`
      }),
  },
  {
    id: 'numbers',
    says: 'the numbers of events have no gap, and each event has one',
    onCommit: ({ books }, { numbered }) => {
      if (numbered.length === 0) return undefined
      const given = new Set(books.log.values())
      if (given.size !== books.log.size) return 'one event has two numbers'
      return books.log.has(BigInt(books.log.size)) ? undefined : `${books.log.size} numbers end elsewhere`
    },
  },
  {
    id: 'order',
    says: 'the events of one root are numbered in their order',
    onCommit: ({ books }, { numbered }) => {
      if (numbered.length === 0) return undefined
      const last = new Map<string, EventFact>()
      return firstWrong(
        [...books.log].sort(([a], [b]) => Number(a - b)),
        ([number, id]) => {
          const event = books.events.get(id)
          if (!event) return `number ${number} stands for no event`
          const before = last.get(event.root)
          last.set(event.root, event)
          const follows =
            !before ||
            before.rootVersion < event.rootVersion ||
            (before.rootVersion === event.rootVersion && before.ordinal < event.ordinal)
          return follows ? undefined : `number ${number} (${event.type}) comes after ${before.type}`
        },
      )
    },
  },
  {
    id: 'I-16',
    says: 'what is written down as delivered was received',
    onCommit: ({ books, receivers }, { deliveries }) =>
      firstWrong(deliveries, ({ after }) => {
        if (after.state !== 'delivered') return undefined
        const endpoint = [...books.endpoints.values()].find(({ id }) => id === after.endpoint_id)
        const event = [...books.events.values()].find(({ id }) => id === after.event_id)
        const receiver = receivers.find(({ url }) => url === endpoint?.url)
        if (!event || !receiver) return `delivery ${after.number} is for nobody`
        return receiver.got.has(nameOf('event', event.tenant, event.id)) ? undefined : `${event.type} never arrived`
      }),
  },
  {
    id: 'I-16',
    says: 'a delivery is given up only after three days',
    onCommit: (_, { deliveries }) =>
      firstWrong(deliveries, ({ after }) =>
        after.state === 'failed' && Number(after.tries) < 13
          ? `number ${after.number} failed after ${after.tries} tries`
          : undefined,
      ),
  },
]
