import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { confirmAt } from '../../test/support/issuer.ts'
import { FORM, SCRIPT, startPageTill } from '../../test/support/page-till.ts'
import { bankBooks, viewOf } from '../../test/support/paying.ts'
import type { Session } from '../core/session.ts'
import type { NewSessionInput } from '../flows/session-input.ts'
import { pageCredential } from '../flows/visit.ts'

const page = await startPageTill(import.meta.url)
after(page.stop)
const { till } = page
const CHALLENGED = '4000002760003184'

async function challenged(cardNumber = CHALLENGED, input: Partial<NewSessionInput> = {}) {
  const session = await till.openSession(input)
  const path = page.pathOf(session)
  const form = new URLSearchParams({
    attempt: await page.attemptOf(session),
    email: 'jenny@example.com',
    cardNumber,
    cardExpiry: '12 / 34',
    cardCvc: '123',
    billingName: 'Jenny Rosen',
  })
  const answer = await page.post(`${path}/pay`, form.toString())
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, `${page.url}${path}?try=1`])
  const url = (await viewOf(till, session)).charge?.document.action?.url ?? assert.fail('nothing to do')
  return { session, path, url }
}
const states = async (session: Session) => {
  const { session: now, charge } = await viewOf(till, session)
  return [now.state, charge?.state]
}
const WAITS = ['processing', 'requires_action']
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(page.url + path, { redirect: 'manual', headers })

test('the page that shows the challenge lets a form and a frame lead to that bank, and to nobody else', async () => {
  const { path, url } = await challenged()
  const answer = await get(`${path}?try=1`)
  const policy = answer.headers.get('content-security-policy') ?? ''
  const bank = new URL(url).origin
  assert.equal(bank, till.bank.url)
  assert.match(policy, new RegExp(`form-action 'self' ${page.url} https://shop.example ${bank};`))
  assert.match(policy, new RegExp(`frame-src ${bank} 'self';`))
  assert.match(answer.headers.get('permissions-policy') ?? '', new RegExp(`payment=\\(self "${bank}"\\)`))
  assert.match(await answer.text(), new RegExp(`<form id="bank" method="post" action="${url}">`))
  const other = await get(page.pathOf(await till.openSession()))
  assert.doesNotMatch(other.headers.get('content-security-policy') ?? '', new RegExp(bank))
})

/** What a thief or a clumsy bank may send to the return address (F18, S-23). */
const FORGED: readonly (readonly [name: string, query: string, body?: string])[] = [
  ['a plain visit', ''],
  ['transStatus=Y', 'transStatus=Y'],
  ['an authentication in the query', 'eci=05&cavv=AAABBEg0VhI0VniQEjRWAAAAAAA%3D&result=authenticated'],
  ['a status in the body', '', 'transStatus=Y&status=captured&redirect_status=succeeded'],
  ['a CRes', '', `cres=${Buffer.from('{"transStatus":"Y"}').toString('base64url')}`],
  ['the name of a transaction', '', 'three_d_secure_transaction=00000000-0000-0000-0000-000000000000'],
  ['another try', 'try=99'],
  ['a try that is no number', 'try=%3Cscript%3E'],
  ['a target of its own', 'next=https%3A%2F%2Fevil.example&return_url=https%3A%2F%2Fevil.example'],
  ['repeated fields', '', 'a=1&a=2'],
  ['nothing that is UTF-8', '', '%ff=%ff'],
]
for (const [name, query, body] of FORGED) {
  test(`a forged return with ${name} changes nothing, and leads to our own page`, async () => {
    const { session, path } = await challenged()
    const to = `${path}/return${query && `?${query}`}`
    for (const headers of [FORM, { ...FORM, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }]) {
      const answer = body === undefined ? await get(to) : await page.post(to, body, headers)
      assert.equal(answer.status, 303)
      const location = answer.headers.get('location') ?? ''
      assert.match(location, new RegExp(`^${page.url}${path}/returned(\\?try=\\d{1,3})?$`))
      assert.equal(answer.headers.get('set-cookie'), null)
    }
    assert.deepEqual(await states(session), WAITS)
    const books = (await bankBooks(till)).filter(({ status }) => status === 'captured')
    assert.deepEqual(books, [])
  })
}

