import type { Currency } from '../src/core/currencies.ts'
import { nameOf, newUuid, type Uuid } from '../src/core/ids.ts'
import type { Payment } from '../src/core/payment.ts'
import { goOnFromDeviceCheck, returnFromBank } from '../src/flows/challenge.ts'
import { confirmPayment } from '../src/flows/confirm-payment.ts'
import { createPayment, updatePayment } from '../src/flows/create-payment.ts'
import type { Answer } from '../src/flows/once.ts'
import { attachMethod, createMethod, detachMethod } from '../src/flows/payment-methods.ts'
import type { Result } from '../src/flows/refusals.ts'
import { cardThat } from './card-desk.ts'
import type { Work } from './client.ts'
import type { Card } from './provider.ts'
import type { Random } from './random.ts'
import { insist, meddle, type Town } from './shop.ts'
import { CARDS } from './shopper.ts'
import { Violation } from './world.ts'

const TRIES = 4

/** One thing that a shop sells without our page: its server brings the card, and confirms by itself. */
export async function collect(town: Town, draw: Random, wants: string): Promise<void> {
  const amount = BigInt(draw.between(100, 20_000))
  const customerId = draw.chance(0.5) ? await openCustomer(town, wants) : undefined
  const captureMethod = draw.chance(0.4) ? 'manual' : 'automatic'
  const made = await ask(
    town,
    `payment ${wants}`,
    (call) => (payments) =>
      createPayment(payments, call, {
        amount,
        currency: 'EUR' as Currency,
        captureMethod,
        ...(customerId === undefined ? {} : { customerId }),
      }),
  )
  const payment = paymentIn(made)
  if (!payment) return
  let used: Uuid | undefined
  for (let tries = 0; tries < TRIES; tries++) {
    const { id, now } = await tryOnce(town, draw, { wants: `${wants} ${tries}`, payment, customerId, used })
    used = id ?? used
    if (now !== undefined && now.state !== 'requires_payment_method') break
    await town.world.sleep(draw.between(1_000, 20_000))
  }
  if (draw.chance(0.7)) await meddle(town, draw, { wants, amount, paymentId: payment.id, door: 'native' })
}

type Try = {
  readonly wants: string
  readonly payment: Payment
  readonly customerId: Uuid | undefined
  readonly used: Uuid | undefined
}
/** The method that it was tried with, and what the payment is after it, as far as the shop heard. */
type Tried = { readonly id?: Uuid; readonly now?: Payment }

async function bringCard(town: Town, card: Card, wants: string): Promise<Uuid | undefined> {
  const made = await ask(
    town,
    `card ${wants} that ${card}`,
    (call) => (payments) => createMethod(payments, call, { card: cardThat(card) }),
  )
  return made?.ok && made.value.snapshot.is === 'method' ? made.value.snapshot.method.id : undefined
}

/** A card, kept by its customer or not, and a confirmation with it; sometimes two at once. */
async function tryOnce(town: Town, draw: Random, { wants, payment, customerId, used }: Try): Promise<Tried> {
  const { world, faults } = town
  // One that was used before is good again where a customer keeps it, and nowhere else.
  const id = used !== undefined && draw.chance(0.4) ? used : await bringCard(town, draw.pick(CARDS), wants)
  if (id === undefined) return {}
  if (id === used) world.mark('a card is tried again')
  if (customerId && draw.chance(0.6)) {
    const kept = await ask(
      town,
      `attach ${wants}`,
      (call) => (payments) => attachMethod(payments, call, id, customerId),
    )
    mark(town, 'attach', kept)
  }
  if (draw.chance(0.2)) {
    const changes = { metadata: { wants }, document: {} }
    const changed = await ask(
      town,
      `change ${wants}`,
      (call) => (payments) => updatePayment(payments, call, payment.id, changes),
    )
    if (changed?.ok) world.mark('payment changed')
  }
  const shopper = draw.chance(0.2) ? { shopper: draw.pick(['helpless', 'absent'] as const) } : {}
  if ('shopper' in shopper) world.mark('asked for nobody')
  const twins = faults.hits('double_click') ? 2 : 1
  const confirming = Array.from({ length: twins }, async (_, twin) => {
    // Twins of one request share its key; twins of one shop's two servers do not.
    const key = draw.chance(0.5) ? `confirm ${wants}` : `confirm ${wants} ${twin}`
    const confirmed = await ask(
      town,
      key,
      (call) => (payments) => confirmPayment(payments, call, payment.id, { method: { id }, ...shopper }),
    )
    mark(town, 'confirm', confirmed)
    return confirmed
  })
  // Giving a card up while it pays is the customer's right.
  if (draw.chance(0.3)) {
    await world.sleep(draw.between(0, 2_000))
    mark(town, 'detach', await ask(town, `detach ${wants}`, (call) => (payments) => detachMethod(payments, call, id)))
  }
  const answers = await Promise.all(confirming)
  const now = answers.map(paymentIn).find((one) => one !== undefined)
  if (now?.state === 'requires_action') await meetIssuer(town, draw, now, wants)
  return { id, ...(now ? { now } : {}) }
}

/** The issuer asks a shopper who is somewhere else than on our page. */
async function meetIssuer({ world, client, provider }: Town, draw: Random, payment: Payment, wants: string) {
  world.mark('challenge of a payment without a page')
  for (let step = 0; step < 2; step++) {
    await world.sleep(draw.between(500, 30_000))
    if (draw.chance(0.25)) return
    await client(`back from the bank for ${wants}`, async (payments) => {
      const found = await payments.storage.findPayment(payment.tenant, payment.id)
      const charge = found?.latestChargeId
        ? await payments.storage.findCharge(payment.tenant, found.latestChargeId)
        : undefined
      if (charge?.state !== 'requires_action') return
      if (charge.document.action?.type === 'device_check') {
        await goOnFromDeviceCheck(payments, { charge })
        return
      }
      provider.answerChallenge(nameOf('charge', charge.tenant, charge.id), draw.chance(0.75))
      await returnFromBank(payments, { charge })
    })
  }
}

/** A right request under a key of its own, repeated until it is answered. */
function ask(town: Town, key: string, work: Parameters<typeof insist>[3]): Promise<Result<Answer> | undefined> {
  return insist(town, key, { key, parameters: {}, door: 'native' }, work)
}

async function openCustomer({ world, client, caller }: Town, wants: string): Promise<Uuid | undefined> {
  const work: Work<Uuid | undefined> = async ({ env, storage }) => {
    const id = newUuid(env)
    const customer = { email: null, name: wants, deleted: false, createdAt: env.now(), document: {} }
    const made = await storage.commit({ customers: [{ tenant: caller.tenant, id, version: 1, ...customer }] })
    return made.ok ? id : undefined
  }
  const reply = await client(`customer ${wants}`, work)
  if (reply.is === 'lost') world.mark('customer lost')
  return reply.is === 'answer' ? reply.value : undefined
}

function paymentIn(result: Result<Answer> | undefined): Payment | undefined {
  return result?.ok && result.value.snapshot.is === 'payment' ? result.value.snapshot.payment : undefined
}

function mark({ world }: Town, what: string, result: Result<Answer> | undefined): void {
  if (!result) return
  world.mark(`${what} ${result.ok ? 'done' : result.refusal.code}`)
  if (!result.ok && result.refusal.code === 'resource_missing') {
    world.fail(new Violation('I-01', `${what} was refused: what was made before is missing`))
  }
}
