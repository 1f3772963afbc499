import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { makeEnv, type ProductionEnv } from '../../src/env.ts'
import { RIGHT_CODE } from '../support/cardholder.ts'
import { launchChromium } from '../support/chromium.ts'
import { type RunningOpentill, startTestOpentill } from '../support/opentill.ts'
import { until } from '../support/until.ts'
import { type CardFields, pay as payWith, reach } from './shopper.ts'

/**
 * The longest waits, of the bank and of whoever waits for its answer to a payment, take a quarter of their time. What is
 * shorter stays as it is: it is the limit of a connection or of a question, and a busy machine needs it.
 */
function hurried(): ProductionEnv {
  const env = makeEnv()
  return { ...env, sleep: (ms, signal) => env.sleep(ms >= 45_000 ? ms / 4 : ms, signal) }
}

const AT_ONCE = 6

type Published = { readonly group: string; readonly number: string; readonly outcome: string }
type Visit = {
  readonly till: RunningOpentill
  readonly page: Page
  readonly card: Published
  /** No other card's, so that the books can be asked about it. */
  readonly amount: number
  atShop(): Promise<void>
}
type Promised = readonly [said: RegExp, see: (visit: Visit) => Promise<void>]

const paid: Promised[1] = async (visit) => {
  await pay(visit)
  await visit.atShop()
}
const told =
  (notice: RegExp): Promised[1] =>
  async (visit) => {
    await pay(visit)
    await reads(visit.page, '#notice p', notice)
  }
const field =
  (id: string, error: RegExp): Promised[1] =>
  async (visit) => {
    await pay(visit)
    await reads(visit.page, '#errors a', error)
    assert.equal(await visit.page.locator(`#${id}`).getAttribute('aria-invalid'), 'true')
  }
/** The right code, and then what the bank makes of it. */
const asked =
  (then: (visit: Visit) => Promise<unknown>): Promised[1] =>
  async (visit) => {
    await pay(visit)
    await reach(visit.page, 'challenge')
    const bank = visit.page.frameLocator('#bank-frame')
    await bank.locator('#code').fill(RIGHT_CODE)
    await bank.getByRole('button', { name: 'Confirm payment' }).click()
    await then(visit)
  }
const noticed =
  (notice: RegExp) =>
  ({ page }: Visit): Promise<void> =>
    reads(page, '#notice p', notice)

function pay({ page, card }: Visit, fields: CardFields = {}): Promise<void> {
  const brandCvc = /^3[47]/.test(card.number) ? '1234' : '123'
  return payWith(page, { cardNumber: card.number, cardCvc: brandCvc, ...fields })
}

const BANK = /^Your bank declined the payment\. Nothing was taken/
const FUNDS = /^Your bank declined this amount\. Nothing was taken/
const LATER = /^The bank did not answer\. Nothing was taken/
const VERIFY = /^We could not confirm it was you\. Nothing was taken/

