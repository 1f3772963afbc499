import { nameOf, newUuid } from '../../../src/core/ids.ts'
import type { Attempt } from '../../../src/core/settlement.ts'
import { returnFromBank } from '../../../src/flows/challenge.ts'
import { cancelSession } from '../../../src/flows/close-session.ts'
import { beginAttempt } from '../../../src/flows/confirm.ts'
import { giveUpChallenge } from '../../../src/flows/give-up-challenge.ts'
import { lookAgain } from '../../../src/flows/look-again.ts'
import { observeCharge } from '../../../src/flows/observe-charge.ts'
import { requestRefund } from '../../../src/flows/order-refund.ts'
import { authorize } from '../../../src/flows/pay.ts'
import { sweepOrders } from '../../../src/flows/sweep.ts'
import { FACTS } from '../../card-desk.ts'
import type { Race } from '../race.ts'
import { callOf, type Hands } from '../steady.ts'
import { HOLD, openSession, openShop, paid, told } from './town.ts'

const observe =
  ({ charge }: Attempt) =>
  async (own: Hands) =>
    (await observeCharge(own, charge.tenant, charge.id))?.charge.state ?? 'nothing'
const sweep = async (own: Hands): Promise<string> => `drove ${await sweepOrders(own)}`
const look = async (own: Hands): Promise<string> => `looked at ${await lookAgain(own)}`

/** An order that was committed, and whose process died before it was sent. */
async function orphan(hands: Hands) {
  const caller = await openShop(hands)
  const session = await openSession(hands, caller)
  const token = newUuid(hands.env)
  hands.steady.provider.cards.set(token, { card: 'approves', putAtMs: 0 })
  const begun = await beginAttempt(hands, {
    tenant: session.tenant,
    sessionId: session.id,
    attempt: 0,
    token: { id: token, card: FACTS },
    collected: {},
  })
  if (begun.is !== 'begun') throw new Error(begun.is)
  return { caller, begun }
}

/** Several who hear about one charge at once, and people who change it meanwhile. */
export const HEARING: readonly Race[] = [
  {
    name: 'two hear that a bank has decided',
    async prepare(hands) {
      const waiting = await paid(hands, await openShop(hands), { card: 'waits_then_approves' })
      await hands.steady.pass(10_000)
      return ['one', 'other'].map((name) => ({ name, run: observe(waiting) }))
    },
    judge: (outcomes) => (outcomes.every((state) => state === 'captured') ? undefined : outcomes.join()),
  },
  {
    name: 'four hear of a refund that was made elsewhere',
    async prepare(hands) {
      const taken = await paid(hands, await openShop(hands))
      hands.steady.provider.refundElsewhere(nameOf('charge', taken.charge.tenant, taken.charge.id))
      return ['one', 'other', 'third', 'fourth'].map((name) => ({ name, run: observe(taken) }))
    },
  },
  {
    name: 'a refund is made here while one made elsewhere is noticed',
    async prepare(hands) {
      const caller = await openShop(hands)
      const taken = await paid(hands, caller)
      hands.steady.provider.refundElsewhere(nameOf('charge', taken.charge.tenant, taken.charge.id))
      const input = { paymentId: taken.payment.id, amount: 400n }
      return [
        { name: 'refund', run: async (own) => told(await requestRefund(own, callOf(caller), input)) },
        { name: 'watcher', run: observe(taken) },
      ]
    },
  },
  {
    name: 'a shopper is back from the issuer and was given up',
    async prepare(hands) {
      const asked = await paid(hands, await openShop(hands), { card: 'challenges' })
      const { tenant, id } = asked.charge
      hands.steady.provider.answerChallenge(nameOf('charge', tenant, id), true)
      return [
        {
          name: 'shopper',
          run: async (own) => {
            await returnFromBank(own, asked)
            return 'back'
          },
        },
        { name: 'round', run: async (own) => (await giveUpChallenge(own, tenant, id))?.charge.state ?? 'nothing' },
      ]
    },
  },
  {
    name: 'two give up one challenge',
    async prepare(hands) {
      const { charge } = await paid(hands, await openShop(hands), { card: 'challenges' })
      const giveUp = async (own: Hands) =>
        (await giveUpChallenge(own, charge.tenant, charge.id))?.charge.state ?? 'nothing'
      return ['one', 'other'].map((name) => ({ name, run: giveUp }))
    },
  },
  {
    name: 'two sweepers find an order of a process that died',
    async prepare(hands) {
      await orphan(hands)
      await hands.steady.pass(61_000)
      return ['one', 'other'].map((name) => ({ name, run: sweep }))
    },
  },
  {
    name: 'a sweeper takes over an order whose process was only slow',
    async prepare(hands) {
      const { begun } = await orphan(hands)
      await hands.steady.pass(61_000)
      return [
        { name: 'slow', run: async (own) => (await authorize(own, begun)).charge.state },
        { name: 'sweeper', run: sweep },
      ]
    },
    judge: (outcomes) => (outcomes[0] === 'captured' ? undefined : outcomes.join()),
  },
  {
    name: 'a declined payment comes back while its session is canceled',
    async prepare(hands) {
      const caller = await openShop(hands, 'ozura')
      const waiting = await paid(hands, caller, { card: 'waits_then_declines' })
      await hands.steady.pass(10_000)
      const { tenant, sessionId } = waiting.payment
      return [
        { name: 'watcher', run: observe(waiting) },
        {
          name: 'canceler',
          run: async (own) => String(sessionId !== null && (await cancelSession(own, tenant, sessionId))),
        },
      ]
    },
  },
  {
    name: 'two look again at a hold after a week',
    async prepare(hands) {
      await paid(hands, await openShop(hands), HOLD)
      await hands.steady.pass(8 * 86_400_000)
      return ['one', 'other'].map((name) => ({ name, run: look }))
    },
  },
]
