import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../../test/support/chromium.ts'
import { newOrderId } from './orders.ts'
import type { Store } from './store.ts'
import { openTestStore, startTestTill, type TestTill } from './till-for-tests.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const BAG = 'the-salt-atlas.9~soup-for-the-weather.1'

let till: TestTill
let store: Store
let browser: Browser
before(async () => {
  till = await startTestTill()
  store = await openTestStore(till)
  browser = await launchChromium()
})
after(async () => {
  await browser.close()
  await store.stop()
  await till.stop()
})

async function placeOrder(currency: string) {
  const id = newOrderId()
  const body = new URLSearchParams({ order: id, bag: BAG, in: currency })
  await fetch(`${store.url}/checkout`, { method: 'POST', body, redirect: 'manual' })
  const session = [...till.sessions.values()].find((one) => one.client_reference_id === id)
  assert.ok(session)
  return { id, session }
}

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [320, 390, 1280]) {
    test(`every page is accessible and fits, ${scheme} at ${width} px, with everything unfolded`, async () => {
      const open = await placeOrder('kwd')
      const paid = await placeOrder('jpy')
      till.sessions.set(paid.session.id, { ...paid.session, status: 'complete', payment_status: 'paid' })
      await fetch(`${store.url}/success?order=${paid.id}&session_id=${paid.session.id}`)
      const paths = [
        `/?bag=${BAG}`,
        '/books/the-clockmakers-orchard?in=kwd',
        '/bag',
        `/bag?bag=${BAG}&in=kwd`,
        `/success?order=${open.id}&session_id=${open.session.id}`,
        // As often looked at as it looks again by itself: it stays where it is while it is judged.
        `/orders/${paid.id}?look=5`,
        `/done?session=${paid.session.id}`,
        '/done?session=cs_test_none',
        `/success?order=${open.id}&session_id=${paid.session.id}`,
        `/cancel?order=${open.id}`,
        '/nope',
      ]
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        // Chromium remarks on every page that is not a 200; the forged and the missing one are none.
        if (!/status of 40[34]/.test(message.text())) complaints.push(message.text())
      })
      for (const path of paths) {
        await page.goto(store.url + path)
        await page.evaluate(() => {
          for (const details of document.querySelectorAll('details')) details.open = true
        })
        const run = `${AXE};axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))`
        assert.deepEqual(await page.evaluate(run), [], path)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits`)
      }
      assert.deepEqual(complaints, [])
      await context.close()
    })
  }
}

for (const javaScriptEnabled of [true, false]) {
  test(`a shopper fills a bag and reaches the till ${javaScriptEnabled ? 'with' : 'without'} JavaScript, and gets no cookie`, async () => {
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await context.newPage()
    await page.goto(store.url)
    await page.getByRole('link', { name: 'JPY' }).click()
    await page.getByRole('button', { name: 'Add to bag: The Salt Atlas' }).click()
    await page.getByRole('button', { name: 'One The Salt Atlas more' }).click()
    await page.getByRole('link', { name: 'Keep browsing' }).click()
    await page.getByRole('link', { name: 'Soup for the Weather' }).click()
    await page.getByRole('button', { name: 'Add to bag: Soup for the Weather' }).click()
    assert.equal(await page.getByTestId('bag-total').textContent(), '¥12,400')
    assert.equal(await page.getByTestId('bag-count').textContent(), '3')
    await page.route('**/c/pay/**', (route) => route.fulfill({ body: 'the payment page' }))
    const before = till.sessions.size
    await page.getByRole('button', { name: 'Check out' }).click()
    const session = [...till.sessions.values()][before]
    assert.equal(session?.amount_total, 12400)
    assert.equal(session?.currency, 'jpy')
    assert.deepEqual(await context.cookies(), [])
    await context.close()
  })
}
