import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { assertSameBooks } from '../../../../test/support/orders.ts'

const api = await startApiTill(import.meta.url)
after(api.stop)
const { stripe } = api
const VISA = '4242424242424242'

test('a charge is refunded in parts, by its payment or its own name, and says so at once', async () => {
  const { paymentId, chargeId } = await api.paid(VISA)
  const first = await stripe.refunds.create({
    payment_intent: paymentId,
    amount: 1000,
    reason: 'requested_by_customer',
    metadata: { ticket: '17' },
  })
  assert.equal(first.status, 'succeeded')
  assert.equal(first.amount, 1000)
  assert.equal(first.charge, chargeId)
  assert.equal(first.payment_intent, paymentId)
  assert.equal(first.reason, 'requested_by_customer')
  assert.deepEqual(first.metadata, { ticket: '17' })
  const partly = await stripe.charges.retrieve(chargeId)
  assert.deepEqual([partly.amount_refunded, partly.refunded], [1000, false])
  const rest = await stripe.refunds.create({ charge: chargeId })
  assert.equal(rest.amount, 1400)
  const whole = await stripe.charges.retrieve(chargeId, { expand: ['refunds.data.charge'] })
  assert.deepEqual([whole.amount_refunded, whole.refunded], [2400, true])
  assert.deepEqual(
    whole.refunds?.data.map(({ id }) => id),
    [rest.id, first.id],
  )
  assert.deepEqual(
    whole.refunds?.data.map(({ charge }) => typeof charge === 'object' && charge?.id),
    [chargeId, chargeId],
  )
  await assert.rejects(stripe.refunds.create({ charge: chargeId }), { code: 'charge_already_refunded' })
  for (const filter of [{ charge: chargeId }, { payment_intent: paymentId }]) {
    const { data } = await stripe.refunds.list(filter)
    assert.deepEqual(
      data.map(({ id }) => id),
      [rest.id, first.id],
    )
  }
  const { data: told } = await stripe.events.list({ type: 'refund.created' })
  assert.deepEqual(
    told.map(({ data }) => (data.object as { id: string }).id),
    [rest.id, first.id],
  )
  assert.equal((await stripe.events.list({ type: 'charge.refunded' })).data.length, 2)
  await assertSameBooks(api.till)
})

test('a refund is read back, annotated, and refuses to be called back once it is over', async () => {
  const { paymentId } = await api.paid(VISA)
  const { id } = await stripe.refunds.create({ payment_intent: paymentId, amount: 1 })
  assert.equal((await stripe.refunds.retrieve(id, { expand: ['payment_intent'] })).object, 'refund')
  const changed = await stripe.refunds.update(id, { metadata: { a: '1' } })
  assert.deepEqual(changed.metadata, { a: '1' })
  const same = await stripe.refunds.update(id, { metadata: { b: '2' } })
  assert.deepEqual(same.metadata, { a: '1', b: '2' })
  assert.deepEqual((await stripe.refunds.update(id, { metadata: '' })).metadata, {})
  await assert.rejects(stripe.refunds.cancel(id), { statusCode: 400, code: 'refund_not_cancelable' })
})

test('a key repeats the refund that it made, and refuses another under its name', async () => {
  const { paymentId } = await api.paid(VISA)
  const ask = (amount: number) =>
    stripe.refunds.create({ payment_intent: paymentId, amount }, { idempotencyKey: 'refund-once' })
  const first = await ask(100)
  const again = await ask(100)
  assert.equal(again.id, first.id)
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true')
  await assert.rejects(ask(200), { type: 'StripeIdempotencyError', message: /amount/ })
  const latest = await stripe.paymentIntents.retrieve(paymentId, { expand: ['latest_charge'] })
  assert.equal((latest.latest_charge as { amount_refunded: number }).amount_refunded, 100)
})

test('32 refunds at once give back exactly what was paid', async () => {
  const { paymentId, chargeId } = await api.paid(VISA)
  const amounts = Array.from({ length: 32 }, (_, index) => 100 * ((index % 7) + 1))
  const answers = await Promise.allSettled(
    amounts.map((amount) => stripe.refunds.create({ payment_intent: paymentId, amount })),
  )
  const given = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.amount] : []))
  const { amount, amount_refunded } = await stripe.charges.retrieve(chargeId)
  assert.equal(
    given.reduce((sum, one) => sum + one, 0),
    amount_refunded,
  )
  const left = amount - amount_refunded
  for (const [index, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') continue
    assert.match(answer.reason.code, /^(amount_too_large|charge_already_refunded)$/)
    assert.ok((amounts[index] ?? 0) > left)
  }
  await assertSameBooks(api.till)
})

type Row = readonly [what: string, params: (charge: string, payment: string) => object, code: string, param?: string]
const REFUSED: readonly Row[] = [
  ['21 more than was paid', (charge) => ({ charge, amount: 2401 }), 'amount_too_large', 'amount'],
  ['nothing', (charge) => ({ charge, amount: 0 }), 'parameter_invalid_range', 'amount'],
  ['less than nothing', (charge) => ({ charge, amount: -1 }), 'parameter_invalid_range', 'amount'],
  ['no object', () => ({ amount: 1 }), 'parameter_missing', 'payment_intent'],
  ['nobody’s charge', () => ({ charge: 'ch_x', amount: 1 }), 'resource_missing', 'charge'],
  ['a payment as a charge', (_, payment) => ({ charge: payment }), 'resource_missing', 'charge'],
  ['an unknown reason', (charge) => ({ charge, reason: 'regret' }), 'parameter_invalid_enum', 'reason'],
  ['connected accounts', (charge) => ({ charge, reverse_transfer: true }), 'parameter_not_supported_yet'],
]
for (const [what, params, code, param] of REFUSED) {
  test(`a refund of ${what} is refused as ${code}`, async () => {
    const { paymentId, chargeId } = await api.paid(VISA)
    const reply = await api.ask('POST', '/v1/refunds', params(chargeId, paymentId))
    assert.equal(reply.status, 400, reply.text)
    assert.equal(reply.json.error.code, code, reply.text)
    if (param) assert.equal(reply.json.error.param, param)
  })
}

test('a charge of another payment, one that is held and one that failed are not refunded', async () => {
  const [one, other] = [await api.paid(VISA), await api.paid(VISA)]
  await assert.rejects(stripe.refunds.create({ charge: one.chargeId, payment_intent: other.paymentId }), {
    code: 'resource_missing',
    param: 'charge',
  })
  const held = await api.paid(VISA, { paymentTemplate: { captureMethod: 'manual' } })
  await assert.rejects(stripe.refunds.create({ charge: held.chargeId }), { code: 'charge_not_refundable' })
  const declined = await api.paid('4000000000000002')
  await assert.rejects(stripe.refunds.create({ charge: declined.chargeId }), { code: 'charge_not_refundable' })
})
