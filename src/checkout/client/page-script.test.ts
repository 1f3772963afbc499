import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../../../test/support/chromium.ts'
import { PageServer } from '../../../test/support/page-server.ts'

const VISA = '4242424242424242'

describe('what the script adds to the form', () => {
  const server = new PageServer()
  const complaints: string[] = []
  let browser: Browser
  let page: Page

  before(async () => {
    await server.start()
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 390, height: 844 } })
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
  })
  after(async () => {
    await browser.close()
    await server.stop()
    assert.deepEqual(complaints, [])
  })
  beforeEach(async () => {
    server.payAnswers = []
    server.stateAnswers = [{ status: 200, body: { screen: 'form', attempt: 'attempt-1' } }]
    await page.goto(server.url('02-form'))
    server.posts.length = 0
  })

  const field = (name: string) => page.locator(`[id="${name}"]`)
  const pay = () => page.getByTestId('hosted-payment-submit-button')
  const errorOf = (name: string): Promise<string | null> => field(`${name}-error`).textContent()
  const focused = (): Promise<string | undefined> => page.evaluate(() => document.activeElement?.id)
  async function fillIn(): Promise<void> {
    await field('email').fill('ada@example.com')
    await field('cardNumber').fill(VISA)
    await field('cardExpiry').fill('0930')
    await field('cardCvc').fill('123')
    await field('billingName').fill('Ada Lovelace')
  }

  test('digits alone are enough: groups, slash and brand come by themselves (E6)', async () => {
    await field('cardNumber').pressSequentially(VISA)
    await field('cardExpiry').pressSequentially('930')
    assert.equal(await field('cardNumber').inputValue(), '4242 4242 4242 4242')
    assert.equal(await field('cardExpiry').inputValue(), '09 / 30')
    assert.equal(await field('cardCvc-hint').textContent(), '3 digits on the back')
    assert.equal(await page.locator('.marks .dim').count(), 6)
    await field('cardNumber').fill('378282246310005')
    assert.equal(await field('cardNumber').inputValue(), '3782 822463 10005')
    assert.equal(await field('cardCvc-hint').textContent(), '4 digits on the front')
    assert.equal(await field('status').textContent(), 'American Express')
  })

  test('the caret stays where a digit is deleted or put in', async () => {
    await field('cardNumber').fill(VISA)
    for (let step = 0; step < 10; step++) await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Backspace')
    await page.keyboard.type('9')
    assert.equal(await field('cardNumber').inputValue(), '4242 4249 4242 4242')
    assert.equal(await page.evaluate(() => (document.activeElement as HTMLInputElement).selectionStart), 9 + 1)
  })

  test('a number is judged when it is left or complete, the rest when Pay is pressed (§2.4)', async () => {
    await field('cardNumber').pressSequentially('4242424242424241')
    assert.equal(await errorOf('cardNumber'), '')
    await field('cardExpiry').focus()
    assert.equal(await errorOf('cardNumber'), 'Check your card number. A digit is missing or wrong')
    await field('cardExpiry').pressSequentially('1320')
    await field('cardCvc').focus()
    assert.equal(await errorOf('cardExpiry'), '')
    await field('cardNumber').fill(VISA)
    assert.equal(await errorOf('cardNumber'), '', 'gone as soon as it is fixed')
    await field('cardNumber').pressSequentially('x')
    await field('cardNumber').fill('378282246310006')
    assert.equal(await errorOf('cardNumber'), 'Check your card number. A digit is missing or wrong')
  })

  test('a brand the shop does not take is said as soon as it is certain', async () => {
    await field('cardNumber').pressSequentially('67597')
    assert.equal(
      await errorOf('cardNumber'),
      'This shop does not take Maestro. Use Visa, Mastercard, American Express, Discover, Diners Club, JCB, or UnionPay',
    )
    await field('cardNumber').fill('٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢')
    assert.equal(await field('cardNumber').inputValue(), '4242 4242 4242 4242')
    assert.equal(await errorOf('cardNumber'), '')
  })

  test('Pay on an empty form lists what is missing, and sends nothing', async () => {
    await pay().click()
    assert.equal(await focused(), 'errors')
    assert.match(await page.title(), /^Error: /)
    assert.deepEqual(await page.locator('#errors li').allTextContents(), [
      'Enter an email address like name@example.com',
      'Enter your card number',
      'Enter the expiry date',
      'Enter the security code',
      'Enter the name on your card',
    ])
    assert.equal(await field('cardCvc').getAttribute('aria-describedby'), 'cardCvc-hint cardCvc-error')
    assert.equal(await field('cardCvc').getAttribute('aria-invalid'), 'true')
    await page.locator('#errors li a').nth(2).click()
    assert.equal(await focused(), 'cardExpiry')
    assert.equal(server.posts.length, 0)
  })

  test('a decline keeps everything but the code, and the next try carries the next attempt', async () => {
    server.payAnswers = [
      { status: 200, body: { notice: 'bank', message: 'Your bank declined the payment.', attempt: 'attempt-2' } },
      { status: 200, body: { next: '/screen/09-paid' } },
    ]
    await fillIn()
    await pay().click()
    await page.locator('#notice:not([hidden])').waitFor()
    assert.equal(await focused(), 'notice')
    assert.equal(await page.locator('#notice p').textContent(), 'Your bank declined the payment.')
    assert.equal(await field('cardNumber').inputValue(), '4242 4242 4242 4242')
    assert.equal(await field('cardCvc').inputValue(), '')
    assert.equal(await pay().textContent(), 'Pay €24.00')
    assert.equal(await pay().getAttribute('aria-disabled'), null)
    await field('cardCvc').fill('123')
    await field('billingName').press('Enter')
    await page.waitForURL('**/screen/09-paid')
    assert.deepEqual(
      server.posts.map(({ fields }) => fields.get('attempt')),
      ['attempt-1', 'attempt-2'],
    )
    assert.equal(await focused(), 'title')
  })

  test('field errors of the server stand by their fields', async () => {
    server.payAnswers = [
      {
        status: 422,
        body: { errors: { cardCvc: 'code_declined' }, messages: { cardCvc: 'Enter it again' }, attempt: 'attempt-2' },
      },
    ]
    await fillIn()
    await pay().click()
    await page.locator('#errors:not([hidden])').waitFor()
    assert.equal(await errorOf('cardCvc'), 'Enter it again')
    await field('cardCvc').fill('123')
    assert.equal(await errorOf('cardCvc'), '')
  })

  test('pressed ten times and with Enter held, it is sent once, and the busy button keeps the focus (R3)', async () => {
    server.payAnswers = [{ status: 200, body: { notice: 'later', message: 'Later.', attempt: 'attempt-2' } }]
    await fillIn()
    const busy = await page.evaluate(() => {
      const form = document.querySelector<HTMLFormElement>('#pay-form')
      const button = document.querySelector<HTMLElement>('button.pay')
      button?.focus()
      for (let press = 0; press < 10; press++) form?.requestSubmit()
      return { focused: document.activeElement === button, disabled: button?.ariaDisabled, says: button?.textContent }
    })
    assert.deepEqual(busy, { focused: true, disabled: 'true', says: 'Checking your card' })
    await page.locator('#notice:not([hidden])').waitFor()
    assert.equal(server.posts.length, 1)
    assert.equal(server.posts[0]?.accept, 'application/json')
  })

  test('no answer proves nothing: the page says so and waits for the state (R9)', async () => {
    server.payAnswers = ['broken']
    server.stateAnswers = [
      'broken',
      { status: 200, body: { screen: 'confirming' } },
      { status: 200, body: { screen: 'paid', next: '/screen/09-paid' } },
    ]
    await fillIn()
    await pay().click()
    await page.locator('#checking:not([hidden])').waitFor()
    assert.match((await page.locator('#checking').textContent()) ?? '', /Do not pay again/)
    assert.equal(await page.locator('#pay-form').isVisible(), false)
    await page.waitForURL('**/screen/09-paid')
    // Chromium itself may send a POST again when a kept connection closes without an answer: the attempt makes them one.
    assert.deepEqual([...new Set(server.posts.map(({ fields }) => fields.get('attempt')))], ['attempt-1'])
  })

  test('an attempt that never arrived brings the form back, with the same attempt', async () => {
    server.payAnswers = ['broken']
    await fillIn()
    await pay().click()
    await page.locator('#notice:not([hidden])').waitFor()
    assert.match((await page.locator('#notice').textContent()) ?? '', /did not reach us/)
    assert.equal(await field('email').inputValue(), 'ada@example.com')
    assert.equal(await page.locator('input[name=attempt]').first().inputValue(), 'attempt-1')
  })

  test('an attempt that was declined unseen is shown by the server', async () => {
    server.payAnswers = ['broken']
    server.stateAnswers = [
      { status: 200, body: { screen: 'form', attempt: 'attempt-2', next: '/screen/04-form-decline' } },
    ]
    await fillIn()
    await pay().click()
    await page.waitForURL('**/screen/04-form-decline')
    assert.equal(await focused(), 'notice')
  })

  test('offline, nothing is sent, and the page says so', async () => {
    await fillIn()
    await page.context().setOffline(true)
    await pay().click()
    assert.equal(await page.locator('#offline').isVisible(), true)
    await page.context().setOffline(false)
    await page.locator('#offline').waitFor({ state: 'hidden' })
    assert.equal(server.posts.length, 0)
  })

  test('a ticked box stands for the billing address; with a field to mend there, it opens (E10)', async () => {
    await page.goto(server.url('02-form-full'))
    const billing = field('billingCountry')
    assert.equal(await billing.isVisible(), false)
    await pay().click()
    const links = () => page.locator('#errors li a').evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    assert.ok((await links()).includes('#shippingCountry'))
    assert.deepEqual(
      (await links()).filter((link) => link?.startsWith('#billing')),
      ['#billingName'],
    )
    await field('billingSameAsShipping').uncheck()
    assert.equal(await billing.isVisible(), true)
    await pay().click()
    assert.ok((await links()).includes('#billingCountry'))
    await page.goto(server.url('02-form-two-addresses'))
    assert.equal(await field('billingCountry').isVisible(), true)
  })

  test('a field of the billing address that the bank found wrong opens the box over it', async () => {
    server.payAnswers = [
      {
        status: 200,
        body: {
          errors: { billingPostalCode: 'postcode_declined' },
          messages: { billingPostalCode: 'Check it' },
          attempt: 'attempt-2',
          title: 'Your payment did not go through',
        },
      },
    ]
    await page.goto(server.url('02-form-full'))
    await fillIn()
    const more = { phoneNumber: '+4930901820', shippingName: 'Ada', shippingAddressLine1: 'T 1', shippingLocality: 'B' }
    for (const [name, value] of Object.entries({ ...more, shippingPostalCode: '10119' })) await field(name).fill(value)
    await field('shippingCountry').selectOption('DE')
    await field('customFields[grind]').selectOption('whole')
    await pay().click()
    await page.locator('#errors:not([hidden])').waitFor()
    assert.equal(server.posts[0]?.fields.get('billingSameAsShipping'), 'on')
    assert.equal(await page.locator('#errors h2').textContent(), 'Your payment did not go through')
    assert.equal(await page.locator('#errors p').isVisible(), true)
    await page.locator('#errors a').click()
    assert.equal(await focused(), 'billingPostalCode')
    await pay().click()
    assert.equal(await page.locator('#errors h2').textContent(), 'There is a problem')
    assert.equal(await page.locator('#errors p').isVisible(), false)
  })

  test('at the end of its time the form asks, and gives way to the screen that says so', async () => {
    await page.clock.install()
    await page.goto(server.url('02-form'))
    await field('email').fill('ada@example.com')
    const asked = () => server.requests.filter((line) => line.endsWith('/state')).length
    const before = asked()
    // The fixture has a day left.
    await page.clock.runFor(86_399_000)
    assert.equal(asked(), before)
    const stillOpen = page.waitForResponse('**/state')
    await page.clock.runFor(3_000)
    await stillOpen
    assert.equal(await field('email').inputValue(), 'ada@example.com', 'the server says that it is open: it stays')
    server.stateAnswers = [{ status: 200, body: { screen: 'expired' } }]
    const left = page.waitForURL('**/c/pay/cs_test_example?wait=1')
    await page.clock.runFor(31_000)
    await left
  })

  test('a form that comes back from the back button asks for the state, and gives way to it (R4)', async () => {
    const comeBack = () =>
      page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
    await page.evaluate(() => document.body.setAttribute('data-mark', 'same document'))
    const asked = page.waitForResponse('**/state')
    await comeBack()
    await asked
    assert.equal(await page.locator('body').getAttribute('data-mark'), 'same document', 'still open: it stays')
    server.stateAnswers = [{ status: 200, body: { screen: 'paid' } }]
    const reloaded = page.waitForEvent('load')
    await comeBack()
    await reloaded
    assert.equal(await page.locator('body').getAttribute('data-mark'), null)
  })

  test('a page that is left after paying keeps no card for the back button (R4)', async () => {
    server.payAnswers = [{ status: 200, body: { next: '/screen/09-paid' } }]
    await fillIn()
    await page.evaluate(() => {
      // Behind the script's own listener, so that it sees what would be kept.
      window.addEventListener('pagehide', () => {
        const values = ['cardNumber', 'cardExpiry', 'cardCvc'].map(
          (id) => document.querySelector<HTMLInputElement>(`#${id}`)?.value,
        )
        sessionStorage.setItem('left', JSON.stringify(values))
      })
    })
    await pay().click()
    await page.waitForURL('**/screen/09-paid')
    assert.equal(await page.evaluate(() => sessionStorage.getItem('left')), '["","",""]')
  })

  test('a waiting screen follows the state to its end', async () => {
    server.stateAnswers = [
      { status: 200, body: { screen: 'processing' } },
      { status: 200, body: { screen: 'paid', next: '/screen/09-paid' } },
    ]
    await page.goto(server.url('05-processing'))
    assert.equal(await page.locator('#check-again').isVisible(), false)
    await page.waitForURL('**/screen/09-paid')
  })

  test('the moment of payment is told in the zone of the shopper', async () => {
    await page.goto(server.url('09-paid'))
    assert.equal(await page.locator('time').getAttribute('datetime'), '2026-09-14T12:03:00.000Z')
    assert.match((await page.locator('time').textContent()) ?? '', /Sep 14, 2026/)
    assert.equal(await page.locator('#print').isVisible(), true)
  })
})

