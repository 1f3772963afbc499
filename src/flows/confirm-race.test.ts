import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { bankBooks, confirmInput, eventsOf, viewOf } from '../../test/support/paying.ts'
import { startTestTill } from '../../test/support/till.ts'
import { connect } from '../storage/connect.ts'
import { openStorage } from '../storage/storage.ts'
import { expireSession } from './close-session.ts'
import { beginAttempt } from './confirm.ts'
import { type Payments, pay } from './pay.ts'
import { updateSession } from './update-session.ts'

const till = await startTestTill(import.meta.url)
after(till.stop)
/** A second server on the same database. */
const sql = connect(till.db.url, { max: 4 })
after(() => sql.end())
const second: Payments = { ...till.payments, storage: openStorage(sql) }
const serverOf = (at: number): Payments => (at % 2 ? second : till.payments)
const GOOD = '4242424242424242'
const call = { caller: till.caller, requestId: 'req_test', key: null }

for (let round = 1; round <= 4; round++) {
  test(`50 confirms of one session at once, on two servers: one charge at the bank (${round})`, async () => {
    const session = await till.openSession()
    const inputs = await Promise.all(Array.from({ length: 50 }, () => confirmInput(till, session, GOOD)))
    const before = (await bankBooks(till)).length
    const answers = await Promise.all(
      inputs.map(async (input, at) => {
        const paying = await pay(serverOf(at), input)
        return paying.is === 'begun' ? (await paying.outcome).session?.state : paying.is
      }),
    )
    assert.deepEqual(answers.toSorted(), ['complete', ...Array.from({ length: 49 }, () => 'too_late')])
    assert.equal((await bankBooks(till)).length, before + 1)
    const [counted] = await till.db.sql<{ charges: number; postings: number; cards: number }[]>`
      select
        (select count(*)::int4 from charges where payment_id = ${session.paymentId}) as charges,
        (select count(*)::int4 from postings p join charges c on c.tenant = p.tenant and c.id = p.charge_id
         where c.payment_id = ${session.paymentId}) as postings,
        (select count(*)::int4 from vault.cards where owner = ${session.id}) as cards`
    assert.deepEqual(counted, { charges: 1, postings: 1, cards: 0 })
    const types = await eventsOf(till, session)
    assert.equal(new Set(types).size, types.length, 'every event once')
  })
}

test('expiring and confirming at once: one of them wins, and the other changes nothing', async () => {
  for (let round = 0; round < 12; round++) {
    const session = await till.openSession()
    const input = await confirmInput(till, session, GOOD)
    const [paying, expiring] = await Promise.all([
      pay(serverOf(round), input),
      expireSession(serverOf(round + 1), call, session.id),
    ])
    const paid = paying.is === 'begun' && (await paying.outcome).session?.state === 'complete'
    assert.notEqual(paid, expiring.ok, 'never both, never neither')
    const { session: left, payment } = await viewOf(till, session)
    assert.equal(left.state, paid ? 'complete' : 'expired')
    assert.equal(payment === null, !paid)
  }
})

test('a change of metadata while the bank decides is kept, and so is the bank’s answer', async () => {
  const session = await till.openSession()
  const paying = await pay(till.payments, await confirmInput(till, session, GOOD))
  assert.equal(paying.is, 'begun')
  if (paying.is !== 'begun') return
  const changes = Array.from({ length: 5 }, (_, at) =>
    updateSession(serverOf(at), call, session.id, { metadata: { [`k${at}`]: 'v' } }),
  )
  const results = await Promise.all([paying.outcome, ...changes])
  assert.equal(results.length, 6)
  const { session: left } = await viewOf(till, session)
  assert.equal(left.state, 'complete')
  assert.equal(
    Object.keys(left.document.metadata ?? {}).length,
    results.slice(1).filter((one) => 'ok' in one && one.ok).length,
  )
})

test('beginning twice with one form is refused by the version, and by the database when the version lies', async () => {
  const session = await till.openSession()
  const input = await confirmInput(till, session, GOOD)
  const begun = await beginAttempt(till.payments, input)
  assert.equal(begun.is, 'begun')
  const blind: Payments = {
    ...till.payments,
    storage: {
      ...till.storage,
      findSessionView: async (tenant, id) => {
        const view = await till.storage.findSessionView(tenant, id)
        return view && { ...view, session: { ...view.session, state: 'open', tries: 0 }, payment: null }
      },
    },
  }
  assert.equal((await beginAttempt(blind, input)).is, 'too_late')
  const [row] = await till.db.sql<{ charges: number }[]>`
    select count(*)::int4 as charges from charges where payment_id = ${session.paymentId}`
  assert.equal(row?.charges, 1)
})
