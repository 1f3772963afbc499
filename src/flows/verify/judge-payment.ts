import type { ChargeState } from '../../core/charge-machine.ts'
import { isLiveCharge } from '../../core/charge-machine.ts'
import { nameOf } from '../../core/ids.ts'
import { paymentStateFor } from '../../core/payment-machine.ts'
import type { ChargeBooks, PaymentBooks } from '../../storage/books.ts'
import { type Finding, Findings } from './finding.ts'
import { balance, judgeCharge } from './judge-charge.ts'
import { judgeTold } from './judge-told.ts'

/** Everything that must hold of a payment, its session, its charges and what was told of them. */
export function judgePayment(books: PaymentBooks): readonly Finding[] {
  const { payment } = books
  const findings = new Findings(nameOf('payment', payment.tenant, payment.id))
  judgeState(books, findings)
  judgeTold(books, findings)
  return [...findings.found, ...judgeSession(books), ...books.charges.flatMap(judgeCharge)]
}

/** An order that would end the hold, or the wait for the shopper, is in doubt: the payment is neither open nor over. */
const isEnding = ({ charge, operations }: ChargeBooks): boolean =>
  (charge.state === 'authorized' || charge.state === 'requires_action') &&
  operations.some(({ final, state }) => final && (state === 'unknown' || state === 'needs_review'))

/** Money that nobody wanted has not gone back: a payment that had waited for its outcome waits for that. */
function isReturning({ charge, refunds }: ChargeBooks): boolean {
  const back = refunds.filter(
    ({ providerId, state }) => providerId !== null && (state === 'pending' || state === 'succeeded'),
  )
  const sum = back.reduce((total, { amount }) => total + amount, charge.disputed)
  return charge.state === 'surplus' && (charge.held > 0n || charge.captured > sum)
}

function judgeState({ payment, charges }: PaymentBooks, findings: Findings): void {
  const live = charges.filter(({ charge }) => isLiveCharge(charge.state))
  if (live.length > 1) findings.add('one_live', 'one live charge', `${live.length}`)
  findings.same('payment_reserved', 'reserved', live.length > 0 ? payment.amount : 0n, payment.reserved)
  const latest = live[0] ?? charges.at(-1)
  findings.same('payment_state', 'latest charge', latest?.charge.id ?? 'none', payment.latestChargeId ?? 'none')
  const derived = paymentStateFor(latest?.charge.state ?? null, payment.canceledAt !== null)
  const returning = latest && payment.state === 'processing' && isReturning(latest)
  // Where nobody could act the demand to act is not shown; the books do not carry which charges those are.
  const unshown = latest?.charge.state === 'requires_action' && payment.state === 'processing'
  const waits = latest && (returning || unshown || isEnding(latest))
  const state = waits ? 'processing' : derived
  // Before a charge a payment waits for its method or for its confirmation: both are the same to the books.
  const stored = payment.state === 'requires_confirmation' ? 'requires_payment_method' : payment.state
  findings.same('payment_state', 'state', state, stored)
}

const UNDER_WAY: readonly ChargeState[] = ['intent', 'requires_action', 'pending', 'unknown', 'needs_review']

function judgeSession({ payment, session, charges }: PaymentBooks): readonly Finding[] {
  if (!session) return []
  const findings = new Findings(nameOf('session', payment.tenant, session.id))
  findings.same('session_tries', 'tries', charges.length, session.tries)
  findings.same('session_state', 'amount', session.amountTotal, payment.amount)
  const latest = charges.find(({ charge }) => charge.id === payment.latestChargeId)
  const returning = latest !== undefined && payment.state === 'processing' && isReturning(latest)
  const underWay = returning || charges.some(({ charge }) => UNDER_WAY.includes(charge.state))
  findings.same('session_state', 'processing', underWay, session.state === 'processing')
  const paid = charges.some(({ charge }) => charge.state === 'authorized' || charge.state === 'captured')
  if (paid) findings.same('session_state', 'with its money', 'complete', session.state)
  // A hold that was released, or taken after that, was evidence in its time.
  const evidence = charges.some(({ charge, postings }) => !UNDER_WAY.includes(charge.state) && postings.length > 0)
  if (session.state === 'complete' && !evidence) findings.add('session_state', 'complete by evidence', 'no posting')
  if (session.state === 'expired' || session.state === 'canceled') {
    for (const books of charges) {
      if (keepsMoney(books)) {
        const name = nameOf('charge', payment.tenant, books.charge.id)
        findings.add('closed_session', `${session.state} without money`, `${name} is ${books.charge.state}`)
      }
    }
  }
  return findings.found
}

/** Money that came after a session was closed is on its way back, or a person has been told. */
function keepsMoney({ charge, operations, refunds, postings }: ChargeBooks): boolean {
  if (isLiveCharge(charge.state)) return true
  const kept = balance(postings, 'authorized') > 0n || balance(postings, 'receivable') > 0n
  const returning =
    operations.some(({ kind, state }) => kind !== 'authorize' && state !== 'succeeded') ||
    refunds.some(({ state }) => state === 'requested' || state === 'pending' || state === 'needs_review')
  return kept && !returning
}
