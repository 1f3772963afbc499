import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseShopper } from './bag.ts'
import { learnFromSession, type SessionFacts } from './judge-session.ts'
import { newOrderId, type Order, type OrderState, Orders, type Signal } from './orders.ts'

const AT = new Date('2026-01-02T03:04:05Z')
const SIGNAL: Signal = { kind: 'read_back', found: 'whatever' }

function placeOrder(): Order {
  const order = new Orders().place(newOrderId(), parseShopper(new URLSearchParams('bag=the-salt-atlas.2')))
  return { ...order, session: { id: 'cs_test_own', url: 'http://127.0.0.1/c/pay/own' } }
}

function sessionOf(order: Order, facts: Partial<SessionFacts> = {}): SessionFacts {
  return {
    id: 'cs_test_own',
    status: 'complete',
    payment_status: 'paid',
    amount_total: order.total,
    currency: order.currency,
    client_reference_id: order.id,
    ...facts,
  }
}

type Case = readonly [from: OrderState, SessionFacts['status'], SessionFacts['payment_status'], to: OrderState]
const CASES: readonly Case[] = [
  ['awaiting', 'open', 'unpaid', 'awaiting'],
  ['awaiting', 'complete', 'unpaid', 'pending'],
  ['awaiting', 'complete', 'paid', 'paid'],
  ['awaiting', 'complete', 'no_payment_required', 'paid'],
  ['awaiting', 'expired', 'unpaid', 'expired'],
  ['pending', 'open', 'unpaid', 'pending'],
  ['pending', 'complete', 'paid', 'paid'],
  ['expired', 'open', 'unpaid', 'expired'],
  ['expired', 'complete', 'paid', 'paid'],
  ['paid', 'open', 'unpaid', 'paid'],
  ['paid', 'complete', 'unpaid', 'paid'],
  ['paid', 'expired', 'unpaid', 'paid'],
]

for (const [from, status, paymentStatus, to] of CASES) {
  test(`an order ${from} that hears of a session ${status} and ${paymentStatus} is ${to}`, () => {
    const order: Order = { ...placeOrder(), state: from }
    const learned = learnFromSession(order, sessionOf(order, { status, payment_status: paymentStatus }), SIGNAL, AT)
    assert.equal(learned.state, to)
    assert.equal(learned.story.at(-1)?.decisive, to === 'paid' && from !== 'paid')
  })
}

const FOREIGN: readonly (readonly [string, Partial<SessionFacts>])[] = [
  ['of another id', { id: 'cs_test_other' }],
  ['of another order', { client_reference_id: 'order_other' }],
  ['without a reference', { client_reference_id: null }],
  ['of another amount', { amount_total: 1 }],
  ['of another currency', { currency: 'jpy' }],
]

for (const [name, facts] of FOREIGN) {
  test(`a paid session ${name} pays for nothing, and the shop says so`, () => {
    const order = placeOrder()
    const learned = learnFromSession(order, sessionOf(order, facts), SIGNAL, AT)
    assert.equal(learned.state, 'awaiting')
    assert.equal(learned.story.at(-1)?.signal.kind, 'mismatch')
  })
}

test('in whatever order and however often the news come, a paid session leaves the order paid', () => {
  const news = fc.constantFrom<Partial<SessionFacts>>(
    { status: 'open', payment_status: 'unpaid' },
    { status: 'complete', payment_status: 'unpaid' },
    { status: 'complete', payment_status: 'paid' },
    { status: 'expired', payment_status: 'unpaid' },
  )
  fc.assert(
    fc.property(fc.array(news, { maxLength: 12 }), (all) => {
      const order = placeOrder()
      const last = all.reduce((known, facts) => learnFromSession(known, sessionOf(order, facts), SIGNAL, AT), order)
      const paid = all.some((facts) => facts.payment_status === 'paid')
      assert.equal(last.state === 'paid', paid)
      assert.equal(last.story.filter((noted) => noted.decisive).length, paid ? 1 : 0)
    }),
  )
})
