import type { Caller } from '../src/core/account.ts'
import type { Currency } from '../src/core/currencies.ts'
import type { Uuid } from '../src/core/ids.ts'
import type { Door, Session } from '../src/core/session.ts'
import type { Call } from '../src/flows/call.ts'
import { closeDispute, updateDispute } from '../src/flows/change-dispute.ts'
import { expireSession } from '../src/flows/close-session.ts'
import { createSession } from '../src/flows/create-session.ts'
import { updateEndpoint } from '../src/flows/endpoints/change-endpoint.ts'
import type { Answer } from '../src/flows/once.ts'
import { requestCapture } from '../src/flows/order-capture.ts'
import { requestRefund } from '../src/flows/order-refund.ts'
import { cancelPayment } from '../src/flows/order-void.ts'
import type { Payments } from '../src/flows/pay.ts'
import { type Result, refuse } from '../src/flows/refusals.ts'
import type { Client, Work } from './client.ts'
import type { Faults } from './faults.ts'
import type { Provider } from './provider.ts'
import type { Random } from './random.ts'
import { Violation, type World } from './world.ts'

export type Town = {
  readonly world: World
  readonly faults: Faults
  readonly client: Client
  readonly provider: Provider
  readonly caller: Caller
}

/** One thing that a shop wants: how it came out for the shop, once it knows. */
export type Purchase = {
  readonly wants: string
  readonly amount: bigint
  readonly session: Session
}

const TRIES = 8

/**
 * A shop's server: it repeats a request under its key until it hears an answer, as Stripe's libraries do.
 * @returns the answer, or undefined when it gave up
 */
export async function insist(
  town: Town,
  what: string,
  claim: { readonly key: string; readonly parameters: Readonly<Record<string, string>>; readonly door: Door },
  work: (call: Call) => Work<Result<Answer>>,
): Promise<Result<Answer> | undefined> {
  const { world, client, caller } = town
  const call: Call = {
    caller: { ...caller, door: claim.door },
    requestId: `req_${claim.key}`,
    key: { key: claim.key, request: what, parameters: claim.parameters },
  }
  for (let tries = 0; tries < TRIES; tries++) {
    const reply = await client(what, work(call))
    if (reply.is === 'answer' && !inFlight(reply.value)) return reply.value
    if (tries > 0) world.mark('request repeated under its key')
    await world.sleep(500 * 2 ** tries)
  }
  return undefined
}

const inFlight = (result: Result<Answer>): boolean =>
  !result.ok && /^(stale|idempotency_key_in_use)$/.test(result.refusal.code)

export async function openPurchase(town: Town, draw: Random, wants: string): Promise<Purchase | undefined> {
  const { world, faults } = town
  const amount = BigInt(draw.between(100, 20_000))
  const door: Door = draw.chance(0.3) ? 'ozura' : draw.chance(0.2) ? 'bpc' : 'native'
  const manual = draw.chance(0.4)
  // Some sessions end while people pay.
  const lifeMs = draw.chance(0.4) ? draw.between(90_000, 180_000) : 24 * 60 * 60_000
  const make =
    (price: bigint) =>
    (call: Call): Work<Result<Answer>> =>
    (payments) =>
      createSession(payments, call, {
        lineItems: [
          {
            priceData: { currency: 'EUR' as Currency, unitAmount: price, productData: { name: wants } },
            quantity: 1,
          },
        ],
        successUrl: 'https://shop.example/done',
        cancelUrl: 'https://shop.example/cart',
        clientReferenceId: wants,
        expiresAt: new Date(payments.env.now().getTime() + lifeMs),
        paymentTemplate: { captureMethod: manual ? 'manual' : 'automatic' },
      })
  const claim = { key: `create ${wants}`, parameters: { amount: amount.toString() }, door }
  // A shop with two servers of its own may ask twice at once.
  const twins = faults.hits('double_click') ? 2 : 1
  const answers = await Promise.all(
    Array.from({ length: twins }, () => insist(town, `create ${wants}`, claim, make(amount))),
  )
  const made = answers.find((answer) => answer?.ok) ?? answers[0]
  if (!made) return undefined
  // A server that stalled over the request finds that its time is over.
  if (!made.ok && made.refusal.code === 'expiry_out_of_range') return undefined
  const session = sessionIn(world, made)
  if (faults.hits('key_reused')) await reuse(town, claim, make(amount + 1n))
  // A repetition much later still hears the first answer.
  if (draw.chance(0.3)) {
    const again = await insist(town, `create ${wants}`, claim, make(amount))
    if (again && sessionIn(world, again).id !== session.id) {
      world.fail(new Violation('I-01', `${claim.key} stands for two sessions`))
    }
  }
  return { wants, amount, session }
}

function sessionIn(world: World, made: Result<Answer>): Session {
  if (made.ok && made.value.snapshot.is === 'session') return made.value.snapshot.session
  const violation = new Violation('I-01', `a right request to create was answered ${JSON.stringify(made)}`)
  world.fail(violation)
  throw violation
}

/** The same key for something else is refused, and names what differs. */
async function reuse(
  town: Town,
  claim: { readonly key: string; readonly door: Door },
  work: (call: Call) => Work<Result<Answer>>,
): Promise<void> {
  const request = claim.key
  const answer = await insist(town, request, { ...claim, parameters: { amount: 'another' } }, work)
  if (!answer) return
  const named = !answer.ok && answer.refusal.code === 'idempotency_mismatch' && answer.refusal.param === 'amount'
  if (!named) town.world.fail(new Violation('I-01', `${claim.key} was taken for another request`))
}

/** What people at the shop give orders about. */
export type Deal = {
  readonly wants: string
  readonly amount: bigint
  readonly paymentId: Uuid
  readonly door: Door
  readonly sessionId?: Uuid
}

