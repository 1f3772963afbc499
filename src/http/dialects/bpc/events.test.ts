import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Tenant, testTenant, type Uuid } from '../../../core/ids.ts'
import { bpcEvents, bpcSignature } from './events.ts'

const events = bpcEvents(() => ({ publicUrl: 'https://pay.example' }))
const EVENT_ID = 'b8dd201e-5da0-4655-bc31-c3470698c172' as Uuid

test('the signature is that of openssl over body, dot and time', () => {
  // printf '{"a":1}.1700000000' | openssl dgst -sha256 -hmac secret
  const hex = '8332bacf46670c96fc7a2137266fb92beb8447063d7c58fb6c8104f4f6a0da0c'
  assert.equal(bpcSignature(Buffer.from('{"a":1}'), 'secret', 1_700_000_000), `t=1700000000,v1=${hex}`)
})

test('a client that reads one signature gets the one of the newest secret', () => {
  const body = Buffer.from('{}')
  const attempt = { eventName: 'evt_1', eventId: EVENT_ID, tenant: testTenant(1) as Tenant, number: 1n, body }
  const headers = events.headers({ ...attempt, sentAtSeconds: 7, secrets: ['new', 'old'], shape: 'bpc/2023-11-15' })
  assert.deepEqual(headers, {
    'content-type': 'application/json',
    'api-request-id': `req_${EVENT_ID}`,
    'x-version': '2023-11-15',
    'x-signature': bpcSignature(body, 'new', 7),
  })
})

test('an endpoint may ask for every type by name, each once', () => {
  assert.equal(new Set(events.types).size, events.types.length)
  for (const type of ['session.completed', 'session.expired', 'payment.created', 'payment.funded', 'refund.failed']) {
    assert.ok(events.types.includes(type), type)
  }
})
