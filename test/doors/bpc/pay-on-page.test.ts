import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { heading, pay, payButton, reach } from '../../e2e/shopper.ts'
import { RIGHT_CODE } from '../../support/cardholder.ts'
import { launchChromium } from '../../support/chromium.ts'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { until } from '../../support/until.ts'
import { type AskBpc, PAYMENT, SESSION } from './client.ts'
import { startBpcShop, type Told } from './shop.ts'

let till: RunningOpentill
let ask: AskBpc
let shop: Awaited<ReturnType<typeof startBpcShop>>
let browser: Browser
let context: BrowserContext
let page: Page

before(async () => {
  till = await startTestOpentill(import.meta.url)
  shop = await startBpcShop(till)
  ask = shop.ask
  browser = await launchChromium()
})
after(async () => {
  await browser?.close()
  await shop?.stop()
  await till?.stop()
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  page = await context.newPage()
})
afterEach(() => context.close())

let orders = 100
/** The shopper buys, and is on the page. */
async function buy() {
  const number = String(++orders)
  await page.goto(`${shop.origin}/buy?order=${number}`)
  await reach(page, 'form')
  const order = shop.orders.get(number) ?? assert.fail('no order')
  return { ...order, number, sessionId: order.sessionId ?? assert.fail('no session') }
}
const heard = (id: string, type: string): Promise<Told> =>
  until(`${type} of ${id}`, () => shop.toldOf(id).find((event) => event.type === type))
const read = async (id: string) => (await ask('GET', `/sessions/${id}`)).json

test('bpc 5: a good card leads to the success URL, and the webhook says that it is paid', async () => {
  const { number, sessionId } = await buy()
  await pay(page)
  await page.waitForURL((url) => url.origin === shop.origin)
  const { pathname, search } = new URL(page.url())
  assert.equal(pathname + search, `/success?orderId=${number}&sessionId=${sessionId}`)
  assert.equal(await heading(page), 'Thank you')

  const event = await heard(sessionId, 'session.completed')
  assert.match(event.id, /^evt_/)
  assert.match(event.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/)
  assert.equal(event.data.object.id, sessionId)
  assert.equal(event.data.object.paymentStatus, 'paid')
  assert.deepEqual(shop.orders.get(number)?.shipped, 1)
  const { paymentUrl, ...session } = await read(sessionId)
  assert.deepEqual([session.status, session.paymentStatus, paymentUrl], ['completed', 'paid', undefined])
  assert.deepEqual(event.data.object, session, 'the event and a later read agree')
})

