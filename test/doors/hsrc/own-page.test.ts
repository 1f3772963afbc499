import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { RIGHT_CODE } from '../../support/cardholder.ts'
import { launchChromium } from '../../support/chromium.ts'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { until } from '../../support/until.ts'
import { CONFIRM, DATA, hsrcClient } from './client.ts'
import { startOwnPage } from './own-page.ts'
import { startHsrcShop } from './shop.ts'

let till: RunningOpentill
let shop: Awaited<ReturnType<typeof startOwnPage>>
let hooks: Awaited<ReturnType<typeof startHsrcShop>>
let browser: Browser
let context: BrowserContext
let page: Page
const ask = () => hsrcClient(till.url, till.secretKey)

before(async () => {
  till = await startTestOpentill(import.meta.url)
  shop = await startOwnPage(() => till.url, ask)
  hooks = await startHsrcShop()
  const made = await ask()('POST', '/webhooks', { endpoint: hooks.url, enabled_events: ['*'] })
  hooks.setSecret(made.json.data.secret)
  browser = await launchChromium()
})
after(async () => {
  await browser?.close()
  shop?.stop()
  await hooks?.stop()
  await till?.stop()
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  page = await context.newPage()
})
afterEach(() => context.close())

async function fill(more: object = {}): Promise<void> {
  const all = { ...DATA, email: 'ada@example.com', ...more }
  for (const [id, value] of Object.entries(all)) await page.locator(`#${id}`).fill(value)
  await page.getByRole('button', { name: 'Pay' }).click()
}
const says = (text: string) => page.locator('h1', { hasText: text }).waitFor()
const heard = (type: string, paymentId: string) =>
  until(type, () => hooks.events.find((event) => event.type === type && event.paymentId === paymentId))

test('hsrc 2, 3: a shop’s own page on another origin reads its session, and pays it', async () => {
  const { session, url } = await shop.sell()
  await page.goto(url)
  await says('125 TRY PENDING')
  await fill()
  await says('Thank you')
  const event = await heard('payment.succeeded', session.payment_id)
  assert.equal(event.data.object.status, 'SUCCEEDED')
  const completed = await heard('checkout_session.completed', session.payment_id)
  assert.deepEqual([completed.checkout_session_id, completed.data.object.status], [session.id, 'COMPLETED'])
})

test('hsrc 4: in secure mode the shopper is sent to the issuer, and comes back to the return URL', async () => {
  const { session, url } = await shop.sell({ secure_mode: true })
  await page.goto(url)
  await says('PENDING')
  await fill()
  const bank = page.frameLocator('iframe')
  await bank.locator('#code').waitFor()
  const waiting = (await ask()('GET', `/checkout-sessions/${session.id}`)).json.checkout_session
  assert.deepEqual([waiting.status, (waiting.payment as { status: string }).status], ['PROCESSING', 'REQUIRES_ACTION'])
  await heard('payment.requires_action', session.payment_id)
  await bank.locator('#code').fill(RIGHT_CODE)
  await bank.getByRole('button', { name: 'Confirm' }).click()
  await page.waitForURL((at) => at.pathname === '/return')
  const { searchParams } = new URL(page.url())
  assert.deepEqual(
    [...searchParams],
    [
      ['order', (session.metadata as { order_id: string }).order_id],
      ['checkout_session_id', session.id],
      ['payment_id', session.payment_id],
    ],
  )
  await says('Thank you')
  await heard('checkout_session.completed', session.payment_id)
})

test('the wire of a challenge: what is to be done next, and where', async () => {
  const { session } = await shop.sell({ secure_mode: true })
  const anybody = hsrcClient(till.url)
  const { json } = await anybody('POST', `/checkout-sessions/token/${session.token}/confirm`, CONFIRM)
  assert.equal(json.payment.status, 'REQUIRES_ACTION')
  assert.equal(json.confirmResult.ok, true)
  assert.equal(json.confirmResult.latestResult.kind, 'requires_action')
  assert.equal(json.confirmResult.paymentNextAction?.action, 'redirect_user_to_url')
  assert.ok(json.confirmResult.paymentNextAction?.url.startsWith(till.url))
  const { charges } = (await ask()('GET', `/payments/${session.payment_id}?include_charges=true`)).json.payment
  // Anybody can call this; it changes nothing that the issuer does not say.
  for (const method of ['GET', 'POST']) {
    const answer = await anybody(method, `/three-d-secure-callback-urls/${charges?.[0]?.id}?status=CAPTURED&hash=00`)
    assert.equal(answer.status, 303)
    assert.match(String(answer.headers.get('location')), /^http:\/\/127\.0\.0\.1:\d+\/return\?order=/)
  }
  const { payment } = (await ask()('GET', `/payments/${session.payment_id}`)).json
  assert.equal(payment.status, 'REQUIRES_ACTION')
  const other = await anybody('POST', `/checkout-sessions/token/${session.token}/confirm`, {
    ...CONFIRM,
    payment_method: { type: 'card', data: { ...DATA, pan: '4242424242424242' } },
  })
  assert.equal(other.json.checkout_session.status, 'COMPLETED', 'another card takes the place of a challenge')
})

test('a return URL that somebody typed proves nothing', async () => {
  const { session } = await shop.sell()
  const { order_id } = session.metadata as { order_id: string }
  await page.goto(`${shop.origin}/return?order=${order_id}&payment_id=${session.payment_id}&status=SUCCEEDED`)
  await says('Your payment has not arrived')
})

test('a card that is refused is said on the shop’s page, and another one pays', async () => {
  const { url } = await shop.sell()
  await page.goto(url)
  await says('PENDING')
  await fill({ pan: '4000000000009995', year: '34' })
  await page.locator('#said', { hasText: 'insufficient_funds' }).waitFor()
  await fill()
  await says('Thank you')
})

test('a shopper who closes the window after paying is heard of all the same', async () => {
  const { session, url } = await shop.sell({ return_url: 'http://127.0.0.1:9/lost' })
  await page.goto(url)
  await says('PENDING')
  await fill()
  await heard('payment.succeeded', session.payment_id)
  assert.deepEqual(hooks.shipped.filter((id) => id === session.payment_id).length, 1)
})

test('scripts of another origin may not call with a token, unless the account lists them', async () => {
  const { session } = await shop.sell({ url: 'https://pay.merchant.example/checkout' })
  await page.goto(`${shop.origin}/checkout?token=${session.token}`)
  await says('refused')
  await till.stripe.rawRequest('POST', '/v1/account/settings', { page_origins: [shop.origin] })
  await page.goto(`${shop.origin}/checkout?token=${session.token}`)
  await says('PENDING')
  await till.stripe.rawRequest('POST', '/v1/account/settings', { page_origins: '' })
})

test('without a page of its own the shop sends its shopper to ours', async () => {
  const { json } = await ask()('POST', '/checkout-sessions', {
    amount: 500,
    currency: 'TRY',
    return_url: `${shop.origin}/return`,
    collect_phone: true,
    collect_address: 'BOTH',
    custom_fields_schema: [{ key: 'gift', label: 'Gift text', type: 'TEXT', required: false }],
  })
  const { checkout_session: session } = json
  await page.goto(`${session.url}?token=${session.token}`)
  await page.locator('#cardNumber').waitFor()
  await page.locator('#phoneNumber').waitFor()
  await page.locator('#shippingAddressLine1').waitFor()
  assert.equal(session.collect_address, 'BOTH')
  await page.getByLabel('Gift text').waitFor()
})
