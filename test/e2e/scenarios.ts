import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type Stripe from 'stripe'
import type { Fault, FaultPoint, Faults } from '../../src/sandbox-bank/faults.ts'
import { launchChromium } from '../support/chromium.ts'
import { type RunningOpentill, startTestOpentill } from '../support/opentill.ts'
import { until } from '../support/until.ts'
import { CARD, fieldValues, fillCard, heading, pay, payButton, reach } from './shopper.ts'
import { Watch } from './watch.ts'

/** A first payment, end to end, in a real browser: the same story with scripts and without. */
export function playScenarios(file: string, { javaScript }: { readonly javaScript: boolean }): void {
  let till: RunningOpentill
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let watch: Watch
  /** What happens to an order to authorize at the bank; a promise holds it back. */
  let trouble: Fault | Promise<undefined> | undefined
  let troubleAt: FaultPoint
  /** Holds back what the bank is asked. */
  let silence: Promise<undefined> | undefined
  let amounts = 2_000

  before(async () => {
    const faults: Faults = async (point, { method }) => {
      if (method === 'GET') return silence
      return point === troubleAt ? trouble : undefined
    }
    till = await startTestOpentill(file, { faults })
    browser = await launchChromium()
  })
  after(async () => {
    await browser?.close()
    await till?.stop()
  })
  beforeEach(async () => {
    trouble = undefined
    troubleAt = 'before_book'
    silence = undefined
    context = await browser.newContext({ javaScriptEnabled: javaScript, viewport: { width: 390, height: 844 } })
    watch = new Watch(context, till.url, till.storeUrl)
    page = await context.newPage()
  })
  afterEach(async () => {
    await context.close()
    watch.assertClean()
  })

  /** A session of an amount that no other has, so that the bank's books can be asked about it. */
  async function open(more: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
    const amount = ++amounts
    const session = await till.stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [
        { quantity: 1, price_data: { currency: 'eur', unit_amount: amount, product_data: { name: 'The Salt Atlas' } } },
      ],
      success_url: `${till.storeUrl}/?paid={CHECKOUT_SESSION_ID}`,
      cancel_url: `${till.storeUrl}/bag`,
      ...more,
    })
    assert.ok(session.url)
    return { id: session.id, url: session.url, amount }
  }
  /** The states of all charges that the bank has over an amount. */
  async function booked(amount: number, currency = 'EUR'): Promise<readonly string[]> {
    const rows = await till.bankSql<{ status: string }[]>`
      select status from authorizations where amount = ${amount} and currency = ${currency} order by created_at`
    return rows.map((row) => row.status)
  }
  const atShop = (session: { readonly id: string }, tab = page) =>
    tab.waitForURL(`${till.storeUrl}/?paid=${session.id}`)
  /** @returns lets the bank go on with the orders that come from now on */
  function holdBank(): () => void {
    const held = Promise.withResolvers<undefined>()
    trouble = held.promise
    return () => held.resolve(undefined)
  }

  for (const [currency, price, total, minor] of [
    ['eur', '€24.00', '€24.00', 2400],
    ['jpy', '¥3,900', '¥3,900', 3900],
    ['kwd', 'KWD 8.250', 'KWD\u00a08.250', 8250],
  ] as const) {
    test(`a book is paid in ${currency}, and the shop knows it by signature and by reading back`, async () => {
      await page.goto(`${till.storeUrl}/?in=${currency}`)
      await page.getByRole('button', { name: 'Add to bag: The Salt Atlas' }).click()
      await page.getByRole('button', { name: 'Check out' }).click()
      await reach(page, 'form')
      assert.equal(await payButton(page).textContent(), `Pay ${total}`, price)
      await pay(page)
      await page.waitForURL(/\/success\?order=/)
      assert.equal(await page.getByTestId('order-state').getAttribute('data-state'), 'paid')
      await page.getByRole('link', { name: 'Link to this order' }).click()
      await until('the webhook came', async () => {
        await page.reload()
        return (await page.locator('[data-signal=event]').count()) > 0
      })
      assert.match(
        (await page.locator('[data-signal=event]').first().textContent()) ?? '',
        /signature was verified.*complete, paid/,
      )
      assert.ok((await page.locator('[data-signal=read_back]').count()) > 0)
      assert.deepEqual(await booked(minor, currency.toUpperCase()), ['captured'])
    })
  }

  test('a session made by hand ends on a page of the shop that has read it back', async () => {
    const session = await open({ success_url: `${till.storeUrl}/done?session={CHECKOUT_SESSION_ID}` })
    await page.goto(session.url)
    await pay(page)
    await page.waitForURL(`${till.storeUrl}/done?session=${session.id}`)
    assert.equal(await page.getByTestId('session-state').getAttribute('data-state'), 'paid')
  })

  test('the session is complete and paid for whoever reads it back, with what the shopper gave', async () => {
    const session = await open({
      billing_address_collection: 'required',
      phone_number_collection: { enabled: true },
      shipping_address_collection: { allowed_countries: ['DE', 'NO'] },
      custom_fields: [
        { key: 'engraving', type: 'text', optional: true, label: { type: 'custom', custom: 'Engraving' } },
        { key: 'floor', type: 'numeric', label: { type: 'custom', custom: 'Floor' } },
        {
          key: 'wrap',
          type: 'dropdown',
          label: { type: 'custom', custom: 'Wrapping' },
          dropdown: {
            options: [
              { label: 'Brown paper', value: 'paper' },
              { label: 'None', value: 'none' },
            ],
          },
        },
      ],
    })
    await page.goto(session.url)
    await fillCard(page)
    const typed = {
      phoneNumber: '+4930901820',
      shippingName: 'Ada Rosen',
      shippingAddressLine1: 'Torstraße 1',
      shippingLocality: 'Berlin',
      shippingPostalCode: '10119',
      'customFields[engraving]': 'For Ada',
      'customFields[floor]': '3',
      billingAddressLine1: '354 Oyster Point Blvd',
      billingLocality: 'South San Francisco',
      billingPostalCode: '94080',
      billingAdministrativeArea: 'CA',
    }
    await page.getByLabel('Same as the delivery address').uncheck()
    for (const [name, value] of Object.entries(typed)) await page.locator(`[name="${name}"]`).fill(value)
    await page.locator('#shippingCountry').selectOption('DE')
    await page.locator('#billingCountry').selectOption('US')
    await page.getByLabel('Wrapping').selectOption('paper')
    await payButton(page).click()
    await atShop(session)

    const read = await till.stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] })
    assert.equal(read.status, 'complete')
    assert.equal(read.payment_status, 'paid')
    assert.equal(read.amount_total, session.amount)
    assert.equal(read.customer_details?.email, CARD.email)
    assert.equal(read.customer_details?.phone, '+4930901820')
    assert.deepEqual(
      { ...read.customer_details?.address, line2: null },
      {
        line1: '354 Oyster Point Blvd',
        line2: null,
        city: 'South San Francisco',
        state: 'CA',
        postal_code: '94080',
        country: 'US',
      },
    )
    const shipping = read.collected_information?.shipping_details
    assert.equal(shipping?.name, 'Ada Rosen')
    assert.equal(shipping?.address.postal_code, '10119')
    assert.equal(shipping?.address.country, 'DE')
    const given = read.custom_fields.map((field) => [field.key, (field.text ?? field.numeric ?? field.dropdown)?.value])
    assert.deepEqual(given, [
      ['engraving', 'For Ada'],
      ['floor', '3'],
      ['wrap', 'paper'],
    ])
    const payment = read.payment_intent as Stripe.PaymentIntent
    assert.equal(payment.status, 'succeeded')
    const charge = payment.latest_charge as Stripe.Charge
    assert.equal(charge.paid, true)
    assert.equal(charge.payment_method_details?.card?.last4, '4242')
    assert.equal(charge.billing_details.name, CARD.billingName)
  })

  describe('a declined card', () => {
    test('is told above the form, and another one pays', async () => {
      const session = await open()
      await page.goto(session.url)
      await pay(page, { cardNumber: '4000000000009995' })
      await page.locator('#notice').waitFor()
      assert.match((await page.locator('#notice').textContent()) ?? '', /did not go through.*declined this amount/)
      assert.match(await page.title(), /^Error: /)
      const kept = await fieldValues(page)
      assert.equal(kept.cardCvc, '')
      assert.equal(kept.cardNumber, javaScript ? '4000 0000 0000 9995' : '')
      // A page that anyone with its URL can load shows nothing that was typed; what was answered needs no second answer.
      const typed = javaScript ? [CARD.email, CARD.billingName, '12 / 34'] : ['', '', '']
      assert.deepEqual([kept.email, kept.billingName, kept.cardExpiry], typed)
      if (javaScript) assert.equal(await focused(page), 'notice')
      await pay(page, javaScript ? {} : { email: '', billingName: '' })
      await atShop(session)
      assert.deepEqual(await booked(session.amount), ['declined', 'captured'])
    })

    test('whose code was wrong is told by that field', async () => {
      const session = await open()
      await page.goto(session.url)
      await pay(page, { cardNumber: '4000000000000127' })
      const link = page.locator('#errors a')
      await link.waitFor()
      assert.match((await link.textContent()) ?? '', /does not know this security code/)
      assert.equal(await page.locator('#errors h2').textContent(), 'Your payment did not go through')
      assert.equal(await page.locator('#notice').isVisible(), false)
      assert.equal(await page.locator('#cardCvc').getAttribute('aria-invalid'), 'true')
    })

    test('five times ends the session', async () => {
      const session = await open()
      await page.goto(session.url)
      const attempt = () => page.locator('#pay-form [name=attempt]').inputValue()
      for (let at = 1; at < 5; at++) {
        const sent = await attempt()
        await pay(page, { cardNumber: '4000000000000002' })
        await until('the form is there for another try', async () => (await attempt()) !== sent)
        await page.locator('#notice').waitFor()
      }
      await pay(page, { cardNumber: '4000000000000002' })
      await reach(page, 'failed')
      assert.equal((await booked(session.amount)).length, 5)
    })
  })

  test('mistakes are listed above the form and told by the fields; what was typed stays', async () => {
    const session = await open()
    await page.goto(session.url)
    await pay(page, { email: 'jenny@example', cardNumber: '4242424242424243', cardExpiry: '13/20', billingName: '' })
    await page.locator('#errors a').first().waitFor()
    assert.equal(await page.locator('#errors h2').textContent(), 'There is a problem')
    assert.deepEqual(
      await page.locator('#errors a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
      ['#email', '#cardNumber', '#cardExpiry', '#billingName'],
    )
    for (const id of ['email', 'cardNumber', 'cardExpiry', 'billingName']) {
      const field = page.locator(`#${id}`)
      assert.equal(await field.getAttribute('aria-invalid'), 'true')
      assert.match((await field.getAttribute('aria-describedby')) ?? '', new RegExp(`${id}-error`))
      assert.ok(await page.locator(`#${id}-error`).isVisible())
    }
    assert.match(await page.title(), /^Error: /)
    const kept = await fieldValues(page)
    assert.equal(kept.email, 'jenny@example')
    assert.equal(kept.cardNumber, javaScript ? '4242 4242 4242 4243' : '')
    assert.equal(kept.cardCvc, javaScript ? '123' : '')
    assert.equal(kept.cardExpiry?.replaceAll(/\D/g, ''), '1320')
    if (javaScript) assert.equal(await focused(page), 'errors')
    await page.locator('#errors a').first().click()
    if (javaScript) assert.equal(await focused(page), 'email')
    else assert.equal(new URL(page.url()).hash, '#email')
    await pay(page)
    await atShop(session)
    assert.deepEqual(await booked(session.amount), ['captured'])
  })

  test('canceling leads back to the shop, and the payment stays open', async () => {
    await page.goto(till.storeUrl)
    await page.getByRole('button', { name: 'Add to bag: Soup for the Weather' }).click()
    await page.getByRole('button', { name: 'Check out' }).click()
    await reach(page, 'form')
    await page.getByRole('link', { name: /^Cancel and return to/ }).click()
    await page.waitForURL(/\/cancel\?order=/)
    assert.equal(await page.getByTestId('order-state').getAttribute('data-state'), 'awaiting')
    await page.getByRole('link', { name: 'Return to the payment' }).click()
    await reach(page, 'form')
    await pay(page)
    await page.waitForURL(/\/success\?order=/)
    assert.equal(await page.getByTestId('order-state').getAttribute('data-state'), 'paid')
  })

  describe('a session that ends in an open tab', () => {
    test('by the shop: Pay leads to the screen that says so, 410', async () => {
      const session = await open()
      await page.goto(session.url)
      await fillCard(page)
      await till.stripe.checkout.sessions.expire(session.id)
      const shown = page.waitForResponse((response) => response.status() === 410)
      await payButton(page).click()
      await reach(page, 'closed')
      assert.ok((await shown).url().startsWith(session.url))
      assert.match((await heading(page)) ?? '', /closed this payment/)
      assert.deepEqual(await booked(session.amount), [])
    })

    test('by time: with a script the tab itself says so', { skip: !javaScript }, async () => {
      await page.clock.install()
      const session = await open({ expires_at: Math.floor(Date.now() / 1000) + 1800 })
      await page.goto(session.url)
      await page.locator('#email').fill(CARD.email)
      await till.sql`update sessions set created_at = now() - interval '2 hours', expires_at = now() - interval '1 second' where amount_total = ${session.amount}`
      await page.clock.runFor(1_802_000)
      await reach(page, 'expired')
    })

    test('by time: Pay leads to the screen that says so, 410', async () => {
      const session = await open()
      await page.goto(session.url)
      await fillCard(page)
      await till.sql`update sessions set created_at = now() - interval '2 hours', expires_at = now() - interval '1 second' where amount_total = ${session.amount}`
      const shown = page.waitForResponse((response) => response.status() === 410)
      await payButton(page).click()
      await reach(page, 'expired')
      await shown
      assert.deepEqual(await booked(session.amount), [])
    })
  })

  describe('one payment, however often it is sent', () => {
    test('ten clicks are one charge', async () => {
      const letGo = holdBank()
      const session = await open()
      await page.goto(session.url)
      await fillCard(page)
      await payButton(page).scrollIntoViewIfNeeded()
      const box = await payButton(page).boundingBox()
      assert.ok(box)
      for (let click = 0; click < 10; click++) await page.mouse.click(box.x + 20, box.y + 20)
      letGo()
      // Without scripts a click may cut off the navigation of the click before it.
      await until('the shop is reached', async () => page.url() === `${till.storeUrl}/?paid=${session.id}`)
      assert.deepEqual(await booked(session.amount), ['captured'])
    })

    test('Enter held down is one charge', async () => {
      const letGo = holdBank()
      const session = await open()
      await page.goto(session.url)
      await fillCard(page)
      await page.locator('#billingName').focus()
      for (let repeat = 0; repeat < 10; repeat++) await page.keyboard.down('Enter')
      await page.keyboard.up('Enter')
      letGo()
      await atShop(session)
      assert.deepEqual(await booked(session.amount), ['captured'])
    })

    test('two tabs are one charge, and both end at the shop', async () => {
      const letGo = holdBank()
      const session = await open()
      const other = await context.newPage()
      const tabs = [page, other]
      for (const tab of tabs) {
        await tab.goto(session.url)
        await fillCard(tab)
      }
      const sent = tabs.map((tab) => tab.waitForRequest((request) => request.method() === 'POST'))
      const clicked = tabs.map((tab) => payButton(tab).click())
      await Promise.all(sent)
      letGo()
      await Promise.all([...clicked, ...tabs.map((tab) => atShop(session, tab))])
      assert.deepEqual(await booked(session.amount), ['captured'])
    })

    test('a replayed request is answered with the shop, and is no second charge', async () => {
      const session = await open()
      await page.goto(session.url)
      const sent = page.waitForRequest((request) => request.method() === 'POST')
      await pay(page)
      await atShop(session)
      const request = await sent
      const body = request.postData() ?? ''
      assert.match(body, /cardNumber=4242/)
      for (let replay = 0; replay < 3; replay++) {
        const answer = await fetch(request.url(), {
          method: 'POST',
          redirect: 'manual',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body,
        })
        assert.equal(answer.status, 303)
        assert.equal(answer.headers.get('location'), `${till.storeUrl}/?paid=${session.id}`)
      }
      assert.deepEqual(await booked(session.amount), ['captured'])
    })
  })

  test('after success, Back and refresh show that it is paid, never a form, and send nothing again', async () => {
    const session = await open()
    await page.goto(session.url)
    await pay(page)
    await atShop(session)
    const before = watch.requests.filter((request) => request.method() === 'POST').length
    await page.goBack()
    await reach(page, 'paid')
    assert.equal(await heading(page), 'This is already paid')
    assert.equal(await page.locator('#pay-form').count(), 0)
    assert.doesNotMatch(await page.content(), /4242424242424242|4242 4242 4242 4242/)
    await page.reload()
    assert.equal(await heading(page), 'This is already paid')
    await page.goForward()
    await page.goBack()
    await reach(page, 'paid')
    assert.equal(watch.requests.filter((request) => request.method() === 'POST').length, before)
    await page.getByRole('link', { name: /^Return to/ }).click()
    await atShop(session)
    assert.deepEqual(await booked(session.amount), ['captured'])
  })

  test('a refresh after a decline asks no question and sends nothing', async () => {
    const session = await open()
    await page.goto(session.url)
    await pay(page, { cardNumber: '4000000000000002' })
    await page.locator('#notice').waitFor()
    await page.reload()
    assert.match((await page.locator('#notice').textContent()) ?? '', /Ask your bank/)
    assert.deepEqual(await booked(session.amount), ['declined'])
  })

  describe('a bank that takes its time', () => {
    test('longer than three seconds: a waiting screen first, then the shop', async () => {
      const letGo = holdBank()
      const session = await open()
      await page.goto(session.url)
      await pay(page)
      await reach(page, 'processing')
      assert.equal(await heading(page), 'Checking your card')
      const other = await context.newPage()
      await other.goto(session.url)
      await reach(other, 'elsewhere')
      letGo()
      await Promise.all([atShop(session), atShop(session, other)])
      assert.deepEqual(await booked(session.amount), ['captured'])
      await page.goBack()
      await reach(page, 'paid')
    })

    test('and answers while the page loads its waiting screen: straight to the shop, and Back shows that it is paid', async () => {
      const letGo = holdBank()
      const session = await open()
      await page.goto(session.url)
      await page.route(`${session.url}?try=1*`, async (route) => {
        letGo()
        const read = () => till.stripe.checkout.sessions.retrieve(session.id)
        await until('it is paid', async () => (await read()).payment_status === 'paid')
        await route.continue()
      })
      await pay(page)
      await atShop(session)
      await page.goBack()
      await reach(page, 'paid')
      assert.deepEqual(await booked(session.amount), ['captured'])
    })

    test('and then declines: a waiting screen first, then the form with its notice', async () => {
      const letGo = holdBank()
      const session = await open()
      await page.goto(session.url)
      await pay(page, { cardNumber: '4000000000000002' })
      await reach(page, 'processing')
      letGo()
      await reach(page, 'form')
      assert.match((await page.locator('#notice').textContent()) ?? '', /declined the payment/)
      await pay(page)
      await atShop(session)
      assert.deepEqual(await booked(session.amount), ['declined', 'captured'])
    })
  })

  test('an answer that is lost is not a decline: the page checks, and finds that it was paid', async () => {
    troubleAt = 'after_book'
    trouble = 'reset'
    // The bank tells of what it booked at once, and would be asked: the shopper might never see a page that checks.
    const bankSpeaks = Promise.withResolvers<undefined>()
    silence = bankSpeaks.promise
    const session = await open()
    await page.goto(session.url)
    await pay(page)
    await reach(page, 'confirming')
    assert.match((await page.locator('main').textContent()) ?? '', /Do not pay again/)
    assert.doesNotMatch((await page.locator('main').textContent()) ?? '', /Nothing was taken/)
    bankSpeaks.resolve(undefined)
    // A question that waited for too long is asked again later: it is later.
    await until('the page has found it', async () => {
      await till.sql`update operations set ask_at = now() where state = 'unknown' and amount = ${session.amount}`
      return page.url() === `${till.storeUrl}/?paid=${session.id}`
    })
    assert.deepEqual(await booked(session.amount), ['captured'])
  })

  test('an unknown address is a quiet 404', async () => {
    const answer = await page.goto(`${till.url}/c/pay/cs_test_${'0'.repeat(49)}`)
    assert.equal(answer?.status(), 404)
    assert.equal(await page.locator('body').getAttribute('data-screen'), 'not_found')
    assert.equal(await heading(page), 'There is nothing at this address')
  })

  test('names and roles are those that tests of shops look for', async () => {
    const session = await open()
    await page.goto(session.url)
    for (const id of ['email', 'cardNumber', 'cardExpiry', 'cardCvc', 'billingName']) {
      assert.equal(await page.locator(`#${id}`).getAttribute('name'), id)
    }
    assert.equal(await page.getByLabel(/CVC/).getAttribute('id'), 'cardCvc')
    assert.equal(await page.locator('main').getByRole('button').first().getAttribute('type'), 'submit')
    assert.ok(await page.getByRole('button', { name: /^Pay €/ }).isVisible())
    assert.ok(await page.getByTestId('hosted-payment-submit-button').isVisible())
  })

  test('the keyboard alone pays', async () => {
    const session = await open()
    await page.goto(session.url)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'skip')
    await page.keyboard.press('Enter')
    const typed = ['jenny@example.com', '4242424242424242', '1234', '123', 'Jenny Rosen']
    for (const [at, id] of ['email', 'cardNumber', 'cardExpiry', 'cardCvc', 'billingName'].entries()) {
      for (let stop = 0; stop < 4 && (await focused(page)) !== id; stop++) await page.keyboard.press('Tab')
      assert.equal(await focused(page), id)
      await page.keyboard.type(typed[at] ?? '')
    }
    await page.keyboard.press('Tab')
    assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? '', /^Pay €/)
    await page.keyboard.press('Enter')
    await atShop(session)
    assert.deepEqual(await booked(session.amount), ['captured'])
  })

  test('the keyboard alone cancels', async () => {
    const session = await open()
    await page.goto(session.url)
    await page.getByRole('button', { name: /^Pay/ }).focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${till.storeUrl}/bag`)
  })
}

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.id)
}
