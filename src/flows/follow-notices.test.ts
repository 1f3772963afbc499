import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { elsewhere, paidPayment, storedAttempt, toldOf } from '../../test/support/orders.ts'
import { startTestTill } from '../../test/support/till.ts'
import { nameOf, newUuid, type Tenant, testTenant } from '../core/ids.ts'
import type { Seen } from '../core/observation.ts'
import { followNotices } from './follow-notices.ts'
import { forgetOldNotices } from './forget-notices.ts'
import { openAccount } from './open-account.ts'
import type { Payments } from './pay.ts'

const env = testEnv()
const till = await startTestTill(import.meta.url, { env })
after(till.stop)
const { storage } = till
const tenant = till.caller.tenant
beforeEach(() => till.db.sql`delete from notices`)

let told = 0
async function tell(reference: string, of: Tenant = tenant): Promise<void> {
  const facts = { connector: 'sandbox', account: `t${of}`, type: 'refund.created', reference }
  await storage.keepNotice({ tenant: of, ...facts, noticeId: `evt_${++told}`, receivedAt: env.now() })
}
const stateOf = async () =>
  (await till.db.sql<{ state: string }[]>`select state from notices order by notice_id`)
    .map(({ state }) => state)
    .join()
const pass = (seconds: number) => env.setNow(new Date(env.now().getTime() + seconds * 1000))

/** The till with a bank whose answers are counted, and changed where a test wants that. */
function counting(answer?: (reference: string) => Seen | 'as it is') {
  const asked: string[] = []
  const [connector] = till.payments.connectors
  if (!connector) throw new Error('no connector')
  const sync: typeof connector.sync = async (order, context) => {
    asked.push(order.reference)
    const other = answer?.(order.reference) ?? 'as it is'
    return other === 'as it is' ? connector.sync(order, context) : other
  }
  const payments: Payments = { ...till.payments, connectors: [{ ...connector, sync }] }
  return { payments, asked }
}

test('several notices of one charge cost one question, whose answer counts for all', async () => {
  const { charge, payment } = await paidPayment(till)
  await elsewhere(till, charge, 'refunds', { amount: 400 })
  const reference = nameOf('charge', tenant, charge.id)
  for (let time = 0; time < 3; time++) await tell(reference)
  const { payments, asked } = counting()
  assert.equal(await followNotices(payments), 1)
  assert.deepEqual(asked, [reference])
  assert.equal(await stateOf(), 'done,done,done')
  const { refunds } = await storedAttempt(till, charge.id)
  assert.deepEqual(
    refunds.map(({ amount, origin }) => [amount, origin]),
    [[400n, 'provider']],
  )
  const before = await toldOf(till, payment.id)
  await tell(reference)
  await followNotices(payments)
  assert.deepEqual(await toldOf(till, payment.id), before)
})

test('an answer that does not come is asked for again, at pauses, and for a day at most', async () => {
  const { charge } = await paidPayment(till)
  const { payments, asked } = counting(() => 'lost')
  await tell(nameOf('charge', tenant, charge.id))
  const pauses: number[] = []
  let waited = 0
  while ((await stateOf()) === 'waiting') {
    const before = asked.length
    await followNotices(payments)
    if (asked.length > before) {
      pauses.push(waited)
      waited = 0
    }
    const seconds = asked.length < 9 ? 1 : 300
    pass(seconds)
    waited += seconds
  }
  assert.equal(await stateOf(), 'given_up')
  assert.deepEqual(pauses.slice(0, 8), [0, 2, 5, 10, 30, 60, 300, 900])
  assert.ok(pauses.slice(9).every((pause) => pause === 3600))
  assert.ok(asked.length > 25 && asked.length < 35, String(asked.length))
})

