import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { pay, present } from '../../test/support/cardholder.ts'
import { testEnv } from '../../test/support/env.ts'
import { ADMIN_TOKEN, startTestBank } from '../../test/support/sandbox-bank.ts'

const env = testEnv()
const bank = await startTestBank(import.meta.url, { env, adminToken: ADMIN_TOKEN })
after(bank.stop)
const PLAIN = '4242424242424242'
const FRAUDULENT = '4000000000000259'
const NOT_RECEIVED = '4000000000002685'
const INQUIRY = '4000000000001976'
const DAY = 24 * 60 * 60_000

type Shown = { readonly id: string; readonly status: string; readonly amount: number; readonly reason: string }
async function disputesOf(authorization: string): Promise<readonly Shown[]> {
  return (await present(bank, authorization)).disputes as Shown[]
}
async function disputeOf(authorization: string): Promise<Shown> {
  const [dispute, ...more] = await disputesOf(authorization)
  assert.ok(dispute)
  assert.deepEqual(more, [])
  return dispute
}
async function kindsOf(authorization: string): Promise<string[]> {
  const rows = await bank.db.sql<{ kind: string; amount: string }[]>`
    select kind, amount::text from entries where authorization_id = ${authorization} order by entries.number`
  return rows.map(({ kind, amount }) => `${kind} ${amount}`).slice(2)
}
const say = (id: string, text: string) =>
  bank.send('POST', `/v1/disputes/${id}/evidence`, { evidence: { uncategorized_text: text } })
const raise = (authorization: string, fields: object = {}) =>
  bank.admin('POST', '/admin/disputes', { merchant: 'shop', authorization, ...fields })

for (const [number, reason] of [
  [FRAUDULENT, 'fraudulent'],
  [NOT_RECEIVED, 'product_not_received'],
] as const) {
  test(`a card charged back as ${reason}: its money is taken with the capture, and cannot be refunded`, async () => {
    const paid = await pay(bank, number)
    const dispute = await disputeOf(paid)
    assert.deepEqual([dispute.status, dispute.amount, dispute.reason], ['needs_response', 1000, reason])
    assert.equal((await present(bank, paid)).disputed_amount, 1000)
    const refund = await bank.send('POST', `/v1/authorizations/${paid}/refunds`, { reference: `no-${paid}` })
    assert.equal(refund.status, 409)
    assert.deepEqual(await kindsOf(paid), ['chargeback 1000'])
  })
}

test('a capture later than the authorization is what is charged back, and no more', async () => {
  const { id } = await bank.authorize({ card: { number: FRAUDULENT } })
  assert.deepEqual(await disputesOf(id), [])
  await bank.send('POST', `/v1/authorizations/${id}/captures`, { reference: `part-${id}`, amount: 400 })
  assert.equal((await disputeOf(id)).amount, 400)
})

const ANSWERS: readonly (readonly [text: string, number: string, status: string, moved: readonly string[]])[] = [
  ['winning_evidence', FRAUDULENT, 'won', ['chargeback 1000', 'chargeback_reversal 1000']],
  ['losing_evidence', FRAUDULENT, 'lost', ['chargeback 1000']],
  ['It was them.', FRAUDULENT, 'under_review', ['chargeback 1000']],
  ['winning_evidence', INQUIRY, 'warning_closed', []],
  ['It was them.', INQUIRY, 'warning_under_review', []],
  ['escalate_inquiry_evidence', INQUIRY, 'needs_response', ['chargeback 1000']],
]
for (const [text, number, status, moved] of ANSWERS) {
  test(`"${text}" about card ${number.slice(-4)}: ${status}`, async () => {
    const paid = await pay(bank, number)
    const { body } = await say((await disputeOf(paid)).id, text)
    assert.deepEqual([body.status, body.submissions], [status, 1])
    assert.deepEqual(await kindsOf(paid), moved)
    assert.equal((await present(bank, paid)).disputed_amount, moved.length === 1 ? 1000 : 0)
  })
}