describe('without the script', () => {
  const server = new PageServer()
  let browser: Browser
  before(async () => {
    await server.start()
    browser = await launchChromium()
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  test('with JavaScript off the whole form posts (R1)', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(server.url('02-form-postcode'))
    await page.locator('#email').fill('ada@example.com')
    await page.locator('#cardNumber').fill(VISA)
    await page.locator('#cardExpiry').fill('09/30')
    await page.locator('#cardCvc').fill('123')
    await page.locator('#billingName').fill('Ada Lovelace')
    await page.locator('#billingCountry').selectOption('DE')
    await page.locator('#billingPostalCode').fill('10115')
    await page.locator('#billingPostalCode').press('Enter')
    await page.getByText('posted without a script').waitFor()
    assert.deepEqual(Object.fromEntries(server.posts[0]?.fields ?? []), {
      email: 'ada@example.com',
      cardNumber: VISA,
      cardExpiry: '09/30',
      cardCvc: '123',
      billingName: 'Ada Lovelace',
      billingCountry: 'DE',
      billingPostalCode: '10115',
      attempt: 'attempt-1',
      // The script alone can say what the browser is; the bank asks for it and goes without.
      browser: '',
    })
    await context.close()
  })

  test('with the script blocked the form still posts (R2)', async () => {
    const page = await browser.newPage()
    await page.route('**/c/assets/**', (route) => route.abort())
    await page.goto(server.url('02-form-live'))
    await page.locator('#cardNumber').fill(VISA)
    await page.getByTestId('hosted-payment-submit-button').click()
    await page.getByText('posted without a script').waitFor()
    assert.equal(server.posts.at(-1)?.fields.get('cardNumber'), VISA)
    await page.close()
  })

  test('a tampered script does not run, and the form still posts', async () => {
    const page = await browser.newPage()
    await page.route('**/c/assets/**', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: 'document.title = "stolen"' }),
    )
    await page.goto(server.url('02-form-live'))
    assert.equal(await page.title(), 'Pay Halden Coffee')
    await page.close()
  })
})
