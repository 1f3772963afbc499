import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { numberAll } from '../../../../test/support/numbering.ts'
import { nameOf, newUuid, otherMode } from '../../../core/ids.ts'
import type { Session } from '../../../core/session.ts'
import { cancelSession } from '../../../flows/close-session.ts'

const api = await startApiTill(import.meta.url)
const { till, stripe } = api
after(api.stop)
const { tenant } = till.caller
const named = ({ id }: Pick<Session, 'id'>) => nameOf('session', tenant, id)
const outcome = async (session: Pick<Session, 'id'>, query = '') =>
  (await api.ask('GET', `/v1/checkout/sessions/${named(session)}/outcome${query}`)).json
const number = () => numberAll(till.storage, tenant, till.env.now())
const approved = '4242424242424242'

test('what is settled is answered at once, however long the shop would wait', async () => {
  const { session, paymentId } = await api.paid(approved)
  const { version, ...said } = await outcome(session, '?wait=30')
  assert.deepEqual(said, {
    id: named(session),
    object: 'checkout.session.outcome',
    amount_captured: 2400,
    amount_refunded: 0,
    amount_total: 2400,
    currency: 'eur',
    livemode: false,
    payment_intent: paymentId,
    settled: true,
    state: 'paid',
  })
  await stripe.refunds.create({ payment_intent: paymentId, amount: 400 })
  const refunded = await outcome(session)
  assert.deepEqual([refunded.state, refunded.amount_refunded], ['paid', 400])
  assert.ok(refunded.version > version)
})

test('the stripe library waits until the shopper has paid, and hears nothing of other sessions', async () => {
  const session = await till.openSession()
  let answered = false
  const waiting = stripe.rawRequest('GET', `/v1/checkout/sessions/${named(session)}/outcome?wait=30`).finally(() => {
    answered = true
  })
  await api.paid(approved)
  await number()
  await till.pay(session, '4000000000000002')
  await number()
  assert.equal(answered, false)
  const declined = await till.storage.findSessionView(tenant, session.id)
  await till.pay(declined?.session ?? session, approved)
  await number()
  const { state, settled } = (await waiting) as unknown as { state: string; settled: boolean }
  assert.deepEqual([state, settled], ['paid', true])
})

test('what is not known when the time is over is said to be so', async () => {
  const session = await till.openSession()
  const open = await outcome(session, '?wait=1')
  assert.deepEqual([open.settled, open.state, open.payment_intent], [false, 'open', null])
  const late = await outcome(session)
  assert.deepEqual([late.settled, late.state], [false, 'open'])
})

test('a session that is closed while the shop waits is answered then', async () => {
  const session = await till.openSession()
  const waiting = outcome(session, '?wait=30')
  await stripe.checkout.sessions.expire(named(session))
  await number()
  assert.deepEqual([(await waiting).state, (await waiting).settled], ['expired', true])
})

test('a shopper who gave up, and a hold that waits for its capture', async () => {
  const canceled = await till.openSession({}, { caller: { ...till.caller, door: 'ozura' } })
  assert.equal(await cancelSession(till.payments, tenant, canceled.id), true)
  assert.equal((await outcome(canceled, '?wait=30')).state, 'canceled')
  const held = await api.paid(approved, { paymentTemplate: { captureMethod: 'manual' } })
  const said = await outcome(held.session, '?wait=30')
  assert.deepEqual([said.state, said.settled, said.amount_captured], ['authorized', true, 0])
})

test('what needs a person is not settled, and not waited for', async () => {
  const { session } = await api.paid(approved)
  await till.db.sql`
    update charges set state = 'needs_review', captured = 0
    where tenant = ${tenant} and payment_id = ${session.paymentId}`
  await till.db.sql`update sessions set state = 'processing', completed_at = null where id = ${session.id}`
  const said = await outcome(session, '?wait=30')
  assert.deepEqual([said.state, said.settled], ['needs_review', false])
})

test('a session of nobody, of the other mode and of another account are the same 404', async () => {
  for (const name of [
    nameOf('session', tenant, newUuid(till.env)),
    nameOf('session', otherMode(tenant), newUuid(till.env)),
    'cs_x',
  ]) {
    const reply = await api.ask('GET', `/v1/checkout/sessions/${name}/outcome?wait=30`)
    assert.deepEqual([reply.status, reply.json.error.code], [404, 'resource_missing'])
  }
})

test('no browser of another origin may read it', async () => {
  const session = await till.openSession()
  const path = `/v1/checkout/sessions/${named(session)}/outcome`
  const reply = await api.ask('GET', path, undefined, { origin: 'https://shop.example' })
  assert.deepEqual(
    Object.keys(reply.headers).filter((name) => name.startsWith('access-control')),
    [],
  )
})
