import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { pay, payButton, reach } from '../../e2e/shopper.ts'
import { launchChromium } from '../../support/chromium.ts'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { until } from '../../support/until.ts'
import { type AskOzura, type Json, ozuraClient, readSession } from './client.ts'
import { startOzuraShop } from './shop.ts'

let till: RunningOpentill
let ask: AskOzura
let shop: Awaited<ReturnType<typeof startOzuraShop>>
let browser: Browser
let context: BrowserContext
let page: Page

before(async () => {
  till = await startTestOpentill(import.meta.url)
  ask = ozuraClient(till.url, { vault: till.secretKey, merchant: till.secretKey })
  shop = await startOzuraShop(() => ({ url: till.url, ask }))
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

/** Cards of the sandbox bank. */
const DECLINED = '4000000000000002'
const OUT_OF_SERVICE = '4000009990000153'
const KEY_REFUSED = '4000009990000161'

/** A session of the shop's, with its page open. */
async function open(number: string, more: Json = {}): Promise<string> {
  const { data } = await ask('POST', '/create', { ...shop.orderOf(number), ...more })
  shop.orders.set(number, { number, sessionId: String(data.sessionId), fulfilled: 0 })
  await page.goto(String(data.checkoutUrl))
  return String(data.sessionId)
}
const statusOf = async (id: string) => (await readSession(till.url, id)).status
const atShop = (path: string) => page.waitForURL((url) => url.origin === shop.origin && url.pathname === path)
const read = async () => JSON.parse((await page.locator('#read').textContent()) ?? '') as Json

test('ozura 7 and 8: the shopper pays, the shop’s page reads the sale, and its server fulfils what it has read itself', async () => {
  await page.goto(`${shop.origin}/buy?order=7`)
  const order = shop.orders.get('7')
  assert.equal(await statusOf(String(order?.sessionId)), 'pending')
  assert.equal(order?.fulfilled, 0)
  await pay(page)
  await atShop('/success')
  const { transactionId, ...sale } = await read()
  assert.match(String(transactionId), /^ch_/)
  assert.deepEqual(sale, { amount: '25.00', currency: 'USD', checkoutMode: 'payment', metadata: { orderId: '7' } })
  assert.equal(await page.locator('h1').textContent(), 'Thank you')
  assert.equal(order?.fulfilled, 1)
  await page.reload()
  assert.equal(order?.fulfilled, 1, 'the same redirect twice')
})

test('ozura 8: a success URL that somebody typed fulfils nothing', async () => {
  const id = await open('forged')
  for (const sessionId of [id, 'session_nothing', '']) {
    await page.goto(`${shop.origin}/success?success=true&sessionId=${sessionId}&transactionId=ch_x&amount=25.00`)
    await atShop('/error')
  }
  assert.equal(shop.orders.get('forged')?.fulfilled, 0)
})

test('ozura 8: a shopper who never came back has paid all the same, and the shop finds out', async () => {
  await context.route(`${shop.origin}/success**`, (route) => route.abort())
  await page.goto(`${shop.origin}/buy?order=lost`)
  await pay(page)
  const order = shop.orders.get('lost')
  await until('it is paid', async () => (await statusOf(String(order?.sessionId))) === 'completed')
  assert.equal(order?.fulfilled, 0)
  for (let swept = 0; swept < 2; swept++) await fetch(`${shop.origin}/sweep`)
  assert.equal(order?.fulfilled, 1)
})

test('ozura 9: what the browser shows the shop names nobody', async () => {
  await open('private')
  await pay(page, { billingName: 'Wilhelmina Underhill', email: 'wilhelmina@underhill.example' })
  await atShop('/success')
  const search = decodeURIComponent(new URL(page.url()).search).toLowerCase()
  for (const person of ['wilhelmina', 'underhill']) assert.ok(!search.includes(person), person)
})

for (const javaScriptEnabled of [true, false]) {
  test(`ozura 10: a decline is told on the page ${javaScriptEnabled ? 'with' : 'without'} JavaScript, and a good card pays then`, async () => {
    const window = await browser.newContext({ javaScriptEnabled })
    page = await window.newPage()
    const id = await open(`declined ${javaScriptEnabled}`)
    await pay(page, { cardNumber: DECLINED })
    await page.locator('#notice p', { hasText: 'Your bank declined the payment' }).waitFor()
    assert.equal(new URL(page.url()).origin, till.url)
    assert.equal(await statusOf(id), 'pending')
    await pay(page)
    await atShop('/success')
    assert.equal(await statusOf(id), 'completed')
    await window.close()
  })
}

test('declines alone never lead to the error URL: after the last one the page has a way back to the shop', async () => {
  const id = await open('too many')
  for (let tries = 1; tries <= 5; tries++) {
    await pay(page, { cardNumber: DECLINED })
    if (tries < 5) await until('the decline', async () => await wasTried(id, tries))
  }
  await reach(page, 'failed')
  assert.equal(await statusOf(id), 'failed')
  await page.locator(`a[href="${shop.origin}/cancel"]`).click()
  await atShop('/cancel')
})

async function wasTried(id: string, tries: number): Promise<boolean> {
  const order = (await readSession(till.url, id)).metadata as Json
  const [row] = await till.sql<{ tries: number; state: string }[]>`
    select tries, state from sessions where document->'metadata'->>'orderId' = ${String(order.orderId)}`
  return row?.tries === tries && row.state === 'open' && (await page.locator('#notice p').count()) > 0
}

test('ozura 11: cancel leads to exactly cancelUrl, and ends the session', async () => {
  const id = await open('canceled')
  await page.getByRole('button', { name: /cancel|back/i }).click()
  await atShop('/cancel')
  assert.equal(page.url(), `${shop.origin}/cancel`)
  assert.equal(await statusOf(id), 'cancelled')
})

test('ozura 13: at our own error page the shopper reads what happened, and its button leads to cancelUrl', async () => {
  await till.stripe.rawRequest('POST', '/v1/account/settings', { return_url_origins: [shop.origin] })
  const id = await open('own page', { errorUrl: `${till.url}/error` })
  await till.stripe.rawRequest('POST', '/v1/account/settings', { return_url_origins: '' })
  await pay(page, { cardNumber: OUT_OF_SERVICE })
  await page.waitForURL((url) => url.pathname === '/error')
  const { searchParams } = new URL(page.url())
  assert.deepEqual([searchParams.get('success'), searchParams.get('errorCode')], ['false', 'SYSTEM_ERROR'])
  assert.match((await page.locator('main').textContent()) ?? '', /could not be reached/)
  await page.getByRole('link', { name: 'Return to store' }).click()
  await atShop('/cancel')
  assert.equal(page.url(), `${shop.origin}/cancel`)
  assert.equal(await statusOf(id), 'failed')
})

for (const [errorCode, cardNumber] of [
  ['SYSTEM_ERROR', OUT_OF_SERVICE],
  ['AUTH_ERROR', KEY_REFUSED],
] as const) {
  test(`ozura 14: ${errorCode} leads to the shop’s own page, and opening the session again says that it failed`, async () => {
    const id = await open(errorCode)
    await pay(page, { cardNumber })
    await atShop('/error')
    const { error, ...said } = Object.fromEntries(new URL(page.url()).searchParams)
    assert.deepEqual(said, { success: 'false', errorCode, cancelUrl: `${shop.origin}/cancel`, sessionId: id })
    assert.match(String(error), /Nothing was charged/)
    assert.equal(await statusOf(id), 'failed')
    await page.goto(`${till.url}/checkout/${id}`)
    await atShop('/error')
    assert.equal(new URL(page.url()).searchParams.get('errorCode'), 'SESSION_FAILED')
    assert.equal(shop.seenAt('/success').filter(({ search }) => search.includes(id)).length, 0)
  })
}

test('ozura 15: whoever comes too late is told so, and led to cancelUrl', async () => {
  const id = await open('expired')
  await payButton(page).waitFor()
  await till.sql`
    update sessions set created_at = now() - interval '1 hour', expires_at = now() - interval '1 second'
    where document->'metadata'->>'orderId' = 'expired'`
  await until('it is expired', async () => (await statusOf(id)) === 'expired')
  await page.goto(`${till.url}/checkout/${id}`)
  await reach(page, 'expired')
  await page.locator(`a[href="${shop.origin}/cancel"]`).click()
  await atShop('/cancel')
  assert.equal(page.url(), `${shop.origin}/cancel`)
  const answer = await ozuraClient(till.url, {})('GET', `/${id}`)
  assert.equal(answer.status, 200, 'reading is no attempt at it')
  assert.equal((await fetch(`${till.url}/checkout/${id}`)).status, 410)
})

test('a delivery address is asked for where the shop wants one, and the shop reads it with the session', async () => {
  const id = await open('delivered', { collectShippingAddress: true })
  const address = {
    shippingName: 'Jenny Rosen',
    shippingAddressLine1: '1 Main Street',
    shippingLocality: 'Springfield',
    shippingPostalCode: '62701',
  }
  await page.locator('#shippingCountry').selectOption('US')
  for (const [field, text] of Object.entries(address)) await page.locator(`#${field}`).fill(text)
  await page.locator('#shippingAdministrativeArea').fill('IL')
  assert.equal((await readSession(till.url, id)).shipping, undefined)
  await pay(page)
  await atShop('/success')
  const { search } = new URL(page.url())
  assert.ok(!/main|springfield|62701/i.test(decodeURIComponent(search)))
  assert.deepEqual((await readSession(till.url, id)).shipping, {
    name: 'Jenny Rosen',
    address1: '1 Main Street',
    address2: null,
    city: 'Springfield',
    state: 'IL',
    zipcode: '62701',
    country: 'US',
  })
})

test('appearance shapes the page, and what is no color does not', async () => {
  await open('looks', {
    appearance: {
      buttonBackgroundColor: '#00ff7f',
      backgroundColor: 'red; } body { display: none',
      showMerchantName: true,
      cssVariables: { 'page-background': '#4b0082' },
      unknownKey: [1],
    },
  })
  const colorOf = (selector: string) =>
    page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).backgroundColor`)
  assert.equal(await colorOf('.pay'), 'rgb(0, 255, 127)')
  assert.equal(await colorOf('html'), 'rgb(75, 0, 130)')
  assert.equal(await page.locator('body').isVisible(), true)
})
