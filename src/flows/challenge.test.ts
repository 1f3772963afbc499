import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { RETURN_URL } from '../../test/support/cardholder.ts'
import { testEnv } from '../../test/support/env.ts'
import { cancelAt, confirmAt, failAt } from '../../test/support/issuer.ts'
import { atTheBank, callOf, codeOf, GOOD, storedAttempt } from '../../test/support/orders.ts'
import { confirmInput, eventsOf, viewOf } from '../../test/support/paying.ts'
import { startTestTill } from '../../test/support/till.ts'
import type { Connector } from '../connectors/contract.ts'
import type { Attempt } from '../core/attempt.ts'
import type { Session } from '../core/session.ts'
import { screenFor } from '../core/session-machine.ts'
import type { ThreeDSecureWish } from '../core/three-d-secure.ts'
import { TEST_CARDS } from '../sandbox-bank/test-cards.ts'
import { abandonChallenge, goOnFromDeviceCheck, returnFromBank } from './challenge.ts'
import { expireDueSessions } from './close-session.ts'
import { lookAgain } from './look-again.ts'
import { cancelPayment } from './order-void.ts'
import { type Payments, pay } from './pay.ts'
import type { NewSessionInput } from './session-input.ts'
import { sweepOrders } from './sweep.ts'

const env = testEnv({ now: new Date('2026-03-01T10:00:00Z') })
const till = await startTestTill(import.meta.url, { env })
after(till.stop)

const numberOf = (id: string): string => TEST_CARDS.find((card) => card.id === id)?.number ?? assert.fail(id)
const WISH: ThreeDSecureWish = { returnUrl: RETURN_URL, request: 'automatic', browser: { javascript: true } }
const MINUTE_MS = 60_000
const pass = (ms: number): void => env.setNow(new Date(env.now().getTime() + ms))

async function challenged(
  card = 'challenge_always',
  input: Partial<NewSessionInput> = {},
): Promise<{ readonly session: Session; readonly attempt: Attempt; readonly url: string }> {
  const session = await till.openSession(input)
  const attempt = await till.pay(session, numberOf(card), WISH)
  const url = attempt.charge.document.action?.url ?? assert.fail('nothing to do')
  return { session, attempt, url }
}
const comeBack = async (session: Session) => returnFromBank(till.payments, await viewOf(till, session))
const giveUp = async (session: Session) => abandonChallenge(till.payments, await viewOf(till, session))
const standing = async (session: Session): Promise<unknown[]> => {
  const { session: now, payment, charge } = await viewOf(till, session)
  return [now.state, payment?.state, charge?.state, charge?.document.decline?.code]
}
const WAITS = ['processing', 'requires_action', 'requires_action', undefined]

test('a challenged card waits for its cardholder, holds nothing, and is captured once the bank says so', async () => {
  const { session, attempt, url } = await challenged()
  assert.deepEqual(await standing(session), WAITS)
  assert.deepEqual([attempt.charge.authorized, attempt.charge.held, attempt.charge.captured], [0n, 0n, 0n])
  assert.equal(attempt.charge.lookAt?.getTime(), attempt.charge.createdAt.getTime() + 15 * MINUTE_MS)
  assert.deepEqual((await eventsOf(till, session)).slice(-1), ['payment_intent.requires_action'])
  assert.equal(
    (await till.db.sql`select from vault.cards`).length,
    0,
    'the bank carries the order out: the card is shredded',
  )

  await comeBack(session)
  assert.deepEqual(await standing(session), WAITS, 'coming back without the bank’s word changes nothing')
  await confirmAt(url)
  assert.deepEqual(await standing(session), WAITS, 'the bank’s word is asked for, not guessed')
  await comeBack(session)
  assert.deepEqual(await standing(session), ['complete', 'succeeded', 'captured', undefined])
  const { charge } = await viewOf(till, session)
  assert.equal(charge?.document.action, undefined)
  const { transactionId, ...facts } = charge?.document.authentication ?? assert.fail('no facts')
  assert.deepEqual(facts, { version: '2.2.0', result: 'authenticated', flow: 'challenge', eci: '05' })
  assert.ok(transactionId)
})

