import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Money, OperationKind } from './authorization.ts'
import { decideOperation, decideRefundStep, type Movement } from './decide-operation.ts'

const HELD: Money = {
  status: 'authorized',
  amount: 1000,
  captured: 0,
  released: 0,
  refunded: 0,
  refundPending: 0,
  disputed: 0,
}
const NOTHING = {
  ...{ authorize: 0, capture: 0, release: 0, refund: 0, refund_reversal: 0 },
  ...{ chargeback: 0, chargeback_reversal: 0 },
}
const WAITING: Money = { ...HELD, status: 'requires_action' }
const CAPTURED: Money = { ...HELD, status: 'captured', captured: 700, released: 300 }

const CASES: readonly [string, Money, OperationKind, number | undefined, Partial<Money> | string][] = [
  [
    'a capture without amount takes everything',
    HELD,
    'capture',
    undefined,
    { status: 'captured', captured: 1000, released: 0 },
  ],
  ['a capture in part releases the rest', HELD, 'capture', 700, { status: 'captured', captured: 700, released: 300 }],
  ['one unit above what is held is refused', HELD, 'capture', 1001, 'amount_out_of_range'],
  ['a second capture is refused', CAPTURED, 'capture', 1, 'wrong_state'],
  ['a void releases everything', HELD, 'void', undefined, { status: 'voided', released: 1000 }],
  ['a void after capture is refused', CAPTURED, 'void', undefined, 'wrong_state'],
  [
    'a refund without amount takes all that is left',
    { ...CAPTURED, refunded: 1 },
    'refund',
    undefined,
    { refunded: 700 },
  ],
  ['a refund of what was released is refused', CAPTURED, 'refund', 701, 'amount_out_of_range'],
  ['a refund of nothing left is refused', { ...CAPTURED, refunded: 700 }, 'refund', undefined, 'amount_out_of_range'],
  ['a refund before capture is refused', HELD, 'refund', 1, 'wrong_state'],
  ['a pending refund counts at once', { ...CAPTURED, refundPending: 600 }, 'refund', 101, 'amount_out_of_range'],
  ['what an issuer took back is not refunded', { ...CAPTURED, disputed: 600 }, 'refund', 101, 'amount_out_of_range'],
  ['what it left is', { ...CAPTURED, disputed: 600 }, 'refund', undefined, { refunded: 100 }],
  ['a void gives up what waits for its cardholder', WAITING, 'void', undefined, { status: 'voided', released: 0 }],
  ['a capture of what waits for its cardholder is refused', WAITING, 'capture', 1, 'wrong_state'],
  ['a capture of what has run out is refused', { ...HELD, status: 'expired' }, 'capture', 1, 'wrong_state'],
]
for (const [name, money, kind, amount, expected] of CASES)
  test(name, () => {
    const decision = decideOperation(money, kind, amount)
    if (typeof expected === 'string') assert.equal(decision.ok ? 'allowed' : decision.error, expected)
    else assert.deepEqual(decision.ok && decision.next, { ...money, ...expected })
  })

test('no sequence of operations moves more than there is, and the movements explain every column', () => {
  const step = fc.record({
    kind: fc.constantFrom<OperationKind>('capture', 'refund', 'refund', 'refund', 'void'),
    amount: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    begins: fc.constantFrom('pending' as const, 'succeeded' as const),
    after: fc.constantFrom(undefined, 'succeeded' as const, 'failed' as const, 'canceled' as const),
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.array(step, { maxLength: 12 }), (amount, steps) => {
      let money: Money = { ...HELD, amount }
      const moved = { ...NOTHING, authorize: amount }
      let pending = 0
      const take = (next: Money, movements: readonly Movement[]) => {
        money = next
        for (const movement of movements) moved[movement.kind] += movement.amount
      }
      for (const { kind, amount: asked, begins, after } of steps) {
        const decision = decideOperation(money, kind, asked, begins)
        if (!decision.ok) continue
        take(decision.next, decision.movements)
        if (kind !== 'refund') continue
        const step = after && decideRefundStep(money, { status: begins, amount: decision.amount }, after)
        if (step) take(step.next, step.movements)
        else if (begins === 'pending') pending += decision.amount
      }
      assert.deepEqual(
        [money.captured, money.released, money.refunded, money.refundPending],
        [moved.capture, moved.release, moved.refund - moved.refund_reversal, pending],
      )
      assert.ok(money.captured + money.released <= money.amount)
      assert.ok(money.refunded + money.refundPending <= money.captured)
    }),
  )
})

test('a refund that has ended takes no further step, but one that succeeded may fail', () => {
  const money: Money = { ...CAPTURED, refunded: 5 }
  for (const status of ['failed', 'canceled'] as const)
    for (const to of ['succeeded', 'failed', 'canceled'] as const)
      assert.equal(decideRefundStep(money, { status, amount: 5 }, to), undefined)
  assert.equal(decideRefundStep(money, { status: 'succeeded', amount: 5 }, 'canceled'), undefined)
  assert.deepEqual(decideRefundStep(money, { status: 'succeeded', amount: 5 }, 'failed'), {
    next: { ...money, refunded: 0 },
    movements: [{ kind: 'refund_reversal', amount: 5 }],
  })
})
