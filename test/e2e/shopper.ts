import type { Locator, Page } from 'playwright-core'

export const CARD = {
  email: 'jenny@example.com',
  cardNumber: '4242424242424242',
  cardExpiry: '1234',
  cardCvc: '123',
  billingName: 'Jenny Rosen',
} as const
export type CardFields = Partial<Record<keyof typeof CARD, string>>

/** Fills the card form by the ids that browser tests of shops know. */
export async function fillCard(page: Page, fields: CardFields = {}): Promise<void> {
  for (const [id, value] of Object.entries({ ...CARD, ...fields })) {
    const field = page.locator(`#${id}`)
    if ((await field.count()) > 0) await field.fill(value)
  }
}

/** The form's submit button is the first in the document's `main`. */
export function payButton(page: Page): Locator {
  return page.locator('main').getByRole('button').first()
}

export async function pay(page: Page, fields: CardFields = {}): Promise<void> {
  await fillCard(page, fields)
  await payButton(page).click()
}

/** What every field of the form holds now, by its id. */
export function fieldValues(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[data-rule]')].map((field) => [
        field.id,
        field.value,
      ]),
    ),
  )
}

/** Which screen of the page this is. */
export async function screenOf(page: Page): Promise<string | null> {
  return page.locator('body').getAttribute('data-screen')
}

/** Waits until the page is at a screen. */
export async function reach(page: Page, screen: string): Promise<void> {
  await page.locator(`body[data-screen=${screen}]`).waitFor()
}

export const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent()
