import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { authorizationBody, startTestBank } from '../../test/support/sandbox-bank.ts'
import { TEST_CARDS } from './test-cards.ts'

const bank = await startTestBank(import.meta.url)
after(bank.stop)

test('an approved card holds the money', async () => {
  const { status, body } = await bank.send('POST', '/v1/authorizations', authorizationBody({ reference: 'first' }))
  assert.equal(status, 201)
  const { id, created, network, ...rest } = body
  assert.match(String(id), /^auth_[0-9a-f]{32}$/)
  assert.ok(!Number.isNaN(Date.parse(String(created))))
  const { transaction_id, authorization_code, ...facts } = network as Record<string, unknown>
  assert.match(String(transaction_id), /^[A-Z2-9]{15}$/)
  assert.match(String(authorization_code), /^[A-Z2-9]{6}$/)
  assert.deepEqual(facts, { brand: 'visa', funding: 'credit', cvc_check: 'pass', postal_check: 'unavailable' })
  assert.deepEqual(rest, {
    object: 'authorization',
    reference: 'first',
    status: 'authorized',
    amount: 1000,
    currency: 'EUR',
    captured_amount: 0,
    released_amount: 0,
    refunded_amount: 0,
    refund_pending_amount: 0,
    disputed_amount: 0,
    decline: null,
    three_d_secure: null,
    action: null,
    disputes: [],
    expires: new Date(Date.parse(String(created)) + 7 * 24 * 60 * 60 * 1000).toISOString(),
  })
})

/** Whatever else the card is for, without `three_d_secure` in the order it is as it ever was. */
for (const card of TEST_CARDS.filter(({ conduct }) => conduct === undefined)) {
  const outcome = card.authentication?.required ? 'authentication_required' : card.outcome
  test(`over the wire, ${card.id} ends in ${outcome}`, async () => {
    const expiry = card.expiry === 'any' ? { month: 12, year: 2034 } : card.expiry
    const answer = await bank.authorize({
      capture: true,
      card: { number: card.number, exp_month: expiry.month, exp_year: expiry.year, cvc: null },
    })
    assert.equal(answer.status, outcome === 'approve' ? 'captured' : 'declined')
    assert.equal(answer.captured_amount, outcome === 'approve' ? 1000 : 0)
    assert.equal((answer.decline as { code: string } | null)?.code ?? 'approve', outcome)
    assert.deepEqual([answer.three_d_secure, answer.action], [null, null])
  })
}

test('capture in part, then refunds, are answered with their own ids and counted', async () => {
  const { id } = await bank.authorize()
  const capture = await bank.send('POST', `/v1/authorizations/${id}/captures`, {
    reference: `c-${id}`,
    amount: 700,
  })
  assert.equal(capture.status, 201)
  assert.deepEqual([capture.body.object, capture.body.amount, capture.body.status], ['capture', 700, 'succeeded'])
  const refund = await bank.send('POST', `/v1/authorizations/${id}/refunds`, { reference: `r1-${id}`, amount: 200 })
  assert.match(String(refund.body.id), /^rfnd_/)
  const rest = await bank.send('POST', `/v1/authorizations/${id}/refunds`, { reference: `r2-${id}` })
  assert.equal(rest.body.amount, 500)
  const more = await bank.send('POST', `/v1/authorizations/${id}/refunds`, { reference: `r3-${id}`, amount: 1 })
  assert.deepEqual([more.status, errorOf(more.body).code], [409, 'amount_out_of_range'])

  const { body } = await bank.send('GET', `/v1/authorizations/${id}`)
  assert.deepEqual(
    [body.status, body.captured_amount, body.released_amount, body.refunded_amount],
    ['captured', 700, 300, 700],
  )
  const first = await bank.send('GET', `/v1/authorizations/${id}/operations?limit=2`)
  const second = await bank.send('GET', `/v1/authorizations/${id}/operations?cursor=${first.body.next_cursor}`)
  const seen = [first, second].flatMap((page) => page.body.operations as { amount: number }[])
  assert.deepEqual(seen.map(({ amount }) => amount).sort(), [200, 500, 700])
  assert.equal(second.body.next_cursor, null)
})

test('a void releases the money, and only once', async () => {
  const { id } = await bank.authorize()
  assert.equal((await bank.send('POST', `/v1/authorizations/${id}/voids`, { reference: `v-${id}` })).status, 201)
  const again = await bank.send('POST', `/v1/authorizations/${id}/voids`, { reference: `v2-${id}` })
  assert.deepEqual([again.status, errorOf(again.body).code], [409, 'wrong_state'])
  const { body } = await bank.send('GET', `/v1/authorizations/${id}`)
  assert.deepEqual([body.status, body.released_amount], ['voided', 1000])
})