test('coming back a hundred times at once asks the bank twice, and the second time begins after the first', async () => {
  const { session } = await challenged()
  const visited = await viewOf(till, session)
  let questions = 0
  const counting = (connector: Connector): Connector => ({
    ...connector,
    sync: (order, outside) => {
      questions += 1
      return connector.sync(order, outside)
    },
  })
  const payments = { ...till.payments, connectors: till.payments.connectors.map(counting) }
  await Promise.all(Array.from({ length: 100 }, () => returnFromBank(payments, visited)))
  assert.equal(questions, 2)
  assert.deepEqual(await standing(session), WAITS)
  await giveUp(session)
})

const OUTCOMES: readonly (readonly [card: string, result: string | undefined, ...standing: unknown[]])[] = [
  ['challenge_always', 'authenticated', 'complete', 'succeeded', 'captured', undefined],
  ['challenge_unless_stored', 'authenticated', 'complete', 'succeeded', 'captured', undefined],
  ['challenge_required', 'authenticated', 'complete', 'succeeded', 'captured', undefined],
  ['secure_supported', 'authenticated', 'complete', 'succeeded', 'captured', undefined],
  [
    'challenge_insufficient_funds',
    'authenticated',
    'open',
    'requires_payment_method',
    'declined',
    'insufficient_funds',
  ],
  ['challenge_declined', 'authenticated', 'open', 'requires_payment_method', 'declined', 'generic_decline'],
  ['authentication_failed', 'failed', 'open', 'requires_payment_method', 'declined', 'authentication_failed'],
  [
    'authentication_unavailable',
    'processing_error',
    'open',
    'requires_payment_method',
    'declined',
    'issuer_unavailable',
  ],
  ['device_check', 'authenticated', 'complete', 'succeeded', 'captured', undefined],
  ['device_check_challenge', 'authenticated', 'complete', 'succeeded', 'captured', undefined],
  ['challenge_returns_twice', 'authenticated', 'complete', 'succeeded', 'captured', undefined],
]
for (const [card, result, ...expected] of OUTCOMES) {
  test(`${card} ends as published when its cardholder does as asked`, async () => {
    const session = await till.openSession()
    const first = await till.pay(session, numberOf(card), WISH)
    if (first.charge.document.action?.type === 'device_check') {
      await goOnFromDeviceCheck(till.payments, await viewOf(till, session))
    }
    const action = (await viewOf(till, session)).charge?.document.action
    if (action) await confirmAt(action.url)
    await comeBack(session)
    await comeBack(session)
    assert.deepEqual(await standing(session), expected)
    assert.equal((await viewOf(till, session)).charge?.document.authentication?.result, result)
  })
}

test('a card that requires it is declined where nobody can be sent to the issuer', async () => {
  const session = await till.openSession()
  const { charge } = await till.pay(session, numberOf('challenge_required'))
  assert.deepEqual([charge.state, charge.document.decline?.code], ['declined', 'authentication_required'])
})

test('a browser without a script is spared the device check, and may still be challenged', async () => {
  const session = await till.openSession()
  const plain = { ...WISH, browser: { javascript: false } }
  const { charge } = await till.pay(session, numberOf('device_check_challenge'), plain)
  assert.equal(charge.document.action?.type, 'challenge')
  await giveUp(session)
})

test('three wrong codes, and a cancel, leave the form for another try', async () => {
  for (const refuse of [failAt, cancelAt]) {
    const { session, url } = await challenged()
    await refuse(url)
    await comeBack(session)
    assert.deepEqual(await standing(session), ['open', 'requires_payment_method', 'declined', 'authentication_failed'])
  }
})

test('many returns at once are one outcome, told once', async () => {
  const { session, url } = await challenged()
  await confirmAt(url)
  await Promise.all(Array.from({ length: 8 }, () => comeBack(session)))
  const types = await eventsOf(till, session)
  assert.equal(types.filter((type) => type === 'checkout.session.completed').length, 1)
  assert.equal(types.filter((type) => type === 'charge.succeeded').length, 1)
})

