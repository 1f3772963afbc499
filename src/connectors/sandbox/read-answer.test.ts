import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testTenant } from '../../core/ids.ts'
import { readOperations, readOutcome, readQuery, readSent } from './read-answer.ts'

const ORDER = { tenant: testTenant(1), reference: 'ch_1', currency: 'EUR' }
const BOOKED = {
  id: 'auth_1',
  reference: 'ch_1',
  status: 'captured',
  amount: 2400,
  currency: 'EUR',
  captured_amount: 2400,
  refunded_amount: 0,
  refunds: [],
  more_refunds: false,
}
const REFUND = { id: 'rfnd_1', object: 'refund', reference: 're_1', status: 'succeeded', amount: 5, currency: 'EUR' }
const response = (status: number, body: unknown) => ({
  status,
  headers: {},
  body: body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body)),
})
const outcome = (status: number, body: unknown) => readOutcome(response(status, body), ORDER)
const query = (status: number, body: unknown) => readQuery(response(status, body), ORDER)

test('a booked order is told with its amounts', () => {
  const told = { state: 'captured', providerId: 'auth_1', authorized: 2400n, captured: 2400n, refunds: [] }
  const facts = { checks: {}, network: {} }
  assert.deepEqual(outcome(201, BOOKED), { ...told, ...facts })
  assert.deepEqual(query(200, { found: true, authorization: BOOKED }), outcome(201, BOOKED))
  for (const status of ['authorized', 'voided', 'expired']) {
    const held = outcome(201, { ...BOOKED, status, captured_amount: 0 })
    assert.deepEqual(held, { ...told, ...facts, state: status, captured: 0n })
    assert.equal(outcome(201, { ...BOOKED, status }), 'lost', 'captured, and yet not')
  }
})

test('a hold’s end is told where it can be read, and for a hold alone', () => {
  const held = (change: object) => outcome(201, { ...BOOKED, status: 'authorized', captured_amount: 0, ...change })
  const until = (seen: unknown) => (seen as { readonly heldUntil?: Date }).heldUntil?.toISOString()
  assert.equal(until(held({ expires: '2026-01-09T03:04:05.678Z' })), '2026-01-09T03:04:05.678Z')
  for (const expires of [null, undefined, 7, '', 'soon']) assert.equal(until(held({ expires })), undefined)
  assert.equal(until(outcome(201, { ...BOOKED, expires: '2026-01-09T03:04:05.678Z' })), undefined)
})

for (const [name, body] of [
  ['another reference', { ...BOOKED, reference: 'ch_2' }],
  ['no reference', { ...BOOKED, reference: undefined }],
  ['no currency', { ...BOOKED, currency: undefined }],
  ['a currency that is none', { ...BOOKED, currency: 'eur' }],
  ['refunds in another currency', { ...BOOKED, refunded_amount: 5, refunds: [{ ...REFUND, currency: 'USD' }] }],
  ['an id with spaces', { ...BOOKED, id: 'a b' }],
  ['more captured than authorized', { ...BOOKED, amount: 2399 }],
  ['more refunded than captured', { ...BOOKED, refunded_amount: 2401 }],
  ['a fraction', { ...BOOKED, captured_amount: 0.5 }],
  ['a decline that took money', { ...BOOKED, status: 'declined', decline: { code: 'lost_card' } }],
  ['a decline without a reason', { ...BOOKED, status: 'declined', captured_amount: 0, decline: null }],
  ['a reason for declining what was captured', { ...BOOKED, decline: { code: 'lost_card' } }],
  ['refunds that are not a list', { ...BOOKED, refunds: {} }],
  ['money refunded that no refund has', { ...BOOKED, refunded_amount: 5 }],
] as const) {
  test(`an answer with ${name} is no evidence`, () => {
    assert.deepEqual(outcome(201, body), 'lost')
    assert.deepEqual(query(200, { found: true, authorization: body }), 'lost')
  })
}

test('what was booked in another currency is told with it, and only then', () => {
  const refunded = { refunded_amount: 5, refunds: [{ ...REFUND, currency: 'USD' }] }
  const declined = { status: 'declined', captured_amount: 0, decline: { code: 'lost_card' } }
  for (const change of [{}, refunded, declined]) {
    const seen = outcome(201, { ...BOOKED, ...change, currency: 'USD' })
    assert.equal(typeof seen === 'string' ? seen : seen.currency, 'USD')
  }
  assert.ok(!Object.hasOwn(outcome(201, BOOKED) as object, 'currency'))
})

test('only "not found" in the bank’s own answer to a query is absence', () => {
  assert.deepEqual(query(200, { found: false }), 'absent')
  assert.deepEqual(outcome(200, { found: false }), 'lost')
  for (const found of [undefined, null, 0, '', 'false', {}]) assert.deepEqual(query(200, { found }), 'lost')
  for (const status of [201, 204, 400, 401, 403, 404, 409, 429, 500, 503]) {
    assert.deepEqual(query(status, { found: false, error: { code: 'not_found' } }), 'lost', String(status))
  }
})

test('an order was refused unbooked where the bank says so in its own words, at that status', () => {
  const refused = [
    [400, 'invalid_request'],
    [413, 'body_too_large'],
    [415, 'unsupported_media_type'],
    [503, 'out_of_service'],
  ] as const
  for (const [status, code] of refused) {
    assert.deepEqual(outcome(status, { error: { code } }), 'absent')
    for (const other of [undefined, '', 'fault', 1])
      assert.deepEqual(outcome(status, { error: { code: other } }), 'lost')
  }
  for (const status of [200, 202, 302, 401, 403, 404, 408, 409, 422, 429, 500, 502, 504]) {
    for (const [, code] of refused) assert.deepEqual(outcome(status, { error: { code } }), 'lost')
  }
})

