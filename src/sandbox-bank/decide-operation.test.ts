import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Money, OperationKind } from './authorization.ts'
import { decideOperation } from './decide-operation.ts'

const HELD: Money = { status: 'authorized', amount: 1000, captured: 0, released: 0, refunded: 0 }
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
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.array(step, { maxLength: 12 }), (amount, steps) => {
      let money: Money = { ...HELD, amount }
      const moved = { authorize: amount, capture: 0, release: 0, refund: 0 }
      for (const { kind, amount: asked } of steps) {
        const decision = decideOperation(money, kind, asked)
        if (!decision.ok) continue
        money = decision.next
        for (const movement of decision.movements) moved[movement.kind] += movement.amount
      }
      assert.deepEqual([money.captured, money.released, money.refunded], [moved.capture, moved.release, moved.refund])
      assert.ok(money.captured + money.released <= money.amount)
      assert.ok(money.refunded <= money.captured)
    }),
  )
})
