import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { orderChallenged, orderSecure, present, RETURN_URL, RIGHT_CODE, submit } from '../../test/support/cardholder.ts'
import { testEnv } from '../../test/support/env.ts'
import { startTestBank } from '../../test/support/sandbox-bank.ts'
import { TEST_CARDS } from './test-cards.ts'

const env = testEnv()
const bank = await startTestBank(import.meta.url, { env })
after(bank.stop)
const numberOf = (id: string) => TEST_CARDS.find((card) => card.id === id)?.number ?? ''
const CHALLENGED = numberOf('challenge_always')

/** Reads what the bank says of it in the end: status, decline, result, its reason, flow, indicator. */
async function verdict(id: string): Promise<unknown[]> {
  const { status, decline, three_d_secure: secure } = await present(bank, id)
  const facts = secure as Record<string, string> | null
  const { result, result_reason, flow, eci } = facts ?? {}
  return [status, (decline as { code: string } | null)?.code, result, result_reason, flow, eci]
}

test('an order that is challenged says where to go, holds nothing, and books once the code is right', async () => {
  const order = await orderChallenged(bank, CHALLENGED, { reference: 'first' })
  const { type, url, window_sizes, transaction_id, expires } = order.action as Record<string, unknown>
  assert.match(String(url), new RegExp(`^${bank.url}/acs/challenge/acs_[0-9a-f]{32}$`))
  assert.deepEqual([type, (window_sizes as unknown[]).length, order.captured_amount], ['challenge', 5, 0])
  assert.equal(Date.parse(String(expires)) - env.now().getTime(), 10 * 60 * 1000)

  const page = await (await fetch(String(url))).text()
  for (const shown of ['€10.00', 'first', '3184', 'autocomplete="one-time-code"'])
    assert.ok(page.includes(shown), shown)
  assert.ok(!page.includes(CHALLENGED))
  const end = await submit(String(url), { code: ' 123-456 ', attempt: '0' })
  assert.ok(end.includes(`action="${RETURN_URL}"`) && end.includes(String(transaction_id)))
  for (const word of ['authenticated', 'captured', 'approved']) assert.ok(!end.includes(word), word)

  const { three_d_secure, status, captured_amount, action } = await present(bank, order.id)
  assert.deepEqual([status, captured_amount, action], ['captured', 1000, null])
  assert.deepEqual(three_d_secure, {
    version: '2.2.0',
    result: 'authenticated',
    result_reason: null,
    eci: '05',
    flow: 'challenge',
    transaction_id,
  })
})

const OUTCOMES: readonly [string, readonly unknown[]][] = [
  ['challenge_always', ['captured', undefined, 'authenticated', null, 'challenge', '05']],
  ['challenge_unless_stored', ['captured', undefined, 'authenticated', null, 'challenge', '05']],
  ['challenge_required', ['captured', undefined, 'authenticated', null, 'challenge', '05']],
  ['challenge_insufficient_funds', ['declined', 'insufficient_funds', 'authenticated', null, 'challenge', '05']],
  ['challenge_declined', ['declined', 'generic_decline', 'authenticated', null, 'challenge', '05']],
  ['challenge_returns_twice', ['captured', undefined, 'authenticated', null, 'challenge', '05']],
  ['device_check_challenge', ['captured', undefined, 'authenticated', null, 'challenge', '05']],
]
for (const [id, expected] of OUTCOMES)
  test(`${id}, with the right code, ends as published`, async () => {
    const { id: order, action } = await orderChallenged(bank, numberOf(id))
    await submit(action.url, { code: RIGHT_CODE, attempt: '0' })
    assert.deepEqual(await verdict(order), expected)
  })

