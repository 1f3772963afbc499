import type { Caller } from '../../../src/core/account.ts'
import type { Attempt } from '../../../src/core/settlement.ts'
import { requestCapture } from '../../../src/flows/order-capture.ts'
import { requestRefund } from '../../../src/flows/order-refund.ts'
import { cancelPayment } from '../../../src/flows/order-void.ts'
import { count, type Race, winners } from '../race.ts'
import { callOf, type Hands } from '../steady.ts'
import { HOLD, openShop, paid, told } from './town.ts'

const capture =
  (caller: Caller, { payment }: Attempt, amount: bigint) =>
  async (own: Hands) =>
    told(await requestCapture(own, callOf(caller), payment.id, amount))
const cancel =
  (caller: Caller, { payment }: Attempt) =>
  async (own: Hands) =>
    told(await cancelPayment(own, callOf(caller), payment.id))
const refund =
  (caller: Caller, { payment }: Attempt, amount: bigint) =>
  async (own: Hands) =>
    told(await requestRefund(own, callOf(caller), { paymentId: payment.id, amount }))

/** Refused because another was first. */
const TOO_LATE = 'payment_intent_unexpected_state'

/** Several at the shop who order something about one charge. */
export const ORDERING: readonly Race[] = [
  {
    name: 'two capture one hold',
    async prepare(hands) {
      const caller = await openShop(hands)
      const held = await paid(hands, caller, HOLD)
      return [600n, 700n].map((amount) => ({ name: `${amount}`, run: capture(caller, held, amount) }))
    },
    judge: winners(1, 'payment succeeded', TOO_LATE),
  },
  {
    name: 'one captures a hold that another gives up',
    async prepare(hands) {
      const caller = await openShop(hands)
      const held = await paid(hands, caller, HOLD)
      return [
        { name: 'capture', run: capture(caller, held, 1000n) },
        { name: 'cancel', run: cancel(caller, held) },
      ]
    },
    judge: (outcomes) =>
      count(outcomes, 'payment succeeded') + count(outcomes, 'payment canceled') === 1 ? undefined : outcomes.join(),
  },
  {
    name: 'two capture a hold and a third gives it up',
    async prepare(hands) {
      const caller = await openShop(hands)
      const held = await paid(hands, caller, HOLD)
      return [
        { name: 'capture', run: capture(caller, held, 1000n) },
        { name: 'other capture', run: capture(caller, held, 300n) },
        { name: 'cancel', run: cancel(caller, held) },
      ]
    },
    judge: (outcomes) =>
      count(outcomes, 'payment succeeded') + count(outcomes, 'payment canceled') === 1 ? undefined : outcomes.join(),
  },
  {
    name: 'two refunds for which there is not enough',
    async prepare(hands) {
      const caller = await openShop(hands)
      const taken = await paid(hands, caller)
      return [600n, 700n].map((amount) => ({ name: `${amount}`, run: refund(caller, taken, amount) }))
    },
    judge: winners(1, 'refund succeeded', 'amount_too_large'),
  },
  {
    name: 'two refunds for which there is enough',
    async prepare(hands) {
      const caller = await openShop(hands)
      const taken = await paid(hands, caller)
      return [400n, 600n].map((amount) => ({ name: `${amount}`, run: refund(caller, taken, amount) }))
    },
    judge: winners(2, 'refund succeeded'),
  },
  {
    name: 'four refunds of which three fit',
    async prepare(hands) {
      const caller = await openShop(hands)
      const taken = await paid(hands, caller)
      return ['one', 'other', 'third', 'fourth'].map((name) => ({ name, run: refund(caller, taken, 300n) }))
    },
    judge: winners(3, 'refund succeeded', 'amount_too_large'),
  },
  {
    name: 'somebody captures and somebody refunds',
    async prepare(hands) {
      const caller = await openShop(hands)
      const held = await paid(hands, caller, HOLD)
      return [
        { name: 'capture', run: capture(caller, held, 800n) },
        { name: 'refund', run: refund(caller, held, 500n) },
      ]
    },
  },
]
