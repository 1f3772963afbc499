import type { Caller } from '../../../src/core/account.ts'
import type { Currency } from '../../../src/core/currencies.ts'
import type { Uuid } from '../../../src/core/ids.ts'
import { newUuid } from '../../../src/core/ids.ts'
import { cancelSession, expireSession } from '../../../src/flows/close-session.ts'
import { confirmPayment } from '../../../src/flows/confirm-payment.ts'
import { createPayment, updatePayment } from '../../../src/flows/create-payment.ts'
import { cancelPayment } from '../../../src/flows/order-void.ts'
import { cardThat } from '../../card-desk.ts'
import { count, type Race, winners } from '../race.ts'
import { callOf, type Hands } from '../steady.ts'
import { openSession, openShop, pressAndWait, told } from './town.ts'

async function openPayment(hands: Hands, caller: Caller): Promise<Uuid> {
  const input = { amount: 1000n, currency: 'EUR' as Currency, method: { made: { card: cardThat('approves') } } }
  const made = await createPayment(hands, callOf(caller), input)
  if (!made.ok || made.value.snapshot.is !== 'payment') throw new Error(JSON.stringify(made))
  return made.value.snapshot.payment.id
}

/** Who may begin to pay, and who may end it before. */
export const CONFIRMING: readonly Race[] = [
  {
    name: 'two windows of one session press Pay',
    async prepare(hands) {
      const session = await openSession(hands, await openShop(hands))
      return ['one', 'other'].map((name) => ({ name, run: (own) => pressAndWait(own, session, 'approves') }))
    },
    judge: winners(1, 'captured', 'too_late'),
  },
  {
    name: 'three windows press Pay while the shop expires the session',
    async prepare(hands) {
      const caller = await openShop(hands)
      const session = await openSession(hands, caller)
      return [
        ...['one', 'other', 'third'].map((name) => ({
          name,
          run: (own: Hands) => pressAndWait(own, session, 'approves'),
        })),
        { name: 'shop', run: async (own) => told(await expireSession(own, callOf(caller, 'e'), session.id)) },
      ]
    },
    judge: (outcomes) =>
      count(outcomes, 'captured') + count(outcomes, 'session expired') === 1 ? undefined : outcomes.join(),
  },
  {
    name: 'a shopper pays while the shop expires the session',
    async prepare(hands) {
      const caller = await openShop(hands)
      const session = await openSession(hands, caller)
      return [
        { name: 'shopper', run: (own) => pressAndWait(own, session, 'approves') },
        { name: 'shop', run: async (own) => told(await expireSession(own, callOf(caller, 'e'), session.id)) },
      ]
    },
    judge: (outcomes) =>
      ['captured,session_not_open', 'too_late,session expired'].includes(outcomes.join()) ? undefined : outcomes.join(),
  },
  {
    name: 'a shopper pays in one window and cancels in another',
    async prepare(hands) {
      const session = await openSession(hands, await openShop(hands, 'ozura'))
      const cancel = async (own: Hands) => String(await cancelSession(own, session.tenant, session.id))
      return [
        { name: 'payer', run: (own) => pressAndWait(own, session, 'approves') },
        { name: 'canceler', run: cancel },
      ]
    },
    judge: (outcomes) => (['captured,false', 'too_late,true'].includes(outcomes.join()) ? undefined : outcomes.join()),
  },
  {
    name: 'a declined shopper tries again while the other window cancels',
    async prepare(hands) {
      const session = await openSession(hands, await openShop(hands, 'ozura'))
      return [
        { name: 'payer', run: (own) => pressAndWait(own, session, 'declines') },
        {
          name: 'canceler',
          run: async (own) => String(await cancelSession(own, session.tenant, session.id)),
        },
      ]
    },
  },
  {
    name: 'one payment is confirmed twice',
    async prepare(hands) {
      const caller = await openShop(hands)
      const id = await openPayment(hands, caller)
      const confirm = async (own: Hands) => told(await confirmPayment(own, callOf(caller), id))
      return ['one', 'other'].map((name) => ({ name, run: confirm }))
    },
    judge: winners(1, 'payment succeeded', 'payment_intent_unexpected_state', 'payment_method_unusable'),
  },
  {
    name: 'a payment is confirmed and canceled',
    async prepare(hands) {
      const caller = await openShop(hands)
      const id = await openPayment(hands, caller)
      return [
        { name: 'confirm', run: async (own) => told(await confirmPayment(own, callOf(caller), id)) },
        { name: 'cancel', run: async (own) => told(await cancelPayment(own, callOf(caller), id)) },
      ]
    },
    judge: (outcomes) =>
      outcomes.includes('payment succeeded') !== outcomes.includes('payment canceled') ? undefined : outcomes.join(),
  },
  {
    name: 'a payment is confirmed and changed',
    async prepare(hands) {
      const caller = await openShop(hands)
      const id = await openPayment(hands, caller)
      const change = { amount: 3000n, document: {} }
      return [
        { name: 'confirm', run: async (own) => told(await confirmPayment(own, callOf(caller), id)) },
        { name: 'change', run: async (own) => told(await updatePayment(own, callOf(caller), id, change)) },
      ]
    },
  },
  {
    name: 'one card for one payment is asked to pay for two',
    async prepare(hands) {
      const caller = await openShop(hands)
      const [one, other] = [await openPayment(hands, caller), await openPayment(hands, caller)]
      const method = (await hands.storage.findPayment(caller.tenant, one))?.document.methodId ?? newUuid(hands.env)
      return [one, other].map((id, index) => ({
        name: `payment ${index + 1}`,
        run: async (own) => told(await confirmPayment(own, callOf(caller), id, { method: { id: method } })),
      }))
    },
    judge: winners(1, 'payment succeeded', 'payment_method_unusable'),
  },
]
