import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type Stripe from 'stripe'
import { parseApiKey } from '../src/core/api-key.ts'
import { parseName } from '../src/core/ids.ts'
import { makeEnv } from '../src/env.ts'
import { openAccount } from '../src/flows/open-account.ts'
import { openStorage } from '../src/storage/storage.ts'
import { RIGHT_CODE, submit } from './support/cardholder.ts'
import { type RunningOpentill, startTestOpentill, stripeFor } from './support/opentill.ts'

/**
 * What happens at the bank's own side, as a shop sees it. Nothing here would be looked at again within a day or a quarter
 * of an hour: what shows up at all, shows up because the bank told us.
 */
let till: RunningOpentill
let merchant = ''
before(async () => {
  till = await startTestOpentill(import.meta.url)
  merchant = `t${parseApiKey(till.secretKey)?.tenant}`
})
after(() => till.stop())

/** What is awaited comes or the run's own limit ends the wait. */
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const seen = await look()
    if (seen) return seen
    await pause(20)
  }
}

const order = { amount: 2400, currency: 'eur', confirm: true, expand: ['latest_charge'] }

async function pay(card: string, params: Partial<Stripe.PaymentIntentCreateParams> = {}, stripe = till.stripe) {
  const payment = await stripe.paymentIntents.create({ ...order, payment_method: `pm_card_${card}`, ...params })
  return { payment, charge: payment.latest_charge as Stripe.Charge }
}

async function authorizationOf({ id }: { readonly id: string }): Promise<string> {
  const [row] = await till.bankSql<{ id: string }[]>`select id from authorizations where reference = ${id}`
  return row?.id ?? ''
}

