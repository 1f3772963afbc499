import type { Caller } from '../../../src/core/account.ts'
import type { Customer } from '../../../src/core/catalog.ts'
import type { Currency } from '../../../src/core/currencies.ts'
import { newUuid, type Uuid } from '../../../src/core/ids.ts'
import type { PaymentMethod } from '../../../src/core/payment-method.ts'
import { confirmPayment } from '../../../src/flows/confirm-payment.ts'
import { createPayment } from '../../../src/flows/create-payment.ts'
import { attachMethod, createMethod, detachMethod, updateMethod } from '../../../src/flows/payment-methods.ts'
import { cardThat } from '../../card-desk.ts'
import type { Race } from '../race.ts'
import { callOf, type Hands } from '../steady.ts'
import { openShop, told } from './town.ts'

async function openCustomer({ env, storage }: Hands, { tenant }: Caller): Promise<Customer> {
  const customer: Customer = {
    tenant,
    id: newUuid(env),
    version: 1,
    email: 'jenny@example.com',
    name: null,
    deleted: false,
    createdAt: env.now(),
    document: {},
  }
  const made = await storage.commit({ customers: [customer] })
  if (!made.ok) throw new Error(made.conflict)
  return customer
}

async function openMethod(hands: Hands, caller: Caller): Promise<PaymentMethod> {
  const made = await createMethod(hands, callOf(caller), { card: cardThat('approves') })
  if (!made.ok || made.value.snapshot.is !== 'method') throw new Error(JSON.stringify(made))
  return made.value.snapshot.method
}

async function openPayment(hands: Hands, caller: Caller, customerId?: Uuid): Promise<Uuid> {
  const owner = customerId === undefined ? {} : { customerId }
  const made = await createPayment(hands, callOf(caller), { amount: 1000n, currency: 'EUR' as Currency, ...owner })
  if (!made.ok || made.value.snapshot.is !== 'payment') throw new Error(JSON.stringify(made))
  return made.value.snapshot.payment.id
}

const attach = (caller: Caller, id: Uuid, customer: Customer) => async (own: Hands) =>
  told(await attachMethod(own, callOf(caller), id, customer.id))
const detach = (caller: Caller, id: Uuid) => async (own: Hands) => told(await detachMethod(own, callOf(caller), id))
const confirm = (caller: Caller, paymentId: Uuid, id: Uuid) => async (own: Hands) =>
  told(await confirmPayment(own, callOf(caller), paymentId, { method: { id } }))

/** Cards that customers keep, give up and pay with. */
export const KEEPING: readonly Race[] = [
  {
    name: 'two customers keep one card',
    async prepare(hands) {
      const caller = await openShop(hands)
      const [one, other] = [await openCustomer(hands, caller), await openCustomer(hands, caller)]
      const { id } = await openMethod(hands, caller)
      return [
        { name: 'one', run: attach(caller, id, one) },
        { name: 'other', run: attach(caller, id, other) },
      ]
    },
    judge: (outcomes) =>
      outcomes.filter((outcome) => outcome === 'method attached').length === 1 ? undefined : outcomes.join(),
  },
  {
    name: 'a card is kept while it is given up and changed',
    async prepare(hands) {
      const caller = await openShop(hands)
      const customer = await openCustomer(hands, caller)
      const { id } = await openMethod(hands, caller)
      return [
        { name: 'attach', run: attach(caller, id, customer) },
        { name: 'detach', run: detach(caller, id) },
        {
          name: 'change',
          run: async (own) => told(await updateMethod(own, callOf(caller), id, { metadata: { a: '1' } })),
        },
      ]
    },
  },
  {
    name: 'a card is kept while a payment spends it',
    async prepare(hands) {
      const caller = await openShop(hands)
      const customer = await openCustomer(hands, caller)
      const { id } = await openMethod(hands, caller)
      const payment = await openPayment(hands, caller)
      return [
        { name: 'attach', run: attach(caller, id, customer) },
        { name: 'pay', run: confirm(caller, payment, id) },
      ]
    },
    judge: ([kept, paid]) =>
      (kept === 'method attached') !== (paid === 'payment succeeded') ? undefined : `${kept}, ${paid}`,
  },
  {
    name: 'a kept card is given up while a payment is made with it',
    async prepare(hands) {
      const caller = await openShop(hands)
      const customer = await openCustomer(hands, caller)
      const { id } = await openMethod(hands, caller)
      await attach(caller, id, customer)(hands)
      const payment = await openPayment(hands, caller, customer.id)
      return [
        { name: 'detach', run: detach(caller, id) },
        { name: 'pay', run: confirm(caller, payment, id) },
      ]
    },
  },
]