const WITHOUT: readonly [string, string, Record<string, unknown>, readonly unknown[]][] = [
  ['a supported card', 'secure_supported', {}, ['captured', undefined, 'authenticated', null, 'frictionless', '05']],
  ['a stored card', 'challenge_unless_stored', { stored: true }, ['captured', ...Array(5).fill(undefined)]],
  ['an ordinary card', 'visa', {}, ['captured', ...Array(5).fill(undefined)]],
  [
    'an ordinary card, asked',
    'visa',
    { request: 'any' },
    ['captured', undefined, 'attempt_acknowledged', 'card_not_enrolled', 'frictionless', '06'],
  ],
  [
    'a Mastercard, asked',
    'mastercard',
    { request: 'challenge' },
    ['captured', undefined, 'attempt_acknowledged', 'card_not_enrolled', 'frictionless', '01'],
  ],
  [
    'a failing card',
    'authentication_failed',
    {},
    ['declined', 'authentication_failed', 'failed', 'rejected', 'frictionless', '07'],
  ],
  [
    'a card without its issuer',
    'authentication_unavailable',
    {},
    ['declined', 'authentication_unavailable', 'processing_error', 'issuer_unavailable', 'frictionless', '07'],
  ],
]
for (const [name, id, asked, expected] of WITHOUT)
  test(`${name} is answered without a challenge`, async () => {
    const { id: order } = await orderSecure(bank, numberOf(id), {}, asked)
    assert.deepEqual(await verdict(order), expected)
  })

test('who asks for a challenge gets one where the card can, also when it is stored', async () => {
  await orderChallenged(bank, numberOf('secure_supported'), {}, { request: 'any' })
  await orderChallenged(bank, numberOf('challenge_unless_stored'), {}, { request: 'challenge', stored: true })
  await orderChallenged(bank, CHALLENGED, {}, { stored: true })
})

test('a card that has expired is declined, nobody is challenged for it', async () => {
  const { id } = await orderSecure(bank, CHALLENGED, {
    card: { number: CHALLENGED, exp_month: 1, exp_year: 2025 },
  })
  assert.deepEqual((await verdict(id)).slice(0, 2), ['declined', 'expired_card'])
})

test('three wrong codes fail, and the same form sent twice counts once', async () => {
  const { id, action } = await orderChallenged(bank, CHALLENGED)
  assert.ok((await submit(action.url, { code: '000000', attempt: '0' })).includes('2 tries are left'))
  assert.ok((await submit(action.url, { code: '000000', attempt: '0' })).includes('2 tries are left'))
  assert.ok((await submit(action.url, { code: '', attempt: '1' })).includes('One try is left'))
  assert.equal((await verdict(id))[0], 'requires_action')
  await submit(action.url, { code: '000000', attempt: '2' })
  const failed = ['declined', 'authentication_failed', 'failed', 'rejected', 'challenge', '07']
  assert.deepEqual(await verdict(id), failed)
  await submit(action.url, { code: RIGHT_CODE, attempt: '3' })
  await submit(action.url, { code: RIGHT_CODE, attempt: '2' })
  assert.deepEqual(await verdict(id), failed)
})

test('cancel ends it, and cannot take back a code that was right', async () => {
  const { id, action } = await orderChallenged(bank, CHALLENGED)
  await submit(action.url, { cancel: '1', code: '', attempt: '0' })
  assert.deepEqual((await verdict(id)).slice(0, 4), ['declined', 'authentication_failed', 'failed', 'canceled'])
  const second = await orderChallenged(bank, CHALLENGED)
  await submit(second.action.url, { code: RIGHT_CODE, attempt: '0' })
  await submit(second.action.url, { cancel: '1' })
  assert.equal((await verdict(second.id))[0], 'captured')
})

