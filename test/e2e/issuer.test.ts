import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { nameOf, type Uuid } from '../../src/core/ids.ts'
import { sweepOrders } from '../../src/flows/sweep.ts'
import type { Fault } from '../../src/sandbox-bank/faults.ts'
import { RIGHT_CODE } from '../support/cardholder.ts'
import { launchChromium } from '../support/chromium.ts'
import { nobodysUrl } from '../support/foreign-site.ts'
import { startPageTill } from '../support/page-till.ts'
import { bankBooks, viewOf } from '../support/paying.ts'
import { ShopperWindow } from '../support/shopper-window.ts'
import { until } from '../support/until.ts'

describe('an issuer and a shopper who do not do what one expects', async () => {
  let trouble: Fault | undefined
  const till = await startPageTill(import.meta.url, {
    faults: async (point, { method }) => (point === 'before_book' && method === 'POST' ? trouble : undefined),
  })
  after(till.stop)
  let browser: Browser
  const windows: ShopperWindow[] = []
  before(async () => {
    browser = await launchChromium()
  })
  after(() => browser.close())
  beforeEach(() => {
    trouble = undefined
  })
  afterEach(async () => {
    for (const window of windows.splice(0)) {
      await window.close()
      assert.deepEqual(window.complaints, [])
    }
  })

  async function open(look: Parameters<Browser['newContext']>[0] = {}): Promise<ShopperWindow> {
    const window = await ShopperWindow.open(till, browser, look)
    windows.push(window)
    return window
  }
  const stateOf = async ({ session }: ShopperWindow) => (await viewOf(till.till, session)).session.state
  const { sql } = till.till.db
  /** What the bank has booked over this session's charges. */
  async function booked({ session }: ShopperWindow): Promise<readonly string[]> {
    const rows = await sql<{ id: Uuid }[]>`select id from charges where payment_id = ${session.paymentId}`
    const ours = new Set(rows.map(({ id }) => nameOf('charge', session.tenant, id)))
    const books = await bankBooks(till.till)
    return books.filter(({ reference }) => ours.has(reference)).map(({ status }) => status)
  }
  /** What was captured for a session and was not ordered back. */
  async function keptOf({ session }: ShopperWindow): Promise<bigint | undefined> {
    const [row] = await sql<{ kept: bigint }[]>`
      select sum(captured - refund_ordered)::int8 as kept from charges where payment_id = ${session.paymentId}`
    return row?.kept
  }
  /** No rounds run beside these tests: this is one, at the hour when questions are due. */
  async function askNow(): Promise<void> {
    await sql`update operations set ask_at = now() where ask_at is not null`
    await sweepOrders(till.till.payments)
  }
  /** Asks until it has led to what is awaited. */
  const askUntil = (what: string, isSo: () => Promise<boolean>): Promise<true> =>
    until(what, async () => (await isSo()) || askNow().then(() => false as const))
  const verifyNotice = async ({ page }: ShopperWindow): Promise<void> =>
    assert.match((await page.locator('#notice p').textContent()) ?? '', /^We could not confirm it was you/)
  /** Without a script every step of the way back from the issuer is a press. */
  async function pressOn(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForSelector('body[data-screen=returned], body[data-screen=paid], body[data-screen=form]')
    const on = page.getByRole('link', { name: 'Continue' })
    if (await on.isVisible()) await on.click()
  }

  /** Back from the browser's own page of errors: while it takes the place of ours, the browser has no page to ask. */
  async function backFromError(page: Page): Promise<void> {
    const gone = (error: unknown): false => {
      if (!/Not attached to an active page/.test(String(error))) throw error
      return false
    }
    await until('the browser has a page again', () => page.goBack().then(() => true, gone))
  }

  describe('the issuer is down: nobody listens at its address', () => {
    async function challengedByNobody(look: Parameters<Browser['newContext']>[0] = {}): Promise<ShopperWindow> {
      const shopper = await open(look)
      await shopper.payAndBeAsked()
      await sql`update charges set document = jsonb_set(document, '{action,url}', to_jsonb(${await nobodysUrl()}::text))
        where payment_id = ${shopper.session.paymentId}`
      return shopper
    }

    test('after fifteen seconds the full page is offered, which is no better; another card pays', async () => {
      const shopper = await challengedByNobody()
      const { page } = shopper
      await page.clock.install()
      await page.goto(`${shopper.url}?try=1`)
      await page.locator('#bank-frame').waitFor()
      assert.equal(await page.locator('#slow').isVisible(), false)
      await page.clock.runFor(15_000)
      await page.locator('#slow').waitFor()
      const wholePage = page.getByRole('button', { name: 'Continue to your bank' })
      const failed = page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame())
      await wholePage.click({ noWaitAfter: true })
      assert.match((await failed).url(), /^chrome-error:/)
      await backFromError(page)
      await shopper.reach('challenge')
      await page.getByRole('button', { name: 'Use another card' }).click()
      await shopper.reach('form')
      await verifyNotice(shopper)
      await shopper.pay('visa')
      await shopper.reach('paid')
      assert.deepEqual((await booked(shopper)).toSorted(), ['captured', 'voided'])
    })

    test('without a script: the browser says so, Back leads to the challenge, and another card pays', async () => {
      const shopper = await challengedByNobody({ javaScriptEnabled: false })
      const { page } = shopper
      await page.goto(`${shopper.url}?try=1`)
      const failed = page.waitForEvent('framenavigated')
      await page.getByRole('button', { name: 'Continue to your bank' }).click({ noWaitAfter: true })
      assert.match((await failed).url(), /^chrome-error:/)
      await backFromError(page)
      await shopper.reach('challenge')
      await page.getByRole('button', { name: 'Use another card' }).click()
      await shopper.reach('form')
      await verifyNotice(shopper)
      await shopper.pay('visa')
      await shopper.reach('paid')
    })
  })

  test('a page that is there after fifteen seconds stays where it is, and the offer stands back', async () => {
    const shopper = await open()
    await shopper.page.clock.install()
    await shopper.payAndBeAsked()
    await shopper.frameLoaded()
    await shopper.bank.locator('#code').fill('12345')
    await shopper.page.clock.runFor(15_000)
    await shopper.page.locator('#slow').waitFor()
    assert.equal(await shopper.bank.locator('#code').inputValue(), '12345')
    const offer = shopper.page.getByRole('button', { name: 'Continue to your bank' })
    assert.match((await offer.getAttribute('class')) ?? '', /quiet/)
    await offer.click()
    await shopper.typeCode(RIGHT_CODE, shopper.page)
    await shopper.reach('paid')
    assert.equal(await stateOf(shopper), 'complete')
  })

  describe('one challenge, several windows', () => {
    test('two tabs that send the code at once are one charge, and both see that it is paid', async () => {
      const shopper = await open()
      await shopper.payAndBeAsked()
      const other = await shopper.again()
      await other.reach('challenge')
      const tabs = [shopper, other]
      for (const tab of tabs) await tab.bank.locator('#code').fill(RIGHT_CODE)
      await Promise.all(tabs.map((tab) => tab.bank.getByRole('button', { name: 'Confirm payment' }).click()))
      await Promise.all(tabs.map((tab) => tab.reach('paid')))
      assert.deepEqual(await booked(shopper), ['captured'])
    })

    test('finished on another device without a script, while this tab waits', async () => {
      const shopper = await open()
      await shopper.payAndBeAsked()
      await shopper.bank.locator('#code').waitFor()
      const phone = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } })
      try {
        const page = await phone.newPage()
        await page.goto(shopper.url)
        await page.getByRole('button', { name: 'Continue to your bank' }).click()
        await shopper.typeCode(RIGHT_CODE, page)
        await pressOn(page)
        await page.waitForSelector('body[data-screen=paid]')
      } finally {
        await phone.close()
      }
      await shopper.reach('paid')
      assert.deepEqual(await booked(shopper), ['captured'])
    })

    test('given up in one tab, confirmed in the other: one of them wins, and both tell the same', async () => {
      const shopper = await open()
      await shopper.payAndBeAsked()
      const other = await shopper.again()
      await other.reach('challenge')
      await other.bank.locator('#code').fill(RIGHT_CODE)
      await Promise.all([
        shopper.page.getByRole('button', { name: 'Use another card' }).click(),
        other.bank.getByRole('button', { name: 'Confirm payment' }).click(),
      ])
      // Where the issuer was faster than the one who gave up, the money is on its way back first.
      for (const tab of [shopper, other]) {
        const over = tab.page.locator('body[data-screen=paid], body[data-screen=form]')
        await askUntil('the tab shows the end', () => over.isVisible())
      }
      await shopper.page.reload()
      const paid = (await stateOf(shopper)) === 'complete'
      await shopper.reach(paid ? 'paid' : 'form')
      await other.page.goto(other.url)
      await other.reach(paid ? 'paid' : 'form')
      const [bank] = await booked(shopper)
      if (paid) assert.equal(bank, 'captured')
      // Let go before it was captured, or given back after.
      else if (bank !== 'voided') assert.equal(await keptOf(shopper), 0n)
    })
  })

  describe('a challenge that comes back late', () => {
    test('after the session’s own end, within its grace: it is paid', async () => {
      const shopper = await open()
      await shopper.payAndBeAsked()
      await shopper.bank.locator('#code').waitFor()
      await sql`update sessions set created_at = now() - interval '1 day', expires_at = now() - interval '1 minute'
        where id = ${shopper.session.id}`
      await shopper.typeCode(RIGHT_CODE)
      await shopper.reach('paid')
    })

    test('after its grace: the money is let go, and then the page says that time is over', async () => {
      const shopper = await open()
      await shopper.payAndBeAsked()
      await shopper.bank.locator('#code').waitFor()
      await sql`update sessions set created_at = now() - interval '1 day', expires_at = now() - interval '16 minutes'
        where id = ${shopper.session.id}`
      await shopper.typeCode(RIGHT_CODE)
      await shopper.page.locator('body:not([data-screen=challenge])').waitFor()
      const screenNow = () => shopper.page.locator('body').getAttribute('data-screen')
      await askUntil('its time is over', async () => (await screenNow()) === 'expired')
      const back = await sql<{ kind: string; state: string }[]>`
        select o.kind, o.state from operations o join charges c on c.id = o.charge_id
        where c.payment_id = ${shopper.session.paymentId} and o.kind in ('void', 'refund')`
      assert.deepEqual(
        back.map(({ state }) => state),
        ['succeeded'],
      )
    })

    for (const javaScriptEnabled of [true, false]) {
      test(`after the challenge’s own end, ${javaScriptEnabled ? 'with' : 'without'} a script: another try`, async () => {
        const shopper = await open({ javaScriptEnabled })
        await shopper.payAndBeAsked('challenge_returns_late')
        if (!javaScriptEnabled) await shopper.page.getByRole('button', { name: 'Continue to your bank' }).click()
        const bank = javaScriptEnabled ? shopper.bank : shopper.page
        await bank.locator('#code').waitFor()
        // The card's page holds the code back until the ten minutes are over.
        await till.till.bank.db
          .sql`update authentications set expires_at = now() + interval '1 second' where state <> 'ended'`
        await shopper.typeCode(RIGHT_CODE, bank)
        if (!javaScriptEnabled) await pressOn(shopper.page)
        await shopper.reach('form')
        await verifyNotice(shopper)
        await shopper.pay('visa')
        await shopper.reach('paid')
        assert.ok((await booked(shopper)).includes('captured'))
      })
    }
  })

  test('a phone that is turned: a frame that no longer fits takes the whole screen', async () => {
    const shopper = await open({ viewport: { width: 844, height: 500 } })
    await shopper.payAndBeAsked()
    await shopper.bank.locator('#code').waitFor()
    const box = async () => {
      const { x, width } = (await shopper.page.locator('#bank-frame').boundingBox()) ?? { x: -1, width: 0 }
      return [x, width]
    }
    assert.equal((await box())[1], 602)
    await shopper.bank.locator('#code').fill('12')
    await shopper.page.setViewportSize({ width: 500, height: 844 })
    await shopper.page.waitForSelector('#challenge.full')
    assert.deepEqual(await box(), [0, 500])
    assert.equal(await shopper.bank.locator('#code').inputValue(), '12', 'the issuer’s page was not loaded again')
    const inner = shopper.bank.locator('html')
    assert.ok(await inner.evaluate((html) => html.scrollWidth <= html.clientWidth))
  })
})