test('another card: the bank lets go, the payment is open again, and what the issuer says later changes nothing', async () => {
  const { session, attempt, url } = await challenged()
  const given = await giveUp(session)
  assert.deepEqual(
    given?.orders.map(({ kind, state }) => [kind, state]),
    [['void', 'succeeded']],
  )
  assert.deepEqual(await standing(session), ['open', 'requires_payment_method', 'declined', 'authentication_abandoned'])
  assert.equal((await atTheBank(till, attempt.charge)).status, 'voided')
  assert.equal((await storedAttempt(till, attempt.charge.id)).charge.authorized, 0n, 'nothing was ever held')
  await confirmAt(url)
  await comeBack(session)
  await giveUp(session)
  const again = await till.pay((await viewOf(till, session)).session, GOOD)
  assert.deepEqual([again.session?.state, again.charge.attempt], ['complete', 2])
  await comeBack(session)
  assert.equal((await viewOf(till, session)).session.state, 'complete')
  const balances = await till.db.sql`
    select amount from postings where charge_id = ${attempt.charge.id}`
  assert.equal(balances.length, 0)
})

test('another card, pressed when the bank has said yes already, is too late: it is paid, once', async () => {
  const { session, url } = await challenged()
  await confirmAt(url)
  const after = await giveUp(session)
  assert.deepEqual([after?.charge.state, after?.orders.length], ['captured', 0])
  assert.equal((await viewOf(till, session)).session.state, 'complete')
})

test('ten presses of "another card" order one void', async () => {
  const { session, attempt } = await challenged()
  await Promise.all(Array.from({ length: 10 }, () => giveUp(session)))
  const { orders, charge } = await storedAttempt(till, attempt.charge.id)
  assert.deepEqual([orders.length, charge.state], [1, 'declined'])
})

test('who never comes back: the bank’s ten minutes, ours of fifteen, and the session is open, or over', async () => {
  const { session } = await challenged()
  const brief = await challenged('challenge_always', { expiresAt: new Date(env.now().getTime() + 31 * MINUTE_MS) })
  pass(14 * MINUTE_MS)
  await lookAgain(till.payments)
  assert.deepEqual(await standing(session), WAITS, 'nobody has looked: the time has not come')
  pass(MINUTE_MS + 1)
  assert.equal(await lookAgain(till.payments), 2)
  assert.deepEqual(await standing(session), ['open', 'requires_payment_method', 'declined', 'authentication_failed'])
  pass(20 * MINUTE_MS)
  await expireDueSessions(till.payments)
  assert.equal((await viewOf(till, brief.session)).session.state, 'expired')
  assert.equal((await viewOf(till, session)).session.state, 'open')
})

test('a return that was lost is found out by asking, long before the deadline', async () => {
  const { session, url } = await challenged()
  await confirmAt(url)
  pass(3_000)
  await sweepOrders(till.payments)
  assert.equal((await viewOf(till, session)).session.state, 'complete')
})

test('a session does not expire under a cardholder who is at the issuer; a late yes within the grace is one', async () => {
  const { session, url } = await challenged('challenge_always', {
    expiresAt: new Date(env.now().getTime() + 31 * MINUTE_MS),
  })
  await till.db
    .sql`update sessions set expires_at = ${new Date(env.now().getTime() + MINUTE_MS)} where id = ${session.id}`
  pass(2 * MINUTE_MS)
  assert.equal(await expireDueSessions(till.payments), 0)
  await confirmAt(url)
  await comeBack(session)
  assert.equal((await viewOf(till, session)).session.state, 'complete')
})

test('an expired challenge is declined by the bank, and a return after it changes nothing', async () => {
  const { session, url } = await challenged()
  pass(11 * MINUTE_MS)
  await confirmAt(url)
  await comeBack(session)
  await comeBack(session)
  assert.deepEqual(await standing(session), ['open', 'requires_payment_method', 'declined', 'authentication_failed'])
})

test('a return to one session says nothing about another', async () => {
  const [one, other] = [await challenged(), await challenged()]
  await confirmAt(one.url)
  await comeBack(other.session)
  assert.deepEqual(await standing(other.session), WAITS)
  assert.deepEqual(await standing(one.session), WAITS, 'its own return or the sweeper finds it')
  await giveUp(other.session)
  await comeBack(one.session)
  assert.equal((await viewOf(till, one.session)).session.state, 'complete')
})

test('the shop cancels a payment that waits for its cardholder: that ends the payment, not only the attempt', async () => {
  const { session, attempt } = await challenged()
  assert.equal(codeOf(await cancelPayment(till.payments, callOf(till), attempt.payment.id)), 'ok')
  assert.deepEqual(await standing(session), ['failed', 'canceled', 'voided', undefined])
})

