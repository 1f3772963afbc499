import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHARGE_MACHINE, type ChargeState, isLiveCharge, LIVE_CHARGE_STATES } from './charge-machine.ts'
import { DISPUTE_MACHINE, isOverDispute } from './dispute-machine.ts'
import { edgesOf, type Machine, statesOf, step } from './machine.ts'
import { PAYMENT_FOR_CHARGE, PAYMENT_STATES, paymentStateFor } from './payment-machine.ts'
import { REFUND_MACHINE } from './refund-machine.ts'
import { SESSION_MACHINE, type SessionState } from './session-machine.ts'

const MACHINES: Readonly<Record<string, Machine<string, string>>> = {
  session: SESSION_MACHINE,
  charge: CHARGE_MACHINE,
  refund: REFUND_MACHINE,
  dispute: DISPUTE_MACHINE,
}
const SYMBOLS = ['=', '!', '-']

for (const [name, machine] of Object.entries(MACHINES)) {
  const states = statesOf(machine)
  const events = Object.keys(machine[states[0] ?? ''] ?? {})

  for (const state of states) {
    for (const event of events) {
      test(`${name}: ${state} decides about ${event}`, () => {
        const cell = machine[state]?.[event] ?? ''
        assert.ok(states.includes(cell) || SYMBOLS.includes(cell), `an unknown cell ${cell}`)
        assert.notEqual(cell, state, 'a step that stays is written =')
        const next = step(machine, state, event)
        const expected = { '=': 'known', '!': 'contradiction', '-': 'refused' }[cell]
        assert.deepEqual(next, expected ? { is: expected } : { is: 'moved', to: cell })
      })
    }
  }

  test(`${name}: every state has the same events, and can be reached from the first`, () => {
    for (const state of states) assert.deepEqual(Object.keys(machine[state] ?? {}), events)
    const reached = new Set([states[0]])
    const edges = edgesOf(machine)
    for (const _ of states) for (const [from, , to] of edges) if (reached.has(from)) reached.add(to)
    assert.deepEqual([...reached].sort(), [...states].sort())
  })
}

const leaving = (machine: Machine<string, string>, state: string): readonly string[] =>
  edgesOf(machine).flatMap(([from, , to]) => (from === state ? [to] : []))

test('a session that has ended stays ended, and only an open one may expire or be canceled', () => {
  for (const state of ['complete', 'expired', 'canceled', 'failed'])
    assert.deepEqual(leaving(SESSION_MACHINE, state), [])
  for (const [from, event] of edgesOf(SESSION_MACHINE)) {
    if (event === 'expire' || event === 'cancel' || event === 'confirm') assert.equal(from, 'open')
  }
})

test('a charge that has ended leaves only for surplus, and only by money', () => {
  for (const state of ['declined', 'failed', 'voided', 'surplus']) {
    for (const [from, event, to] of edgesOf(CHARGE_MACHINE)) {
      if (from !== state) continue
      assert.equal(to, 'surplus')
      assert.ok(event === 'authorized' || event === 'captured' || event === 'late')
    }
  }
  assert.deepEqual(leaving(CHARGE_MACHINE, 'surplus'), [])
  assert.deepEqual(leaving(CHARGE_MACHINE, 'captured'), [], 'captured money never becomes anything else by a fact')
})

test('silence and doubt never end a charge, and never take money back', () => {
  for (const [, event, to] of edgesOf(CHARGE_MACHINE)) {
    if (event === 'lost' || event === 'waiting') assert.ok(isLiveCharge(to))
    if (event === 'undecided') assert.equal(to, 'needs_review')
  }
})

test('evidence against booked money is a contradiction, never a step', () => {
  const of = (state: ChargeState) =>
    (['declined', 'absent', 'voided'] as const).map((event) => step(CHARGE_MACHINE, state, event).is)
  assert.deepEqual(of('captured'), ['contradiction', 'contradiction', 'contradiction'])
  assert.deepEqual(of('authorized'), ['contradiction', 'contradiction', 'moved'])
})

test('what is live holds the payment: exactly the states whose payment is neither open again nor canceled', () => {
  for (const state of statesOf(CHARGE_MACHINE)) {
    const over = ['requires_payment_method', 'canceled'].includes(PAYMENT_FOR_CHARGE[state])
    assert.equal(LIVE_CHARGE_STATES.includes(state), !over, state)
  }
})

test('a payment is a function of its charge, whole and in Stripe’s words', () => {
  for (const state of [null, ...statesOf(CHARGE_MACHINE)]) {
    for (const canceled of [false, true]) {
      const payment = paymentStateFor(state, canceled)
      assert.ok(PAYMENT_STATES.includes(payment))
      if (state === 'captured') assert.equal(payment, 'succeeded', 'money that came in outweighs giving up')
      else if (canceled) assert.equal(payment, 'canceled')
    }
  }
  assert.equal(paymentStateFor(null, false), 'requires_payment_method')
  assert.deepEqual([...PAYMENT_STATES].sort(), [...new Set(PAYMENT_STATES)].sort())
})

test('a session is left open or ended by every outcome, never stuck by a decline', () => {
  const after = (event: 'declined' | 'exhausted' | 'succeeded'): SessionState | undefined => {
    const next = step(SESSION_MACHINE, 'processing', event)
    return next.is === 'moved' ? next.to : undefined
  }
  assert.deepEqual([after('declined'), after('exhausted'), after('succeeded')], ['open', 'failed', 'complete'])
})

test('a decided chargeback is never decided otherwise, and what took money is never a mere question again', () => {
  for (const state of ['won', 'lost']) assert.deepEqual(leaving(DISPUTE_MACHINE, state), [])
  for (const [from, , to] of edgesOf(DISPUTE_MACHINE)) {
    if (to.startsWith('warning_')) assert.ok(from.startsWith('warning_'))
    if (isOverDispute(from))
      assert.equal(from, 'warning_closed', 'an issuer may charge back what it had only asked about')
  }
})
