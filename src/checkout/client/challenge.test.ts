import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { judge } from '../../../test/support/axe.ts'
import { RIGHT_CODE } from '../../../test/support/cardholder.ts'
import { launchChromium } from '../../../test/support/chromium.ts'
import { startPageTill } from '../../../test/support/page-till.ts'
import { viewOf } from '../../../test/support/paying.ts'
import { ShopperWindow } from '../../../test/support/shopper-window.ts'

describe('3-D Secure as a shopper meets it', async () => {
  const till = await startPageTill(import.meta.url)
  after(till.stop)
  let browser: Browser
  let shopper: ShopperWindow
  let page: Page

  before(async () => {
    browser = await launchChromium()
  })
  after(async () => {
    await shopper?.close()
    await browser.close()
  })

  /** A window of its own for each test. */
  async function open(look: Parameters<Browser['newContext']>[0] = {}): Promise<ShopperWindow> {
    await shopper?.close()
    shopper = await ShopperWindow.open(till, browser, look)
    page = shopper.page
    return shopper
  }
  const pay = (card: string): Promise<void> => shopper.pay(card)
  const atBank = (): FrameLocator => shopper.bank
  const typeCode = (where: FrameLocator | Page, code: string): Promise<void> => shopper.typeCode(code, where)
  const screen = (kind: string): Promise<void> => shopper.reach(kind)
  const stateOf = async ({ session }: ShopperWindow) => (await viewOf(till.till, session)).session.state

  test('the bank’s page in a frame, the right code, and it is paid', async () => {
    const session = await open()
    await pay('challenge_always')
    await screen('challenge')
    await atBank().locator('#code').waitFor()
    assert.equal(await page.locator('h1').textContent(), 'Your bank wants to confirm it is you')
    assert.equal(await page.locator('.head p').textContent(), '€24.00 to Test shop')
    assert.equal(await page.locator('#bank').isVisible(), false)
    assert.deepEqual(
      await page
        .locator('#bank-frame')
        .boundingBox()
        .then((box) => [box?.width, box?.height]),
      [602, 402],
    )
    await shopper.frameLoaded()
    const inner = atBank().locator('html')
    assert.ok(await inner.evaluate((html) => html.scrollWidth <= html.clientWidth), 'nothing to scroll sideways')
    await typeCode(atBank(), RIGHT_CODE)
    await screen('paid')
    assert.equal(await stateOf(session), 'complete')
    assert.deepEqual(shopper.complaints, [])
  })

  test('three wrong codes, and a cancel, lead back to the form with a sentence', async () => {
    await open()
    for (const refuse of [
      async () => {
        await typeCode(atBank(), '111111')
        await atBank().getByText('2 tries are left').waitFor()
        await typeCode(atBank(), '222222')
        await atBank().getByText('One try is left').waitFor()
        await typeCode(atBank(), '333333')
      },
      async () => atBank().getByRole('button', { name: 'Cancel' }).click(),
    ]) {
      await pay('challenge_always')
      await screen('challenge')
      await refuse()
      await screen('form')
      assert.match((await page.locator('#notice p').textContent()) ?? '', /^We could not confirm it was you/)
    }
    assert.deepEqual(shopper.complaints, [])
  })

  test('another card: the form is back, says why, and takes another card', async () => {
    const session = await open()
    await pay('challenge_always')
    await atBank().locator('#code').waitFor()
    await page.getByRole('button', { name: 'Use another card' }).click()
    await screen('form')
    assert.match((await page.locator('#notice p').textContent()) ?? '', /^We could not confirm it was you/)
    await pay('visa')
    await screen('paid')
    assert.equal(await stateOf(session), 'complete')
  })

  test('a frame that never loads offers the same page on its own', async () => {
    await open()
    await pay('challenge_never_loads')
    await screen('challenge')
    assert.equal(await page.locator('#slow').isVisible(), false)
    await page.locator('#slow').waitFor()
    const [left] = await Promise.all([
      page.waitForRequest((request) => request.isNavigationRequest() && request.frame() === page.mainFrame()),
      page.getByRole('button', { name: 'Continue to your bank' }).click({ noWaitAfter: true }),
    ])
    assert.ok(left.url().startsWith(`${till.till.bank.url}/acs/challenge/`))
  })

  test('a slow bank is waited for; a return that comes twice counts once', async () => {
    for (const card of ['challenge_slow', 'challenge_returns_twice']) {
      const session = await open()
      await pay(card)
      await typeCode(atBank(), RIGHT_CODE)
      await screen('paid')
      assert.equal(await stateOf(session), 'complete')
    }
  })

  test('a device check goes on by itself, to the end or to a challenge', async () => {
    await open()
    await pay('device_check')
    await screen('paid')
    await open()
    await pay('device_check_challenge')
    await typeCode(atBank(), RIGHT_CODE)
    await screen('paid')
    assert.deepEqual(shopper.complaints, [])
  })

  test('without a script: the bank’s page on its own, and back', async () => {
    for (const [card, button] of [
      ['challenge_always', 'Continue to your bank'],
      ['device_check_challenge', 'Continue to your bank'],
    ] as const) {
      const session = await open({ javaScriptEnabled: false })
      await pay(card)
      await page.getByRole('button', { name: button }).click()
      await typeCode(page, RIGHT_CODE)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.waitForSelector('body[data-screen=returned], body[data-screen=paid]')
      if (await page.getByRole('link', { name: 'Continue' }).isVisible()) {
        await page.getByRole('link', { name: 'Continue' }).click()
      }
      await screen('paid')
      assert.equal(await stateOf(session), 'complete')
    }
    await open({ javaScriptEnabled: false })
    await pay('challenge_always')
    await page.getByRole('button', { name: 'Use another card' }).click()
    await screen('form')
    assert.match((await page.locator('#notice p').textContent()) ?? '', /^We could not confirm it was you/)
  })

  for (const [width, height, frame] of [
    [1280, 900, [602, 402]],
    [560, 900, [502, 602]],
    [430, 900, [392, 402]],
    [390, 844, 'whole'],
    [320, 640, 'whole'],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`axe finds nothing at ${width} px, ${colorScheme}, and the frame has the size that was announced`, async () => {
        await open({ viewport: { width, height }, colorScheme, isMobile: width < 600 })
        await pay('challenge_always')
        await atBank().locator('#code').waitFor()
        const box = await page.locator('#bank-frame').boundingBox()
        assert.deepEqual(frame === 'whole' ? box?.width : [box?.width, box?.height], frame === 'whole' ? width : frame)
        assert.deepEqual(await judge(page), [])
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        assert.equal(overflow, 0)
        const folder = process.env.SHOTS
        if (folder) await page.screenshot({ path: `${folder}/challenge-${width}-${colorScheme}.png`, fullPage: true })
      })
    }
  }
})
