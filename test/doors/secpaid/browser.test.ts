import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { pay, reach } from '../../e2e/shopper.ts'
import { launchChromium } from '../../support/chromium.ts'
import { until } from '../../support/until.ts'
import { type SecPaidTill, startSecPaid } from './client.ts'
import { type Order, type Shop, startShop } from './shop.ts'

let till: SecPaidTill
let shop: Shop
let browser: Browser
let page: Page
before(async () => {
  till = await startSecPaid(import.meta.url)
  shop = await startShop(till, 'json', '')
  browser = await launchChromium()
})
after(async () => {
  await browser?.close()
  await till?.stop()
  await shop?.stop()
})
beforeEach(async () => {
  page = await browser.newPage()
})
afterEach(() => page.context().close())

/** The shopper buys, and is on the page. */
async function buy(more: object = {}) {
  const link = await till.link({
    amount: 24,
    recipient_note: 'Order 7',
    callback_url: `${shop.url}/callback?shop=a`,
    ...more,
  })
  const order: Order = { state: 'open', shipped: 0 }
  shop.orders.set(String(link.id), order)
  await page.goto(link.pay_link)
  await reach(page, 'form')
  return { link, order }
}

test('secpaid 7: a shopper who paid is at the confirmation, and the page had shown what for', async () => {
  const { link, order } = await buy({ payment_endpoint: `${shop.url}/notice` })
  assert.match((await page.locator('body').textContent()) ?? '', /Order 7/)
  await pay(page)
  await page.waitForURL(`${shop.url}/order-confirmation/${link.id}`)
  await until('the order', () => order.state === 'paid')
  assert.equal(order.shipped, 1)
})

test('secpaid 7: a shopper who canceled is at the cart, and cannot pay the link any more', async () => {
  const { link, order } = await buy()
  await page.locator('form[action$="/cancel"] button, button[formaction$="/cancel"]').first().click()
  await page.waitForURL(`${shop.url}/cart`)
  await page.goto(link.pay_link)
  assert.equal(await page.locator('#cardNumber').count(), 0)
  assert.deepEqual(order, { state: 'open', shipped: 0 })
})

test('a callback that the shopper made up is not believed', async () => {
  const { link, order } = await buy()
  const forged = `${shop.url}/callback?shop=a&pay_id=${link.id}&user_id=${link.user_id}&status=success`
  await page.goto(forged)
  assert.equal(new URL(page.url()).pathname, '/not-paid')
  assert.equal((await page.goto(forged.replace('success', 'Success')))?.status(), 400)
  assert.deepEqual(order, { state: 'open', shipped: 0 })
})

test('a link that is paid or deleted shows no form a second time', async () => {
  const { link } = await buy()
  await pay(page)
  await page.waitForURL(`${shop.url}/order-confirmation/${link.id}`)
  await page.goto(link.pay_link)
  assert.equal(await page.locator('#cardNumber').count(), 0)
  const deleted = await buy()
  await till.call('deleteLink', { link_id: deleted.link.id })
  assert.equal((await page.goto(deleted.link.pay_link))?.status(), 404)
})