test('of ten captures and ten voids at once, one wins', async () => {
  const { id } = await bank.authorize()
  const orders = Array.from({ length: 20 }, (_, at) =>
    bank.send('POST', `/v1/authorizations/${id}/${at % 2 ? 'captures' : 'voids'}`, { reference: `race-${at}-${id}` }),
  )
  const statuses = (await Promise.all(orders)).map(({ status }) => status)
  assert.deepEqual(statuses.sort(), [201, ...Array(19).fill(409)])
})

test('32 refunds at once of 1 to 7 return exactly what was captured', async () => {
  const { id } = await bank.authorize({ amount: 60, capture: true })
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, at) =>
      bank.send('POST', `/v1/authorizations/${id}/refunds`, { reference: `many-${at}-${id}`, amount: (at % 7) + 1 }),
    ),
  )
  const accepted = answers
    .filter(({ status }) => status === 201)
    .reduce((sum, { body }) => sum + Number(body.amount), 0)
  const { body } = await bank.send('GET', `/v1/authorizations/${id}`)
  assert.equal(body.refunded_amount, accepted)
  // What is left is less than the smallest refund that was refused.
  const refused = answers.flatMap(({ status }, at) => (status === 409 ? [(at % 7) + 1] : []))
  assert.ok(accepted <= 60)
  assert.ok(60 - accepted < Math.min(...refused))
  assert.equal(refused.length + answers.filter(({ status }) => status === 201).length, 32)
})

test('a reference finds its authorization or operation, and says when there is none', async () => {
  const { id } = await bank.authorize({ reference: 'wanted/1', capture: true })
  await bank.send('POST', `/v1/authorizations/${id}/refunds`, { reference: 'wanted/2', amount: 5 })
  const authorization = await bank.send('GET', `/v1/authorizations?reference=${encodeURIComponent('wanted/1')}`)
  assert.equal(authorization.body.found, true)
  assert.equal((authorization.body.authorization as { id: string }).id, id)
  const operation = await bank.send('GET', `/v1/operations?reference=${encodeURIComponent('wanted/2')}`)
  const found = operation.body.operation as Record<string, unknown>
  assert.deepEqual([found.object, found.authorization, found.amount], ['refund', id, 5])
  const byId = await bank.send('GET', `/v1/operations/${found.id}`)
  assert.deepEqual(byId.body, found)
  for (const path of ['authorizations', 'operations'])
    assert.deepEqual((await bank.send('GET', `/v1/${path}?reference=nobody`)).body, { found: false })
})

test('a reference is used once, with or without an idempotency key', async () => {
  await bank.authorize({ reference: 'once' })
  const again = await bank.send('POST', '/v1/authorizations', authorizationBody({ reference: 'once' }), {
    key: 'once-k',
  })
  assert.deepEqual(
    [again.status, errorOf(again.body)],
    [409, { code: 'reference_used', message: errorOf(again.body).message, field: 'reference' }],
  )
})

test('merchants do not see each other', async () => {
  const { id } = await bank.authorize({ reference: 'mine' })
  const other = { merchant: 'other' }
  assert.equal((await bank.send('GET', `/v1/authorizations/${id}`, undefined, other)).status, 404)
  assert.equal((await bank.send('POST', `/v1/authorizations/${id}/voids`, { reference: 'x' }, other)).status, 404)
  assert.deepEqual((await bank.send('GET', '/v1/authorizations?reference=mine', undefined, other)).body, {
    found: false,
  })
  assert.equal((await bank.send('GET', '/v1/books?merchant=shop', undefined, other)).status, 403)
  assert.equal(
    (await bank.send('POST', '/v1/authorizations', authorizationBody({ reference: 'mine' }), other)).status,
    201,
  )
})

test('without a merchant key nothing is answered', async () => {
  for (const authorization of ['', 'Bearer shop', 'Bearer bank_', 'Bearer bank_a b', 'Basic YmFua19h']) {
    const answer = await fetch(`${bank.url}/v1/books`, { headers: { authorization } })
    assert.equal(answer.status, 401, authorization)
  }
})

function errorOf(body: Record<string, unknown>): Record<string, unknown> {
  return body.error as Record<string, unknown>
}
