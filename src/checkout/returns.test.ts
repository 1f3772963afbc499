import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { FORM, SCRIPT, startPageTill } from '../../test/support/page-till.ts'
import { viewOf } from '../../test/support/paying.ts'
import { nameOf } from '../core/ids.ts'
import { DOORS, type Door, type Session } from '../core/session.ts'
import { type ShopReturn, shopReturnOf } from '../core/shop-returns.ts'
import { expireSession } from '../flows/close-session.ts'
import type { NewSessionInput } from '../flows/session-input.ts'

/** A door with a shape of its own: what it says of the payment is what a shop's handler would read. */
const ozura: ShopReturn = ({ session, charge }, end) => {
  const { successUrl, cancelUrl, failureUrl } = session.document
  if (end === 'cancel') return cancelUrl
  if (end === 'failure') return failureUrl && `${failureUrl}?success=false&errorCode=SESSION_FAILED`
  const card = charge?.document.card
  const paidAt = session.completedAt?.toISOString()
  return `${successUrl}&last4=${card?.last4}&brand=${card?.brand}&transaction=${charge?.providerId}&at=${paidAt}`
}
const page = await startPageTill(import.meta.url, {
  desk: (desk) => ({ ...desk, returns: shopReturnOf({ ozura }) }),
})
after(page.stop)
const { till } = page
const openBy = (door: Door, input: Partial<NewSessionInput> = {}): Promise<Session> =>
  till.openSession(input, { caller: { ...till.caller, door } })
const card = (attempt: string, cardNumber = '4242424242424242'): string =>
  new URLSearchParams({
    attempt,
    email: 'jenny@example.com',
    cardNumber,
    cardExpiry: '12 / 34',
    cardCvc: '123',
    billingName: 'Jenny Rosen',
  }).toString()
const DECLINED = '4000000000000002'
const payBy = async (session: Session, number: string, headers: Readonly<Record<string, string>> = FORM) =>
  page.post(`${page.pathOf(session)}/pay`, card(await page.attemptOf(session), number), headers)
const look = async (session: Session, query = '') => {
  const answer = await fetch(page.url + page.pathOf(session) + query, { redirect: 'manual' })
  return { html: await answer.text(), status: answer.status, headers: answer.headers }
}
const FAILED = 'https://shop.example/failed?order=7&id={CHECKOUT_SESSION_ID}'
const filled = (url: string, session: Session) =>
  url.replace('{CHECKOUT_SESSION_ID}', nameOf('session', session.tenant, session.id))

describe('a session that failed', () => {
  test("for want of tries leads to the shop's page for it", async () => {
    const session = await openBy('native', { failureUrl: FAILED, maxTries: 1 })
    const url = filled(FAILED, session)
    const declined = await payBy(session, DECLINED)
    assert.deepEqual([declined.status, declined.headers.get('location')], [303, url])
    const state = (await (await fetch(`${page.url}${page.pathOf(session)}/state`)).json()) as { next?: string }
    assert.deepEqual(state, { screen: 'failed', next: url })
    assert.equal((await look(session, '?wait=1')).headers.get('location'), url)
    const shown = await look(session)
    assert.match(shown.html, /This payment did not go through/)
    assert.ok(shown.html.includes(`href="${url.replaceAll('&', '&amp;')}"`), 'who comes back finds the way')
  })

  test('with tries left, because none can change the answer, leads there as well', async () => {
    const session = await openBy('native', { failureUrl: FAILED })
    await payBy(session, DECLINED)
    await till.db.sql`update sessions set state = 'failed' where id = ${session.id}`
    assert.equal((await look(session, '?wait=1')).headers.get('location'), filled(FAILED, session))
    assert.match((await look(session)).html, /cannot be completed here/)
  })

  test('tells the script where to go', async () => {
    const session = await openBy('native', { failureUrl: FAILED, maxTries: 1 })
    const answer = await payBy(session, DECLINED, SCRIPT)
    assert.deepEqual(await answer.json(), { next: filled(FAILED, session) })
  })

  test('stays on the page where the shop has none', async () => {
    const session = await openBy('native', { maxTries: 1 })
    const declined = await payBy(session, DECLINED)
    assert.equal(declined.headers.get('location'), `${page.url}${page.pathOf(session)}?try=1`)
    const shown = await look(session, '?wait=1')
    assert.equal(shown.status, 200)
    assert.match(shown.html, /<a class="button strong" href="https:\/\/shop\.example\/cart">Return to Test shop/)
  })

  test('has had every try that it may have', async () => {
    const session = await openBy('native', { failureUrl: FAILED, maxTries: 2 })
    assert.match((await payBy(session, DECLINED)).headers.get('location') ?? '', /\?try=1$/)
    assert.equal((await payBy(session, DECLINED)).headers.get('location'), filled(FAILED, session))
  })
})

