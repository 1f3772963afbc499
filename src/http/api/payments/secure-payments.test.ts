import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import Stripe from 'stripe'
import { startApiTill } from '../../../../test/support/api-till.ts'
import { testEnv } from '../../../../test/support/env.ts'
import { cancelAt, confirmAt, failAt } from '../../../../test/support/issuer.ts'
import { assertSameBooks, atTheBank, toldOf } from '../../../../test/support/orders.ts'
import { sandboxBooks } from '../../../connectors/sandbox/read-books.ts'
import type { Attempt } from '../../../core/attempt.ts'
import { parseName } from '../../../core/ids.ts'
import { lookAgain } from '../../../flows/look-again.ts'
import { sweepOrders } from '../../../flows/sweep.ts'
import { verify } from '../../../flows/verify/verify.ts'
import type { Fault, FaultPoint } from '../../../sandbox-bank/faults.ts'
import { openBooks } from '../../../storage/books.ts'

const env = testEnv({ now: new Date('2026-03-01T10:00:00Z') })
/** The next order's fault; everything else works. */
let fault: { at: FaultPoint; is: Fault; on?: RegExp } | undefined
const api = await startApiTill(import.meta.url, {
  env,
  pages: true,
  faults: async (point, { method, route }) => {
    const struck = fault?.at === point && method === 'POST' && (fault.on?.test(route) ?? true)
    return struck ? fault?.is : undefined
  },
})
after(api.stop)
beforeEach(() => {
  fault = undefined
})
const { stripe, till } = api
const EURO = { amount: 1250, currency: 'eur' } as const
const RETURN = { return_url: 'https://shop.example/done?order=7' } as const
const MINUTE_MS = 60_000
const pass = (ms: number): void => env.setNow(new Date(env.now().getTime() + ms))

const confirmed = (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}, key?: string) =>
  stripe.paymentIntents.create(
    { ...EURO, ...RETURN, confirm: true, payment_method, ...more },
    key === undefined ? {} : { idempotencyKey: key },
  )
const pageOf = ({ next_action: next }: Stripe.PaymentIntent): string =>
  next?.redirect_to_url?.url ?? assert.fail('nowhere to send the shopper')
const idOf = (payment: Stripe.PaymentIntent) => parseName('payment', payment.id)?.id ?? assert.fail(payment.id)
async function attemptOf(payment: Stripe.PaymentIntent): Promise<Attempt> {
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(payment.id)
  const id = parseName('charge', String(charge))?.id ?? assert.fail('no charge')
  return (await till.storage.findAttempt(till.caller.tenant, id)) ?? assert.fail('no such charge')
}

/** Follows the hand-off page to the issuer as a browser without a script does. */
async function atIssuer(payment: Stripe.PaymentIntent): Promise<string> {
  const page = await fetch(pageOf(payment))
  assert.equal(page.status, 200)
  return /<form id="bank" method="post" action="([^"]+)">/.exec(await page.text())?.[1] ?? assert.fail('no form')
}
/** The issuer sends the browser back. @returns where the page of ours leads on to, if anywhere */
async function comeBack(payment: Stripe.PaymentIntent): Promise<URL | undefined> {
  const back = await fetch(`${pageOf(payment)}/return`, { method: 'POST', body: new URLSearchParams({ cres: 'x' }) })
  const href = /<a class="button strong" href="([^"]+)"/.exec(await back.text())?.[1]
  return href === undefined ? undefined : new URL(href.replaceAll('&amp;', '&'))
}
const retrieve = (payment: Stripe.PaymentIntent) =>
  stripe.paymentIntents.retrieve(payment.id, { expand: ['latest_charge'] })
const told = async (payment: Stripe.PaymentIntent) =>
  (await toldOf(till, idOf(payment))).filter((type) => type.startsWith('payment_intent.'))

const differences = async () => {
  const bank = sandboxBooks(till.bank.url, till.payments.outside.http)
  const verified = await verify({ env, books: openBooks(till.db.sql), bank }, [till.caller.tenant])
  return verified.ok ? verified.findings : assert.fail(verified.because)
}

