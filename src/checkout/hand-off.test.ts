import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { RETURN_URL, submit } from '../../test/support/cardholder.ts'
import { confirmAt } from '../../test/support/issuer.ts'
import { storedAttempt } from '../../test/support/orders.ts'
import { startPageTill } from '../../test/support/page-till.ts'
import { nameOf } from '../core/ids.ts'
import { challengeReturnUrl, challengeUrl } from '../flows/challenge-visit.ts'

const page = await startPageTill(import.meta.url)
after(page.stop)
const { till } = page
const visit = (url: string) => fetch(url, { redirect: 'manual' })

test('a shopper whose payment no session shows goes to the issuer, and from there to the shop', async () => {
  const session = await till.openSession()
  const { charge, payment } = await till.pay(session, '4000002760003184', {
    returnUrl: RETURN_URL,
    request: 'automatic',
  })
  const shop = JSON.stringify('https://shop.example/done?order=7')
  await till.db.sql`
    update payments set document = jsonb_set(document, '{returnUrl}', ${shop}::text::jsonb) where id = ${payment.id}`
  const url = challengeUrl(page.url, payment)
  const bankUrl = charge.document.action?.url ?? assert.fail('nothing to do')

  const away = await visit(url)
  assert.equal(away.status, 200)
  assert.ok((await away.text()).includes(`<form id="bank" method="post" action="${bankUrl}">`))
  assert.ok(away.headers.get('content-security-policy')?.includes(`form-action 'self' ${page.url} ${till.bank.url};`))

  const forged = await visit(`${challengeReturnUrl(page.url, payment)}?transStatus=Y`)
  assert.equal(forged.status, 200)
  assert.equal((await storedAttempt(till, charge.id)).charge.state, 'requires_action')
  for (const wrong of [`${url}a`, url.slice(0, -1), url.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))]) {
    assert.equal((await visit(wrong)).status, 404)
    assert.equal((await visit(`${wrong}/return`)).status, 404)
  }

  await confirmAt(bankUrl)
  const back = await fetch(challengeReturnUrl(page.url, payment), {
    method: 'POST',
    body: new URLSearchParams({ x: '1' }),
  })
  const name = nameOf('payment', payment.tenant, payment.id)
  assert.match(
    await back.text(),
    new RegExp(`href="https://shop.example/done\\?order=7&amp;payment_intent=${name}&amp;`),
  )
  assert.equal((await storedAttempt(till, charge.id)).charge.state, 'captured')
  const on = await visit(url)
  assert.equal(on.status, 303)
  const to = new URL(on.headers.get('location') ?? '')
  assert.deepEqual(
    [to.origin, to.searchParams.get('order'), to.searchParams.get('payment_intent')],
    ['https://shop.example', '7', name],
  )
  assert.match(
    to.searchParams.get('payment_intent_client_secret') ?? '',
    new RegExp(`^${name}_secret_[0-9A-Za-z]{22}$`),
  )
})

test('a device check is a page of the issuer’s own there, and needs no script', async () => {
  for (const [card, ends] of [
    ['4000009990000039', 'captured'],
    ['4000009990000047', 'requires_action'],
  ] as const) {
    const session = await till.openSession()
    const wish = { returnUrl: RETURN_URL, request: 'automatic', browser: { javascript: true } } as const
    const { charge, payment } = await till.pay(session, card, wish)
    assert.equal(charge.document.action?.type, 'device_check')
    const shown = await (await visit(challengeUrl(page.url, payment))).text()
    const issuer = /<form id="bank" method="post" action="([^"]+)">/.exec(shown)?.[1] ?? assert.fail('no form')
    const creq = /name="creq" value="([^"]+)"/.exec(shown)?.[1] ?? ''
    const device = await submit(issuer, { creq })
    assert.match(device, /Checking your device/)
    const next = await submit(issuer, { go_on: '1' })
    assert.match(next, ends === 'captured' ? /Back to the shop/ : /One-time code/)
    await visit(challengeReturnUrl(page.url, payment))
    const { charge: after } = await storedAttempt(till, charge.id)
    assert.equal(after.state, ends)
    if (after.document.action) await confirmAt(after.document.action.url)
    await visit(challengeReturnUrl(page.url, payment))
    assert.equal((await storedAttempt(till, charge.id)).charge.state, 'captured')
  }
})
