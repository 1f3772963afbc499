import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attemptBegun, NOW } from '../../test/support/records.ts'
import { isHopeless, maySend, nextAsk, nextLook } from './asking.ts'
import type { Charge } from './charge.ts'
import type { Refund } from './refund.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const later = (ms: number): Date => new Date(NOW.getTime() + ms)

test('an order is asked about at growing pauses for thirty days, and no longer', () => {
  const pauses: number[] = []
  for (let asked = 0, age = 0; !isHopeless({ createdAt: NOW }, later(age)); asked++) {
    const pause = nextAsk({ asked, createdAt: NOW }, later(age)).getTime() - later(age).getTime()
    pauses.push(pause)
    age += pause
  }
  assert.deepEqual(pauses.slice(0, 8), [2000, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, HOUR])
  assert.deepEqual(new Set(pauses.slice(8, 79)), new Set([HOUR]))
  assert.deepEqual(new Set(pauses.slice(80)), new Set([DAY]))
  assert.ok(pauses.slice(80).length >= 26)
})

test('an order leaves only while its key outlives even its slowest request, to the millisecond', () => {
  const order = { providerKeyValidUntil: later(DAY) }
  assert.equal(maySend(order, HOUR, later(DAY - HOUR - 1)), true)
  assert.equal(maySend(order, HOUR, later(DAY - HOUR)), false)
  assert.equal(
    maySend({ providerKeyValidUntil: later(HOUR) }, HOUR, later(0)),
    false,
    'the horizon is as long as the key',
  )
})

const { charge } = attemptBegun()
const lookAfter = (change: Partial<Charge>, ageMs: number, refunds: readonly Refund[] = []) => {
  const at = nextLook({ charge: { ...charge, ...change }, refunds, disputes: [] }, later(ageMs))
  return at && at.getTime() - later(ageMs).getTime()
}

test('a hold is looked at when it may have run out, and daily from then on', () => {
  assert.equal(lookAfter({ state: 'authorized' }, HOUR), 7 * DAY + 60_000 - HOUR)
  assert.equal(lookAfter({ state: 'authorized' }, 9 * DAY), DAY)
})

test('a hold is looked at when the bank says that it ends, however long that is, within patience', () => {
  const held = (ms: number) => ({ state: 'authorized', document: { heldUntil: later(ms).toISOString() } }) as const
  assert.equal(lookAfter(held(5 * HOUR), HOUR), 4 * HOUR + 60_000)
  assert.equal(lookAfter(held(10 * DAY), 8 * DAY), 2 * DAY + 60_000)
  assert.equal(lookAfter(held(10 * DAY), 10 * DAY + 60_000), DAY)
  assert.equal(lookAfter(held(900 * DAY), 0), 30 * DAY + 60_000)
  assert.equal(lookAfter({ state: 'authorized', document: { heldUntil: 'never' } }, 0), 7 * DAY + 60_000)
})

test('late success is watched for thirty days at growing pauses where the provider had no record, else not', () => {
  const absent = { state: 'failed', document: { decline: { code: 'processing_error', raw: 'not_received' } } } as const
  const pauses = [0, HOUR, 10 * HOUR, 20 * DAY, 30 * DAY].map((age) => lookAfter(absent, age))
  assert.deepEqual(pauses, [HOUR / 4, HOUR, 10 * HOUR, DAY, null])
  assert.equal(lookAfter({ state: 'declined', document: { decline: { code: 'do_not_honor' } } }, 0), null)
})

test('what was captured is looked at for as long as it may be charged back, a dozen times or so', () => {
  const days: number[] = []
  for (let age = 0; ; ) {
    const pause = lookAfter({ state: 'captured' }, age)
    if (pause === null) break
    age += pause
    days.push(age / DAY)
  }
  assert.deepEqual(days, [1, 2, 4, 8, 16, 32, 64, 124, 184, 244, 304, 364, 424, 484, 544])
})

test('a refund under way is looked at sooner than its charge', () => {
  const refund: Refund = {
    tenant: charge.tenant,
    id: charge.id,
    version: 1,
    chargeId: charge.id,
    paymentId: charge.paymentId,
    state: 'pending',
    origin: 'merchant',
    amount: 1n,
    currency: 'EUR',
    providerId: 'rfnd_1',
    createdAt: NOW,
    document: {},
  }
  assert.equal(lookAfter({ state: 'captured' }, 0, [refund]), 60_000)
  assert.equal(lookAfter({ state: 'captured' }, 0, [{ ...refund, state: 'succeeded' }]), DAY)
})