test('a card that its bank wants confirmed: away to the bank, back to the shop, and paid', async () => {
  const payment = await confirmed('pm_card_threeDSecure2Required', {}, 'away')
  assert.equal(payment.status, 'requires_action')
  assert.deepEqual(
    [payment.next_action?.type, payment.next_action?.redirect_to_url?.return_url],
    ['redirect_to_url', RETURN.return_url],
  )
  assert.deepEqual([payment.amount_received, payment.last_payment_error], [0, null])

  await confirmAt(await atIssuer(payment))
  assert.equal((await retrieve(payment)).status, 'requires_action', 'the bank’s word is asked for, not guessed')
  const back = (await comeBack(payment)) ?? assert.fail('no way back')
  assert.equal(back.origin + back.pathname, 'https://shop.example/done')
  assert.deepEqual(Object.fromEntries(back.searchParams), {
    order: '7',
    payment_intent: payment.id,
    payment_intent_client_secret: payment.client_secret,
    redirect_status: 'succeeded',
  })
  const paid = await retrieve(payment)
  assert.deepEqual([paid.status, paid.next_action, paid.amount_received], ['succeeded', null, 1250])
  const charge = paid.latest_charge as Stripe.Charge
  assert.equal(charge.payment_method_details?.card?.three_d_secure?.result, 'authenticated')
  assert.deepEqual(await told(payment), [
    'payment_intent.created',
    'payment_intent.requires_action',
    'payment_intent.succeeded',
  ])
  const again = await confirmed('pm_card_threeDSecure2Required', {}, 'away')
  assert.deepEqual([again.id, again.status, again.next_action], [payment.id, 'requires_action', payment.next_action])
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true')
  await assertSameBooks(till)
})

/** The SDK's types have no place for a token there. */
const TOKEN = (token: string): object => ({ payment_method_data: { type: 'card', card: { token } } })
type Outcome = readonly [name: string, status: string, code?: string, decline?: string]
const OUTCOMES: readonly Outcome[] = [
  ['card_threeDSecure2Required', 'succeeded'],
  ['card_authenticationRequired', 'succeeded'],
  ['card_authenticationRequiredOnSetup', 'succeeded'],
  ['card_threeDSecureRequiredChargeDeclined', 'requires_payment_method', 'card_declined', 'generic_decline'],
  [
    'card_authenticationRequiredChargeDeclinedInsufficientFunds',
    'requires_payment_method',
    'card_declined',
    'insufficient_funds',
  ],
]
for (const [name, status, code, decline] of OUTCOMES) {
  test(`pm_${name} and its token are confirmed by their cardholder, and end as published: ${status}`, async () => {
    const { id } = await stripe.paymentIntents.create(EURO)
    const payments = [
      await stripe.paymentIntents.confirm(id, { ...RETURN, payment_method: `pm_${name}` }),
      await stripe.paymentIntents.create({ ...EURO, confirm: true, ...TOKEN(name.replace('card', 'tok')) }),
    ]
    for (const payment of payments) {
      assert.equal(payment.status, 'requires_action')
      await confirmAt(await atIssuer(payment))
      await comeBack(payment)
      const ended = await retrieve(payment)
      const { last_payment_error: error } = ended
      assert.deepEqual([ended.status, error?.code, error?.decline_code], [status, code, decline])
      const last = code === undefined ? 'payment_intent.succeeded' : 'payment_intent.payment_failed'
      assert.equal((await told(payment)).at(-1), last)
    }
    await assertSameBooks(till)
  })
}

test('a card that can do without is not sent away unless the shop asks for it', async () => {
  const card = 'pm_card_threeDSecureOptional'
  assert.equal((await confirmed(card)).status, 'succeeded')
  for (const request of ['any', 'challenge'] as const) {
    const options = { payment_method_options: { card: { request_three_d_secure: request } } }
    const asked = await confirmed(card, options)
    assert.deepEqual(
      [asked.status, asked.payment_method_options?.card?.request_three_d_secure],
      ['requires_action', request],
    )
    const made = await stripe.paymentIntents.create({ ...EURO, payment_method: card, ...options })
    assert.equal((await stripe.paymentIntents.confirm(made.id)).status, 'requires_action')
    const late = await stripe.paymentIntents.create({ ...EURO, payment_method: card })
    assert.equal((await stripe.paymentIntents.confirm(late.id, options)).status, 'requires_action')
    const changed = await stripe.paymentIntents.create({ ...EURO, payment_method: card })
    await stripe.paymentIntents.update(changed.id, options)
    assert.equal((await stripe.paymentIntents.confirm(changed.id)).status, 'requires_action')
    assert.equal((await confirmed('pm_card_visa', options)).status, 'succeeded', 'a card that cannot pays without')
  }
})

