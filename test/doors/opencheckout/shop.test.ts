import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { pay, payButton, reach } from '../../e2e/shopper.ts'
import { launchChromium } from '../../support/chromium.ts'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'
import { LIMIT_MS } from '../../support/until.ts'
import { type Shop, startShop } from './shop.ts'

let till: RunningOpentill
let shop: Shop
let browser: Browser
let context: BrowserContext
let page: Page

before(async () => {
  till = await startTestOpentill(import.meta.url)
  shop = await startShop(till.url, till.secretKey)
  const endpoint = await till.stripe.rawRequest('POST', '/v1/webhook_endpoints', {
    url: `${shop.url}/webhook`,
    enabled_events: ['*'],
    door: 'opencheckout',
  })
  shop.setSecret((endpoint as unknown as { readonly secret: string }).secret)
  browser = await launchChromium()
})
after(async () => {
  await browser?.close()
  await till?.stop()
  await shop?.stop()
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  context.setDefaultTimeout(LIMIT_MS)
  page = await context.newPage()
})
afterEach(() => context.close())

const events = (id: string) =>
  shop.wait('the event', ({ headers, body }) => headers['user-agent'] === 'OpenCheckout/1.0' && body.includes(id))

test('a shopper pays, is thanked at the shop, and the order is fulfilled once though two told of it', async () => {
  const { id, url } = await shop.buy('order 1')
  await page.goto(url)
  await pay(page, { cardNumber: '4000000000000002' })
  await page.locator('#notice').waitFor()
  await pay(page)
  await page.waitForURL(`${shop.url}/success?session_id=${id}`)
  assert.equal(await page.locator('h1').textContent(), 'Thank you')
  await events(id)
  assert.deepEqual(shop.fulfilled, ['order 1'])
})

test('a shopper who never comes back has the order all the same, by the event', async () => {
  const { id, url } = await shop.buy('order 2')
  await page.goto(url)
  await context.route(`${shop.url}/**`, (route) => route.abort())
  await pay(page)
  await events(id)
  assert.ok(shop.fulfilled.includes('order 2'))
})

test('a success address that somebody typed fulfills nothing', async () => {
  const { id } = await shop.buy('order 3')
  for (const typed of [id, `${id.slice(0, -1)}x`, 'cs_x', '']) {
    await page.goto(`${shop.url}/success?session_id=${typed}`)
    assert.equal(await page.locator('h1').textContent(), 'Not paid')
  }
  assert.ok(!shop.fulfilled.includes('order 3'))
})

test('an event that somebody forged fulfills nothing, and one that comes twice fulfills once', async () => {
  const { id, url } = await shop.buy('order 4')
  const forged = JSON.stringify({ id, status: 'completed', metadata: { order_id: 'order 4' } })
  const headers = { 'opencheckout-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` }
  assert.equal((await fetch(`${shop.url}/webhook`, { method: 'POST', headers, body: forged })).status, 400)
  assert.ok(!shop.fulfilled.includes('order 4'))
  await page.goto(url)
  await pay(page)
  const { headers: signed, body } = await events(id)
  const again = { 'opencheckout-signature': String(signed['opencheckout-signature']) }
  assert.equal(
    (await fetch(`${shop.url}/webhook`, { method: 'POST', headers: again, body: body.toString() })).status,
    200,
  )
  assert.equal(shop.fulfilled.filter((order) => order === 'order 4').length, 1)
})

test('a shopper who leaves goes to the bag, and may still come back and pay', async () => {
  const { url } = await shop.buy('order 5')
  await page.goto(url)
  await payButton(page).waitFor()
  await page.locator('.cancel').getByRole('link').click()
  await page.waitForURL(`${shop.url}/cart`)
  await page.goto(url)
  await reach(page, 'form')
  await pay(page)
  await page.waitForURL(/\/success\?/)
  assert.ok(shop.fulfilled.includes('order 5'))
})
