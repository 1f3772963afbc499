import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { judge } from '../../../test/support/axe.ts'
import { launchChromium } from '../../../test/support/chromium.ts'
import { NONCE } from '../../../test/support/page-models.ts'
import { PageServer } from '../../../test/support/page-server.ts'

/** A1: which ways of looking at every screen axe judges. */
const LOOKS = [
  { name: 'light', colorScheme: 'light', forcedColors: 'none', width: 1280, height: 900 },
  { name: 'dark', colorScheme: 'dark', forcedColors: 'none', width: 390, height: 844 },
  { name: 'forced colors at 320 px', colorScheme: 'dark', forcedColors: 'active', width: 320, height: 800 },
  { name: 'light at 320 px', colorScheme: 'light', forcedColors: 'none', width: 320, height: 800 },
] as const

type Box = {
  readonly what: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

describe('how every screen looks', () => {
  const server = new PageServer()
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  before(async () => {
    await server.start()
    server.stateAnswers = [{ status: 200, body: { screen: 'form', attempt: 'attempt-1' } }]
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
  })

  /** Waiting screens would leave as soon as the state says so: theirs stays what they show. */
  async function open(screen: string): Promise<void> {
    const kind = /^\d\d-(processing|challenge|confirming|elsewhere)/.exec(screen)?.[1]
    server.stateAnswers = [{ status: 200, body: kind ? { screen: kind } : { screen: 'form', attempt: 'attempt-1' } }]
    await page.goto(server.url(screen))
  }
  const overflow = (): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

  test('axe finds nothing, in every look of every screen (A1)', async () => {
    for (const screen of server.screens) {
      await open(screen)
      for (const look of LOOKS) {
        await page.emulateMedia({ colorScheme: look.colorScheme, forcedColors: look.forcedColors })
        await page.setViewportSize(look)
        const violations = await judge(page)
        assert.deepEqual(violations, [], `${screen}, ${look.name}`)
      }
    }
    await page.emulateMedia({ colorScheme: null, forcedColors: null })
  })

  test('one h1, a title, a language, landmarks, and no policy broken', async () => {
    for (const screen of server.screens) {
      await open(screen)
      const facts = await page.evaluate(() => ({
        headings: [...document.querySelectorAll('h1')].filter((h1) => h1.checkVisibility()).length,
        title: document.title,
        lang: document.documentElement.lang,
        landmarks: ['header', 'main', 'footer'].every((name) => document.querySelectorAll(name).length === 1),
        first: document.querySelector('a')?.getAttribute('href'),
        inline: document.querySelectorAll('[style], [onclick], [onsubmit]').length,
      }))
      assert.ok(facts.title.length > 3, screen)
      assert.deepEqual(
        { ...facts, title: '' },
        { headings: 1, title: '', lang: 'en', landmarks: true, first: '#main', inline: 0 },
        screen,
      )
      assert.equal(facts.title.startsWith('Error: '), /^(03|04)-/.test(screen), screen)
    }
    assert.deepEqual(complaints, [])
  })

  test('the page for our own failures stands on its own, style and all (screen 19)', async () => {
    await page.setViewportSize({ width: 320, height: 800 })
    await page.goto(server.url('19-unexpected'))
    assert.deepEqual(await judge(page), [])
    assert.equal(await page.locator('code').textContent(), 'req_1<')
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).display), 'grid')
    assert.ok((await overflow()) <= 0)
  })

  for (const width of [320, 390, 1280]) {
    test(`nothing overflows at ${width} px (A9)`, async () => {
      await page.setViewportSize({ width, height: 844 })
      for (const screen of server.screens) {
        await open(screen)
        assert.ok((await overflow()) <= 0, screen)
        await page.evaluate(() => document.querySelector('details')?.setAttribute('open', ''))
        assert.ok((await overflow()) <= 0, `${screen}, summary open`)
        await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'))
        assert.ok((await overflow()) <= 0, `${screen}, right to left`)
      }
    })
  }

  test('text at 200 % and with the spacing of WCAG 1.4.12 loses nothing (A9)', async () => {
    await page.setViewportSize({ width: 640, height: 900 })
    for (const screen of server.screens) {
      await open(screen)
      await page.evaluate((nonce) => {
        document.documentElement.style.fontSize = '200%'
        const style = document.createElement('style')
        style.nonce = nonce
        style.textContent =
          '*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-block-end:2em!important}'
        document.head.append(style)
      }, NONCE)
      assert.ok((await overflow()) <= 0, screen)
      const clipped = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, .button, label, p, li, dd, h1')]
          .filter((element) => element.checkVisibility() && !element.closest('.unseen, .more'))
          .filter(
            (element) =>
              element.scrollHeight > element.clientHeight + 1 && getComputedStyle(element).overflow !== 'visible',
          )
          .map((element) => element.textContent),
      )
      assert.deepEqual(clipped, [], screen)
    }
  })

  test('every control is 44 px or more, every link in text 24 or more (A5)', async () => {
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 844 })
      for (const screen of server.screens) {
        await open(screen)
        const boxes = await boxesOf(page, 'button, input:not([type=hidden]), select, summary, a:not(.skip)')
        for (const box of boxes) {
          const inText = /^a (\.|#)?(test|alert)/.test(box.what)
          const least = inText ? 24 : 44
          assert.ok(box.height >= least && box.width >= least, `${screen} at ${width}: ${JSON.stringify(box)}`)
        }
      }
    }
  })

  test('tab order is the visual order (A10)', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const screen of ['02-form', '02-form-full', '03-form-errors', '09-paid', 'test-cards']) {
      await open(screen)
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
      await page.evaluate(() => getSelection()?.removeAllRanges())
      const stops: { top: number; left: number; bottom: number; name: string }[] = []
      const count = (await boxesOf(page, 'button, input:not([type=hidden]), select, summary, a[href]')).length
      await page.evaluate(() => document.querySelector<HTMLElement>('.skip')?.focus())
      for (let stop = 1; stop < count; stop++) {
        await page.keyboard.press('Tab')
        stops.push(
          await page.evaluate(() => {
            const element = document.activeElement ?? document.body
            const { top, left, bottom } = element.getBoundingClientRect()
            return { top: top + scrollY, left, bottom: bottom + scrollY, name: element.id || element.textContent || '' }
          }),
        )
      }
      assert.ok(stops.length > 2, screen)
      for (const [at, stop] of stops.slice(1).entries()) {
        const before = stops[at]
        const follows =
          before && (stop.top >= before.bottom - 8 || (stop.left > before.left && stop.bottom > before.top))
        assert.ok(follows, `${screen}: ${before?.name} then ${stop.name}`)
      }
    }
  })

  test('Pay stands on the first view of a phone (E7)', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const screen of ['02-form', '02-form-live', '02-form-postcode']) {
      await open(screen)
      const box = await page.getByTestId('hosted-payment-submit-button').boundingBox()
      assert.ok(box && box.y + box.height <= 844, `${screen}: ${box && box.y + box.height}`)
    }
  })

  test('the first view takes two requests, to one host (W2)', async () => {
    server.requests.length = 0
    const hosts = new Set<string>()
    const note = (request: { url(): string }): void => void hosts.add(new URL(request.url()).host)
    page.on('request', note)
    await open('02-form')
    await page.waitForLoadState('networkidle')
    page.off('request', note)
    assert.deepEqual(
      server.requests.map((line) => line.replace(/page-\w+/, 'page')),
      ['GET /screen/02-form', 'GET /c/assets/page.js'],
    )
    assert.deepEqual([...hosts], [new URL(server.origin).host])
  })

  test('the card form asks five questions at most, and Pay is the first button in main (E1)', async () => {
    await open('02-form')
    assert.equal((await boxesOf(page, 'main input:not([type=hidden]), main select')).length, 5)
    await open('02-form-live')
    assert.equal((await boxesOf(page, 'main input:not([type=hidden]), main select')).length, 4)
    await open('02-form-postcode')
    assert.equal((await boxesOf(page, 'main input:not([type=hidden]), main select')).length, 7)
    const first = page.locator('main').getByRole('button').first()
    assert.equal(await first.getAttribute('data-testid'), 'hosted-payment-submit-button')
    assert.equal(await first.textContent(), 'Pay €24.00')
    assert.equal(await page.locator('main button').first().getAttribute('type'), 'submit')
  })

  const TOKENS: Readonly<Record<string, string>> = {
    email: 'email',
    phoneNumber: 'tel',
    cardNumber: 'cc-number',
    cardExpiry: 'cc-exp',
    cardCvc: 'cc-csc',
    billingName: 'cc-name',
    billingCountry: 'billing country',
    billingPostalCode: 'billing postal-code',
    billingAddressLine1: 'billing address-line1',
    billingAddressLine2: 'billing address-line2',
    billingLocality: 'billing address-level2',
    billingAdministrativeArea: 'billing address-level1',
    shippingName: 'shipping name',
    shippingCountry: 'shipping country',
    shippingPostalCode: 'shipping postal-code',
    shippingAddressLine1: 'shipping address-line1',
    shippingAddressLine2: 'shipping address-line2',
    shippingLocality: 'shipping address-level2',
    shippingAdministrativeArea: 'shipping address-level1',
    'customFields[grind]': '',
    'customFields[engraving]': '',
    'customFields[floor]': '',
  }
  test('every field has its purpose, a name that is its id, a label above, and 16 px text (A8)', async () => {
    await open('02-form-full')
    const fields = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[data-rule]')].map((field) => {
        const label = field.labels?.[0]
        return {
          name: field.name,
          autocomplete: field.autocomplete,
          sound:
            field.id === field.name &&
            label !== undefined &&
            label.getBoundingClientRect().bottom <= field.getBoundingClientRect().top &&
            Number.parseFloat(getComputedStyle(field).fontSize) >= 16 &&
            !field.hasAttribute('placeholder') &&
            field.type !== 'number',
        }
      }),
    )
    assert.deepEqual(Object.fromEntries(fields.map(({ name, autocomplete }) => [name, autocomplete])), TOKENS)
    for (const field of fields) assert.ok(field.sound, field.name)
    assert.match((await page.locator('label[for=cardCvc]').textContent()) ?? '', /CVC/)
  })

  test('neighbors stay level, each error stands under its own input, and the summary in the sheet', async () => {
    for (const [width, screen] of [
      [320, '04-form-cvc'],
      [390, '03-form-errors'],
      [1280, '04-form-cvc'],
    ] as const) {
      await page.setViewportSize({ width, height: 844 })
      await open(screen)
      const at = (id: string) => page.locator(`#${id}`).evaluate((element) => element.getBoundingClientRect().toJSON())
      const [expiry, code, error] = [await at('cardExpiry'), await at('cardCvc'), await at('cardCvc-error')]
      assert.equal(Math.round(expiry.top), Math.round(code.top), `${width}`)
      assert.ok(error.top >= code.bottom && error.top - code.bottom < 12, `${width}: ${error.top - code.bottom}`)
      const [sheet] = await boxesOf(page, '.sheet')
      const [summary] = await boxesOf(page, '#errors')
      assert.ok(sheet && summary && summary.x > sheet.x && summary.width < sheet.width && summary.y > sheet.y)
    }
  })

  test('nothing moves for those who asked for calm (A12)', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await open('05-processing')
    const moving = await page.evaluate(() => document.getAnimations().length)
    assert.equal(moving, 0)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    assert.ok((await page.evaluate(() => document.getAnimations().length)) > 0)
  })
})

async function boxesOf(page: Page, selector: string): Promise<Box[]> {
  return page.evaluate(
    (wanted) =>
      [...document.querySelectorAll<HTMLElement>(wanted)]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }))
        .map((element) => {
          const { x, y, width, height } = element.getBoundingClientRect()
          const home = element.closest('.test, .alert')
          const what = `${element.tagName.toLowerCase()} ${home ? `.${home.className}` : ''} ${element.textContent?.slice(0, 40)}`
          return { what, x, y, width, height }
        }),
    selector,
  )
}