test('held once its cardholder confirmed it, and captured later', async () => {
  const payment = await confirmed('pm_card_authenticationRequired', { capture_method: 'manual' })
  await confirmAt(await atIssuer(payment))
  assert.equal((await comeBack(payment))?.searchParams.get('redirect_status'), 'succeeded')
  const held = await retrieve(payment)
  assert.deepEqual([held.status, held.amount_capturable], ['requires_capture', 1250])
  assert.equal((await told(payment)).at(-1), 'payment_intent.amount_capturable_updated')
  assert.equal((await stripe.paymentIntents.capture(payment.id, { amount_to_capture: 1000 })).status, 'succeeded')
  await assertSameBooks(till)
})

test('a cardholder who fails, or cancels, is told to the shop, and another card pays', async () => {
  for (const refuse of [failAt, cancelAt]) {
    const payment = await confirmed('pm_card_authenticationRequired')
    await refuse(await atIssuer(payment))
    assert.equal((await comeBack(payment))?.searchParams.get('redirect_status'), 'failed')
    const failed = await retrieve(payment)
    assert.deepEqual(
      [failed.status, failed.last_payment_error?.code, failed.payment_method, failed.next_action],
      ['requires_payment_method', 'payment_intent_authentication_failure', null, null],
    )
    assert.equal((await told(payment)).at(-1), 'payment_intent.payment_failed')
    const paid = await stripe.paymentIntents.confirm(payment.id, { payment_method: 'pm_card_visa' })
    assert.deepEqual([paid.status, paid.last_payment_error], ['succeeded', null])
    assert.equal((await fetch(pageOf(payment), { redirect: 'manual' })).status, 303, 'the old page leads to the shop')
  }
  await assertSameBooks(till)
})

test('without a return URL the page of ours is where the shopper stays', async () => {
  const { id } = await stripe.paymentIntents.create(EURO)
  const payment = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_threeDSecure2Required' })
  assert.equal(payment.next_action?.redirect_to_url?.return_url, null)
  await confirmAt(await atIssuer(payment))
  assert.equal(await comeBack(payment), undefined)
  assert.equal((await retrieve(payment)).status, 'succeeded')
  assert.equal((await fetch(pageOf(payment))).status, 200)
})

test('where the shopper comes back to is judged, and the bank hears only of us', async () => {
  const wrong = ['http://shop.example/', 'javascript:alert(1)', '//shop.example', 'shop', 'https://a@shop.example/']
  for (const return_url of wrong) {
    const refused = { code: 'return_url_refused', param: 'return_url' }
    await assert.rejects(confirmed('pm_card_threeDSecure2Required', { return_url }), refused)
  }
  for (const alone of [RETURN, { off_session: true }, { error_on_requires_action: true }]) {
    await assert.rejects(stripe.paymentIntents.create({ ...EURO, ...alone }), {
      code: 'parameter_missing',
      param: 'confirm',
    })
  }
  await confirmed('pm_card_threeDSecure2Required', { return_url: 'https://shop.example/secret' })
  const [seen] = await till.bank.db.sql<{ return_url: string }[]>`
    select return_url from authentications order by created_at desc limit 1`
  assert.match(seen?.return_url ?? '', /^http:\/\/127\.0\.0\.1:\d+\/c\/3ds\/\w+\/return$/)
})

