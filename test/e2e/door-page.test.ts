import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { parseAppearance } from '../../src/core/appearance.ts'
import { COLOR_NAMES } from '../../src/core/color-names.ts'
import type { Session } from '../../src/core/session.ts'
import { judge } from '../support/axe.ts'
import { launchChromium } from '../support/chromium.ts'
import { startForeignSite } from '../support/foreign-site.ts'
import { LOUD } from '../support/page-models.ts'
import { startPageTill } from '../support/page-till.ts'

const till = await startPageTill(import.meta.url)
const browser = await launchChromium()
/** The shop, on another origin than the page's. */
const shop = await startForeignSite((_, response) =>
  response.setHeader('content-type', 'text/html').end('<h1>Shop</h1>'),
)
after(async () => {
  await browser.close()
  shop.stop()
  await till.stop()
})
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30" fill="gold"/></svg>'

/** A window on a session's page; what it asks of other hosts is noted, and answered with a logo. */
async function visit(session: Session, look: Parameters<typeof browser.newContext>[0] = {}) {
  const context = await browser.newContext(look)
  const page = await context.newPage()
  const complaints: string[] = []
  const asked: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && /Security Policy|Trusted/.test(message.text())) complaints.push(message.text())
  })
  await context.route(/^https:/, (route) => {
    asked.push(route.request().url())
    return route.fulfill({ contentType: 'image/svg+xml', body: LOGO })
  })
  await page.goto(till.url + till.pathOf(session))
  return { page, complaints, asked, close: () => context.close() }
}

async function payWith(page: Page, number: string): Promise<void> {
  await page.locator('#cardNumber').fill(number)
  await page.locator('#cardExpiry').fill('1234')
  await page.locator('#cardCvc').fill('123')
  await page.locator('#billingName').fill('Ada Lovelace')
  await page.getByTestId('hosted-payment-submit-button').click()
}

describe('a decline after which nothing is left to try', () => {
  for (const javaScriptEnabled of [true, false]) {
    test(`leads to the shop's page for failures ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      const session = await till.till.openSession({
        failureUrl: `${shop.url}/sorry?order=7`,
        customerEmail: 'ada@example.com',
        maxTries: 1,
      })
      const { page, complaints, close } = await visit(session, { javaScriptEnabled })
      await payWith(page, '4000000000000002')
      await page.waitForURL(`${shop.url}/sorry?order=7`)
      assert.deepEqual(complaints, [])
      await close()
    })
  }
})

describe('a page with a shop’s own looks', () => {
  const appearance = { ...LOUD, logoUrl: 'https://cdn.shop.example/logo.svg', logoPosition: 'top' } as const
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`is as the shop says when the device is ${colorScheme}, and everybody can read it`, async () => {
      const session = await till.till.openSession({
        appearance,
        customerEmail: 'ada@example.com',
        successUrl: `${shop.url}/done`,
      })
      const { page, complaints, asked, close } = await visit(session, { colorScheme })
      const styleOf = (selector: string, property: string) =>
        page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).${property}`)
      assert.equal(await styleOf('.pay', 'backgroundColor'), 'rgb(0, 255, 127)')
      assert.equal(await styleOf('.pay', 'color'), 'rgb(0, 0, 0)', 'white could not be read')
      assert.equal(await styleOf('html', 'backgroundColor'), 'rgb(75, 0, 130)')
      assert.equal(await styleOf('.sheet', 'backgroundColor'), 'rgb(255, 248, 220)')
      assert.match(String(await styleOf('body', 'fontFamily')), /^Georgia, serif/)
      await page.waitForFunction("document.querySelector('.shop-logo').naturalWidth === 90")
      assert.deepEqual(asked, ['https://cdn.shop.example/logo.svg'])
      assert.deepEqual(await judge(page), [])
      assert.deepEqual(complaints, [])
      await payWith(page, '4242424242424242')
      await page.waitForURL(`${shop.url}/done`)
      await close()
    })
  }

  test('may show pictures from its own host, and from no other', async () => {
    const session = await till.till.openSession({ appearance })
    const answer = await fetch(till.url + till.pathOf(session))
    const policy = answer.headers.get('content-security-policy') ?? ''
    assert.match(policy, /img-src 'self' data: https:\/\/cdn\.shop\.example;/)
    assert.match(policy, /style-src 'nonce-[^' ]+';/)
  })
})

test('a color’s name is for us the color that it is for a browser', async () => {
  const page = await browser.newPage()
  const names = [...COLOR_NAMES.keys()]
  const seen = (await page.evaluate(`${JSON.stringify(names)}.map((name) => {
    document.body.style.color = ''
    document.body.style.color = name
    return getComputedStyle(document.body).color
  })`)) as readonly string[]
  for (const [at, name] of names.entries()) {
    assert.deepEqual(parseAppearance({ textColor: seen[at] }), parseAppearance({ textColor: name }), name)
  }
  await page.close()
})
