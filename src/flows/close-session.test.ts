import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { confirmInput, eventsOf, viewOf } from '../../test/support/paying.ts'
import { startTestTill } from '../../test/support/till.ts'
import type { Door, Session } from '../core/session.ts'
import { cancelSession, expireDueSessions, expireSession } from './close-session.ts'
import { beginAttempt } from './confirm.ts'
import { openAccount } from './open-account.ts'

const env = testEnv()
const till = await startTestTill(import.meta.url, { env })
after(till.stop)
const call = { caller: till.caller, requestId: 'req_test', key: null }
const DAY = 24 * 60 * 60_000
const DECLINED = '4000000000000002'
const openBy = (door: Door) => till.openSession({}, { caller: { ...till.caller, door } })
const closedAs = async (session: Session) => {
  const { session: left, payment } = await viewOf(till, session)
  return [left.state, left.closedBy, payment?.state]
}

test('time closes what is open, with its payment when one was begun, and nothing else', async () => {
  const untouched = await till.openSession()
  const declined = await till.openSession()
  await till.pay(declined, DECLINED)
  const paid = await till.openSession()
  await till.pay(paid, '4242424242424242')
  const paying = await till.openSession()
  await beginAttempt(till.payments, await confirmInput(till, paying, '4242424242424242'))
  await env.advance(DAY - 1)
  const younger = await till.openSession()
  assert.equal(await expireDueSessions(till.payments), 0, 'not a millisecond early')
  await env.advance(1)
  assert.equal(await expireDueSessions(till.payments), 2)
  assert.equal(await expireDueSessions(till.payments), 0)

  assert.deepEqual(await closedAs(untouched), ['expired', 'time', undefined])
  assert.deepEqual(await closedAs(declined), ['expired', 'time', 'canceled'])
  assert.deepEqual((await closedAs(paid))[0], 'complete')
  assert.deepEqual((await closedAs(paying))[0], 'processing')
  assert.deepEqual((await closedAs(younger))[0], 'open')
  assert.deepEqual((await eventsOf(till, untouched)).slice(1), ['checkout.session.expired'])
  assert.deepEqual((await eventsOf(till, declined)).slice(-2), ['payment_intent.canceled', 'checkout.session.expired'])
  const { payment } = await viewOf(till, declined)
  assert.deepEqual([payment?.cancellationReason, payment?.canceledAt, payment?.reserved], ['automatic', env.now(), 0n])
})

test('an account that fails does not keep the sessions of the others open, and is told at the end', async () => {
  const { keys } = await openAccount(till.payments, 'Failing shop')
  const failing = keys[0]?.row
  assert.ok(failing)
  await till.openSession({}, { caller: { ...till.caller, tenant: failing.tenant, keyId: failing.id } })
  const session = await till.openSession()
  await env.advance(2 * DAY)
  const storage: typeof till.storage = {
    ...till.storage,
    // The account that fails comes first, so that there is somebody after it.
    tenantsWithDueSessions: async (now) =>
      (await till.storage.tenantsWithDueSessions(now)).toSorted((one) => (one === failing.tenant ? -1 : 1)),
    dueSessions: (tenant, ...given) =>
      tenant === failing.tenant ? Promise.reject(new Error('unreadable')) : till.storage.dueSessions(tenant, ...given),
  }
  const round = expireDueSessions({ ...till.payments, storage })
  await assert.rejects(round, {
    name: 'AggregateError',
    message: /1 of 2 accounts$/,
    errors: [new Error('unreadable')],
  })
  assert.deepEqual(await closedAs(session), ['expired', 'time', undefined])
})

test('two workers that expire at once close each session once', async () => {
  const sessions = await Promise.all(Array.from({ length: 10 }, () => till.openSession()))
  await env.advance(2 * DAY)
  const rounds = await Promise.all([1, 2, 3].map(() => expireDueSessions(till.payments)))
  assert.ok(rounds.reduce((sum, closed) => sum + closed, 0) >= 10)
  for (const session of sessions) {
    assert.deepEqual(await closedAs(session), ['expired', 'time', undefined])
    const types = await eventsOf(till, session)
    assert.deepEqual(types, ['checkout.session.created', 'checkout.session.expired'])
  }
})

test('a shop closes an open session once; one that is being paid or is over is refused by name', async () => {
  const session = await till.openSession()
  const closed = await expireSession(till.payments, call, session.id)
  assert.ok(closed.ok && closed.value.snapshot.is === 'session')
  assert.deepEqual(await closedAs(session), ['expired', 'merchant', undefined])
  const refusal = async (id: Session['id']) => {
    const answer = await expireSession(till.payments, call, id)
    return answer.ok ? 'closed' : [answer.refusal.code, answer.refusal.detail]
  }
  assert.deepEqual(await refusal(session.id), ['session_not_open', 'expired'])
  const paying = await till.openSession()
  await beginAttempt(till.payments, await confirmInput(till, paying, '4242424242424242'))
  assert.deepEqual(await refusal(paying.id), ['session_not_open', 'processing'])
  assert.equal((await refusal(session.paymentId as Session['id']))[0], 'resource_missing')
})

for (const door of ['ozura', 'hsrc', 'secpaid'] as const) {
  test(`a shopper's cancel ends a session of the ${door} door, once`, async () => {
    const session = await openBy(door)
    await till.pay(session, DECLINED)
    const both = await Promise.all([1, 2].map(() => cancelSession(till.payments, session.tenant, session.id)))
    assert.deepEqual(both.toSorted(), [false, true])
    assert.deepEqual(await closedAs(session), ['canceled', 'shopper', 'canceled'])
    assert.deepEqual((await eventsOf(till, session)).slice(-2), ['payment_intent.canceled', 'checkout.session.expired'])
  })
}

for (const door of ['native', 'opencheckout', 'bpc'] as const) {
  test(`a shopper's cancel only leaves a session of the ${door} door`, async () => {
    const session = await openBy(door)
    assert.equal(await cancelSession(till.payments, session.tenant, session.id), false)
    assert.deepEqual(await closedAs(session), ['open', null, undefined])
  })
}

test('a cancel while the session is being paid changes nothing', async () => {
  const session = await openBy('ozura')
  await beginAttempt(till.payments, await confirmInput(till, session, '4242424242424242'))
  assert.equal(await cancelSession(till.payments, session.tenant, session.id), false)
  assert.equal((await closedAs(session))[0], 'processing')
})

test('events of one session keep their places: no two share one, whatever closed it', async () => {
  const rows = await till.db.sql<{ places: number; events: number }[]>`
    select count(distinct (root, root_version, ordinal))::int4 as places, count(*)::int4 as events from events`
  assert.equal(rows[0]?.places, rows[0]?.events)
  assert.ok((rows[0]?.events ?? 0) > 30)
})
