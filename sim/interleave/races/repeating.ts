import type { Caller } from '../../../src/core/account.ts'
import type { Currency } from '../../../src/core/currencies.ts'
import { newUuid } from '../../../src/core/ids.ts'
import { expireSession } from '../../../src/flows/close-session.ts'
import { createSession } from '../../../src/flows/create-session.ts'
import type { Answer } from '../../../src/flows/once.ts'
import { requestCapture } from '../../../src/flows/order-capture.ts'
import { requestRefund } from '../../../src/flows/order-refund.ts'
import type { Result } from '../../../src/flows/refusals.ts'
import { updateSession } from '../../../src/flows/update-session.ts'
import { bystander, type Race, winners } from '../race.ts'
import { callOf, type Hands } from '../steady.ts'
import { BASKET, HOLD, openSession, openShop, paid, told } from './town.ts'

/** The object that an answer shows, and whether it was done for this request. */
function named(result: Result<Answer>): string {
  if (!result.ok) return result.refusal.code
  const { snapshot, replayed } = result.value
  const id =
    snapshot.is === 'session' ? snapshot.session.id : snapshot.is === 'refund' ? snapshot.refund.id : told(result)
  return `${replayed ? 'again' : 'first'} ${id}`
}

/** One request did it, and whoever got an answer got that one. */
const oneAnswer: NonNullable<Race['judge']> = (outcomes) => {
  const heard = outcomes.filter((outcome) => outcome !== 'idempotency_key_in_use')
  const ids = new Set(heard.map((outcome) => outcome.split(' ').slice(1).join(' ')))
  const firsts = heard.filter((outcome) => outcome.startsWith('first'))
  return ids.size === 1 && firsts.length === 1 ? undefined : outcomes.join('; ')
}

const create = (caller: Caller, key: string) => async (own: Hands) =>
  named(await createSession(own, callOf(caller, key), BASKET))

/** Requests that come more than once under one key. */
export const REPEATING: readonly Race[] = [
  {
    name: 'a session is created twice under one key',
    async prepare(hands) {
      const caller = await openShop(hands)
      return ['one', 'other'].map((name) => ({ name, run: create(caller, 'k') }))
    },
    judge: oneAnswer,
  },
  {
    name: 'a session is created by four under one key',
    async prepare(hands) {
      const caller = await openShop(hands)
      return ['one', 'other', 'third', 'fourth'].map((name) => ({ name, run: create(caller, 'k') }))
    },
    judge: oneAnswer,
  },
  {
    name: 'a session is created twice under one key, and both stop at their account',
    async prepare(hands) {
      const caller = await openShop(hands)
      return [
        { name: 'one', run: create(caller, 'k') },
        { name: 'other', run: create(caller, 'k') },
        bystander('tenants'),
      ]
    },
    judge: ([one = '', other = '']) => oneAnswer([one, other]),
  },
  {
    name: 'two batches of new sessions share their keys crosswise',
    async prepare(hands) {
      const caller = await openShop(hands)
      // The first of each leaves alone; the others wait for it, and leave together.
      const batch = (keys: readonly string[]) => async (own: Hands) => {
        const made = await Promise.all(keys.map((key) => createSession(own, callOf(caller, key), BASKET)))
        return made.map((one) => (one.ok ? 'session' : one.refusal.code)).join(' ')
      }
      return [
        { name: 'forwards', run: batch(['x', 'y', 'a', 'b', 'c']) },
        { name: 'backwards', run: batch(['p', 'q', 'c', 'b', 'a']) },
      ]
    },
  },
  {
    name: 'a hold is captured twice under one key',
    async prepare(hands) {
      const caller = await openShop(hands)
      const { payment } = await paid(hands, caller, HOLD)
      const run = async (own: Hands) => named(await requestCapture(own, callOf(caller, 'k'), payment.id, 700n))
      return ['one', 'other'].map((name) => ({ name, run }))
    },
    judge: oneAnswer,
  },
  {
    name: 'a refund is asked for twice under one key, and once under another',
    async prepare(hands) {
      const caller = await openShop(hands)
      const { payment } = await paid(hands, caller)
      const refund = (key: string) => async (own: Hands) =>
        named(await requestRefund(own, callOf(caller, key), { paymentId: payment.id, amount: 600n }))
      return [
        { name: 'one', run: refund('k') },
        { name: 'twin', run: refund('k') },
        { name: 'other', run: refund('l') },
      ]
    },
    judge: (outcomes) => {
      const firsts = outcomes.filter((outcome) => outcome.startsWith('first'))
      return firsts.length === 1 ? undefined : outcomes.join('; ')
    },
  },
  {
    name: 'a session is expired twice under one key',
    async prepare(hands) {
      const caller = await openShop(hands)
      const { id } = await openSession(hands, caller)
      const run = async (own: Hands) => named(await expireSession(own, callOf(caller, 'k'), id))
      return ['one', 'other'].map((name) => ({ name, run }))
    },
    judge: oneAnswer,
  },
  {
    name: 'a session is changed by two at once',
    async prepare(hands) {
      const caller = await openShop(hands)
      const { id } = await openSession(hands, caller)
      return ['a', 'b'].map((name) => ({
        name,
        run: async (own) =>
          told(await updateSession(own, callOf(caller), id, { metadata: { [name]: newUuid(own.env) } })),
      }))
    },
    judge: (outcomes) => (outcomes.every((outcome) => outcome === 'session open') ? undefined : outcomes.join()),
  },
  {
    name: 'two prices want one name',
    async prepare(hands) {
      const { tenant } = await openShop(hands)
      const product = { tenant, version: 1, name: 'A book', active: true, deleted: false, document: {} }
      const [id, createdAt] = [newUuid(hands.env), hands.env.now()]
      await hands.storage.commit({ products: [{ ...product, id, createdAt, updatedAt: createdAt }] })
      return ['one', 'other'].map((name) => ({
        name,
        async run({ env, storage }) {
          const price = {
            tenant,
            id: newUuid(env),
            version: 1,
            productId: id,
            active: true,
            currency: 'EUR' as Currency,
          }
          const made = await storage.commit({
            prices: [{ ...price, unitAmount: 1000n, lookupKey: 'book', createdAt, document: {} }],
          })
          return made.ok ? 'made' : made.conflict === 'constraint' ? made.constraint : made.conflict
        },
      }))
    },
    judge: winners(1, 'made', 'prices_lookup_key'),
  },
]