describe('a door says how its shops are addressed', () => {
  const failureUrl = 'https://errors.shop.example/failed'

  test('what a success URL tells is known by then', async () => {
    const session = await openBy('ozura')
    const paid = await payBy(session, '4242424242424242')
    const location = new URL(paid.headers.get('location') ?? '')
    assert.equal(location.searchParams.get('last4'), '4242')
    assert.equal(location.searchParams.get('brand'), 'visa')
    const { charge, session: after } = await viewOf(till, session)
    assert.equal(location.searchParams.get('transaction'), charge?.providerId)
    assert.equal(location.searchParams.get('at'), after.completedAt?.toISOString())
    assert.ok((await look(session)).html.includes(`href="${location.href.replaceAll('&', '&amp;')}"`))
  })

  test('a failure leads there in its shape', async () => {
    const session = await openBy('ozura', { failureUrl, maxTries: 1 })
    const declined = await payBy(session, DECLINED)
    assert.equal(declined.headers.get('location'), `${failureUrl}?success=false&errorCode=SESSION_FAILED`)
  })

  test('a form may end at each of them, and nowhere else', async () => {
    const session = await openBy('ozura', { failureUrl, cancelUrl: 'https://carts.shop.example/7' })
    const policy = (await look(session)).headers.get('content-security-policy') ?? ''
    const [, targets = ''] = /form-action ([^;]+)/.exec(policy) ?? []
    assert.deepEqual(targets.split(' ').sort(), [
      "'self'",
      page.url,
      'https://carts.shop.example',
      'https://errors.shop.example',
      'https://shop.example',
    ])
  })
})

describe('a shopper who gives up', () => {
  const ENDS: Readonly<Record<Door, boolean>> = {
    native: false,
    opencheckout: false,
    ozura: true,
    bpc: false,
    hsrc: true,
    secpaid: true,
  }
  for (const door of DOORS) {
    test(`${ENDS[door] ? 'ends' : 'leaves'} a session of ${door}`, async () => {
      const session = await openBy(door)
      const attempt = await page.attemptOf(session)
      const { html } = await look(session)
      assert.equal(html.includes('<form class="cancel"'), ENDS[door])
      assert.equal(html.includes('<a href="https://shop.example/cart">Cancel'), !ENDS[door])
      const press = () => page.post(`${page.pathOf(session)}/cancel`, new URLSearchParams({ attempt }).toString())
      const target = ENDS[door] ? 'https://shop.example/cart' : page.url + page.pathOf(session)
      for (const pressed of [await press(), await press()]) {
        assert.deepEqual([pressed.status, pressed.headers.get('location')], [303, target])
      }
      const { session: left } = await viewOf(till, session)
      assert.deepEqual([left.state, left.closedBy], ENDS[door] ? ['canceled', 'shopper'] : ['open', null])
    })
  }

  test('has no way to where the shop took it away', async () => {
    const session = await openBy('secpaid', { cancelable: false })
    const { html } = await look(session)
    assert.doesNotMatch(html, /class="cancel"/)
    const attempt = await page.attemptOf(session)
    const pressed = await page.post(`${page.pathOf(session)}/cancel`, new URLSearchParams({ attempt }).toString())
    assert.equal(pressed.headers.get('location'), page.url + page.pathOf(session))
    assert.equal((await viewOf(till, session)).session.state, 'open')
    assert.match((await payBy(session, '4242424242424242')).headers.get('location') ?? '', /^https:\/\/shop\.example/)
  })
})

test('whoever comes too late is shown the way back that the door has', async () => {
  const closed = await openBy('hsrc')
  const expired = await openBy('hsrc')
  await expireSession(till.payments, { caller: till.caller, requestId: 'req_test', key: null }, closed.id)
  await till.db.sql`
    update sessions set created_at = created_at - interval '1 day', expires_at = now() - interval '1 minute'
    where id = ${expired.id}`
  for (const session of [closed, expired]) {
    const { html, status } = await look(session)
    assert.equal(status, 410)
    assert.match(html, /<a class="button strong" href="https:\/\/shop\.example\/cart">Return to/)
  }
})

test('a session has a name of its own on its page, and lines that are no goods below those that are', async () => {
  const priceData = (name: string, unitAmount: bigint) =>
    ({ currency: 'EUR' as never, unitAmount, productData: { name } }) as const
  const session = await till.openSession({
    displayName: 'Pop-up <stand>',
    lineItems: [
      { priceData: priceData('Surcharge (3%)', 45n), quantity: 1, kind: 'surcharge' },
      { priceData: priceData('The Salt Road', 1500n), quantity: 1 },
      { priceData: priceData('Tax', 100n), quantity: 1, kind: 'tax' },
    ],
  })
  assert.equal(session.amountTotal, 1645n)
  const { html } = await look(session)
  assert.ok(html.includes('<span class="shop-name" dir="auto">Pop-up &lt;stand&gt;</span>'))
  assert.doesNotMatch(html, /Test shop/)
  assert.match(html, /<summary><span dir="auto">The Salt Road<\/span><\/summary>/)
  assert.match(html, /The Salt Road.*Surcharge \(3%\).*Tax.*Total<\/span> <bdi>€16\.45/s)
})