test('a shop that cannot send anybody away gets a decline instead, and nothing waits at the bank', async () => {
  const refusing = { error_on_requires_action: true } as const
  const { id } = await stripe.paymentIntents.create(EURO)
  const key = { idempotencyKey: 'refusing' }
  for (let times = 0; times < 2; times++) {
    const thrown = await stripe.paymentIntents
      .confirm(id, { ...refusing, payment_method: 'pm_card_threeDSecure2Required' }, key)
      .catch((error: unknown) => error)
    assert.ok(thrown instanceof Stripe.errors.StripeCardError)
    assert.deepEqual(
      [thrown.statusCode, thrown.code, thrown.decline_code, thrown.payment_intent?.status],
      [402, 'authentication_required', 'authentication_not_handled', 'requires_payment_method'],
    )
  }
  const payment = await stripe.paymentIntents.retrieve(id)
  assert.deepEqual(await told(payment), ['payment_intent.created', 'payment_intent.payment_failed'])
  assert.equal((await atTheBank(till, (await attemptOf(payment)).charge)).status, 'voided')
  const optional = { ...refusing, payment_method: 'pm_card_threeDSecureOptional' }
  assert.equal((await stripe.paymentIntents.confirm(id, optional)).status, 'succeeded')
  await assertSameBooks(till)
})

test('a refused demand whose withdrawal the bank did not answer is not over, and ends as a decline', async () => {
  const payment_method = 'pm_card_threeDSecure2Required'
  const ask = () => confirmed(payment_method, { error_on_requires_action: true }, 'in doubt')
  fault = { at: 'before_book', is: 'reset', on: /void/ }
  const payment = await ask()
  fault = undefined
  assert.deepEqual([payment.status, payment.next_action], ['processing', null])
  assert.deepEqual(await differences(), [])
  pass(2 * MINUTE_MS)
  await sweepOrders(till.payments)
  await assert.rejects(ask(), { code: 'authentication_required', decline_code: 'authentication_not_handled' })
  assert.equal((await told(payment)).includes('payment_intent.requires_action'), false)
  await assertSameBooks(till)
})

test('nobody is there: a card that its bank wants confirmed is declined, any other pays', async () => {
  await assert.rejects(confirmed('pm_card_authenticationRequired', { off_session: true }), {
    code: 'authentication_required',
    decline_code: 'authentication_required',
  })
  assert.equal((await confirmed('pm_card_visa', { off_session: true })).status, 'succeeded')
})

test('a bank that carries the order out and never answers: processing, and the key waits for the word', async () => {
  for (const card of ['pm_card_visa', 'pm_card_threeDSecure2Required']) {
    const ask = () => confirmed(card, {}, `lost ${card}`)
    fault = { at: 'after_book', is: 'reset' }
    const payment = await ask()
    fault = undefined
    assert.deepEqual([payment.status, payment.next_action], ['processing', null])
    assert.equal((await ask()).status, 'processing')
    for (const order of [
      () => stripe.paymentIntents.cancel(payment.id),
      () => stripe.paymentIntents.capture(payment.id),
      () => stripe.refunds.create({ payment_intent: payment.id }),
      () => stripe.paymentIntents.confirm(payment.id, { payment_method: 'pm_card_visa' }),
    ]) {
      await assert.rejects(order, { statusCode: 400, code: 'charge_unknown', message: /not known yet/ })
    }
    pass(2 * MINUTE_MS)
    await sweepOrders(till.payments)
    const known = await ask()
    assert.deepEqual([known.id, known.status], [payment.id, card === 'pm_card_visa' ? 'succeeded' : 'requires_action'])
    if (known.status === 'succeeded') continue
    await cancelAt(await atIssuer(known))
    await comeBack(known)
    assert.equal((await retrieve(known)).status, 'requires_payment_method')
    assert.equal((await ask()).status, 'requires_action', 'the first definite answer is the key’s')
  }
  await assertSameBooks(till)
})

test('confirmed many times at once: one charge, one page', async () => {
  const { id } = await stripe.paymentIntents.create(EURO)
  const ask = () => stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_threeDSecure2Required' })
  const answers = await Promise.allSettled(Array.from({ length: 6 }, ask))
  const waiting = answers.filter(({ status }) => status === 'fulfilled')
  assert.ok(waiting.length >= 1)
  for (const answer of answers) {
    if (answer.status === 'rejected') assert.equal(answer.reason.code, 'payment_intent_unexpected_state')
  }
  const charges = await stripe.charges.list({ payment_intent: id })
  const live = charges.data.filter(({ status }) => status === 'pending')
  assert.equal(live.length, 1, 'whoever came later took the page of whoever came first')
})

