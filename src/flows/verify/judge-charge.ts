import type { ChargeState } from '../../core/charge-machine.ts'
import type { DisputeState } from '../../core/dispute-machine.ts'
import { nameOf } from '../../core/ids.ts'
import { smallerOf } from '../../core/money.ts'
import type { Operation } from '../../core/operation.ts'
import type { LedgerAccount } from '../../core/posting.ts'
import { RESERVING_REFUND_STATES } from '../../core/refund-machine.ts'
import type { ChargeBooks } from '../../storage/books.ts'
import { type Finding, Findings } from './finding.ts'

/** Recomputes a charge's numbers from its postings, orders and refunds, and compares them with what is stored. */
export function judgeCharge(books: ChargeBooks): readonly Finding[] {
  const findings = new Findings(nameOf('charge', books.charge.tenant, books.charge.id))
  judgeLedger(books, findings)
  judgeRefunds(books, findings)
  judgeDisputes(books, findings)
  judgeState(books, findings)
  judgeOrders(books, findings)
  return findings.found
}

/** Debits minus credits. */
export function balance(postings: ChargeBooks['postings'], account: LedgerAccount): bigint {
  let sum = 0n
  for (const { debit, credit, amount } of postings) {
    if (debit === account) sum += amount
    if (credit === account) sum -= amount
  }
  return sum
}

function judgeLedger({ charge, operations, refunds, disputes, postings }: ChargeBooks, findings: Findings): void {
  const [captured, refunded] = [-balance(postings, 'sales'), balance(postings, 'refunds')]
  const owed = charge.captured - charge.refunded - charge.disputed
  findings.same('ledger_held', 'held', balance(postings, 'authorized'), charge.held)
  findings.same('ledger_held', 'held on the other side', -balance(postings, 'holds'), charge.held)
  findings.same('ledger_captured', 'captured', captured, charge.captured)
  findings.same('ledger_refunded', 'refunded', refunded, charge.refunded)
  findings.same('ledger_disputed', 'disputed', balance(postings, 'disputes'), charge.disputed)
  findings.same('ledger_receivable', 'receivable', balance(postings, 'receivable'), owed)
  for (const { cause, currency, amount } of postings) {
    const known = [...operations, ...refunds, ...disputes].some(({ id }) => id === cause)
    if (!known)
      findings.add('ledger_cause', 'an order, a refund or a dispute', `a posting of ${amount} caused by ${cause}`)
    findings.same('ledger_cause', 'a posting in', charge.currency, currency)
  }
}

/** What each state says of the money, written down here a second time on purpose. */
const TAKEN: { readonly [state in DisputeState]: readonly [withdrawn: boolean, reinstated: boolean] } = {
  warning_needs_response: [false, false],
  warning_under_review: [false, false],
  warning_closed: [false, false],
  needs_response: [true, false],
  under_review: [true, false],
  won: [true, true],
  lost: [true, false],
}

function judgeDisputes({ charge, disputes, postings }: ChargeBooks, findings: Findings): void {
  for (const { id, state, amount } of disputes) {
    const name = nameOf('dispute', charge.tenant, id)
    const own = postings.filter(({ cause }) => cause === id)
    const booked = (side: 'debit' | 'credit') =>
      own.reduce((sum, posting) => (posting[side] === 'disputes' ? sum + posting.amount : sum), 0n)
    const [withdrawn, reinstated] = TAKEN[state]
    findings.same('ledger_dispute', `${name} (${state}) took`, withdrawn ? amount : 0n, booked('debit'))
    findings.same('ledger_dispute', `${name} (${state}) gave back`, reinstated ? amount : 0n, booked('credit'))
  }
}

function judgeRefunds({ charge, refunds, postings }: ChargeBooks, findings: Findings): void {
  for (const { id, state, amount } of refunds) {
    const own = postings.filter(({ cause }) => cause === id)
    const booked = state === 'succeeded' ? amount : 0n
    findings.same('ledger_refund', `${nameOf('refund', charge.tenant, id)} booked`, booked, balance(own, 'refunds'))
  }
  const reserving = refunds.filter(({ state }) => RESERVING_REFUND_STATES.includes(state))
  const ours = sumOf(reserving.filter(({ origin }) => origin !== 'provider'))
  const theirs = sumOf(reserving.filter(({ origin }) => origin === 'provider'))
  // The column never passes what was ordered captured: the database refuses that.
  findings.same('refund_ordered', 'reserved', smallerOf(ours, charge.captureOrdered), charge.refundOrdered)
  findings.same('refund_ordered', 'reserved elsewhere', theirs, charge.refundedElsewhere)
}