/** What the page of test cards says about a number, and what a shopper who types it sees. */
const PROMISES: readonly Promised[] = [
  [/^Approved: /, paid],
  [/^Approved with exact details: /, exact],
  [/^Refunds: .*, approved\./, paid],
  [/^Disputes: .*, approved\. The issuer asks about it once it is captured$/, disputed],
  [/^Disputes: .*, approved\. Charged back as (fraudulent|not received) once it is captured$/, disputed],
  [/^Declined: .*(without a reason|lost card|stolen card)$/, told(BANK)],
  [/^Declined: .*(insufficient funds|used too often)$/, told(FUNDS)],
  [/^Declined: .*processing error$/, told(LATER)],
  [/^Declined: .*expired card$/, field('cardExpiry', /card has expired/)],
  [/^Declined: .*incorrect CVC$/, field('cardCvc', /does not know this security code/)],
  [/^Declined: .*incorrect number, fails the Luhn check$/, field('cardNumber', /A digit is missing or wrong/)],
  [/^3-D Secure: .*, approved; passes without a challenge/, paid],
  [/^3-D Secure: .*, device check, then approved without a challenge$/, paid],
  [/^3-D Secure: .*challenge[^:]*, then approved$/, asked(({ atShop }) => atShop())],
  [/^3-D Secure: .*challenged, then declined: insufficient funds$/, asked(noticed(FUNDS))],
  [/^3-D Secure: .*challenged, then declined without a reason$/, asked(noticed(BANK))],
  [/^3-D Secure: .*declined: the authentication fails/, told(VERIFY)],
  [/^3-D Secure: .*declined: the issuer cannot authenticate$/, told(LATER)],
  [/^3-D Secure: .*declined: the challenge comes back after it has expired$/, late],
  [/^3-D Secure: .*challenged by a page that never loads$/, neverLoads],
  // However soon the bank's notice or its late answer comes, it is paid.
  [/^A bank in trouble: .*, approved, and the bank answers after 20 seconds$/, paid],
  [/^A bank in trouble: .*, approved, and the bank never answers$/, paid],
  [/^A bank in trouble: .*, approved, but only after three minutes$/, checkedThenPaid],
  [/^A bank in trouble: .*the bank is down: nothing is booked$/, down],
  [/^A bank in trouble: .*the bank is out of service and says so: nothing is booked$/, told(LATER)],
  [/^A bank in trouble: .*the bank does not accept the shop’s key: nothing is booked$/, stopped],
]

async function exact(visit: Visit): Promise<void> {
  const { page, card, atShop } = visit
  const [, month, year, cardCvc] = /(\d\d) \/ (\d\d), CVC (\d+)/.exec(card.outcome) ?? assert.fail(card.outcome)
  await pay(visit, { cardCvc: cardCvc?.length === 4 ? '9999' : '999', cardExpiry: `${month}${year}` })
  await reads(page, '#errors a', /does not know this card number/)
  await pay(visit, { cardCvc: cardCvc ?? '', cardExpiry: `${month}${year}` })
  await atShop()
}

/** The shopper is sent on as ever; the shop reads what the issuer says. */
async function disputed(visit: Visit): Promise<void> {
  await paid(visit)
  const asked = () => visit.till.sql`select from disputes where amount = ${visit.amount}`
  await until('the issuer asks', async () => (await asked()).length > 0)
}

/** Another card would fare no better. */
async function stopped(visit: Visit): Promise<void> {
  await pay(visit)
  await reach(visit.page, 'failed')
}

async function neverLoads(visit: Visit): Promise<void> {
  const { page, atShop } = visit
  await pay(visit)
  await reach(page, 'challenge')
  await page.locator('#slow').waitFor()
  await page.getByRole('button', { name: 'Use another card' }).click()
  await reads(page, '#notice p', VERIFY)
  await pay(visit, { cardNumber: '4242424242424242' })
  await atShop()
}

/** The bank holds the code back until the challenge's ten minutes are over: they are nearly. */
async function late(visit: Visit): Promise<void> {
  await pay(visit)
  const bank = visit.page.frameLocator('#bank-frame')
  await bank.locator('#code').fill(RIGHT_CODE)
  await visit.till.bankSql`
    update authentications set expires_at = now() + interval '1 second' where amount = ${visit.amount}`
  await bank.getByRole('button', { name: 'Confirm payment' }).click()
  await reads(visit.page, '#notice p', VERIFY)
}

async function checkedThenPaid(visit: Visit): Promise<void> {
  await pay(visit)
  await reach(visit.page, 'processing')
  await saysNotToPayAgain(visit)
  await askUntil(visit, async () => visit.page.url().startsWith(visit.till.storeUrl))
  await visit.atShop()
}

/** Nothing was booked: twice without a record, a minute apart, and after the bank's own limit, it is over. */
async function down(visit: Visit): Promise<void> {
  const { till, amount, page } = visit
  await pay(visit)
  await saysNotToPayAgain(visit)
  // Whoever is asking just now has to read it again: what it would write is of an order that is younger.
  await till.sql`update operations set version = version + 1, created_at = created_at - interval '20 minutes'
    where amount = ${amount}`
  const absent = async () =>
    (await till.sql`select 1 from operations where amount = ${amount} and absent_since is not null`).length > 0
  await askUntil(visit, absent)
  await till.sql`update operations set version = version + 1, absent_since = absent_since - interval '2 minutes'
    where amount = ${amount}`
  await askUntil(visit, async () => (await page.locator('body').getAttribute('data-screen')) === 'form')
  await reads(page, '#notice p', LATER)
  await pay(visit, { cardNumber: '4242424242424242' })
  await visit.atShop()
}