async function orderAtTheBank(path: string, body: object, key = merchant): Promise<number> {
  const { status } = await fetch(`${till.bankUrl}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer bank_${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return status
}

/** Types of what the shop was told of a payment, oldest first. */
async function toldOf(name: string): Promise<readonly string[]> {
  const id = parseName('payment', name)?.id ?? ''
  const rows = await till.sql<
    { type: string }[]
  >`select type from events where root = ${id} order by root_version, ordinal`
  return rows.map(({ type }) => type)
}

async function noticesOf({ id }: { readonly id: string }): Promise<readonly string[]> {
  const rows = await till.sql<{ state: string; type: string }[]>`
    select type, state from notices where reference = ${id} order by received_at, type`
  return rows.map(({ type, state }) => `${type} ${state}`)
}

const befall = (fates: object) => till.atTheBank('webhooks', { merchant, ...fates })

test('a refund made at the bank is told to the shop, and the API shows it', async () => {
  const { payment, charge } = await pay('visa')
  await till.atTheBank('refunds', { merchant, authorization: await authorizationOf(charge), amount: 500 })
  const seen = await until(async () => {
    const found = await till.stripe.charges.retrieve(charge.id)
    return found.amount_refunded > 0 && found
  })
  assert.equal(seen.amount_refunded, 500)
  const { data } = await till.stripe.refunds.list({ charge: charge.id })
  assert.deepEqual(
    data.map(({ amount, status }) => [amount, status]),
    [[500, 'succeeded']],
  )
  assert.deepEqual((await toldOf(payment.id)).slice(-2).sort(), ['charge.refunded', 'refund.created'])
  const { data: events } = await until(async () => {
    const listed = await till.stripe.events.list({ type: 'charge.refunded' })
    return listed.data.length > 0 && listed
  })
  assert.deepEqual(
    events.map(({ data }) => (data.object as Stripe.Charge).id),
    [charge.id],
  )
})

test('a refund that succeeded and comes back from the cardholder’s bank is told as failed', async () => {
  const { payment, charge } = await pay('refundFail')
  const refund = await till.stripe.refunds.create({ charge: charge.id })
  assert.equal(refund.status, 'succeeded')
  await till.bankSql`update operations set settles_at = created_at where kind = 'refund' and settles_at is not null`
  await till.atTheBank('settle', {})
  const failed = await until(async () => {
    const found = await till.stripe.refunds.retrieve(refund.id)
    return found.status === 'failed' && found
  })
  assert.ok(failed.failure_reason)
  assert.equal((await till.stripe.charges.retrieve(charge.id)).amount_refunded, 0)
  assert.ok((await toldOf(payment.id)).includes('refund.failed'))
})

test('a capture that the bank carries out and does not answer is known before anybody gives up on the answer', async () => {
  const { payment, charge } = await pay('visa', { capture_method: 'manual' })
  const path = '/v1/authorizations/:id/captures'
  await till.atTheBank('faults', { merchant, fault: 'executes_then_silent', match: { path } })
  // Its answer comes when ours gives up waiting for the bank's: much later than this test ends.
  till.stripe.paymentIntents.capture(payment.id).catch(() => undefined)
  const seen = await until(async () => {
    const found = await till.stripe.charges.retrieve(charge.id)
    return found.captured && found
  })
  assert.equal(seen.amount_captured, 2400)
  assert.equal((await till.stripe.paymentIntents.retrieve(payment.id)).status, 'succeeded')
  assert.equal((await toldOf(payment.id)).filter((type) => type === 'charge.captured').length, 1)
})

test('a hold that is released at the bank cancels its payment', async () => {
  const { payment, charge } = await pay('visa', { capture_method: 'manual' })
  const id = await authorizationOf(charge)
  assert.equal(await orderAtTheBank(`authorizations/${id}/voids`, { reference: 'by-hand-1' }), 201)
  const canceled = await until(async () => {
    const found = await till.stripe.paymentIntents.retrieve(payment.id)
    return found.status === 'canceled' && found
  })
  assert.equal(canceled.amount_capturable, 0)
  assert.ok((await toldOf(payment.id)).includes('payment_intent.canceled'))
})

test('a cardholder who passes the challenge and never comes back has paid', async () => {
  const session = await till.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 2400, product_data: { name: 'Tea' } } }],
    success_url: 'https://shop.example/done',
  })
  const page = await (await fetch(session.url ?? '')).text()
  const form = {
    attempt: /name="attempt" value="([^"]+)"/.exec(page)?.[1] ?? '',
    email: 'jenny@example.com',
    billingName: 'Jenny Rosen',
    cardNumber: '4000002760003184',
    cardExpiry: '12 / 34',
    cardCvc: '123',
  }
  await fetch(`${session.url}/pay`, { method: 'POST', redirect: 'manual', body: new URLSearchParams(form) })
  const url = await until(async () => {
    const rows = await till.sql<{ url: string }[]>`
      select document->'action'->>'url' as url from charges where state = 'requires_action'`
    return rows[0]?.url
  })
  await submit(url, { code: RIGHT_CODE, attempt: '0' })
  const paid = await until(async () => {
    const found = await till.stripe.checkout.sessions.retrieve(session.id)
    return found.status === 'complete' && found
  })
  assert.equal(paid.payment_status, 'paid')
})

for (const fate of ['doubled', 'early', 'forged', 'lost'] as const) {
  test(`notices that are ${fate} leave a payment as any other`, async () => {
    const { payment: plain } = await pay('visa')
    await befall({ [fate]: 1 })
    const { payment, charge } = await pay('visa')
    await till.atTheBank('refunds', { merchant, authorization: await authorizationOf(charge), amount: 700 })
    if (fate === 'lost') {
      // Nobody told us, so nobody asks before the next look; the next notice of this charge tells of both.
      await befall({ lost: 0 })
      await till.atTheBank('refunds', { merchant, authorization: await authorizationOf(charge), amount: 1 })
    }
    await befall({ [fate]: 0 })
    const refunded = fate === 'lost' ? 701 : 700
    await until(async () => (await till.stripe.charges.retrieve(charge.id)).amount_refunded === refunded)
    const wanted = fate === 'lost' ? ['refund.created done'] : ['authorization.captured done', 'refund.created done']
    await until(async () => (await noticesOf(charge)).join() === wanted.join())
    const refunds = fate === 'lost' ? 2 : 1
    const [told, ordinary] = [await toldOf(payment.id), await toldOf(plain.id)]
    assert.deepEqual(told.slice(0, ordinary.length), ordinary)
    assert.equal(told.filter((type) => type === 'refund.created').length, refunds)
    const settled = await till.stripe.charges.retrieve(charge.id)
    assert.deepEqual([settled.amount, settled.amount_captured, settled.paid], [2400, 2400, true])
  })
}

test('an account that was opened later, by another process, is told as well', async () => {
  const { keys } = await openAccount({ env: makeEnv(), storage: openStorage(till.sql) }, 'A later shop')
  const key = keys.find(({ row }) => row.kind === 'secret')
  const stripe = stripeFor(till.url, key?.text ?? '')
  const { charge } = await pay('visa', {}, stripe)
  const authorization = await authorizationOf(charge)
  await till.atTheBank('refunds', { merchant: `t${key?.row.tenant}`, authorization, amount: 300 })
  await until(async () => (await stripe.charges.retrieve(charge.id)).amount_refunded === 300)
})

test('what a merchant orders at the bank under names that are not ours concerns us nothing', async () => {
  const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' }
  const foreign = { reference: 'another-program-1', amount: 100, currency: 'EUR', capture: true, card }
  assert.equal(await orderAtTheBank('authorizations', foreign), 201)
  await until(async () => (await noticesOf({ id: 'another-program-1' })).join() === 'authorization.captured foreign')
})

test('what a stranger to us orders at the bank is told to nobody', async () => {
  const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' }
  const foreign = { reference: 'stranger-1', amount: 100, currency: 'EUR', capture: true, card }
  assert.equal(await orderAtTheBank('authorizations', foreign, 'stranger'), 201)
  // The stranger may even have the name that an account could have: no such account, no notice.
  assert.equal(await orderAtTheBank('authorizations', foreign, 't2147483647'), 201)
  const { charge } = await pay('visa')
  await until(async () => (await noticesOf(charge)).length === 1)
  assert.deepEqual(await noticesOf({ id: 'stranger-1' }), [])
})
