import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { sweepOrders } from '../../src/flows/sweep.ts'
import type { Fault, FaultPoint } from '../../src/sandbox-bank/faults.ts'
import { RIGHT_CODE } from '../support/cardholder.ts'
import { launchChromium } from '../support/chromium.ts'
import { startPageTill } from '../support/page-till.ts'
import { bankBooks } from '../support/paying.ts'
import { ShopperWindow } from '../support/shopper-window.ts'

/** R4, R5: on every screen between Pay and the result, Back, Forward and Reload show what is, and send nothing again. */
describe('Back and Reload while a payment is under way', async () => {
  let trouble: { readonly at: FaultPoint; readonly fault: Fault | Promise<undefined> } | undefined
  const till = await startPageTill(import.meta.url, {
    faults: async (point, { method }) => (method === 'POST' && point === trouble?.at ? trouble.fault : undefined),
  })
  after(till.stop)
  let browser: Browser
  let shopper: ShopperWindow
  let posts = 0
  before(async () => {
    browser = await launchChromium()
  })
  after(() => browser.close())
  afterEach(async () => {
    trouble = undefined
    await shopper.close()
    assert.deepEqual(shopper.complaints, [])
  })

  async function open(javaScriptEnabled: boolean): Promise<void> {
    shopper = await ShopperWindow.open(till, browser, { javaScriptEnabled, viewport: { width: 390, height: 844 } })
    posts = 0
    shopper.page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/pay')) posts++
    })
  }
  /** @param back what the address of the form shows now */
  async function comeAndGo(screen: string, back = screen): Promise<void> {
    await shopper.reach(screen)
    // A frame that loads for ever keeps its page from being loaded.
    const shown = { waitUntil: 'commit' } as const
    await shopper.page.reload(shown)
    await shopper.reach(screen)
    await shopper.page.goBack(shown)
    await shopper.reach(back)
    await shopper.page.goForward(shown)
    await shopper.reach(screen)
    assert.equal(posts, 1)
  }
  async function endsPaid(): Promise<void> {
    await shopper.reach('paid')
    const before = (await bankBooks(till.till)).length
    await shopper.page.goBack()
    assert.equal(await shopper.page.locator('#pay-form').count(), 0)
    assert.equal(posts, 1)
    assert.equal((await bankBooks(till.till)).length, before)
  }
  /** Has the bank asked at once, and again, until the page shows the screen. */
  async function askUntil(screen: string): Promise<void> {
    const { sql } = till.till.db
    for (let rounds = 0; rounds < 100; rounds++) {
      if ((await shopper.page.locator('body').getAttribute('data-screen')) === screen) return
      await sql`update operations set ask_at = now(), absent_since = absent_since - interval '2 minutes'
        where state = 'unknown'`
      await sweepOrders(till.till.payments)
      await till.till.env.sleep(200)
    }
    assert.fail(`the page does not come to ${screen}`)
  }

  // Without a script no issuer asks for it: the order says that the browser has none.
  test('6, device check', async () => {
    await open(true)
    const held = `${till.till.bank.url}/acs/method/**`
    await shopper.page.route(held, () => {})
    await shopper.pay('device_check')
    await comeAndGo('device_check')
    await shopper.page.unroute(held)
    await shopper.page.reload({ waitUntil: 'commit' })
    await endsPaid()
  })

  for (const javaScript of [true, false]) {
    const how = javaScript ? 'with a script' : 'without a script'

    test(`5, checking, ${how}`, async () => {
      let release = (): void => {}
      trouble = {
        at: 'before_book',
        fault: new Promise((resolve) => {
          release = () => resolve(undefined)
        }),
      }
      await open(javaScript)
      await shopper.pay('visa')
      await comeAndGo('processing', 'elsewhere')
      release()
      await endsPaid()
    })

    test(`7, challenge, ${how}: wrong codes stay counted`, async () => {
      await open(javaScript)
      await shopper.payAndBeAsked()
      await comeAndGo('challenge')
      const toBank = shopper.page.getByRole('button', { name: 'Continue to your bank' })
      if (!javaScript) await toBank.click()
      await shopper.typeCode('000000', javaScript ? shopper.bank : shopper.page)
      await (javaScript ? shopper.bank : shopper.page).getByText('2 tries are left').waitFor()
      await shopper.page.goto(`${shopper.url}?try=1`)
      await shopper.reach('challenge')
      if (!javaScript) await toBank.click()
      await (javaScript ? shopper.bank : shopper.page).getByText('2 tries are left').waitFor()
      await shopper.typeCode(RIGHT_CODE, javaScript ? shopper.bank : shopper.page)
      if (!javaScript) {
        await shopper.page.getByRole('button', { name: 'Continue' }).click()
        await shopper.page.waitForSelector('body[data-screen=returned], body[data-screen=paid]')
        const on = shopper.page.getByRole('link', { name: 'Continue' })
        if (await on.isVisible()) await on.click()
      }
      await shopper.reach('paid')
      assert.equal(posts, 1)
    })

    test(`8, not known, ${how}: the page itself moves on when the bank has answered`, async () => {
      trouble = { at: 'after_book', fault: 'reset' }
      await open(javaScript)
      await shopper.pay('visa')
      await comeAndGo('confirming')
      assert.match((await shopper.page.locator('main').textContent()) ?? '', /Do not pay again/)
      trouble = undefined
      await askUntil('paid')
      await endsPaid()
    })

    test(`8, not known, ${how}: and back to the form when nothing was booked`, async () => {
      trouble = { at: 'before_book', fault: 'reset' }
      await open(javaScript)
      await shopper.pay('visa')
      await comeAndGo('confirming')
      trouble = undefined
      await till.till.db
        .sql`update operations set created_at = created_at - interval '20 minutes' where state = 'unknown'`
      await askUntil('form')
      assert.match(
        (await shopper.page.locator('#notice p').textContent()) ?? '',
        /^The bank did not answer\. Nothing was/,
      )
      if (javaScript) {
        await shopper.page.waitForFunction(() => document.activeElement?.id === 'notice', undefined, { polling: 50 })
      }
      await shopper.pay('visa')
      await shopper.reach('paid')
      assert.equal(posts, 2)
    })
  }
})