test('of the right code sent 12 times and a void at once, the money moves at most once', async () => {
  for (let round = 0; round < 4; round++) {
    const { id, action, reference } = await orderChallenged(bank, CHALLENGED, { capture: round % 2 === 0 })
    const sent = Array.from({ length: 12 }, () => submit(action.url, { code: RIGHT_CODE, attempt: '0' }))
    const gaveUp = bank.send('POST', `/v1/authorizations/${id}/voids`, { reference: `give-up-${id}` })
    await Promise.all([...sent, gaveUp])
    const { status, captured_amount: captured } = await present(bank, id)
    const entries = await bank.db.sql<{ kind: string }[]>`
      select kind from entries where reference in (${String(reference)}, ${`give-up-${id}`}) order by kind`
    const kinds = entries.map(({ kind }) => kind)
    if (status === 'captured') assert.deepEqual([kinds, captured], [['authorize', 'capture'], 1000])
    else if (status === 'authorized') assert.deepEqual(kinds, ['authorize'])
    else assert.ok(status === 'voided' && [0, 2].includes(kinds.length), String(kinds))
  }
})

test('a void gives the challenge up: the page leads back and the code does nothing', async () => {
  const { id, action } = await orderChallenged(bank, CHALLENGED)
  assert.equal((await bank.send('POST', `/v1/authorizations/${id}/voids`, { reference: `v-${id}` })).status, 201)
  assert.ok((await submit(action.url, { code: RIGHT_CODE, attempt: '0' })).includes(RETURN_URL))
  const { status, released_amount, authorization } = await present(bank, id)
  assert.deepEqual([status, released_amount, authorization], ['voided', 0, undefined])
})

test('after ten minutes the time is up, for whoever asks first', async () => {
  const asked = await orderChallenged(bank, CHALLENGED)
  const visited = await orderChallenged(bank, CHALLENGED)
  const captured = await orderChallenged(bank, CHALLENGED)
  env.setNow(new Date(env.now().getTime() + 10 * 60 * 1000))
  const abandoned = ['declined', 'authentication_failed', 'failed', 'abandoned', 'challenge', '07']
  assert.deepEqual(await verdict(asked.id), abandoned)
  assert.ok((await (await fetch(visited.action.url)).text()).includes('Time is up'))
  assert.ok((await submit(visited.action.url, { code: RIGHT_CODE, attempt: '0' })).includes('Time is up'))
  assert.deepEqual(await verdict(visited.id), abandoned)
  const late = await bank.send('POST', `/v1/authorizations/${captured.id}/captures`, { reference: `c-${captured.id}` })
  assert.equal(late.status, 409)
})

