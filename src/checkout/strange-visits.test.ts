import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'
import { startPageTill } from '../../test/support/page-till.ts'
import { base62Encode } from '../core/base62.ts'
import { nameOf, newUuid, type Tenant } from '../core/ids.ts'

const page = await startPageTill(import.meta.url)
after(page.stop)
const { till } = page

const card = (attempt: string): string =>
  new URLSearchParams({
    attempt,
    email: 'jenny@example.com',
    cardNumber: '4242424242424242',
    cardExpiry: '12 / 34',
    cardCvc: '123',
    billingName: 'Jenny Rosen',
  }).toString()

describe('a shop may spell its URL in any script: whoever paid is led there, in the spelling of browsers', () => {
  for (const [written, sent] of [
    [
      'https://shop.example/grüße/完了?id={CHECKOUT_SESSION_ID}',
      'https://shop.example/gr%C3%BC%C3%9Fe/%E5%AE%8C%E4%BA%86',
    ],
    ['https://bücher.example/done?id={CHECKOUT_SESSION_ID}', 'https://xn--bcher-kva.example/done'],
    ['https://shop.example/a%20b?x=1&id={CHECKOUT_SESSION_ID}#top', 'https://shop.example/a%20b'],
  ] as const) {
    test(written, async () => {
      const session = await till.openSession({ successUrl: written })
      const path = page.pathOf(session)
      const paid = await page.post(`${path}/pay`, card(await page.attemptOf(session)))
      assert.equal(paid.status, 303)
      const location = paid.headers.get('location') ?? ''
      assert.equal(location.split('?')[0], sent)
      const name = nameOf('session', session.tenant, session.id)
      assert.equal(new URL(location).searchParams.get('id'), name)
      const waited = await fetch(`${page.url}${path}?wait=1`, { redirect: 'manual' })
      assert.equal(waited.headers.get('location'), location)
    })
  }
})

test('a credential of a tenant that no column can hold finds nothing, like any other that was made up', async () => {
  for (const tenant of [0x8000_0000, 0x8000_0001, 0xffff_ffff, 0]) {
    const made = nameOf('session', tenant as Tenant, newUuid(till.env)) + base62Encode(new Uint8Array(16), 22)
    const answer = await fetch(`${page.url}/c/pay/${made}`)
    assert.equal(answer.status, 404, made)
  }
})

describe('a request that two readers may understand differently is refused by the page too', () => {
  const { port } = new URL(page.url)
  for (const [name, head] of [
    ['two Host headers', 'GET /c/pay/x HTTP/1.1\r\nHost: a\r\nHost: b'],
    ['no Host header', 'GET /c/pay/x HTTP/1.1'],
    ['an absolute target', 'GET http://other.example/c/pay/x HTTP/1.1\r\nHost: a'],
    ['HTTP/1.0 with Transfer-Encoding', 'POST /c/pay/x/pay HTTP/1.0\r\nTransfer-Encoding: chunked'],
  ] as const) {
    test(name, async () => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(`${head}\r\nConnection: close\r\n\r\n`)
      const answer = await text(socket)
      assert.match(answer, /^HTTP\/1\.1 400 /)
      assert.match(answer, /\r\ncontent-security-policy: default-src 'none'/)
      assert.ok(!page.logged.some((line) => line.includes('the page failed')))
    })
  }
})
