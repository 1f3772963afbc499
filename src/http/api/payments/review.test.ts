import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type Stripe from 'stripe'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { testEnv } from '../../../../test/support/env.ts'
import { callOf, elsewhere, heldPayment, paidPayment } from '../../../../test/support/orders.ts'
import { atBank } from '../../../../test/support/paying.ts'
import { nameOf } from '../../../core/ids.ts'
import { lookAgain } from '../../../flows/look-again.ts'
import { observeCharge } from '../../../flows/observe-charge.ts'
import { requestCapture } from '../../../flows/order-capture.ts'
import { requestRefund } from '../../../flows/order-refund.ts'
import { sweepOrders } from '../../../flows/sweep.ts'

const DAY = 24 * 60 * 60_000
const env = testEnv()
/** The bank does what it is told and nobody hears of it. */
let deaf = false
const api = await startApiTill(import.meta.url, {
  env,
  faults: async (point, { method }) => {
    const lost = method === 'POST' ? point === 'after_book' : point === 'before_answer'
    return deaf && lost ? 'reset' : undefined
  },
})
after(api.stop)
const { stripe, till } = api
const hasty = atBank(till)
/** Fields that only this server has. */
const own = <T>(params: T, needsReview: boolean): T => ({ ...params, needs_review: needsReview })
const idsOf = ({ data }: { readonly data: readonly { readonly id: string }[] }) => data.map(({ id }) => id)

test('what stays undecided for thirty days is found, shown and told', async () => {
  const refunded = await paidPayment(till)
  const held = await heldPayment(till)
  const plain = await paidPayment(till)
  const [first, second, third] = [refunded, held, plain].map(({ charge }) => nameOf('charge', charge.tenant, charge.id))
  deaf = true
  await requestRefund(hasty.payments, callOf(till), { chargeId: refunded.charge.id, amount: 300n })
  await requestCapture(hasty.payments, callOf(till), held.payment.id, 700n)
  const { data: waiting } = await stripe.refunds.list({ charge: first ?? '' })
  assert.deepEqual(
    waiting.map(({ status, pending_reason: because }) => [status, because]),
    [['pending', 'processing']],
  )
  assert.deepEqual(idsOf(await stripe.refunds.list(own({}, true))), [])
  for (let day = 0; day <= 31; day++) {
    await env.advance(DAY)
    await sweepOrders(hasty.payments)
  }
  const { data: refunds } = await stripe.refunds.list(own({}, true))
  assert.deepEqual(idsOf({ data: refunds }), idsOf({ data: waiting }))
  const [refund] = refunds as (Stripe.Refund & { needs_review: boolean })[]
  assert.deepEqual([refund?.status, refund?.needs_review], ['pending', true])
  assert.deepEqual(idsOf(await stripe.refunds.list(own({}, false))), [])
  assert.deepEqual(idsOf(await stripe.charges.list(own({}, true))), [second, first])
  assert.deepEqual(idsOf(await stripe.charges.list(own({}, false))), [third])
  const { data: told } = await stripe.events.list({ type: 'refund.updated' })
  assert.deepEqual(
    told.map(({ data }) => (data.object as { needs_review?: boolean }).needs_review),
    [true],
  )
  deaf = false
  for (const { charge } of [refunded, held]) await observeCharge(till.payments, charge.tenant, charge.id)
  assert.deepEqual(idsOf(await stripe.charges.list(own({}, true))), [])
})

test('an amount that nobody ordered is shown at once, and told when it is believed', async () => {
  const { charge } = await heldPayment(till)
  const id = nameOf('charge', charge.tenant, charge.id)
  const read = async () => {
    const { amount_captured: captured, ...rest } = await stripe.charges.retrieve(id)
    const { provider_contradiction: said } = rest as unknown as {
      provider_contradiction: { said: string; believed_at: number | null } | null
    }
    return [captured, said?.said, said?.believed_at]
  }
  assert.deepEqual(await read(), [0, undefined, undefined])
  await elsewhere(till, charge, 'captures', { amount: 900 })
  await observeCharge(till.payments, charge.tenant, charge.id)
  assert.deepEqual(await read(), [0, 'captured, captured 900', null])
  await env.advance(10_000)
  assert.ok((await lookAgain(till.payments)) > 0)
  const [captured, , believedAt] = await read()
  assert.deepEqual([captured, typeof believedAt], [900, 'number'])
  const { data: told } = await stripe.events.list({ type: 'charge.updated' })
  assert.deepEqual(
    told.map(({ data }) => (data.object as { id: string }).id),
    [id],
  )
})