test('given up by the shop while the bank waits', async () => {
  const payment = await confirmed('pm_card_threeDSecure2Required')
  const issuer = await atIssuer(payment)
  const canceled = await stripe.paymentIntents.cancel(payment.id, { cancellation_reason: 'abandoned' })
  assert.deepEqual(
    [canceled.status, canceled.cancellation_reason, canceled.next_action],
    ['canceled', 'abandoned', null],
  )
  assert.equal((await told(payment)).at(-1), 'payment_intent.canceled')
  await confirmAt(issuer)
  assert.equal((await comeBack(payment))?.searchParams.get('redirect_status'), 'failed')
  assert.equal((await retrieve(payment)).status, 'canceled')
  await assertSameBooks(till)
})

test('while the bank waits the amount stands still; another card takes its place', async () => {
  const payment = await confirmed('pm_card_threeDSecure2Required')
  const issuer = await atIssuer(payment)
  const unexpected = { code: 'payment_intent_unexpected_state' }
  const refused = await stripe.paymentIntents.update(payment.id, { amount: 1 }).catch((error: unknown) => error)
  assert.ok(refused instanceof Stripe.errors.StripeInvalidRequestError)
  assert.deepEqual([refused.code, refused.payment_intent?.status], [unexpected.code, 'requires_action'])
  assert.deepEqual(refused.payment_intent?.next_action, payment.next_action)
  await assert.rejects(stripe.paymentIntents.update(payment.id, { payment_method: 'pm_card_visa' }), unexpected)
  const noted = await stripe.paymentIntents.update(payment.id, { metadata: { note: '1' }, description: 'Tea' })
  assert.deepEqual([noted.status, noted.metadata, noted.description], ['requires_action', { note: '1' }, 'Tea'])
  assert.deepEqual(noted.next_action, payment.next_action)
  await assert.rejects(stripe.paymentIntents.confirm(payment.id), unexpected)
  for (const wrong of [
    { payment_method: 'pm_card_nothing' },
    { payment_method: 'pm_card_visa', return_url: 'ftp://x' },
  ]) {
    await assert.rejects(stripe.paymentIntents.confirm(payment.id, wrong), { statusCode: 400 })
  }
  assert.equal((await retrieve(payment)).status, 'requires_action', 'nothing is given up for what cannot pay')
  const other = () =>
    stripe.paymentIntents.confirm(payment.id, { payment_method: 'pm_card_visa' }, { idempotencyKey: 'other card' })
  assert.equal((await other()).status, 'succeeded')
  assert.equal((await other()).status, 'succeeded')
  await confirmAt(issuer)
  await comeBack(payment)
  const later = await stripe.paymentIntents.update(payment.id, { metadata: { note: '2' } })
  assert.deepEqual([later.status, later.metadata], ['succeeded', { note: '2' }])
  const charges = await stripe.charges.list({ payment_intent: payment.id })
  assert.deepEqual(charges.data.map(({ status }) => status).sort(), ['failed', 'succeeded'])
  await assertSameBooks(till)
})

test('a shopper who never comes back is waited for a quarter of an hour', async () => {
  const payment = await confirmed('pm_card_threeDSecure2Required')
  pass(14 * MINUTE_MS)
  await lookAgain(till.payments)
  assert.equal((await retrieve(payment)).status, 'requires_action')
  pass(2 * MINUTE_MS)
  await lookAgain(till.payments)
  const over = await retrieve(payment)
  assert.deepEqual(
    [over.status, over.last_payment_error?.code],
    ['requires_payment_method', 'payment_intent_authentication_failure'],
  )
  assert.equal((await stripe.paymentIntents.confirm(over.id, { payment_method: 'pm_card_visa' })).status, 'succeeded')
  await assertSameBooks(till)
})

test('afterwards the books, the bank’s and what was told are one story', async () => {
  assert.deepEqual(await differences(), [])
})