test('the challenge that returns late keeps the code until its time is up', async () => {
  const { id, action } = await orderChallenged(bank, numberOf('challenge_returns_late'))
  const returning = submit(action.url, { code: RIGHT_CODE, attempt: '0' })
  while (env.sleeping() < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.equal((await verdict(id))[0], 'requires_action')
  await env.advance(5_000)
  assert.ok((await returning).includes('Time is up'))
  assert.deepEqual((await verdict(id)).slice(0, 4), ['declined', 'authentication_failed', 'failed', 'abandoned'])
})

test('the slow challenge takes 8 seconds, and one never loads', async () => {
  const slow = await orderChallenged(bank, numberOf('challenge_slow'))
  const loading = fetch(slow.action.url)
  while (env.sleeping() < 2) await new Promise((resolve) => setImmediate(resolve))
  await env.advance(8_000)
  assert.equal((await loading).status, 200)

  const never = await orderChallenged(bank, numberOf('challenge_never_loads'))
  const impatience = new AbortController()
  const loadingForEver = fetch(never.action.url, { signal: impatience.signal })
  while (!bank.logged.some((line) => line.includes('"/acs"') && line.includes('"silence"')))
    await new Promise((resolve) => setImmediate(resolve))
  impatience.abort()
  await assert.rejects(loadingForEver, { name: 'AbortError' })
  assert.equal((await bank.send('POST', `/v1/authorizations/${never.id}/voids`, { reference: 'gone' })).status, 201)
})

test('a device is checked in a hidden frame, then the merchant goes on', async () => {
  const browser = { user_agent: 'Test', screen_width: 390, screen_height: 844, javascript_enabled: true }
  const order = await orderChallenged(bank, numberOf('device_check'), {}, { browser })
  assert.equal(order.action.type, 'method')
  const frame = String(order.action.method_url)
  assert.ok((await (await fetch(frame)).text()).includes('submit()'))
  assert.ok((await submit(frame, {})).includes('"https://shop.example"'))
  assert.equal((await verdict(order.id))[0], 'requires_action')
  const { body } = await bank.send('POST', `/v1/authorizations/${order.id}/continue`, {})
  assert.deepEqual([body.status, body.captured_amount], ['captured', 1000])
  const again = await bank.send('POST', `/v1/authorizations/${order.id}/continue`, {})
  assert.deepEqual([again.status, again.body.status], [200, 'captured'])
})

test('without a frame the whole page checks the device, then challenges', async () => {
  const order = await orderChallenged(bank, numberOf('device_check_challenge'), {}, { browser: {} })
  const { url } = order.action
  assert.ok((await (await fetch(url)).text()).includes('Checking your device'))
  assert.ok((await submit(url, { creq: 'eyJ9' })).includes('Checking your device'))
  assert.ok((await submit(url, { go_on: '1' })).includes('One-time code'))
  assert.ok((await submit(url, { go_on: '1' })).includes('One-time code'))
  await submit(url, { code: RIGHT_CODE, attempt: '0' })
  assert.equal((await verdict(order.id))[0], 'captured')
})

test('an authentication is bound to its merchant, amount, currency and card', async () => {
  const { id, action } = await orderChallenged(bank, CHALLENGED)
  const acs = action.url.split('/').at(-1) ?? ''
  for (const change of [{ amount: 1 }, { currency: 'USD' }, { test_card: 'visa' }, { merchant: 'other' }])
    await assert.rejects(
      bank.db.sql`update authentications set ${bank.db.sql(change)} where id = ${acs}`,
      /authentications_bound/,
    )
  await assert.rejects(bank.db.sql`update authorizations set amount = 1 where id = ${id}`, /authentications_bound/)
})

test('a repeated order gets the same way, and another way is another order', async () => {
  const body = {
    reference: 'repeated',
    amount: 1000,
    currency: 'EUR',
    capture: true,
    card: { number: CHALLENGED, exp_month: 12, exp_year: 2034 },
    three_d_secure: { return_url: RETURN_URL, request: 'automatic' },
  }
  const first = await bank.send('POST', '/v1/authorizations', body, { key: 'repeated' })
  const again = await bank.send('POST', '/v1/authorizations', body, { key: 'repeated' })
  assert.deepEqual([again.body, again.headers.get('idempotent-replayed')], [first.body, 'true'])
  const elsewhere = { ...body, three_d_secure: { ...body.three_d_secure, return_url: 'https://evil.example/' } }
  assert.equal((await bank.send('POST', '/v1/authorizations', elsewhere, { key: 'repeated' })).status, 422)
})

test('nothing is there for who guesses, and nothing that is shown can run', async () => {
  const ghost = await fetch(`${bank.url}/acs/challenge/acs_${'0'.repeat(32)}`)
  assert.equal(ghost.status, 404)
  assert.match(ghost.headers.get('content-type') ?? '', /^text\/html/)
  const reference = '"><script>alert(1)</script>'
  const { action } = await orderChallenged(
    bank,
    CHALLENGED,
    { reference, statement_descriptor: "<b>'SHOP'&" },
    { return_url: 'https://shop.example/?a="><script>' },
  )
  for (const page of [
    await fetch(action.url),
    await fetch(action.url, { method: 'POST', body: new URLSearchParams({ cancel: '1' }) }),
  ]) {
    const policy = page.headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'; style-src 'nonce-[\w-]{22}'; script-src 'nonce-[\w-]{22}'; form-action /)
    assert.ok(!/unsafe|\*/.test(policy))
    const text = await page.text()
    assert.ok(!text.includes('<script>') && !text.includes('<b>'))
  }
  const json = await fetch(action.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  assert.equal(json.status, 415)
})
