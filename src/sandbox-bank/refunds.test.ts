import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { pay, present } from '../../test/support/cardholder.ts'
import { testEnv } from '../../test/support/env.ts'
import { ADMIN_TOKEN, startTestBank } from '../../test/support/sandbox-bank.ts'

const env = testEnv()
const bank = await startTestBank(import.meta.url, { env, adminToken: ADMIN_TOKEN })
after(bank.stop)
const PENDING = '4000000000007726'
const FAILS_LATER = '4000000000005126'
const PENDING_FAILS = '4000009990000211'

let made = 0
async function refund(authorization: string, amount?: number): Promise<Record<string, unknown>> {
  const { body } = await bank.send('POST', `/v1/authorizations/${authorization}/refunds`, {
    reference: `refund-${++made}`,
    ...(amount === undefined ? {} : { amount }),
  })
  return body
}
async function states(authorization: string): Promise<unknown[]> {
  const { refunds, refunded_amount, refund_pending_amount } = await present(bank, authorization)
  return [(refunds as { status: string }[]).map(({ status }) => status), refunded_amount, refund_pending_amount]
}
async function kindsOf(authorization: string): Promise<string[]> {
  const rows = await bank.db.sql<{ kind: string; amount: string }[]>`
    select kind, amount::text from entries where authorization_id = ${authorization} order by entries.number`
  return rows.map(({ kind, amount }) => `${kind} ${amount}`)
}
const pass = (ms: number) => env.setNow(new Date(env.now().getTime() + ms))

test('a pending refund counts at once, moves nothing, and succeeds a minute later', async () => {
  const paid = await pay(bank, PENDING)
  const { id, status, origin } = await refund(paid, 600)
  assert.deepEqual([status, origin], ['pending', 'merchant'])
  assert.equal((await refund(paid, 401)).error !== undefined, true)
  assert.deepEqual(await states(paid), [['pending'], 0, 600])
  pass(59_999)
  assert.equal((await bank.send('GET', `/v1/operations/${id}`)).body.status, 'pending')
  pass(1)
  assert.equal((await bank.send('GET', `/v1/operations/${id}`)).body.status, 'succeeded')
  assert.deepEqual(await states(paid), [['succeeded'], 600, 0])
  assert.deepEqual(await kindsOf(paid), ['authorize 1000', 'capture 1000', 'refund 600'])
})

test('a pending refund that fails moves nothing and frees its money', async () => {
  const paid = await pay(bank, PENDING_FAILS)
  const { id } = await refund(paid)
  pass(60_000)
  assert.deepEqual(await states(paid), [['failed'], 0, 0])
  assert.equal((await bank.send('GET', `/v1/operations/${id}`)).body.failure_reason, 'account_closed')
  assert.deepEqual(await kindsOf(paid), ['authorize 1000', 'capture 1000'])
})

test('a refund that succeeded and then fails is booked back', async () => {
  const paid = await pay(bank, FAILS_LATER)
  assert.equal((await refund(paid, 300)).status, 'succeeded')
  assert.deepEqual(await states(paid), [['succeeded'], 300, 0])
  pass(60_000)
  assert.deepEqual(await states(paid), [['failed'], 0, 0])
  assert.deepEqual((await kindsOf(paid)).slice(2), ['refund 300', 'refund_reversal 300'])
  const { totals } = (await bank.send('GET', '/v1/books')).body as { totals: Record<string, string>[] }
  const [euro] = totals
  assert.equal(Number(euro?.refunded) - Number(euro?.refund_reversed), 600) // the first test's
  const kinds = (await bank.send('GET', '/v1/books')).body.entries as { kind: string; debit: string }[]
  assert.ok(kinds.some(({ kind, debit }) => kind === 'refund_reversal' && debit === 'cardholder'))
})

test('a refund is canceled while it is pending, once, and not later', async () => {
  const paid = await pay(bank, PENDING)
  const { id } = await refund(paid, 10)
  const cancel = () => bank.send('POST', `/v1/operations/${id}/cancel`, {})
  const statuses = (await Promise.all(Array.from({ length: 6 }, cancel))).map(({ status }) => status)
  assert.deepEqual(statuses.sort(), [200, ...Array(5).fill(409)])
  pass(60_000)
  assert.deepEqual(await states(paid), [['canceled'], 0, 0])

  const late = await refund(paid, 20)
  pass(60_000)
  assert.equal((await bank.send('POST', `/v1/operations/${late.id}/cancel`, {})).status, 409)
  assert.deepEqual(await states(paid), [['canceled', 'succeeded'], 20, 0])
  const capture = await bank.send('POST', `/v1/operations/${paid}/cancel`, {})
  assert.equal(capture.status, 404)
})

test('a repeated cancel under one key gets the same answer', async () => {
  const { id } = await refund(await pay(bank, PENDING))
  const path = `/v1/operations/${id}/cancel`
  const first = await bank.send('POST', path, {}, { key: 'cancel' })
  const again = await bank.send('POST', path, {}, { key: 'cancel' })
  assert.deepEqual([first.status, again.status, again.body], [200, 200, first.body])
})