test('evidence is read once, a repeated key hears the first answer, and a decided dispute hears nothing', async () => {
  const paid = await pay(bank, FRAUDULENT)
  const { id } = await disputeOf(paid)
  const path = `/v1/disputes/${id}/evidence`
  const body = { evidence: { uncategorized_text: 'losing_evidence', customer_name: 'Jenny' } }
  const first = await bank.send('POST', path, body, { key: `said-${id}` })
  const again = await bank.send('POST', path, body, { key: `said-${id}` })
  assert.deepEqual([again.status, again.body], [first.status, first.body])
  assert.equal((await say(id, 'winning_evidence')).status, 409)
  assert.equal((await bank.send('POST', `/v1/disputes/${id}/acceptance`, {})).status, 409)
  assert.equal((await bank.send('POST', path, { evidence: { receipt: 'file_1' } })).status, 400)
  assert.equal((await bank.send('POST', path, { evidence: {} })).status, 400)
  assert.equal((await bank.send('GET', `/v1/disputes/${id}`)).body.status, 'lost')
  assert.equal((await bank.send('GET', `/v1/disputes/${id}`, undefined, { merchant: 'else' })).status, 404)
})

test('what is accepted, or not answered in three weeks, is lost; a question is closed', async () => {
  const accepted = await pay(bank, FRAUDULENT)
  await bank.send('POST', `/v1/disputes/${(await disputeOf(accepted)).id}/acceptance`, {})
  assert.equal((await disputeOf(accepted)).status, 'lost')
  const [silent, asked] = [await pay(bank, FRAUDULENT), await pay(bank, INQUIRY)]
  env.setNow(new Date(env.now().getTime() + 21 * DAY))
  assert.equal((await disputeOf(silent)).status, 'lost')
  assert.equal((await disputeOf(asked)).status, 'warning_closed')
  assert.deepEqual(await kindsOf(silent), ['chargeback 1000'])
})

test('the back office raises disputes about any captured payment, whole or in part, and decides them', async () => {
  const paid = await pay(bank, PLAIN)
  const part = await raise(paid, { amount: 400, reason: 'duplicate' })
  assert.deepEqual([part.status, part.body.status, part.body.amount], [201, 'needs_response', 400])
  assert.equal((await raise(paid, { amount: 601 })).status, 409)
  await bank.send('POST', `/v1/authorizations/${paid}/refunds`, { reference: `left-${paid}`, amount: 500 })
  assert.equal((await raise(paid)).body.amount, 100)
  assert.equal((await raise(paid)).status, 409)
  assert.equal((await raise(paid, { inquiry: true })).body.status, 'warning_needs_response')
  const verdict = { merchant: 'shop', dispute: part.body.id, outcome: 'won' }
  assert.equal((await bank.admin('POST', '/admin/verdicts', verdict)).body.status, 'won')
  assert.equal((await bank.admin('POST', '/admin/verdicts', { ...verdict, outcome: 'lost' })).status, 409)
  assert.equal((await present(bank, paid)).disputed_amount, 100)
  const held = await bank.authorize()
  assert.equal((await raise(held.id)).status, 409)
  for (let more = 0; more < 7; more++) assert.equal((await raise(paid, { inquiry: true })).status, 201)
  assert.equal((await raise(paid, { inquiry: true })).status, 409)
})

test('an escalated question takes no more than refunds have left', async () => {
  const paid = await pay(bank, INQUIRY)
  await bank.send('POST', `/v1/authorizations/${paid}/refunds`, { reference: `some-${paid}`, amount: 700 })
  const { body } = await say((await disputeOf(paid)).id, 'escalate_inquiry_evidence')
  assert.deepEqual([body.status, body.amount], ['needs_response', 300])
  const back = await pay(bank, INQUIRY)
  await bank.send('POST', `/v1/authorizations/${back}/refunds`, { reference: `all-${back}` })
  assert.equal((await say((await disputeOf(back)).id, 'escalate_inquiry_evidence')).body.status, 'warning_closed')
})

test('the database books no dispute twice, and takes no more than was captured', async () => {
  const paid = await pay(bank, FRAUDULENT)
  const { id } = await disputeOf(paid)
  const again = bank.db.sql`
    insert into entries (merchant, authorization_id, cause, kind, debit, credit, amount, currency, reference, created_at)
    values ('shop', ${paid}, ${id}, 'chargeback', 'merchant', 'cardholder', 1, 'EUR', 'twice', now())`
  await assert.rejects(again, { constraint_name: 'entries_one_per_cause' })
  const more = bank.db.sql`update authorizations set disputed_amount = 1001 where id = ${paid}`
  await assert.rejects(more, { constraint_name: 'refunded_within_captured' })
})