test('what nobody knows yet is parked, and found when it is there', async () => {
  const { charge } = await paidPayment(till)
  const hidden = { ...till.payments, storage: { ...storage, findAttempt: async () => undefined } }
  await tell(nameOf('charge', tenant, charge.id))
  await followNotices(hidden)
  assert.equal(await stateOf(), 'waiting')
  assert.equal(await followNotices(till.payments), 0)
  pass(2)
  assert.equal(await followNotices(till.payments), 1)
  assert.equal(await stateOf(), 'done')
})

test('what is no charge’s name, another account’s or another provider’s is nobody’s', async () => {
  const { charge } = await paidPayment(till)
  const { payments, asked } = counting()
  await tell('order-1')
  await tell(nameOf('charge', testTenant(99), charge.id))
  await tell(nameOf('refund', tenant, charge.id))
  await followNotices(payments)
  assert.equal(await stateOf(), 'foreign,foreign,foreign')
  assert.deepEqual(asked, [])
})

test('a charge that was never ordered is looked for, for a day', async () => {
  await tell(nameOf('charge', tenant, newUuid(env)))
  await followNotices(till.payments)
  assert.equal(await stateOf(), 'waiting')
  pass(24 * 3600)
  await followNotices(till.payments)
  assert.equal(await stateOf(), 'given_up')
})

test('one charge that fails stops neither the others nor another account, and is tried again', async () => {
  const [bad, good] = [await paidPayment(till), await paidPayment(till)]
  const { keys } = await openAccount(till.payments, 'Another shop')
  const other = keys[0]?.row.tenant ?? tenant
  const failing = nameOf('charge', tenant, bad.charge.id)
  const { payments } = counting((reference) => {
    if (reference === failing) throw new Error('a fault of ours')
    return 'as it is'
  })
  await tell(failing)
  await tell(nameOf('charge', tenant, good.charge.id))
  await tell('order-1', other)
  await assert.rejects(followNotices(payments), AggregateError)
  assert.equal(await stateOf(), 'waiting,done,foreign')
  pass(2)
  assert.equal(await followNotices(till.payments), 1)
  assert.equal(await stateOf(), 'done,done,foreign')
})

test('a question about an order that is still under way changes nothing that its answer would not', async () => {
  const [connector] = till.payments.connectors
  if (!connector) throw new Error('no connector')
  const session = await till.openSession()
  const reference = (id: string) => `${id}`
  let charged = ''
  const early: typeof connector.start = async (order, context) => {
    // Before the bank has heard of it, and between its booking and our hearing of that.
    charged = reference(order.reference)
    await tell(charged)
    await followNotices(payments)
    const seen = await connector.start(order, context)
    await tell(charged)
    await followNotices(payments)
    return seen
  }
  const payments: Payments = { ...till.payments, connectors: [{ ...connector, start: early }] }
  const plain = await paidPayment(till)
  const watched = { ...till, payments }
  const { pay } = await import('./pay.ts')
  const form = 'cardNumber=4242424242424242&cardExpiry=12%2F34&cardCvc=123'
  const taken = till.vault.take(new TextEncoder().encode(form))
  if (!taken.ok) throw new Error(taken.because)
  const tokenized = await till.vault.tokenize(session.tenant, session.id, taken.card)
  if (!tokenized.ok) throw new Error('no token')
  const paying = await pay(watched.payments, {
    tenant: session.tenant,
    sessionId: session.id,
    attempt: 0,
    token: tokenized.token,
    collected: { email: 'jenny@example.com' },
  })
  if (paying.is !== 'begun') throw new Error(paying.is)
  const attempt = await paying.outcome
  assert.equal(attempt.charge.state, 'captured')
  assert.deepEqual(await toldOf(till, attempt.payment.id), await toldOf(till, plain.payment.id))
})

test('after thirty days they are forgotten', async () => {
  await tell('order-1')
  pass(29 * 24 * 3600)
  assert.equal(await forgetOldNotices(till.payments), 0)
  pass(24 * 3600 + 1)
  assert.equal(await forgetOldNotices(till.payments), 1)
})