test('pending refunds at once stay within what was captured', async () => {
  const paid = await pay(bank, PENDING, 60)
  const answers = await Promise.all(Array.from({ length: 32 }, (_, at) => refund(paid, (at % 7) + 1)))
  const accepted = answers.reduce((sum, { status, amount }) => sum + (status === 'pending' ? Number(amount) : 0), 0)
  assert.deepEqual((await states(paid)).slice(1), [0, accepted])
  assert.ok(accepted <= 60 && accepted > 53)
  pass(60_000)
  assert.deepEqual((await states(paid)).slice(1), [accepted, 0])
})

test('a refund made at the bank’s own side is seen by its origin, and binds the merchant’s', async () => {
  const paid = await pay(bank, '4242424242424242')
  const order = { merchant: 'shop', authorization: paid, amount: 400 }
  const { status, body } = await bank.admin('POST', '/admin/refunds', order)
  assert.deepEqual([status, body.origin, body.status], [201, 'bank', 'succeeded'])
  const { refunds, refunded_amount, reference } = await present(bank, paid)
  assert.deepEqual([(refunds as { origin: string }[]).map(({ origin }) => origin), refunded_amount], [['bank'], 400])
  const found = await bank.send('GET', `/v1/authorizations?reference=${reference}`)
  assert.deepEqual((found.body.authorization as { refunds: unknown }).refunds, refunds)
  assert.equal((await refund(paid, 601)).error !== undefined, true)
  assert.equal((await refund(paid, 600)).status, 'succeeded')
  assert.equal((await bank.admin('POST', '/admin/refunds', order)).status, 409)
})

test('what is held runs out after seven days, for whoever asks first', async () => {
  const [asked, captured, voided] = await Promise.all([bank.authorize(), bank.authorize(), bank.authorize()])
  pass(7 * 24 * 60 * 60 * 1000 - 1)
  assert.equal((await present(bank, asked.id)).status, 'authorized')
  pass(1)
  const { status, released_amount, expires } = await present(bank, asked.id)
  assert.deepEqual([status, released_amount, expires], ['expired', 1000, null])
  assert.deepEqual(await kindsOf(asked.id), ['authorize 1000', 'release 1000'])
  const late = await bank.send('POST', `/v1/authorizations/${captured.id}/captures`, { reference: 'late-capture' })
  assert.deepEqual([late.status, (late.body.error as { code: string }).code], [409, 'wrong_state'])
  const gone = await bank.send('POST', `/v1/authorizations/${voided.id}/voids`, { reference: 'late-void' })
  assert.equal(gone.status, 409)
  assert.deepEqual(await kindsOf(captured.id), ['authorize 1000', 'release 1000'])
})

test('of captures at the moment it runs out, the money moves one way', async () => {
  const { id } = await bank.authorize()
  pass(7 * 24 * 60 * 60 * 1000)
  const path = `/v1/authorizations/${id}`
  await Promise.all([
    ...Array.from({ length: 5 }, (_, at) => bank.send('POST', `${path}/captures`, { reference: `edge-${at}` })),
    ...Array.from({ length: 5 }, () => bank.send('GET', path)),
    bank.admin('POST', '/admin/settle', {}),
  ])
  assert.deepEqual(await kindsOf(id), ['authorize 1000', 'release 1000'])
})

test('what nobody asks about is settled all the same', async () => {
  const held = await bank.authorize()
  const paid = await pay(bank, PENDING)
  await refund(paid)
  pass(7 * 24 * 60 * 60 * 1000)
  assert.equal((await bank.admin('POST', '/admin/settle', {})).status, 200)
  const [row] = await bank.db.sql`select status from authorizations where id = ${held.id}`
  const [refunded] = await bank.db.sql`select status from operations where authorization_id = ${paid}`
  assert.deepEqual([row?.status, refunded?.status], ['expired', 'succeeded'])
})

test('the back office opens to its token only, and is not there without one', async () => {
  for (const authorization of ['', 'Bearer bank_shop', 'Bearer the bank managers', 'Bearer '])
    assert.equal((await fetch(`${bank.url}/admin/faults`, { headers: { authorization } })).status, 401)
  const closed = await startTestBank(`${import.meta.url}-closed`)
  assert.equal((await closed.admin('GET', '/admin/faults')).status, 404)
  await closed.stop()
})

test('refunds at once wait their turn however slow the books are, and none fails while money remains', async () => {
  const paid = await pay(bank, '4242424242424242')
  // The last waits longer than a statement may: five seconds.
  await bank.db.sql`
    create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.6); return new; end $$`
  await bank.db.sql`create trigger slow before insert on operations for each row execute function slow()`
  const refunds = await Promise.all(Array.from({ length: 10 }, () => refund(paid, 100)))
  await bank.db.sql`drop trigger slow on operations`
  assert.deepEqual(new Set(refunds.map(({ status }) => status)), new Set(['succeeded']))
  assert.equal((await present(bank, paid)).refunded_amount, 1000)
})