async function saysNotToPayAgain({ page }: Visit): Promise<void> {
  await page.locator('body[data-screen=confirming]').waitFor()
  const text = (await page.locator('main').textContent()) ?? ''
  assert.match(text, /Do not pay again/)
  assert.doesNotMatch(text, /Nothing was taken/)
}

/** Has the bank asked about this payment now rather than on the schedule of hours, until it is so. */
async function askUntil({ till, amount }: Visit, isSo: () => Promise<boolean>): Promise<void> {
  await until('the bank has said enough', async () => {
    await till.sql`update operations set ask_at = now() where state = 'unknown' and amount = ${amount}`
    return isSo()
  })
}

async function reads(page: Page, selector: string, text: RegExp): Promise<void> {
  const line = page.locator(selector).first()
  await line.waitFor()
  assert.match((await line.textContent()) ?? '', text)
}

describe('a shop tests every outcome by card number alone', { concurrency: AT_ONCE }, async () => {
  const till = await startTestOpentill(import.meta.url, { env: hurried() })
  const browser = await launchChromium()
  after(async () => {
    await browser.close()
    await till.stop()
  })

  for (const [at, card] of (await readPublished(browser, till.url)).entries()) {
    const said = `${card.group}: ${card.outcome}`
    test(`${card.number}, ${said}`, async () => {
      const promises = PROMISES.filter(([promise]) => promise.test(said))
      assert.equal(promises.length, 1, 'the page says of every number what it is for')
      const amount = 3_000 + at
      const session = await till.stripe.checkout.sessions.create({
        mode: 'payment',
        line_items: [
          {
            quantity: 1,
            price_data: { currency: 'eur', unit_amount: amount, product_data: { name: 'The Salt Atlas' } },
          },
        ],
        success_url: `${till.storeUrl}/?paid={CHECKOUT_SESSION_ID}`,
      })
      const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
      try {
        const page = await context.newPage()
        await page.goto(session.url ?? '')
        const atShop = () => page.waitForURL(`${till.storeUrl}/?paid=${session.id}`)
        await promises[0]?.[1]({ till, page, card, amount, atShop })
        const read = await till.stripe.checkout.sessions.retrieve(session.id)
        const isPaid = page.url().startsWith(till.storeUrl)
        // Stripe's words have none for a session that failed.
        const isOver = (await page.locator('body[data-screen=failed]').count()) > 0
        const unpaid = [isOver ? 'expired' : 'open', 'unpaid']
        assert.deepEqual([read.status, read.payment_status], isPaid ? ['complete', 'paid'] : unpaid)
        const held = await till.bankSql<{ status: string }[]>`
          select status from authorizations where amount = ${amount} and status in ('authorized', 'captured')`
        assert.equal(held.length, isPaid ? 1 : 0)
      } finally {
        await context.close()
      }
    })
  }
})

/** What the page of test cards publishes, as a shop's developer reads it. */
async function readPublished(browser: Browser, url: string): Promise<readonly Published[]> {
  const page = await browser.newPage()
  await page.goto(`${url}/c/test-cards`)
  const cards = await page.locator('main li:has(code)').evaluateAll((rows) => {
    const headingOf = (row: Element): string => {
      let at: Element | null = row.parentElement
      while (at && at.tagName !== 'H2') at = at.previousElementSibling
      return at?.textContent ?? ''
    }
    return rows.map((row) => ({
      group: headingOf(row),
      number: row.querySelector('button')?.dataset.copy ?? '',
      outcome: row.querySelector('span')?.textContent ?? '',
    }))
  })
  await page.close()
  assert.ok(cards.length > 50)
  return cards
}