test('a credential with one letter swapped, another session’s proof, and none find nothing', async () => {
  const [one, other] = [await challenged(), await challenged()]
  await confirmAt(one.url)
  const credential = pageCredential(one.session)
  const swapped = `${credential.slice(0, -1)}${credential.endsWith('a') ? 'b' : 'a'}`
  const mixed = credential.slice(0, -22) + pageCredential(other.session).slice(-22)
  for (const wrong of [swapped, mixed, credential.slice(0, -1), `${credential}a`]) {
    for (const answer of [await get(`/c/pay/${wrong}/return`), await page.post(`/c/pay/${wrong}/return`, 'x=1')]) {
      assert.equal(answer.status, 404)
    }
  }
  assert.deepEqual(await states(one.session), WAITS)
  await get(`${other.path}/return`)
  assert.deepEqual([await states(one.session), await states(other.session)], [WAITS, WAITS])
  await get(`${one.path}/return`)
  assert.deepEqual(await states(one.session), ['complete', 'captured'])
  assert.deepEqual(await states(other.session), WAITS)
})

test('the true return, by GET or POST, twice and at once: one outcome, and the way on', async () => {
  const { session, path, url } = await challenged()
  await confirmAt(url)
  const back = `${path}/return?try=1`
  const answers = await Promise.all([page.post(back, 'three_d_secure_transaction=x'), get(back), page.post(back, '')])
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]))
  assert.deepEqual(await states(session), ['complete', 'captured'])
  const on = await (await get(`${path}/returned?try=1`)).text()
  assert.match(on, /<meta http-equiv="refresh" content="1;url=[^"]*\?try=1&amp;wait=1">/)
  const shop = await get(`${path}?try=1&wait=1`)
  assert.match(shop.headers.get('location') ?? '', /^https:\/\/shop\.example\/done\?id=cs_test_/)
})

test('only the page that stood in the frame may be framed, and by ourselves alone', async () => {
  const { path } = await challenged()
  const framed = await get(`${path}/returned?try=1`, { 'sec-fetch-dest': 'iframe' })
  assert.equal(framed.headers.get('x-frame-options'), 'SAMEORIGIN')
  assert.match(framed.headers.get('content-security-policy') ?? '', /frame-ancestors 'self'/)
  const markup = await framed.text()
  assert.match(markup, /target="_top"/)
  assert.doesNotMatch(markup, /http-equiv="refresh"/)
  for (const answer of [
    await get(`${path}/returned?try=1`),
    await get(`${path}?try=1`, { 'sec-fetch-dest': 'iframe' }),
  ]) {
    assert.equal(answer.headers.get('x-frame-options'), 'DENY')
    assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
  }
})

test('the script is led to the challenge, and the state says so', async () => {
  const { path } = await challenged()
  const state = (await (await get(`${path}/state`)).json()) as { readonly screen: string }
  assert.equal(state.screen, 'challenge')
  const again = await page.post(`${path}/pay`, 'attempt=x&cardNumber=4242424242424242', SCRIPT)
  assert.deepEqual(await again.json(), { next: `${page.url}${path}?try=1` })
})

test('"use another card" takes the present attempt’s own word; an older form gives nothing up', async () => {
  const { session, path } = await challenged()
  await page.post(`${path}/abandon`, 'attempt=0000000000000000000000')
  assert.deepEqual(await states(session), WAITS)
  const shown = await (await get(`${path}?try=1`)).text()
  const attempt = /name="attempt" value="([^"]+)"/.exec(shown)?.[1] ?? assert.fail('no attempt')
  const answer = await page.post(`${path}/abandon`, `attempt=${attempt}`)
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, `${page.url}${path}?try=1`])
  assert.deepEqual(await states(session), ['open', 'declined'])
  await page.post(`${path}/abandon`, `attempt=${attempt}`)
  assert.match(await (await get(path)).text(), /We could not confirm it was you/)
})

test('a shop that wants every card confirmed that can be has a card confirmed that could do without', async () => {
  for (const requestThreeDSecure of ['any', 'challenge'] as const) {
    const { session, path, url } = await challenged('4000000000003055', { paymentTemplate: { requestThreeDSecure } })
    assert.deepEqual(await states(session), WAITS)
    await confirmAt(url)
    await page.post(`${path}/return`, '')
    assert.deepEqual(await states(session), ['complete', 'captured'])
  }
})