export const dealOf = ({ wants, amount, session }: Purchase): Deal => ({
  wants,
  amount,
  paymentId: session.paymentId,
  door: session.door,
  sessionId: session.id,
})

const KINDS_WITHOUT_PAGE = ['capture', 'cancel', 'refund', 'refund', 'capture'] as const
const KINDS = ['expire', ...KINDS_WITHOUT_PAGE] as const
/** What a shop does about a dispute. */
const ANSWERS = ['answer', 'answer', 'answer', 'accept'] as const
type Act = (typeof KINDS)[number] | (typeof ANSWERS)[number]

/** Somebody at the shop, or several at once, orders something about a payment, at a bad moment if possible. */
export async function meddle(town: Town, draw: Random, deal: Deal): Promise<void> {
  const { amount, wants } = deal
  const { world, provider } = town
  const orders = draw.between(1, 4)
  await world.sleep(draw.between(1_000, 120_000))
  for (let order = 0; order < orders; order++) {
    const race = town.faults.hits('operator_race') ? draw.between(2, 4) : 1
    const kind = draw.pick(deal.sessionId ? KINDS : KINDS_WITHOUT_PAGE)
    const at = `${kind} ${wants} ${order}`
    await Promise.all(
      Array.from({ length: race }, (_, twin) => {
        const share = BigInt(draw.between(1, 4))
        const key = draw.chance(0.2) ? at : `${at} ${twin}`
        // Twins under one key ask for one thing.
        const part = key === at ? amount / 2n + 1n : amount / share
        return act(town, kind, key, deal, part)
      }),
    )
    if (town.faults.hits('refund_elsewhere')) {
      for (const { reference } of provider.bookings) if (provider.refundElsewhere(reference)) break
    }
    await answerFor(town, draw, deal, order)
    await world.sleep(draw.between(500, 60_000))
  }
}

/** Somebody at the shop, or several at once, answers an issuer: if there is anything to answer. */
async function answerFor(town: Town, draw: Random, deal: Deal, order: number): Promise<void> {
  const { provider, world } = town
  if (draw.chance(0.3) || provider.bookings.every(({ disputes }) => disputes.length === 0)) return
  await world.sleep(draw.between(0, 60_000))
  const kind = draw.pick(ANSWERS)
  const twins = town.faults.hits('operator_race') ? 2 : 1
  const word = BigInt(draw.between(0, WORDS.length - 1))
  await Promise.all(
    Array.from({ length: twins }, (_, twin) => act(town, kind, `${kind} ${deal.wants} ${order} ${twin}`, deal, word)),
  )
}

/** The words that an issuer reads. */
const WORDS = ['winning', 'losing', 'It was them.'] as const

async function answerIssuer(payments: Payments, call: Call, paymentId: Uuid, text: string | undefined) {
  const { storage } = payments
  const payment = await storage.findPayment(call.caller.tenant, paymentId)
  const disputes = payment?.latestChargeId ? await storage.disputesOf(payment.tenant, payment.latestChargeId) : []
  const open = disputes.find(({ state }) => state === 'needs_response' || state === 'warning_needs_response')
  const dispute = open ?? disputes[0]
  if (!dispute) return refuse('resource_missing')
  if (text === undefined) return closeDispute(payments, call, dispute.id)
  return updateDispute(payments, call, dispute.id, { evidence: { uncategorized_text: text }, submit: true })
}

async function act(
  town: Town,
  kind: Act,
  key: string,
  { door, paymentId: payment, sessionId }: Deal,
  part: bigint,
): Promise<void> {
  const claim = { key, parameters: { amount: part.toString() }, door }
  const what = `${kind} ${part} ${key}`
  const answer = await insist(town, what, claim, (call) => (payments) => {
    switch (kind) {
      case 'expire':
        return expireSession(payments, call, sessionId ?? payment)
      case 'capture':
        return requestCapture(payments, call, payment, part)
      case 'cancel':
        return cancelPayment(payments, call, payment)
      case 'refund':
        return requestRefund(payments, call, { paymentId: payment, amount: part })
      case 'answer':
        return answerIssuer(payments, call, payment, WORDS[Number(part)])
      case 'accept':
        return answerIssuer(payments, call, payment, undefined)
    }
  })
  if (!answer) return
  town.world.mark(`${kind} ${answer.ok ? 'done' : answer.refusal.code}`)
  if (kind !== 'expire' || !answer.ok) return
  const again = await insist(
    town,
    what,
    claim,
    (call) => (payments) => expireSession(payments, call, sessionId ?? payment),
  )
  if (again && !again.ok) town.world.fail(new Violation('I-01', `${key} was done, and its repetition refused`))
}

/** The shop sees that an endpoint of its was disabled, and enables it. */
export async function keepEndpoint(town: Town, draw: Random, id: Uuid): Promise<void> {
  const { world, client, caller, faults } = town
  for (let looks = 0; ; looks++) {
    await world.sleep(draw.between(30_000, 90_000))
    const calm = faults.over()
    const call: Call = { caller, requestId: `req_enable ${id} ${looks}`, key: null }
    const reply = await client('enable the endpoint', async (payments) => {
      const endpoint = await payments.storage.findEndpoint(caller.tenant, id)
      if (endpoint?.status !== 'disabled') return false
      const context = { ...payments, sealer: { seal: () => new Uint8Array() }, doors: {}, allowLoopback: false }
      await updateEndpoint(context, call, id, { disabled: false })
      return true
    })
    const disabled = reply.is === 'lost' || reply.value
    if (reply.is === 'answer' && reply.value) world.mark('endpoint enabled again')
    if (calm && !disabled) return
  }
}