test('an order whose sender the bank does not know is declined for good, where the bank says so in its own words', () => {
  const refused = outcome(401, { error: { code: 'unauthorized' } })
  assert.deepEqual(refused, {
    state: 'declined',
    providerId: null,
    authorized: 0n,
    captured: 0n,
    refunds: [],
    decline: { code: 'credentials_refused', raw: 'unauthorized' },
  })
  for (const code of [undefined, '', 'fault', 1]) assert.equal(outcome(401, { error: { code } }), 'lost')
  for (const status of [200, 400, 403, 500]) assert.equal(outcome(status, { error: { code: 'unauthorized' } }), 'lost')
})

test('whatever bytes arrive: an answer is read, nothing is thrown, and success repeats the order', () => {
  const mutated = fc
    .record(
      Object.fromEntries(
        Object.entries(BOOKED).map(([name, value]) => [name, fc.oneof(fc.constant(value), fc.jsonValue())]),
      ),
      { requiredKeys: [] },
    )
    .map((body) => response(201, body))
  const bodies = fc.oneof(
    mutated,
    fc.uint8Array({ maxLength: 200 }).map((bytes) => response(201, bytes)),
    fc.jsonValue().map((value) => response(201, value)),
  )
  fc.assert(
    fc.property(bodies, (answer) => {
      const evidence = readOutcome(answer, ORDER)
      assert.notEqual(evidence, 'absent')
      if (typeof evidence === 'string') return
      const { reference, currency } = JSON.parse(new TextDecoder().decode(answer.body))
      assert.deepEqual([reference, currency], [ORDER.reference, evidence.currency ?? ORDER.currency])
      const { state, captured, authorized } = evidence
      assert.equal(state === 'captured', captured > 0n)
      assert.ok(captured <= authorized)
    }),
    { numRuns: 2000 },
  )
})

test('a decline keeps the bank’s word beside ours, unless it is a card number or no plain text', () => {
  const declined = (code: unknown, networkCode?: unknown) =>
    outcome(201, { ...BOOKED, status: 'declined', captured_amount: 0, decline: { code, network_code: networkCode } })
  const because = (decline: object) => ({
    state: 'declined',
    providerId: 'auth_1',
    authorized: 0n,
    captured: 0n,
    refunds: [],
    decline,
  })
  const lost = { code: 'lost_card', raw: 'lost_card', networkCode: '41' }
  assert.deepEqual(declined('lost_card', '41'), because(lost))
  const velocity = { code: 'velocity_exceeded', raw: 'card_velocity_exceeded' }
  assert.deepEqual(declined('card_velocity_exceeded'), because(velocity))
  assert.deepEqual(declined('news'), because({ code: 'generic_decline', raw: 'news' }))
  for (const code of [
    '4242424242424242',
    '4242 4242 4242 4242',
    'a\u0000b',
    'x'.repeat(101),
    '',
    7,
    null,
    'toString',
  ]) {
    const evidence = declined(code)
    assert.deepEqual(evidence, because({ code: 'generic_decline', ...(code === 'toString' ? { raw: code } : {}) }))
  }
})

test('an order about money is refused in the bank’s own words only; anything else leaves it open', () => {
  const sent = (status: number, code?: unknown) => readSent(response(status, { error: { code } }))
  assert.deepEqual(sent(409, 'wrong_state'), { sent: 'refused', refusal: 'wrong_state' })
  assert.deepEqual(sent(409, 'amount_out_of_range'), { sent: 'refused', refusal: 'amount_out_of_range' })
  assert.deepEqual(sent(404, 'not_found'), { sent: 'refused', refusal: 'not_found' })
  for (const status of [200, 201]) assert.deepEqual(readSent(response(status, {})), { sent: 'accepted' })
  const open = [
    [409, 'reference_used'],
    [409, 'idempotency_in_flight'],
    [422, 'idempotency_mismatch'],
    [500, 'wrong_state'],
    [429, undefined],
    [404, undefined],
    [202, 'wrong_state'],
  ] as const
  for (const [status, code] of open) assert.deepEqual(sent(status, code), { sent: 'lost' }, `${status} ${code}`)
})

test('refunds are listed whole or not at all', () => {
  const capture = { id: 'cap_1', object: 'capture', status: 'odd', amount: -1 }
  const page = (operations: unknown, next: unknown = null) =>
    readOperations(response(200, { operations, next_cursor: next }), ORDER)
  const read = { reference: 're_1', providerId: 'rfnd_1', amount: 5n, status: 'succeeded' }
  assert.deepEqual(page([capture, REFUND]), { refunds: [read], next: null })
  assert.deepEqual(page([], 'op_9'), { refunds: [], next: 'op_9' })
  const failed = { ...REFUND, status: 'failed', failure_reason: 'expired_or_canceled_card' }
  assert.deepEqual(page([failed])?.refunds[0], { ...read, status: 'failed', failureReason: 'expired_or_canceled_card' })
  for (const change of [{ id: 7 }, { currency: 'USD' }, { amount: 0 }, { amount: '5' }, { status: 'gone' }]) {
    assert.equal(page([REFUND, { ...REFUND, ...change }]), undefined, JSON.stringify(change))
  }
  for (const operations of [undefined, {}, [null], ['x']]) assert.equal(page(operations), undefined)
  assert.equal(page([REFUND], ''), undefined)
  assert.equal(readOperations(response(500, { operations: [], next_cursor: null }), ORDER), undefined)
})
