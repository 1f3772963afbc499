import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestOpentill } from '../../support/opentill.ts'
import { CONFIRM, DATA, hsrcClient, SESSION } from './client.ts'

const till = await startTestOpentill(import.meta.url)
after(() => till.stop())
const ask = hsrcClient(till.url, till.secretKey)
const page = hsrcClient(till.url)

const made = async (more: object = {}) =>
  (await ask('POST', '/checkout-sessions', { ...SESSION, ...more })).json.checkout_session
const confirm = (token: string, body: unknown = CONFIRM, headers = {}) =>
  page('POST', `/checkout-sessions/token/${token}/confirm`, body, headers)

test('hsrc 1: a session is made, and read in both places where clients look', async () => {
  for (const path of ['/checkout-sessions', '/checkout-sessions/']) {
    const { status, json } = await ask('POST', path, SESSION)
    assert.equal(status, 201)
    assert.deepEqual([json.message, json.success], ['success', true])
    const { checkout_session: session } = json
    assert.deepEqual(json.data.checkout_session, session)
    assert.deepEqual([json.data.id, json.data.status], [session.id, 'PENDING'])
    assert.equal(session.url, SESSION.url)
    assert.ok(session.token.length > 40)
    assert.equal(session.status, 'PENDING')
    assert.deepEqual([session.amount, session.currency, session.fixed_amount], [12500, 'TRY', '12500'])
    assert.deepEqual(session.metadata, SESSION.metadata)
    assert.equal(session.return_url, SESSION.return_url)
  }
})

test('hsrc 2: the shop’s page reads the session by its token, with no key or with one', async () => {
  const session = await made()
  for (const client of [page, ask, hsrcClient(till.url, till.publishableKey)]) {
    const { status, json } = await client('GET', `/checkout-sessions/token/${session.token}`)
    assert.equal(status, 200)
    assert.deepEqual(json.data.checkout_session, session)
  }
  const wrong = await page('GET', `/checkout-sessions/token/${session.token.slice(0, -1)}0`)
  assert.equal(wrong.status, 404)
  assert.equal((await page('GET', `/checkout-sessions/${session.id}`)).status, 401, 'an id is no token')
  assert.equal((await page('GET', `/checkout-sessions/token/${session.id}`)).status, 404)
})

test('hsrc 3: a sandbox card pays the session', async () => {
  const session = await made()
  assert.equal((session.payment as { status: string }).status, 'CREATED')
  const { status, json } = await confirm(session.token)
  assert.equal(status, 200)
  assert.equal(json.checkout_session.status, 'COMPLETED')
  assert.equal(json.payment.status, 'SUCCEEDED')
  assert.deepEqual(json.data.payment, json.payment)
  assert.deepEqual(json.confirmResult, { ok: true, latestResult: { kind: 'success' } })
  assert.equal(json.checkout_session.payer_email, 'ada@example.com')
  assert.equal(json.checkout_session.payment_id, session.payment_id, 'the payment was known before')
  const again = await confirm(session.token)
  assert.equal(again.status, 409)
  assert.deepEqual([again.json.success, again.json.error.code], [false, 409])
})

test('hsrc 5: the shop’s server reads the payment, from the beginning to the end', async () => {
  const session = await made()
  const read = async () => (await ask('GET', `/payments/${session.payment_id}?include_charges=true`)).json.payment
  const before = await read()
  assert.deepEqual([before.status, before.charges, before.amount], ['CREATED', [], 12500])
  await confirm(session.token)
  const after = await read()
  assert.equal(after.id, before.id)
  assert.equal(after.status, 'SUCCEEDED')
  assert.deepEqual(
    after.charges?.map(({ status, attempt_no, payment_id }) => [status, attempt_no, payment_id]),
    [['CAPTURED', 1, session.payment_id]],
  )
})

test('hsrc 9: a card that is none of the sandbox’s is declined, and another one pays', async () => {
  const session = await made()
  const { status, json } = await confirm(session.token, {
    ...CONFIRM,
    payment_method: { type: 'card', data: { ...DATA, pan: '4000000000000051', year: '2034' } },
  })
  assert.equal(status, 200)
  assert.equal(json.checkout_session.status, 'PENDING')
  assert.equal(json.payment.status, 'REQUIRES_PAYMENT_METHOD')
  const { ok, errCode, message } = json.confirmResult
  assert.deepEqual([ok, errCode, message], [false, 'invalid_payment_method', 'Invalid sandbox test card'])
  assert.equal(json.confirmResult.latestResult.kind, 'error')
  assert.equal((await confirm(session.token)).json.payment.status, 'SUCCEEDED')
  const { charges } = (await ask('GET', `/payments/${session.payment_id}?include_charges=1`)).json.payment
  assert.deepEqual(
    charges?.map((charge) => [charge.status, (charge.details as { errCode?: string }).errCode]),
    [
      ['DECLINED', 'invalid_payment_method'],
      ['CAPTURED', undefined],
    ],
  )
})

test('every card of the system’s sandbox pays, its code sent or not', async () => {
  const cards = [
    ['4991001823456701', '05', '28', '123'],
    ['5991029876543210', '08', '30', '456'],
    ['379103823456701', '11', '29', '1234'],
    ['9792049876543211', '04', '29', '666'],
    ['4992001234567890', '10', '31', '555'],
    ['6295018765432109', '01', '31', '888'],
  ] as const
  for (const [pan, month, year, code] of cards) {
    for (const sent of [{ cvv: code }, { cvc: code }, {}]) {
      const { token } = await made()
      const data = { name: 'Ada Lovelace', pan, month, year, ...sent }
      const { json } = await confirm(token, { ...CONFIRM, payment_method: { type: 'card', data } })
      assert.equal(json.payment?.status, 'SUCCEEDED', json.message)
    }
    const { token } = await made()
    const data = { name: 'Ada Lovelace', pan, month, year: '33', cvv: code }
    const { json } = await confirm(token, { ...CONFIRM, payment_method: { type: 'card', data } })
    assert.equal(json.confirmResult.errCode, 'invalid_payment_method', 'another expiry is another card')
  }
})
