import assert from 'node:assert/strict'
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core'
import type { Session } from '../../src/core/session.ts'
import { TEST_CARDS } from '../../src/sandbox-bank/test-cards.ts'
import type { PageTill } from './page-till.ts'

/** The published number of a row of the bank's table. */
export const numberOf = (id: string): string =>
  TEST_CARDS.find((card) => card.id === id)?.number ?? assert.fail(`no test card ${id}`)

/** A shopper's window on the page of one session. */
export class ShopperWindow {
  readonly page: Page
  readonly session: Session
  /** Where the session's page is. */
  readonly url: string
  /** What the browser's own guards complained about. */
  readonly complaints: string[] = []
  readonly #context: BrowserContext

  private constructor(context: BrowserContext, page: Page, session: Session, url: string) {
    this.#context = context
    this.page = page
    this.session = session
    this.url = url
    page.on('console', (message) => {
      const text = message.text()
      if (message.type() === 'error' && /Security Policy|Trusted/.test(text)) this.complaints.push(text)
    })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
  }

  /** A new session; without its success URL the page itself shows the end. */
  static async open(
    till: PageTill,
    browser: Browser,
    look: Parameters<Browser['newContext']>[0] = {},
  ): Promise<ShopperWindow> {
    const session = await till.till.openSession({ customerEmail: 'ada@example.com' })
    await till.till.db.sql`update sessions set document = document - 'successUrl' where id = ${session.id}`
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...look })
    const url = till.url + till.pathOf(session)
    const opened = new ShopperWindow(context, await context.newPage(), session, url)
    await opened.page.goto(url)
    return opened
  }
  /** The same session's page in another tab, or on another device. */
  async again(browser?: Browser): Promise<ShopperWindow> {
    const context = browser ? await browser.newContext() : this.#context
    const other = new ShopperWindow(context, await context.newPage(), this.session, this.url)
    await other.page.goto(this.url)
    return other
  }
  close(): Promise<void> {
    return this.#context.close()
  }

  async pay(card: string): Promise<void> {
    await this.page.locator('#cardNumber').fill(numberOf(card))
    await this.page.locator('#cardExpiry').fill('1234')
    await this.page.locator('#cardCvc').fill('123')
    await this.page.locator('#billingName').fill('Ada Lovelace')
    await this.page.getByTestId('hosted-payment-submit-button').click()
  }
  async payAndBeAsked(card = 'challenge_always'): Promise<void> {
    await this.pay(card)
    await this.reach('challenge')
  }
  get bank(): FrameLocator {
    return this.page.frameLocator('#bank-frame')
  }
  /** The bank's page has loaded: the focus went from the heading into its frame. */
  async frameLoaded(): Promise<void> {
    const isThere = () => document.activeElement?.id === 'bank-frame'
    await this.page.waitForFunction(isThere, undefined, { polling: 50 })
  }
  async typeCode(code: string, where: FrameLocator | Page = this.bank): Promise<void> {
    await where.locator('#code').fill(code)
    await where.getByRole('button', { name: 'Confirm payment' }).click()
  }
  async reach(screen: string): Promise<void> {
    await this.page.waitForSelector(`body[data-screen=${screen}]`)
  }
  heading(): Promise<string | null> {
    return this.page.locator('h1').textContent()
  }
}
