import { CARD, type CardFields } from '../e2e/shopper.ts'

/**
 * Pays as a browser without scripts does. @param url where the shop sends its shopper
 * @returns where the shopper is sent next: the shop when it was paid, the page again when it was not
 */
export async function payByForm(url: string, card: CardFields = {}): Promise<string> {
  const page = await fetch(url)
  const html = await page.text()
  const attempt = /name="attempt" value="([^"]+)"/.exec(html)?.[1]
  if (attempt === undefined) throw new Error(`no form at ${new URL(url).pathname}: ${page.status}`)
  const answer = await fetch(`${new URL(page.url).origin}${new URL(page.url).pathname}/pay`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...CARD, ...card, attempt }),
  })
  const to = answer.headers.get('location')
  if (answer.status !== 303 || to === null) throw new Error(`the page answered ${answer.status}`)
  return to
}

/** The shopper's cancel, without scripts. @returns where the shopper is sent */
export async function cancelByForm(url: string): Promise<string> {
  const page = await fetch(url)
  const attempt = /name="attempt" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  const answer = await fetch(`${new URL(page.url).origin}${new URL(page.url).pathname}/cancel`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ attempt }),
  })
  return answer.headers.get('location') ?? ''
}
