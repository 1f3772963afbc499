import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core'
import { orderChallenged, present, RIGHT_CODE, submit, type Waiting } from '../../test/support/cardholder.ts'
import { launchChromium } from '../../test/support/chromium.ts'
import { startTestBank, type TestBank } from '../../test/support/sandbox-bank.ts'

const ALWAYS = '4000002760003184'
const DEVICE_THEN_CHALLENGE = '4000009990000047'
const RETURNS_TWICE = '4000009990000070'
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 } }

describe('the issuer’s pages', () => {
  let bank: TestBank
  let browser: Browser
  let shop: Awaited<ReturnType<typeof startShop>>

  before(async () => {
    bank = await startTestBank(import.meta.url)
    browser = await launchChromium()
    shop = await startShop()
  })
  after(async () => {
    await browser?.close()
    await shop?.stop()
    await bank?.stop()
  })
  beforeEach(() => {
    shop.returns.length = 0
  })

  const order = (number = ALWAYS, asked = {}): Promise<Waiting> =>
    orderChallenged(bank, number, { amount: 123450 }, { return_url: `${shop.url}/back`, ...asked })

  async function within(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
    const context = await browser.newContext(options)
    const trouble: string[] = []
    context.on('weberror', (error) => trouble.push(String(error.error())))
    context.on('console', (message) => {
      if (message.type() === 'error') trouble.push(message.text())
    })
    try {
      await use(await context.newPage())
      assert.deepEqual(trouble, [])
    } finally {
      await context.close()
    }
  }

  test('a wrong code, then the right one, and the browser is back by itself', () =>
    within(PHONE, async (page) => {
      const { id, action } = await order()
      await page.goto(action.url)
      await page.getByLabel('One-time code').fill('000000')
      await page.getByRole('button', { name: 'Confirm payment' }).click()
      await page.getByRole('alert').getByText('2 tries are left').waitFor()
      await page.locator('#code:focus').waitFor()
      await page.getByLabel('One-time code').fill(RIGHT_CODE)
      await page.keyboard.press('Enter')
      await page.waitForURL(`${shop.url}/back`)
      const { status, three_d_secure } = await present(bank, id)
      assert.equal(status, 'captured')
      const { transaction_id } = three_d_secure as { transaction_id: string }
      assert.deepEqual(shop.returns, [`POST three_d_secure_transaction=${transaction_id}`])
    }))

  test('without JavaScript a button leads back', () =>
    within({ ...PHONE, javaScriptEnabled: false }, async (page) => {
      const { id, action } = await order(DEVICE_THEN_CHALLENGE, { browser: {} })
      await page.goto(action.url)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByLabel('One-time code').fill(RIGHT_CODE)
      await page.getByRole('button', { name: 'Confirm payment' }).click()
      assert.equal((await present(bank, id)).status, 'captured')
      assert.equal(shop.returns.length, 0)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.waitForURL(`${shop.url}/back`)
      await page.goBack()
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.waitForURL(`${shop.url}/back`)
      assert.equal((await present(bank, id)).captured_amount, 123450)
    }))

  test('cancel needs no code', () =>
    within(PHONE, async (page) => {
      const { id, action } = await order()
      await page.goto(action.url)
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.waitForURL(`${shop.url}/back`)
      assert.equal((await present(bank, id)).status, 'declined')
    }))

  test('a pasted code comes in whole', () =>
    within(PHONE, async (page) => {
      const { id, action } = await order()
      await page.goto(action.url)
      await page.getByLabel('One-time code').focus()
      await page.keyboard.insertText('123 456')
      await page.getByRole('button', { name: 'Confirm payment' }).click()
      await page.waitForURL(`${shop.url}/back`)
      assert.equal((await present(bank, id)).status, 'captured')
    }))

  test('in the frame of a shop, in the smallest window, it fits and returns inside the frame', () =>
    within({ viewport: { width: 800, height: 600 } }, async (page) => {
      const { id, action } = await order()
      await page.goto(`${shop.url}/frame?${action.url}`)
      const frame = page.frameLocator('iframe')
      await frame.getByLabel('One-time code').fill(RIGHT_CODE)
      const sideways = await frame.locator('html').evaluate((html) => html.scrollWidth > html.clientWidth)
      assert.equal(sideways, false)
      await frame.getByRole('button', { name: 'Confirm payment' }).click()
      await frame.getByText('Back in the shop').waitFor()
      assert.equal(new URL(page.url()).pathname, '/frame')
      assert.equal((await present(bank, id)).status, 'captured')
    }))

  test('the hidden frame of the device check tells the page around it, and only that one', () =>
    within(PHONE, async (page) => {
      const { id, action } = await order(DEVICE_THEN_CHALLENGE, { browser: {} })
      await page.goto(`${shop.url}/method?${action.method_url}`)
      await page.getByText('{"type":"three_d_secure_method","done":true}').waitFor()
      const [row] = await bank.db.sql`select method_done from authentications where authorization_id = ${id}`
      assert.equal(row?.method_done, true)
      assert.equal((await present(bank, id)).status, 'requires_action')
    }))

  test('the challenge that returns twice does', () =>
    within(PHONE, async (page) => {
      const { id, action } = await order(RETURNS_TWICE)
      await page.goto(action.url)
      await page.getByLabel('One-time code').fill(RIGHT_CODE)
      await page.getByRole('button', { name: 'Confirm payment' }).click()
      await page.waitForURL(`${shop.url}/back`)
      assert.equal(shop.returns.length, 2)
      assert.equal(shop.returns[0], shop.returns[1])
      assert.equal((await present(bank, id)).captured_amount, 123450)
    }))

  test('axe finds nothing on any of them', async () => {
    const looks: BrowserContextOptions[] = [
      { ...PHONE, colorScheme: 'dark' },
      { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
      { viewport: { width: 250, height: 400 }, colorScheme: 'light' },
    ]
    for (const look of looks)
      await within(look, async (page) => {
        const check = async (name: string) => {
          const found = await page.evaluate(
            `${axe.source}; axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))`,
          )
          assert.deepEqual(found, [], name)
        }
        const { action } = await order()
        await page.goto(action.url)
        await check('challenge')
        await page.getByLabel('One-time code').fill('1')
        await page.getByRole('button', { name: 'Confirm payment' }).click()
        await page.getByRole('alert').waitFor()
        await check('wrong code')
        await page.route('**/acs/**', leaveOutScripts) // Without its script the way back waits to be seen.
        await submit(action.url, { cancel: '1' })
        await page.goto(action.url)
        await page.getByRole('heading', { name: 'Canceled' }).waitFor()
        await check('end')
      })
  })
})

async function leaveOutScripts(route: Route): Promise<void> {
  const answer = await route.fetch()
  await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(/<script.*?<\/script>/gs, '') })
}

/** A shop that frames the issuer's pages and counts who comes back. */
async function startShop() {
  const returns: string[] = []
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://shop')
    const framed = search.slice(1)
    response.setHeader('content-type', 'text/html')
    if (pathname === '/back') {
      returns.push(`${request.method} ${await bodyOf(request)}`)
      response.end('<!doctype html><title>Back</title><p>Back in the shop')
    } else if (pathname === '/frame') {
      response.end(`<!doctype html><title>Frame</title><iframe src="${framed}" width="250" height="400"></iframe>`)
    } else if (pathname === '/method') {
      const hear = `addEventListener('message', (event) => {
        if (event.origin === '${new URL(framed).origin}') document.body.append(JSON.stringify(event.data)) })`
      response.end(
        `<!doctype html><title>Method</title><body><script>${hear}</script><iframe src="${framed}" hidden></iframe>`,
      )
    } else {
      response.statusCode = 204
      response.end()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    returns,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
