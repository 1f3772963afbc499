import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { atTheBank, callOf, codeOf, paymentIn, toldOf } from '../../test/support/orders.ts'
import { startTestTill } from '../../test/support/till.ts'
import type { Currency } from '../core/currencies.ts'
import type { Uuid } from '../core/ids.ts'
import { TEST_CARDS } from '../sandbox-bank/test-cards.ts'
import { type Confirmation, createConfirmed, type PaymentsContext } from './confirm-payment.ts'
import { lookAgain } from './look-again.ts'
import { findAnswer } from './once.ts'
import { sweepOrders } from './sweep.ts'

const env = testEnv({ now: new Date('2026-03-01T10:00:00Z') })
const till = await startTestTill(import.meta.url, { env })
after(till.stop)
const context: PaymentsContext = { ...till.payments, cards: till.vault, publicUrl: () => 'https://pay.example' }
const MINUTE_MS = 60_000
const pass = (ms: number): void => env.setNow(new Date(env.now().getTime() + ms))

function confirm(key: string, shopper: Confirmation['shopper'], using = context) {
  const { number } = TEST_CARDS.find(({ id }) => id === 'challenge_always') ?? assert.fail()
  const taken = till.vault.take(new TextEncoder().encode(`cardNumber=${number}&cardExpiry=12%2F34&cardCvc=123`))
  if (!taken.ok) return assert.fail(taken.because)
  const method = { made: { card: taken.card } }
  const made = { amount: 1250n, currency: 'EUR' as Currency, method }
  return createConfirmed(using, callOf(till, key), made, shopper ? { shopper } : {})
}
const latest = async (id: Uuid) => {
  const payment = await till.storage.findPayment(till.caller.tenant, id)
  const charge = payment?.latestChargeId && (await till.storage.findCharge(till.caller.tenant, payment.latestChargeId))
  return payment && charge ? { payment, charge } : assert.fail('no attempt')
}

test('a process that dies before it withdraws what nobody can answer: it is withdrawn within minutes', async () => {
  const dying = { ...till.storage, findAttempt: () => Promise.reject(new Error('the process died')) }
  await assert.rejects(confirm('dies', 'helpless', { ...context, storage: dying }), /died/)
  const [row] = await till.db.sql<{ id: Uuid }[]>`select id from payments order by created_at desc limit 1`
  const id = row?.id ?? assert.fail('no payment')
  const { payment, charge } = await latest(id)
  assert.deepEqual([payment.state, charge.state], ['processing', 'requires_action'])
  const call = callOf(till, 'dies')
  const early = await findAnswer(context, call)
  assert.equal(early && codeOf(early), 'idempotency_key_in_use')

  pass(2 * MINUTE_MS)
  const unsure = await findAnswer(context, call)
  assert.equal(unsure && paymentIn(unsure).state, 'processing', 'no answer, only how things stand')
  await sweepOrders(till.payments)
  assert.equal((await latest(id)).charge.state, 'requires_action')
  pass(2 * MINUTE_MS)
  await lookAgain(till.payments)
  const over = await latest(id)
  assert.deepEqual([over.payment.state, over.charge.state], ['requires_payment_method', 'declined'])
  assert.equal(over.payment.document.lastError?.code, 'authentication_not_handled')
  assert.equal((await atTheBank(till, over.charge)).status, 'voided')
  const decided = await findAnswer(context, call)
  assert.equal(decided && paymentIn(decided).version, over.payment.version)
  assert.deepEqual(
    (await toldOf(till, id)).filter((type) => type.startsWith('payment_intent.')),
    ['payment_intent.created', 'payment_intent.payment_failed'],
  )
})

test('what leaves for the bank is where the shopper comes back to, and nothing where nobody is there', async () => {
  const asked: unknown[] = []
  const connectors = till.payments.connectors.map((connector) => ({
    ...connector,
    start: (...[order, outside]: Parameters<typeof connector.start>) => {
      asked.push(order.threeDSecure?.returnUrl.replace(/\/\w+\/return$/, '/…/return'), order.threeDSecure?.request)
      return connector.start(order, outside)
    },
  }))
  const waiting = paymentIn(await confirm('here', undefined, { ...context, connectors }))
  const declined = paymentIn(await confirm('absent', 'absent', { ...context, connectors }))
  assert.deepEqual(asked, ['https://pay.example/c/3ds/…/return', 'automatic', undefined, undefined])
  assert.deepEqual([waiting.state, declined.state], ['requires_action', 'requires_payment_method'])
  assert.equal(declined.document.lastError?.code, 'authentication_required')
})
