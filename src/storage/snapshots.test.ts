import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeEvent, decodeSnapshot, encodeSnapshot } from './snapshots.ts'

/** An inquiry as the release before chargebacks kept it in events and answers. */
const OLD = {
  ...{ tenant: 15, id: '019b7cab-0000-7000-8000-000000000001', version: 2, kind: 'inquiry', provider_id: 'inquiry_1' },
  charge_id: '019b7cab-0000-7000-8000-000000000002',
  payment_id: '019b7cab-0000-7000-8000-000000000003',
  ...{ amount: '2000', currency: 'EUR', created_at: '2026-01-02T03:04:05.000Z', document: { reason: 'general' } },
}
const snapshot = (state: string) => ({ is: 'dispute', v: 1, dispute: { ...OLD, state } })

for (const state of ['needs_response', 'closed']) {
  test(`an inquiry that an older release kept as ${state} is read by its name of today`, () => {
    const read = decodeSnapshot(snapshot(state))
    assert.ok(read.is === 'dispute')
    assert.equal(read.dispute.state, `warning_${state}`)
    assert.deepEqual([read.dispute.withdrawnAt, read.dispute.reinstatedAt], [null, null])
    assert.deepEqual(decodeSnapshot(encodeSnapshot(read)), read)
  })
}

test('so is what its events say that it was before', () => {
  const event = {
    ...{ tenant: 15, id: OLD.id, type: 'charge.dispute.closed', root: OLD.id, root_version: 2, ordinal: 1 },
    ...{ request_id: null, idempotency_key: null, created_at: OLD.created_at },
    snapshot: snapshot('closed'),
    previous: { state: 'needs_response' },
  }
  assert.deepEqual(decodeEvent(event).previous, { state: 'warning_needs_response' })
  const today = { ...event, snapshot: snapshot('closed'), previous: { state: 'needs_response', kind: 'chargeback' } }
  assert.equal(decodeEvent(today).previous?.state, 'needs_response')
})