const sumOf = (refunds: ChargeBooks['refunds']): bigint => refunds.reduce((sum, { amount }) => sum + amount, 0n)

/** What each state says of the money, written down here a second time on purpose: the machine is what is judged. */
const MONEY: { readonly [state in ChargeState]: { readonly held: boolean | null; readonly captured: boolean | null } } =
  {
    intent: { held: false, captured: false },
    requires_action: { held: false, captured: false },
    pending: { held: false, captured: false },
    unknown: { held: false, captured: false },
    // A person looks at it: the provider has shown what cannot be.
    needs_review: { held: null, captured: null },
    authorized: { held: true, captured: false },
    captured: { held: false, captured: true },
    declined: { held: false, captured: false },
    failed: { held: false, captured: false },
    voided: { held: false, captured: false },
    surplus: { held: null, captured: null },
  }

function judgeState({ charge, postings }: ChargeBooks, findings: Findings): void {
  const { held, captured } = MONEY[charge.state]
  const holds = balance(postings, 'authorized') !== 0n
  const sold = balance(postings, 'sales') !== 0n
  if (held !== null) findings.same('charge_state', `${charge.state} with money held`, held, holds)
  if (captured !== null) findings.same('charge_state', `${charge.state} with money captured`, captured, sold)
}

const AUTHORIZE_FOR: { readonly [state in ChargeState]: Operation['state'] } = {
  intent: 'intent',
  requires_action: 'unknown',
  pending: 'unknown',
  unknown: 'unknown',
  needs_review: 'needs_review',
  authorized: 'succeeded',
  captured: 'succeeded',
  declined: 'failed',
  failed: 'failed',
  voided: 'succeeded',
  surplus: 'succeeded',
}

function judgeOrders({ charge, operations, refunds, postings }: ChargeBooks, findings: Findings): void {
  const authorize = operations.filter(({ kind }) => kind === 'authorize')
  findings.same('orders_state', 'orders to authorize:', 1, authorize.length)
  for (const { state } of authorize) {
    findings.same('orders_state', 'the order to authorize', AUTHORIZE_FOR[charge.state], state)
  }
  const settled = operations.filter(({ final, state }) => final && state === 'succeeded')
  if (settled.length > 1) findings.add('orders_state', 'one capture or void', `${settled.length}`)
  for (const order of settled) {
    const sold = -balance(postings, 'sales')
    if (order.kind === 'capture') findings.same('orders_state', 'captured by order', order.amount, sold)
    if (order.kind === 'void') findings.same('orders_state', 'left after a void', 0n, balance(postings, 'authorized'))
  }
  const orders = new Map(operations.filter(({ kind }) => kind === 'refund').map((order) => [order.id, order]))
  for (const refund of refunds) {
    const order = orders.get(refund.id)
    orders.delete(refund.id)
    if (refund.origin === 'provider') continue
    const name = nameOf('refund', charge.tenant, refund.id)
    if (isHeldBack(refund)) {
      if (order) findings.add('orders_state', `no order for ${name}, whose approval is ${refund.approval}`, order.state)
    } else if (!order) findings.add('orders_state', `an order for ${name}`, 'none')
    else if (order.amount !== refund.amount || !agree(order, refund)) {
      findings.add(
        'orders_state',
        `${name} ${refund.state} ${refund.amount}`,
        `its order ${order.state} ${order.amount}`,
      )
    }
  }
  for (const id of orders.keys()) findings.add('orders_state', 'a refund for every order to refund', `order ${id}`)
}

/** Nobody has let it leave. */
const isHeldBack = ({ approval }: ChargeBooks['refunds'][number]): boolean =>
  approval === 'waiting' || approval === 'rejected'

/** An order to refund has succeeded once the provider has the refund, whatever becomes of it. */
function agree(order: Pick<Operation, 'state'>, { providerId, state }: ChargeBooks['refunds'][number]): boolean {
  switch (order.state) {
    case 'succeeded':
      return providerId !== null
    case 'failed':
      return state === 'failed' || providerId !== null
    default:
      return providerId === null && (state === 'requested' || state === 'needs_review')
  }
}
