import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { RETURN_URL } from '../../test/support/cardholder.ts'
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
