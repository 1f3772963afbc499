import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testTenant } from '../../core/ids.ts'
import { readOutcome, readQuery } from './read-answer.ts'

const ORDER = { tenant: testTenant(1), reference: 'ch_1', currency: 'EUR' }
const BOOKED = {
  id: 'auth_1',
  reference: 'ch_1',
  status: 'captured',
  amount: 2400,
  currency: 'EUR',
  captured_amount: 2400,
  refunded_amount: 0,
}
const response = (status: number, body: unknown) => ({
  status,
  headers: {},
  body: body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body)),
})
const outcome = (status: number, body: unknown) => readOutcome(response(status, body), ORDER)
const query = (status: number, body: unknown) => readQuery(response(status, body), ORDER)

test('a booked order is told with its amounts', () => {
  const told = { is: 'captured', providerId: 'auth_1', authorized: 2400n, captured: 2400n, refunded: 0n }
  assert.deepEqual(outcome(201, BOOKED), { ...told, checks: {}, network: {} })
  assert.deepEqual(query(200, { found: true, authorization: BOOKED }), outcome(201, BOOKED))
  assert.deepEqual(outcome(201, { ...BOOKED, status: 'voided' }), { is: 'voided', providerId: 'auth_1' })
})

for (const [name, body] of [
  ['another reference', { ...BOOKED, reference: 'ch_2' }],
  ['no reference', { ...BOOKED, reference: undefined }],
  ['another currency', { ...BOOKED, currency: 'USD' }],
  ['an id with spaces', { ...BOOKED, id: 'a b' }],
  ['more captured than authorized', { ...BOOKED, amount: 2399 }],
  ['more refunded than captured', { ...BOOKED, refunded_amount: 2401 }],
  ['a fraction', { ...BOOKED, captured_amount: 0.5 }],
] as const) {
  test(`an answer with ${name} is no evidence`, () => {
    assert.deepEqual(outcome(201, body), { is: 'lost' })
    assert.deepEqual(query(200, { found: true, authorization: body }), { is: 'lost' })
  })
}

test('only "not found" in the bank’s own answer to a query is absence', () => {
  assert.deepEqual(query(200, { found: false }), { is: 'absent' })
  assert.deepEqual(outcome(200, { found: false }), { is: 'lost' })
  for (const found of [undefined, null, 0, '', 'false', {}]) assert.deepEqual(query(200, { found }), { is: 'lost' })
  for (const status of [201, 204, 400, 401, 403, 404, 409, 429, 500, 503]) {
    assert.deepEqual(query(status, { found: false, error: { code: 'not_found' } }), { is: 'lost' }, String(status))
  }
})

test('an order was refused unbooked where the bank says so in its own words, at that status', () => {
  const refused = [
    [400, 'invalid_request'],
    [401, 'unauthorized'],
    [413, 'body_too_large'],
    [415, 'unsupported_media_type'],
  ] as const
  for (const [status, code] of refused) {
    assert.deepEqual(outcome(status, { error: { code } }), { is: 'absent' })
    for (const other of [undefined, '', 'fault', 1])
      assert.deepEqual(outcome(status, { error: { code: other } }), { is: 'lost' })
  }
  for (const status of [200, 202, 302, 403, 404, 408, 409, 422, 429, 500, 502, 504]) {
    for (const [, code] of refused) assert.deepEqual(outcome(status, { error: { code } }), { is: 'lost' })
  }
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
      const { reference, currency } = JSON.parse(evidence.is === 'lost' ? '{}' : new TextDecoder().decode(answer.body))
      if (evidence.is !== 'lost') assert.deepEqual([reference, currency], [ORDER.reference, ORDER.currency])
      if (evidence.is === 'captured') assert.ok(evidence.captured > 0n && evidence.captured <= evidence.authorized)
    }),
    { numRuns: 2000 },
  )
})

test('a decline keeps the bank’s word beside ours, unless it is a card number or no plain text', () => {
  const declined = (code: unknown, networkCode?: unknown) =>
    outcome(201, { ...BOOKED, status: 'declined', decline: { code, network_code: networkCode } })
  const base = { is: 'declined', providerId: 'auth_1' }
  assert.deepEqual(declined('lost_card', '41'), { ...base, code: 'lost_card', raw: 'lost_card', networkCode: '41' })
  assert.deepEqual(declined('card_velocity_exceeded'), {
    ...base,
    code: 'velocity_exceeded',
    raw: 'card_velocity_exceeded',
  })
  assert.deepEqual(declined('news'), { ...base, code: 'generic_decline', raw: 'news' })
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
    assert.deepEqual(evidence, { ...base, code: 'generic_decline', ...(code === 'toString' ? { raw: code } : {}) })
  }
})
