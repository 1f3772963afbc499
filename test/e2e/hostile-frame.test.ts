import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Browser, Frame } from 'playwright-core'
import { RIGHT_CODE } from '../support/cardholder.ts'
import { launchChromium } from '../support/chromium.ts'
import { startForeignSite } from '../support/foreign-site.ts'
import { startPageTill } from '../support/page-till.ts'
import { bankBooks, viewOf } from '../support/paying.ts'
import { ShopperWindow } from '../support/shopper-window.ts'

const FLOOD = 3_000

/** F20: whatever is said to the page, and by whom, the page asks the server, and not oftener than it likes. */
describe('a frame, an opener and a window that lie to the page', async () => {
  const till = await startPageTill(import.meta.url)
  after(till.stop)
  /** What the site in the issuer's place answers. */
  let markup = ''
  let redirect: string | undefined
  const hostile = await startForeignSite((request, response) => {
    if (redirect !== undefined && request.url === '/issuer') {
      response.writeHead(303, { location: redirect }).end()
      return
    }
    response.setHeader('content-type', 'text/html').end(`<!doctype html><title>x</title>${markup}`)
  })
  after(hostile.stop)
  let browser: Browser
  const windows: ShopperWindow[] = []
  before(async () => {
    browser = await launchChromium()
  })
  after(() => browser.close())
  afterEach(async () => {
    redirect = undefined
    markup = ''
    for (const window of windows.splice(0)) await window.close()
  })

  async function open(): Promise<ShopperWindow> {
    const window = await ShopperWindow.open(till, browser)
    windows.push(window)
    return window
  }
  /** Leads the frame of a challenge that waits to the hostile site, or elsewhere, with every timer of the page stopped. */
  async function showInFrame(shopper: ShopperWindow): Promise<{ readonly frame: Frame; readonly asked: () => number }> {
    const { page, session } = shopper
    await till.till.db.sql`
      update charges set document = jsonb_set(document, '{action,url}', to_jsonb(${`${hostile.url}/issuer`}::text))
      where payment_id = ${session.paymentId}`
    await page.addInitScript(() => {
      Object.assign(window, { heard: 0 })
      window.addEventListener('message', () => Object.assign(window, { heard: heard() + 1 }))
      const heard = (): number => (window as unknown as { readonly heard: number }).heard
    })
    await page.clock.install()
    await page.clock.pauseAt(Date.now() + 60_000)
    let asked = 0
    page.on('request', (request) => {
      if (new URL(request.url()).pathname.endsWith('/state')) asked++
    })
    await page.goto(`${shopper.url}?try=1`)
    const element = await page.waitForSelector('#bank-frame')
    const frame = (await element.contentFrame()) ?? assert.fail('no frame')
    await frame.waitForURL(redirect ?? `${hostile.url}/issuer`)
    return { frame, asked: () => asked }
  }
  const heard = (shopper: ShopperWindow, count: number) =>
    shopper.page.waitForFunction((wanted) => Number(Reflect.get(window, 'heard')) >= wanted, count, { polling: 50 })
  const settled = (shopper: ShopperWindow) => shopper.page.waitForLoadState('networkidle')
  const stateOf = async ({ session }: ShopperWindow) => {
    const { session: now, charge } = await viewOf(till.till, session)
    return [now.state, charge?.state]
  }
  const WAITS = ['processing', 'requires_action']

  test('thousands of messages of any shape from another origin: not one question, and no outcome', async () => {
    markup = `<script>
      const messages = [{ type: 'three_d_secure_return', page: '*' }, { type: 'three_d_secure_method', done: true },
        { screen: 'paid', next: 'https://evil.example' }, 'three_d_secure_return', null, 7, [], { type: {} }]
      for (let at = 0; at < ${FLOOD}; at++) parent.postMessage(messages[at % messages.length], '*')
    </script>`
    const shopper = await open()
    await shopper.payAndBeAsked()
    const { asked } = await showInFrame(shopper)
    await heard(shopper, FLOOD)
    await settled(shopper)
    assert.equal(asked(), 0)
    assert.equal(shopper.page.url(), `${shopper.url}?try=1`)
    assert.deepEqual(await stateOf(shopper), WAITS)
    assert.deepEqual(shopper.complaints, [])
  })

  test('thousands of true returns: one question in a pause, and the page stays until the bank has decided', async () => {
    const shopper = await open()
    await shopper.payAndBeAsked()
    redirect = `${shopper.url}/returned?try=1`
    const { frame, asked } = await showInFrame(shopper)
    await frame.evaluate(
      ([page, flood]) => {
        const message = { type: 'three_d_secure_return', page }
        for (let at = 0; at < flood; at++) parent.postMessage(message, location.origin)
      },
      [shopper.url, FLOOD] as const,
    )
    await heard(shopper, FLOOD)
    await settled(shopper)
    assert.equal(asked(), 1)
    assert.deepEqual(await stateOf(shopper), WAITS)
    assert.equal(await shopper.page.locator('body').getAttribute('data-screen'), 'challenge')
  })

  test('the return of another session, in this one’s frame, is nothing to this one', async () => {
    const [shopper, other] = [await open(), await open()]
    await shopper.payAndBeAsked()
    await other.payAndBeAsked()
    redirect = `${other.url}/returned?try=1`
    const { asked } = await showInFrame(shopper)
    await heard(shopper, 1)
    await settled(shopper)
    assert.equal(asked(), 0)
    assert.deepEqual([await stateOf(shopper), await stateOf(other)], [WAITS, WAITS])
  })

  test('a window that opened the page cannot speak to it', async () => {
    const shopper = await open()
    await shopper.payAndBeAsked()
    const { page } = shopper
    await page.goto(hostile.url)
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate((url) => {
        const opened = window.open(url)
        Object.assign(window, { opened })
      }, `${shopper.url}?try=1`),
    ])
    await popup.waitForSelector('body[data-screen=challenge]')
    await popup.evaluate(() => {
      window.addEventListener('message', () => Object.assign(window, { heard: true }))
    })
    const cut = await page.evaluate((url) => {
      const opened = Reflect.get(window, 'opened') as Window
      for (let at = 0; at < 100; at++) opened.postMessage({ type: 'three_d_secure_return', page: url }, '*')
      return opened.closed
    }, shopper.url)
    assert.equal(cut, true, 'the opener holds a window that is gone')
    assert.equal(await popup.evaluate(() => window.opener), null)
    assert.equal(await popup.evaluate(() => Reflect.get(window, 'heard')), undefined)
    assert.deepEqual(await stateOf(shopper), WAITS)
  })

  test('a device check that says a thousand times that it is done goes on once, as the bank decides', async () => {
    markup = `<script>for (let at = 0; at < 1000; at++) parent.postMessage({ type: 'three_d_secure_method' }, '*')</script>`
    const shopper = await open()
    const posts: string[] = []
    shopper.page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().startsWith(till.url)) {
        posts.push(new URL(request.url()).pathname.split('/').at(-1) ?? '')
      }
    })
    await shopper.page.route(`${till.till.bank.url}/acs/method/**`, (route) =>
      route.fulfill({ contentType: 'text/html', body: markup }),
    )
    await shopper.pay('device_check_challenge')
    await shopper.reach('challenge')
    assert.deepEqual(posts, ['pay', 'go-on'])
    await shopper.typeCode(RIGHT_CODE)
    await shopper.reach('paid')
    const books = await bankBooks(till.till)
    assert.equal(books.filter(({ status }) => status === 'captured').length, 1)
  })

  test('an issuer that leads out of what our policy allows: the way out is offered at once', async () => {
    const shopper = await open()
    await shopper.payAndBeAsked()
    await till.till.db.sql`
      update charges set document = jsonb_set(document, '{action,url}', to_jsonb(${`${hostile.url}/issuer`}::text))
      where payment_id = ${shopper.session.paymentId}`
    redirect = 'http://localhost:9/elsewhere'
    // With every timer of the page stopped, what is offered in the end is not offered at all.
    await shopper.page.clock.install()
    await shopper.page.clock.pauseAt(Date.now() + 60_000)
    await shopper.page.goto(`${shopper.url}?try=1`)
    await shopper.page.locator('#slow').waitFor()
    assert.ok(await shopper.page.getByRole('button', { name: 'Use another card' }).isVisible())
  })
})
