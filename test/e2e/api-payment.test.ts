import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type Stripe from 'stripe'
import { RIGHT_CODE } from '../support/cardholder.ts'
import { launchChromium } from '../support/chromium.ts'
import { type RunningOpentill, startTestOpentill } from '../support/opentill.ts'
import { reach } from './shopper.ts'
import { Watch } from './watch.ts'

/** A payment that a shop makes through the API alone, whose shopper it sends to the issuer by `next_action`. */
for (const javaScript of [true, false]) {
  describe(javaScript ? 'with JavaScript' : 'without JavaScript', () => {
    let till: RunningOpentill
    let browser: Browser
    let context: BrowserContext
    let page: Page
    let watch: Watch

    before(async () => {
      till = await startTestOpentill(import.meta.url)
      browser = await launchChromium()
    })
    after(async () => {
      await browser?.close()
      await till?.stop()
    })
    beforeEach(async () => {
      context = await browser.newContext({ javaScriptEnabled: javaScript, viewport: { width: 390, height: 844 } })
      watch = new Watch(context, till.url, till.storeUrl)
      page = await context.newPage()
    })
    afterEach(async () => {
      await context.close()
      const bank = `a request to ${new URL(till.bankUrl).host}`
      assert.deepEqual(
        watch.faults.filter((fault) => fault !== bank),
        [],
      )
    })

    const confirm = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
      till.stripe.paymentIntents.create({
        amount: 2400,
        currency: 'eur',
        confirm: true,
        payment_method: 'pm_card_threeDSecure2Required',
        return_url: `${till.storeUrl}/?order=17`,
        ...more,
      })
    /** From the shop's redirect to the issuer's page, by itself where there is a script. */
    async function toIssuer(payment: Stripe.PaymentIntent): Promise<void> {
      await page.goto(payment.next_action?.redirect_to_url?.url ?? assert.fail('nowhere to go'))
      if (!javaScript) {
        await reach(page, 'hand_off')
        await page.getByRole('button').first().click()
      }
      await page.locator('#code').waitFor()
    }
    async function fromIssuer(button: string): Promise<void> {
      await page.getByRole('button', { name: button }).click()
      if (javaScript) return
      await page.getByRole('button', { name: 'Continue' }).click()
      await reach(page, 'handed_back')
    }
    /** Where the shopper arrives at the shop, and what is said there of the payment. */
    async function atShop(payment: Stripe.PaymentIntent): Promise<string | null> {
      if (!javaScript) await page.locator('.actions a').click()
      await page.waitForURL((url) => url.origin === till.storeUrl)
      const { searchParams } = new URL(page.url())
      assert.equal(searchParams.get('order'), '17')
      assert.equal(searchParams.get('payment_intent'), payment.id)
      assert.equal(searchParams.get('payment_intent_client_secret'), payment.client_secret)
      return searchParams.get('redirect_status')
    }
    const standing = async ({ id }: Stripe.PaymentIntent) => {
      const { status, last_payment_error: error } = await till.stripe.paymentIntents.retrieve(id)
      return [status, error?.code]
    }

    test('the right code pays, and the shopper is back at the shop', async () => {
      const payment = await confirm()
      await toIssuer(payment)
      await page.locator('#code').fill(RIGHT_CODE)
      await fromIssuer('Confirm payment')
      assert.equal(await atShop(payment), 'succeeded')
      assert.deepEqual(await standing(payment), ['succeeded', undefined])
    })

    test('a shopper who cancels is back at the shop, and pays with another card', async () => {
      const payment = await confirm({ capture_method: 'manual' })
      await toIssuer(payment)
      await fromIssuer('Cancel')
      assert.equal(await atShop(payment), 'failed')
      assert.deepEqual(await standing(payment), ['requires_payment_method', 'payment_intent_authentication_failure'])

      const payment_method = 'pm_card_authenticationRequired'
      const again = await till.stripe.paymentIntents.confirm(payment.id, { payment_method })
      assert.equal(again.next_action?.redirect_to_url?.return_url, `${till.storeUrl}/?order=17`)
      await toIssuer(again)
      await page.locator('#code').fill(RIGHT_CODE)
      await fromIssuer('Confirm payment')
      assert.equal(await atShop(again), 'succeeded')
      assert.deepEqual(await standing(again), ['requires_capture', undefined])
    })

    test('without an address to go back to the shopper is told that the page can be closed', async () => {
      const { id } = await till.stripe.paymentIntents.create({ amount: 2400, currency: 'eur' })
      const payment_method = 'pm_card_threeDSecure2Required'
      const payment = await till.stripe.paymentIntents.confirm(id, { payment_method })
      await toIssuer(payment)
      await page.locator('#code').fill(RIGHT_CODE)
      await fromIssuer('Confirm payment')
      await reach(page, 'handed_back')
      assert.equal(await page.locator('.actions a').count(), 0)
      assert.deepEqual(await standing(payment), ['succeeded', undefined])
    })
  })
}
