import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startPageTill } from '../../test/support/page-till.ts'
import { errorPageUrl } from '../core/error-page.ts'

const KEY = new Uint8Array(32).fill(7)
const page = await startPageTill(import.meta.url, { desk: (desk) => ({ ...desk, errorPageKey: KEY }) })
const closed = await startPageTill(`${import.meta.url}-closed`)
after(() => Promise.all([page.stop(), closed.stop()]))
const OURS = {
  errorCode: 'SYSTEM_ERROR',
  error: 'The bank’s line is down.',
  cancelUrl: 'https://shop.example/cart?a=1&b=2',
}
const look = async (url: string) => {
  const answer = await fetch(url, { redirect: 'manual' })
  return {
    html: await answer.text(),
    status: answer.status,
    policy: answer.headers.get('content-security-policy') ?? '',
  }
}
const BUTTON = '<a class="button strong" href="https://shop.example/cart?a=1&amp;b=2">Return to store</a>'

test('what we wrote is shown, and leads back to the store', async () => {
  const url = errorPageUrl(page.url, KEY, OURS)
  assert.match(url, /errorCode=SYSTEM_ERROR&error=The\+bank%E2%80%99s\+line\+is\+down\.&cancelUrl=https%3A%2F%2F/)
  const { html, status, policy } = await look(url)
  assert.equal(status, 200)
  assert.ok(html.includes('There was a problem on the way to the bank.'))
  assert.ok(html.includes('The bank’s line is down.'))
  assert.ok(html.includes(BUTTON))
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/)
})

test('what anybody else wrote is not repeated, and leads nowhere', async () => {
  const other = new Uint8Array(32).fill(8)
  const ours = new URL(errorPageUrl(page.url, KEY, OURS))
  const changed = (name: string, value: string | undefined) => {
    const url = new URL(ours)
    if (value === undefined) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
    return url.href
  }
  const foreign = [
    `${page.url}/error?errorCode=SYSTEM_ERROR&error=Call+0900&cancelUrl=https%3A%2F%2Fevil.example`,
    errorPageUrl(page.url, other, { ...OURS, error: 'Call 0900', cancelUrl: 'https://evil.example/' }),
    changed('cancelUrl', 'https://evil.example/'),
    changed('error', 'Call 0900'),
    changed('errorCode', 'AUTH_ERROR'),
    changed('proof', undefined),
    changed('proof', '0'.repeat(5000)),
    `${ours.href}&cancelUrl=https://evil.example`,
    `${page.url}/error`,
    `${page.url}/error?errorCode=toString&proof=x`,
  ]
  for (const url of foreign) {
    const { html, status } = await look(url)
    assert.equal(status, 200, url)
    assert.doesNotMatch(html, /0900|evil|line is down|Return to store|toString/, url)
    assert.match(html, /Something went wrong with this payment/)
  }
})

test('known codes have words of ours, whoever names them', async () => {
  const said = async (code: string) => (await look(`${page.url}/error?errorCode=${code}`)).html
  assert.match(await said('SESSION_FAILED'), /cannot be completed any more/)
  assert.match(await said('AUTH_ERROR'), /payment service could not be used/)
  assert.match(await said('SOMETHING_ELSE'), /look at your order before you pay again/)
})

test('no text is markup, turns the page around or goes on for ever', async () => {
  const shown = async (error: string) => (await look(errorPageUrl(page.url, KEY, { ...OURS, error }))).html
  assert.ok((await shown('<script>alert(1)</script>')).includes('&lt;script&gt;alert(1)&lt;/script&gt;'))
  assert.doesNotMatch(await shown('\u202egnp'), /gnp/)
  assert.doesNotMatch(await shown('x'.repeat(201)), /xxx/)
  assert.ok((await shown('y'.repeat(200))).includes('y'.repeat(200)))
  const active = await look(errorPageUrl(page.url, KEY, { ...OURS, cancelUrl: 'javascript:alert(1)' }))
  assert.doesNotMatch(active.html, /javascript:/)
})

test('there is no such page where its door is shut', async () => {
  assert.equal((await fetch(errorPageUrl(closed.url, KEY, OURS))).status, 404)
})
