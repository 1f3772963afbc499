import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Command, Told } from '../../../src/cli/command.ts'
import { refundsApprove, refundsList, refundsReject } from '../../../src/cli/refunds.ts'
import { sandboxConnector } from '../../../src/connectors/sandbox/sandbox.ts'
import { makeEnv } from '../../../src/env.ts'
import { openStorage } from '../../../src/storage/storage.ts'
import { until } from '../../support/until.ts'
import { cancelByForm, payByForm } from '../pay-by-form.ts'
import { rowsOf, type SecPaidTill, startSecPaid } from './client.ts'

let till: SecPaidTill
before(async () => {
  till = await startSecPaid(import.meta.url)
})
after(() => till?.stop())

async function paid(amount: number, note?: string) {
  const link = await till.link({ amount, ...(note === undefined ? {} : { recipient_note: note }) })
  await payByForm(link.pay_link)
  return link
}
const refund = (body: object | string) => till.call('refundPayment', body)
const says = async (body: object) => (await refund(body)).json.ResponseMsg
const refundsIn = async (pay_id: unknown) =>
  rowsOf(await till.call('getPayInTransactions', { pay_id })).filter((row) => row.is_refund === 'true')

/** What the operator types, on the till's own database. */
async function operator(command: Command, operand?: string): Promise<Told> {
  const plan = command.plan(
    { switches: new Set(), values: new Map(), operands: operand === undefined ? [] : [operand] },
    { heading: String, live: String, faint: String },
  )
  if (!plan.ok) throw new Error(plan.message)
  const context = { env: makeEnv(), storage: openStorage(till.sql) }
  const tools = { connectors: [sandboxConnector(till.bankUrl)] } as unknown as Parameters<typeof plan.work>[1]
  const told = await plan.work(context, tools)
  if (!told.ok) throw new Error(told.message)
  return told
}

test('secpaid 16: a payment is refunded whole, once', async () => {
  const link = await paid(49.99)
  assert.equal(await says({ pay_id: link.id }), 'Please enter refund_amount')
  assert.equal(await says({ refund_amount: 1 }), 'Please enter pay_id')
  const body = { pay_id: link.id, refund_amount: 49.99, isFullRefund: true }
  const { status, json } = await refund(body)
  assert.deepEqual([status, json.ResponseCode, json.data], [200, 1, undefined])
  assert.equal(json.ResponseMsg, 'Refund request has been sent successfully, You will get update within 5-10 days')
  assert.equal(await says(body), 'Refund already requested')
  const rows = await refundsIn(link.id)
  assert.deepEqual(
    rows.map(({ amount, transaction_type }) => [amount, transaction_type]),
    [['-49.99', 'Refund']],
  )
})

test('a request that is repeated, or made twice at once, refunds once', async () => {
  const link = await paid(30)
  const body = { pay_id: link.id, refund_amount: 10 }
  const sent = await Promise.all(Array.from({ length: 5 }, () => says(body)))
  assert.equal(sent.filter((message) => message === 'Refund already requested').length, 4)
  assert.equal((await refundsIn(link.id)).length, 1)
})

test('secpaid 17: a part waits for the operator, and is a negative row once it was approved', async () => {
  await till.settings({ secpaid_refund_approval: 'operator' })
  const [link, other] = [await paid(40, 'approve'), await paid(40, 'reject')]
  for (const { id } of [link, other]) {
    const { json } = await refund(new URLSearchParams({ pay_id: String(id), refund_amount: '25.00' }))
    assert.equal(json.ResponseCode, 1)
    assert.equal(await says({ pay_id: id, refund_amount: '1' }), 'Refund already requested')
    assert.deepEqual(await refundsIn(id), [])
  }
  const waiting = (await operator(refundsList)).json as { readonly id: string; readonly amount: number }[]
  assert.deepEqual(
    waiting.map(({ amount }) => amount),
    [2500, 2500],
  )
  const [rejected = '', approved = ''] = waiting.map(({ id }) => id)
  await operator(refundsApprove, approved)
  await operator(refundsReject, rejected)
  await assert.rejects(operator(refundsApprove, approved), /does not wait/)
  await assert.rejects(operator(refundsReject, 're_nothing'), /no refund/)
  const [row] = await until('the refund', async () => {
    const rows = await refundsIn(link.id)
    return rows[0]?.status === 'Success' && rows
  })
  assert.deepEqual([row?.amount, row?.transaction_type, row?.net_amount], ['-25.00', 'Refund', '-25.00'])
  assert.deepEqual(await refundsIn(other.id), [])
  assert.equal((await refund({ pay_id: other.id, refund_amount: 40 })).json.ResponseCode, 1)
  await till.settings({ secpaid_refund_approval: '' })
})

test('what cannot be refunded is refused in the system’s words', async () => {
  const canceled = await till.link({ amount: 5 })
  await cancelByForm(canceled.pay_link)
  assert.equal(await says({ pay_id: canceled.id, refund_amount: 1 }), 'Link is cancelled')
  assert.equal(await says({ pay_id: (await till.link({ amount: 5 })).id, refund_amount: 1 }), 'Link is not paid')
  for (const pay_id of [1, 'x', '-5', '9'.repeat(20)])
    assert.equal(await says({ pay_id, refund_amount: 1 }), 'Invalid link ID')
  const link = await paid(5)
  for (const refund_amount of [0, 5.01, '1.001', 100_000]) {
    assert.equal(await says({ pay_id: link.id, refund_amount }), 'Invalid refund amount')
  }
  for (const refund_amount of ['all', -1, [5], true])
    assert.match(await says({ pay_id: link.id, refund_amount }), /refund_amount/)
  assert.match(await says({ pay_id: link.id, refund_amount: 1, isFullRefund: 'maybe' }), /isFullRefund/)
  assert.deepEqual(await refundsIn(link.id), [])
})

test('what an issuer took back is a row of its own, and blocks a refund', async () => {
  const link = await till.link({ amount: 12 })
  await payByForm(link.pay_link, { cardNumber: '4000000000000259' })
  const rows = await until('the dispute', async () => {
    const all = rowsOf(await till.call('getPayInTransactions', { pay_id: link.id }))
    return all.length === 2 && all
  })
  assert.deepEqual(
    rows.map(({ amount, transaction_type, is_dispute }) => [amount, transaction_type, is_dispute]),
    [
      ['-12.00', 'Dispute', 'true'],
      ['12.00', 'Basic', 'false'],
    ],
  )
  assert.equal(await says({ pay_id: link.id, refund_amount: 1 }), 'Refund blocked by dispute')
})
