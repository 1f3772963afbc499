import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type Stripe from 'stripe'
import { startApiTill } from '../../../../test/support/api-till.ts'

const api = await startApiTill(import.meta.url)
after(api.stop)
const { stripe } = api

test('what a charge and its refunds change is listed, newest first, and adds up to the balance', async () => {
  const { chargeId } = await api.paid('4242424242424242')
  const refunds = []
  for (const amount of [100, 250]) refunds.push(await stripe.refunds.create({ charge: chargeId, amount }))
  const { data } = await stripe.balanceTransactions.list()
  assert.deepEqual(
    data.map(({ type, amount, net, fee, source }) => [type, amount, net, fee, source]),
    [
      ['refund', -250, -250, 0, refunds[1]?.id],
      ['refund', -100, -100, 0, refunds[0]?.id],
      ['charge', 2400, 2400, 0, chargeId],
    ],
  )
  const { pending } = await stripe.balance.retrieve()
  assert.equal(
    data.reduce((sum, { net }) => sum + net, 0),
    pending[0]?.amount,
  )
  const charge = await stripe.charges.retrieve(chargeId, { expand: ['balance_transaction'] })
  assert.deepEqual(charge.balance_transaction, data[2])
  const [latest] = data
  assert.equal(refunds[1]?.balance_transaction, latest?.id)
  assert.equal((await stripe.balanceTransactions.retrieve(latest?.id ?? '')).source, refunds[1]?.id)
  const sources = await stripe.balanceTransactions.list({
    expand: ['data.source.charge', 'data.source.payment_intent'],
  })
  const [refunded, , charged] = sources.data.map(({ source }) => source as Stripe.Refund | Stripe.Charge)
  assert.ok(refunded?.object === 'refund' && charged?.object === 'charge')
  assert.deepEqual([refunded.id, charged.id, charged.amount], [refunds[1]?.id, chargeId, 2400])
  assert.equal((refunded.charge as Stripe.Charge).amount_refunded, 350)
  assert.equal(
    (refunded.payment_intent as Stripe.PaymentIntent).id,
    (charged.payment_intent as Stripe.PaymentIntent).id,
  )
  const one = await stripe.balanceTransactions.retrieve(data[2]?.id ?? '', { expand: ['source'] })
  assert.equal((one.source as Stripe.Charge).status, 'succeeded')
  await assert.rejects(stripe.balanceTransactions.list({ expand: ['data.source.nothing'] }), { code: 'expand_invalid' })
  const ids = async (params: object) => (await stripe.balanceTransactions.list(params)).data.map(({ id }) => id)
  assert.deepEqual(await ids({ type: 'charge' }), [data[2]?.id])
  assert.deepEqual(await ids({ source: refunds[0]?.id }), [data[1]?.id])
  assert.deepEqual(await ids({ source: chargeId }), [data[2]?.id])
  assert.deepEqual(await ids({ currency: 'usd' }), [])
  assert.deepEqual(await ids({ limit: 1, starting_after: latest?.id }), [data[1]?.id])
})

test('money that is only held, or never came, changes nothing', async () => {
  const before = (await stripe.balanceTransactions.list({ limit: 100 })).data.length
  const held = await api.paid('4242424242424242', { paymentTemplate: { captureMethod: 'manual' } })
  await api.paid('4000000000000002')
  assert.equal((await stripe.charges.retrieve(held.chargeId)).balance_transaction, null)
  assert.equal((await stripe.balanceTransactions.list({ limit: 100 })).data.length, before)
})

test('a refund that came back is a movement of its own', async () => {
  const { chargeId } = await api.paid('4242424242424242')
  const refund = await stripe.refunds.create({ charge: chargeId, amount: 700 })
  const [line] = await api.till.db.sql<{ cause: string }[]>`
    select cause from postings where credit = 'receivable' order by created_at desc limit 1`
  await api.till.db.sql`
    insert into postings (tenant, cause, line, debit, credit, amount, currency, charge_id, created_at)
    select tenant, cause, line + 100, credit, debit, amount, currency, charge_id, created_at
    from postings where cause = ${line?.cause ?? ''}`
  const { data } = await stripe.balanceTransactions.list({ source: refund.id })
  assert.deepEqual(
    data.map(({ type, amount }) => [type, amount]),
    [
      ['refund_failure', 700],
      ['refund', -700],
    ],
  )
  const [failure] = data
  assert.equal((await stripe.balanceTransactions.retrieve(failure?.id ?? '')).amount, 700)
})