test('what the bank has let through all the same, after it was given up, goes back', async () => {
  const { session, attempt, url } = await challenged()
  // The void was ordered and has not arrived: what it would have met is not known.
  await till.db.sql`
    insert into operations
      (tenant, id, version, charge_id, kind, sequence, amount, currency, final, state, provider_key,
       provider_key_valid_until, fence, created_at, ask_at, asked, absent_since, document)
    select tenant, gen_random_uuid(), 1, charge_id, 'void', 1, 0, currency, true, 'unknown', 'void-lost',
       provider_key_valid_until, 0, created_at, ${new Date(env.now().getTime() + 60_000)}, 1, null, '{"givesUp": true}'
    from operations where charge_id = ${attempt.charge.id}`
  await confirmAt(url)
  await comeBack(session)
  assert.deepEqual(await standing(session), ['processing', 'processing', 'surplus', undefined])
  assert.equal(await payingAgain(session), 'too_late', 'nobody pays beside money that is still taken')
  for (let round = 0; round < 4; round++) {
    pass(2_000)
    await sweepOrders(till.payments)
  }
  assert.deepEqual((await standing(session)).slice(0, 3), ['open', 'requires_payment_method', 'surplus'])
  const told = await eventsOf(till, session)
  assert.equal(told.filter((type) => type === 'payment_intent.payment_failed').length, 1)
  assert.ok(told.includes('charge.refunded'))
  assert.equal((await till.pay((await viewOf(till, session)).session, GOOD)).session?.state, 'complete')
  const { charge, orders } = await storedAttempt(till, attempt.charge.id)
  assert.deepEqual([charge.captured, charge.refunded], [attempt.charge.amount, attempt.charge.amount])
  assert.ok(orders.every(({ state }) => state === 'succeeded' || state === 'failed'))
})

for (const [what, held] of [
  ['taken', 'automatic'],
  ['held', 'manual'],
] as const) {
  test(`"use another card" while the bank is deaf: nobody pays again until it is known that nothing is ${what}`, async () => {
    const { session, attempt, url } = await challenged('challenge_always', {
      paymentTemplate: { captureMethod: held },
    })
    const deaf = deafTo(till.payments)
    await abandonChallenge(deaf, await viewOf(till, session))
    const view = await viewOf(till, session)
    assert.deepEqual(await standing(session), ['processing', 'processing', 'requires_action', undefined])
    const givenUp = view.charge?.document.givenUp === true
    const facts = { closedBy: null, charge: 'requires_action', givenUp, pastExpiry: false, ownAttempt: true } as const
    const screen = screenFor({ state: view.session.state, ...facts })
    assert.equal(screen, 'confirming', 'the honest waiting screen, and no way back to the issuer')
    assert.equal(await payingAgain(session), 'too_late')
    // Meanwhile the issuer lets it through.
    await confirmAt(url)
    for (let round = 0; round < 6; round++) {
      pass(20_000)
      await sweepOrders(till.payments)
    }
    assert.deepEqual((await standing(session)).slice(0, 2), ['open', 'requires_payment_method'])
    const { charge } = await storedAttempt(till, attempt.charge.id)
    assert.deepEqual([charge.held, charge.captured - charge.refunded], [0n, 0n])
    assert.equal((await till.pay((await viewOf(till, session)).session, GOOD)).charge.attempt, 2)
  })
}

test('a deadline that passes while the bank is deaf is the same: the session waits, then opens', async () => {
  const { session } = await challenged()
  pass(15 * MINUTE_MS + 1)
  await lookAgain(deafTo(till.payments, { sync: async () => 'lost' }))
  assert.deepEqual((await standing(session)).slice(0, 2), ['processing', 'processing'])
  for (let round = 0; round < 4; round++) {
    pass(20_000)
    await sweepOrders(till.payments)
  }
  assert.deepEqual((await standing(session)).slice(0, 2), ['open', 'requires_payment_method'])
})

/** The provider answers questions before the void is ordered, and nothing afterwards. */
function deafTo(payments: Payments, also: Partial<Connector> = {}): Payments {
  return {
    ...payments,
    connectors: payments.connectors.map((connector) => ({
      ...connector,
      voidAuthorization: async () => ({ sent: 'lost', seen: 'lost' }) as const,
      ...also,
    })),
  }
}

async function payingAgain(session: Session): Promise<string> {
  const { session: now } = await viewOf(till, session)
  const input = await confirmInput(till, now, GOOD)
  return (await pay(till.payments, input)).is
}
