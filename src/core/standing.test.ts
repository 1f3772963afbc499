import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attemptBegun, NOW } from '../../test/support/records.ts'
import type { Charge } from './charge.ts'
import type { Payment } from './payment.ts'
import type { Session } from './session.ts'
import { isSettled, STANDINGS, type Standing, standingOf } from './standing.ts'

const begun = attemptBegun()
const session = begun.session as Session

type Change = { session?: Partial<Session>; payment?: Partial<Payment>; charge?: Partial<Charge> }
const complete = { state: 'complete', completedAt: NOW } as const
const CASES: readonly [what: string, change: Change, expected: Standing][] = [
  ['nobody has paid', { session: { state: 'open' } }, 'open'],
  ['the bank is asked', {}, 'processing'],
  ['the bank is silent', { charge: { state: 'unknown' } }, 'processing'],
  ['the shopper is at the bank', { charge: { state: 'requires_action' } }, 'processing'],
  ['nobody can say', { charge: { state: 'needs_review' } }, 'needs_review'],
  ['all is captured', { session: complete, charge: { captured: 2400n } }, 'paid'],
  ['some is captured', { session: complete, charge: { captured: 1n } }, 'partly_paid'],
  ['it is held', { session: complete, payment: { state: 'requires_capture' } }, 'authorized'],
  ['a capture is in doubt', { session: complete, payment: { state: 'processing' } }, 'processing'],
  ['a capture needs a person', { session: complete, charge: { state: 'needs_review' } }, 'needs_review'],
  ['the hold was released', { session: complete, payment: { state: 'canceled' } }, 'canceled'],
  ['there was nothing to pay', { session: { ...complete, amountTotal: 0n } }, 'no_payment_required'],
  ['its time ran out', { session: { state: 'expired' } }, 'expired'],
  ['the shopper gave up', { session: { state: 'canceled' } }, 'canceled'],
  ['no try was left', { session: { state: 'failed' } }, 'failed'],
]

for (const [what, change, expected] of CASES) {
  test(`${what}: ${expected}`, () => {
    const view = {
      session: { ...session, ...change.session },
      payment: { ...begun.payment, ...change.payment },
      charge: { ...begun.charge, ...change.charge },
    }
    assert.equal(standingOf(view), expected)
  })
}

test('every standing has a case, and three of them are not settled', () => {
  assert.deepEqual(new Set(CASES.map(([, , standing]) => standing)), new Set(STANDINGS))
  assert.deepEqual(
    STANDINGS.filter((standing) => !isSettled(standing)),
    ['open', 'processing', 'needs_review'],
  )
})
