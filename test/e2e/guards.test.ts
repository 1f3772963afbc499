import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Fault } from '../../src/sandbox-bank/faults.ts'
import { launchChromium, launchChromiumWithProfile } from '../support/chromium.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type RunningOpentill, startTestOpentill } from '../support/opentill.ts'
import { pay, reach } from './shopper.ts'
import { Watch } from './watch.ts'

describe('what the page promises, with everything behind it running', () => {
  let till: RunningOpentill
  let browser: Browser
  let trouble: Fault | Promise<undefined> | undefined

  before(async () => {
    till = await startTestOpentill(import.meta.url, { faults: async () => trouble })
    browser = await launchChromium()
  })
  after(async () => {
    await browser?.close()
    await till?.stop()
  })
  beforeEach(() => {
    trouble = undefined
  })

  async function open(at = till): Promise<{ readonly id: string; readonly url: string }> {
    const session = await at.stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [
        { quantity: 2, price_data: { currency: 'eur', unit_amount: 1200, product_data: { name: 'The Salt Atlas' } } },
      ],
      success_url: `${at.storeUrl}/?paid={CHECKOUT_SESSION_ID}`,
      cancel_url: `${at.storeUrl}/bag`,
    })
    assert.ok(session.url)
    return { id: session.id, url: session.url }
  }
  async function within(use: (page: Page, watch: Watch, context: BrowserContext) => Promise<void>): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
    try {
      const watch = new Watch(context, till.url, till.storeUrl)
      await use(await context.newPage(), watch, context)
    } finally {
      await context.close()
    }
  }
  const atShop = (page: Page, id: string): Promise<void> => page.waitForURL(`${till.storeUrl}/?paid=${id}`)

  test('the first view takes two requests, both to us (W2)', () =>
    within(async (page, watch) => {
      await page.goto((await open()).url, { waitUntil: 'networkidle' })
      const paths = watch.requests.map((request) => new URL(request.url()).pathname.replace(/[\w-]{40,}/, 'token'))
      assert.equal(paths.length, 2, paths.join(' '))
      assert.match(paths[1] ?? '', /^\/c\/assets\/page-[0-9a-f]{16}\.js$/)
      watch.assertClean()
    }))

  describe('a script that does not do its work (R2)', () => {
    test('blocked: the form still pays', () =>
      within(async (page, watch) => {
        await page.route('**/c/assets/**', (route) => route.abort())
        const { id, url } = await open()
        await page.goto(url)
        await pay(page, { cardNumber: '4000000000000002' })
        await page.locator('#notice').waitFor()
        await pay(page)
        await atShop(page, id)
        watch.assertClean()
      }))

    test('broken at its first step: the form still pays', () =>
      within(async (page, watch) => {
        await page.addInitScript(() => {
          JSON.parse = () => {
            throw new Error('this browser is odd')
          }
        })
        const { id, url } = await open()
        await page.goto(url)
        await pay(page)
        await atShop(page, id)
        assert.deepEqual(watch.faults, ['Error: this browser is odd'])
      }))

    test('not there yet: the form can be filled and sent before it came', () =>
      within(async (page, watch) => {
        await page.route('**/c/assets/**', () => {})
        const { id, url } = await open()
        await page.goto(url, { waitUntil: 'commit' })
        await page.locator('#cardNumber').waitFor()
        await pay(page)
        await atShop(page, id)
        watch.assertClean()
      }))
  })

  test('a browser that blocks all cookies pays (R7)', async () => {
    const profile = temporaryFolder()
    mkdirSync(join(profile, 'Default'))
    const preferences = { profile: { default_content_setting_values: { cookies: 2 } } }
    writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences))
    const context = await launchChromiumWithProfile(profile)
    try {
      const page = await context.newPage()
      await assertCookiesAreBlocked(page)
      const { id, url } = await open()
      await page.goto(url)
      await pay(page, { cardNumber: '4000000000000002' })
      await page.locator('#notice').waitFor()
      await pay(page)
      await atShop(page, id)
    } finally {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    }
  })

  test('a vault with an origin of its own takes the card, and the script reads its answer', async () => {
    const port = await freePort()
    const vaultOrigin = `http://localhost:${port}`
    const apart = await startTestOpentill(import.meta.url, { config: { port, vaultOrigin } })
    const context = await browser.newContext()
    try {
      const page = await context.newPage()
      const posted: string[] = []
      page.on('request', (request) => {
        if (request.method() === 'POST') posted.push(new URL(request.url()).origin)
      })
      const { id, url } = await open(apart)
      assert.ok(url.startsWith(`http://127.0.0.1:${port}/`))
      await page.goto(url)
      await pay(page, { cardNumber: '4000000000000002' })
      await page.locator('#notice p').waitFor()
      assert.equal(await page.locator('#cardNumber').inputValue(), '4000 0000 0000 0002')
      await pay(page)
      await page.waitForURL(`${apart.storeUrl}/?paid=${id}`)
      assert.deepEqual(posted, [vaultOrigin, vaultOrigin])
    } finally {
      await context.close()
      await apart.stop()
    }
  })

  describe('what a page of ours may not be made to do', () => {
    test('an inline script, a handler and markup from a string do not run', () =>
      within(async (page, watch) => {
        await page.goto((await open()).url)
        const attempts = await page.evaluate(() => {
          const attempts: string[] = []
          const attempt = (name: string, act: () => void): void => {
            try {
              act()
              attempts.push(name)
            } catch {
              attempts.push(`${name} threw`)
            }
          }
          attempt('a text node in a script', () => {
            const script = document.createElement('script')
            script.append('window.ran = "script"')
            document.body.append(script)
          })
          attempt('a handler', () => {
            const button = document.createElement('button')
            button.setAttribute('onclick', 'window.ran = "handler"')
            document.body.append(button)
            button.click()
          })
          attempt('innerHTML', () => {
            document.body.innerHTML = '<img src=x onerror="window.ran = 1">'
          })
          attempt('eval', () => {
            window.setTimeout('window.ran = "string"')
          })
          return attempts
        })
        assert.ok(attempts.includes('innerHTML threw'))
        // What watches every scenario sees these, or it would see nothing in the others either.
        await watch.sees(/script/i)
        assert.equal(await page.evaluate(() => 'ran' in window), false)
      }))

    test('its form leads nowhere but to us and to this shop', () =>
      within(async (page, watch) => {
        await page.goto((await open()).url)
        await page.evaluate(() => {
          const form = document.querySelector<HTMLFormElement>('#pay-form')
          if (!form) return
          form.action = 'http://127.0.0.1:9/steal'
          form.submit()
        })
        await watch.sees(/form-action/)
        assert.ok(page.url().startsWith(till.url))
        assert.ok(!watch.requests.some((request) => request.url().includes('steal')))
      }))

    test('another site cannot frame it', () =>
      within(async (page) => {
        const { url } = await open()
        const framed = createServer((_, response) => response.end(`<!doctype html><iframe src="${url}"></iframe>`))
        await new Promise<void>((resolve) => framed.listen(0, '127.0.0.1', resolve))
        try {
          await page.goto(`http://127.0.0.1:${(framed.address() as AddressInfo).port}/`)
          await page.waitForLoadState('networkidle')
          assert.equal(await page.frameLocator('iframe').locator('#pay-form').count(), 0)
        } finally {
          framed.closeAllConnections()
          framed.close()
        }
      }))
  })

  test('axe finds nothing on any live screen, at 390 px in the dark and 1280 px in the light (A1)', () =>
    within(async (page, watch, context) => {
      const judge = async (screen: string, on = page): Promise<void> => {
        await reach(on, screen)
        for (const look of [
          { colorScheme: 'dark', width: 390, height: 844 },
          { colorScheme: 'light', width: 1280, height: 900 },
        ] as const) {
          await on.emulateMedia({ colorScheme: look.colorScheme })
          await on.setViewportSize(look)
          const found = await on.evaluate(`${axe.source}; axe.run(document, { resultTypes: ['violations'] })
            .then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target + ' ' + n.failureSummary).join('; ')))`)
          assert.deepEqual(found, [], `${screen}, ${look.colorScheme}`)
          const overflow = await on.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          )
          assert.ok(overflow <= 0, `${screen} overflows`)
        }
      }
      const first = await open()
      await page.goto(first.url)
      await judge('form')
      await pay(page, { cardCvc: '', cardNumber: '4242' })
      await page.locator('#errors a').first().waitFor()
      await judge('form')
      await pay(page, { cardNumber: '4000000000000002' })
      await page.locator('#notice p').waitFor()
      await judge('form')

      const held = Promise.withResolvers<undefined>()
      trouble = held.promise
      await pay(page)
      await judge('processing')
      const other = await context.newPage()
      await other.goto(first.url)
      await judge('elsewhere', other)
      await other.close()
      held.resolve(undefined)
      await atShop(page, first.id)

      trouble = 'reset'
      const second = await open()
      await page.goto(second.url)
      await pay(page)
      await judge('confirming')
      trouble = undefined

      const third = await open()
      await page.goto(third.url)
      await pay(page)
      await atShop(page, third.id)
      await page.goto(third.url)
      await judge('paid')
      const fourth = await open()
      await till.stripe.checkout.sessions.expire(fourth.id)
      await page.goto(fourth.url)
      await judge('closed')
      await page.goto(`${till.url}/c/test-cards`)
      await judge('test_cards')
      await page.goto(`${till.url}/c/pay/nothing`)
      await judge('not_found')
      watch.assertClean()
    }))
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A test of cookie blocking that ran in a browser with cookies would prove nothing. */
async function assertCookiesAreBlocked(page: Page): Promise<void> {
  const sent: (string | undefined)[] = []
  const server = createServer((request, response) => {
    if (request.url === '/') sent.push(request.headers.cookie)
    response.setHeader('set-cookie', 'seen=1; Path=/').setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>x</title>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await page.goto(url)
  await page.goto(url)
  server.closeAllConnections()
  server.close()
  assert.deepEqual(sent, [undefined, undefined])
}