test('bpc 6: the webhook’s signature is over the body, a dot and the time', async () => {
  const { json } = await ask('POST', '/sessions', SESSION)
  await heard(json.id, 'session.created')
  const at = shop.told.findIndex(({ data }) => data.object.id === json.id)
  const headers = shop.headers[at] ?? {}
  const [, t = '', v1 = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-signature'])) ?? []
  assert.ok(Math.abs(Number(t) - Date.now() / 1000) < 600, 'whole seconds')
  assert.equal(v1, createHmac('sha256', shop.secret).update(`${shop.bodies[at]}.${t}`).digest('hex'))
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['x-version'], '2023-10-31')
  assert.match(String(headers['api-request-id']), /^req_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
})

test('bpc 7: a card that is declined leads to the failure URL, and nothing is paid', async () => {
  const { number, sessionId } = await buy()
  await pay(page, { cardNumber: '4000000000000002' })
  await page.waitForURL((url) => url.origin === shop.origin)
  const { pathname, search } = new URL(page.url())
  assert.equal(pathname + search, `/failure?orderId=${number}&sessionId=${sessionId}`)
  assert.equal(await heading(page), 'Your order is not paid')
  const session = await read(sessionId)
  assert.deepEqual([session.status, session.paymentStatus], ['expired', 'unpaid'])
  const { data } = await heard(sessionId, 'session.expired')
  assert.deepEqual([data.object.status, data.object.paymentStatus], ['expired', 'unpaid'])
  assert.equal(shop.orders.get(number)?.shipped, 0)
})

test('bpc 9: an expired session is told, and cannot be paid by who still has its form', async () => {
  const { sessionId } = await buy()
  const { status } = await ask('POST', `/sessions/${sessionId}/expire`)
  assert.equal(status, 200)
  assert.equal((await heard(sessionId, 'session.expired')).data.object.status, 'expired')
  await pay(page)
  await reach(page, 'closed')
  assert.equal((await read(sessionId)).paymentStatus, 'unpaid')
})

const CHALLENGED = '4000000000003220'
const backAtShop = () => page.waitForURL((url) => url.origin === shop.origin)

test('3-D Secure on the page: the right code pays, a shopper who cancels is at the failure URL', async () => {
  const issuer = page.frameLocator('#bank-frame')
  const paid = await buy()
  await pay(page, { cardNumber: CHALLENGED })
  await issuer.locator('#code').fill(RIGHT_CODE)
  await issuer.getByRole('button', { name: 'Confirm payment' }).click()
  await backAtShop()
  assert.equal(await heading(page), 'Thank you')
  await heard(paid.sessionId, 'session.completed')

  const { number, sessionId } = await buy()
  await pay(page, { cardNumber: CHALLENGED })
  await issuer.getByRole('button', { name: 'Cancel' }).click()
  await backAtShop()
  assert.equal(new URL(page.url()).pathname, '/failure')
  assert.deepEqual([(await read(sessionId)).status, shop.orders.get(number)?.shipped], ['expired', 0])
})

test('3-D Secure without a session: the shop sends the browser there, and it comes back with the payment’s id', async () => {
  const { json } = await ask('POST', '/payments', {
    ...PAYMENT,
    paymentMethod: { card: { ...PAYMENT.paymentMethod.card, number: CHALLENGED } },
    returnUrl: `${shop.origin}/failure?orderId=7#top`,
  })
  assert.equal(json.status, 'requiresAction')
  const next = json.nextAction as { type: string; redirectToUrl: { url: string; returnUrl: string } }
  assert.equal(next.type, 'redirectToUrl')
  assert.equal(next.redirectToUrl.returnUrl, `${shop.origin}/failure?orderId=7#top`)
  await page.goto(next.redirectToUrl.url)
  await page.locator('#code').fill(RIGHT_CODE)
  await page.getByRole('button', { name: 'Confirm payment' }).click()
  await backAtShop()
  const { search, hash } = new URL(page.url())
  assert.equal(search + hash, `?orderId=7&paymentId=${json.id}#top`)
  const done = (await ask('GET', `/payments/${json.id}`)).json
  assert.deepEqual([done.status, done.nextAction], ['succeeded', undefined])
  await heard(json.id, 'payment.succeeded')
  assert.deepEqual(
    shop.toldOf(json.id).map(({ type }) => type),
    ['payment.created', 'payment.succeeded'],
  )
})

test('a session that allows more tries keeps its shopper until the last one, or a hard stop', async () => {
  const open = async () => {
    const urls = { successUrl: `${shop.origin}/success`, failureUrl: `${shop.origin}/failure` }
    const { json } = await ask('POST', '/sessions', { ...SESSION, ...urls, paymentData: { maxAttempts: 2 } })
    await page.goto(json.paymentUrl ?? '')
    return json.id
  }
  const id = await open()
  await pay(page, { cardNumber: '4000000000000002' })
  await page.locator('#notice').waitFor()
  assert.deepEqual([(await read(id)).status, (await read(id)).paymentStatus], ['open', 'unpaid'])
  await pay(page, { cardNumber: '4000000000009995' })
  await backAtShop()
  assert.equal(page.url(), `${shop.origin}/failure?sessionId=${id}`)

  const again = await open()
  await pay(page, { cardNumber: '4000000000000002' })
  await page.locator('#notice').waitFor()
  await pay(page)
  await backAtShop()
  assert.equal(page.url(), `${shop.origin}/success?sessionId=${again}`)
  await heard(again, 'session.completed')
})

test('who leaves the page is at the failure URL, and may come back and pay', async () => {
  const { sessionId } = await buy()
  const address = page.url()
  await page.getByRole('link', { name: /^Cancel and return/ }).click()
  await backAtShop()
  assert.equal(new URL(page.url()).pathname, '/failure')
  assert.equal((await read(sessionId)).status, 'open')
  await page.goto(address)
  await pay(page)
  await backAtShop()
  assert.equal(await heading(page), 'Thank you')
})

test('a forged success URL shows nothing as paid, and a lost redirect loses nothing', async () => {
  const { number, sessionId } = await buy()
  const address = page.url()
  await page.goto(`${shop.origin}/success?orderId=${number}&sessionId=${sessionId}`)
  assert.equal(await heading(page), 'Your payment has not arrived')
  await page.goto(`${shop.origin}/success?orderId=${number}&sessionId=ps_forged`)
  assert.equal(await heading(page), 'No such order')
  assert.equal(shop.orders.get(number)?.isPaid, false)

  await page.goto(address)
  await page.route(`${shop.origin}/**`, (route) => route.abort())
  await payButton(page).waitFor()
  await pay(page)
  await heard(sessionId, 'session.completed')
  assert.deepEqual([shop.orders.get(number)?.isPaid, shop.orders.get(number)?.shipped], [true, 1])
})
