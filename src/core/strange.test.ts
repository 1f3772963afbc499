import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attemptBegun, heard, meansAt, NOW, seenAs } from '../../test/support/records.ts'
import type { Attempt } from './attempt.ts'
import { nameOf } from './ids.ts'
import type { Observation } from './observation.ts'
import { decideRefund } from './orders.ts'
import { type News, settle } from './settlement.ts'

const AMOUNT = 2400n
const SECOND = 1000
const at = (afterMs: number): string => new Date(NOW.getTime() + afterMs).toISOString()

/** The attempt after some news, at moments after the records were made; what was told last. */
function after(start: Attempt, ...news: readonly (readonly [atMs: number, news: News])[]) {
  let attempt = start
  let tell: readonly string[] = []
  for (const [atMs, one] of news) {
    const settled = settle(attempt, one, meansAt(atMs))
    tell = settled === 'known' ? [] : settled.tell.map(({ type }) => type)
    if (settled !== 'known') attempt = settled.attempt
  }
  return { attempt, tell, charge: attempt.charge }
}

const PAID = heard(seenAs('captured'))
const HELD = heard(seenAs('authorized'))
const held = after(attemptBegun(undefined, { captureNow: false }), [0, HELD]).attempt
const paid = after(attemptBegun(), [0, PAID]).attempt
const released = after(held, [0, heard(seenAs('voided'))]).attempt
const listed = { reference: null, providerId: 'rfnd_1', status: 'succeeded' } as const

const STRANGE: readonly [name: string, start: Attempt, seen: Observation, then: string, told: string][] = [
  [
    'more captured than ordered',
    paid,
    seenAs('captured', { authorized: 2500n, captured: 2500n }),
    'captured',
    'charge.updated',
  ],
  [
    'less captured than ordered',
    attemptBegun(),
    seenAs('captured', { captured: 2399n }),
    'needs_review',
    'charge.updated',
  ],
  [
    'more captured than authorized',
    attemptBegun(),
    seenAs('captured', { authorized: 9n }),
    'captured',
    'payment_intent.succeeded',
  ],
  [
    'another amount authorized',
    attemptBegun(),
    seenAs('authorized', { authorized: 2399n }),
    'needs_review',
    'charge.updated',
  ],
  ['a capture that nobody ordered', held, seenAs('captured'), 'captured', 'charge.captured'],
  ['a capture of what was released', released, seenAs('captured'), 'surplus', 'charge.updated'],
  ['money in a decline', attemptBegun(), seenAs('declined', { captured: AMOUNT }), 'captured', 'charge.succeeded'],
  ['another currency', attemptBegun(), seenAs('captured', { currency: 'USD' }), 'needs_review', 'charge.updated'],
  ['another currency of what is paid', paid, seenAs('captured', { currency: 'USD' }), 'captured', 'charge.updated'],
  [
    'more sent back than taken',
    paid,
    seenAs('captured', { refunds: [{ ...listed, amount: 9999n }] }),
    'captured',
    'charge.updated',
  ],
]
for (const [name, start, seen, then, told] of STRANGE) {
  test(`${name} is not booked on one word, and believed on the second`, () => {
    const first = after(start, [0, heard(seen)])
    assert.deepEqual(first.tell, [])
    const { strange, ...document } = first.charge.document
    assert.deepEqual(
      { ...first.charge, version: 1, lookAt: null, document },
      { ...start.charge, version: 1, lookAt: null },
    )
    assert.deepEqual([strange?.at, strange?.believedAt], [at(0), undefined])
    assert.deepEqual(first.charge.lookAt, new Date(NOW.getTime() + 10 * SECOND))
    assert.deepEqual(after(first.attempt, [9999, heard(seen)]).charge.document.strange, strange, 'too soon to count')
    const second = after(first.attempt, [10 * SECOND, heard(seen)])
    assert.equal(second.charge.state, then)
    assert.ok(second.tell.includes(told), second.tell.join(' '))
    assert.deepEqual(second.charge.document.strange, { ...strange, believedAt: at(10 * SECOND) })
    if (seen.currency === undefined) assert.equal(second.charge.captured, seen.captured)
    else assert.equal(second.charge.captured, start.charge.captured, 'their amount is none of ours')
    assert.equal(settle(second.attempt, heard(seen), meansAt(11 * SECOND)), 'known', 'a third time is no news')
  })
}

test('a hold that is released after more than was ever held is no plain answer', () => {
  const { charge } = after(held, [0, heard(seenAs('voided', { authorized: 2401n }))])
  assert.deepEqual(
    [charge.state, charge.authorized, charge.document.strange?.fact],
    ['authorized', AMOUNT, 'voided, authorized 2401'],
  )
})

test('a plain answer forgets a strange one, and silence keeps it', () => {
  const strange = heard(seenAs('captured', { captured: 2399n }))
  const once = after(attemptBegun(), [0, strange]).attempt
  const kept = after(once, [5 * SECOND, heard('lost')]).charge
  assert.equal(kept.document.strange?.fact, 'captured, captured 2399')
  const { charge, tell } = after(once, [10 * SECOND, PAID])
  assert.deepEqual([charge.state, charge.captured, charge.document.strange], ['captured', AMOUNT, undefined])
  assert.deepEqual(tell, ['charge.succeeded', 'payment_intent.succeeded', 'checkout.session.completed'])
})

test('a liar who says something else each time is never believed, and asked at growing pauses', () => {
  const lies = [1n, 2n, 3n].map((off): News => heard(seenAs('captured', { captured: AMOUNT + off, authorized: 9999n })))
  const [one, two, three] = lies
  assert.ok(one && two && three)
  const { charge, attempt } = after(attemptBegun(), [0, one], [10 * SECOND, two], [40 * SECOND, three])
  assert.deepEqual([charge.state, charge.captured, charge.document.strange?.since], ['intent', 0n, at(0)])
  assert.deepEqual(charge.lookAt, new Date(NOW.getTime() + 80 * SECOND))
  const again = after(attempt, [80 * SECOND, one]).charge
  assert.deepEqual([again.captured, again.document.strange?.at], [0n, at(80 * SECOND)], 'it was not what was said last')
})

test('the answer to the order itself confirms nothing: it may be older than what was asked meanwhile', () => {
  const begun = attemptBegun()
  const seen = seenAs('captured', { captured: 2399n })
  const own = heard(seen, { sent: 'accepted', about: begun.operation.id })
  const { charge, attempt } = after(begun, [0, heard(seen)], [20 * SECOND, own])
  assert.deepEqual([charge.state, charge.captured], ['unknown', 0n])
  assert.equal(after(attempt, [21 * SECOND, heard(seen)]).charge.state, 'needs_review')
})

test('what a person looks at is settled by a plain answer', () => {
  const strange = heard(seenAs('captured', { captured: 2399n }))
  const { attempt } = after(attemptBegun(), [0, strange], [10 * SECOND, strange])
  const { charge } = after(attempt, [20 * SECOND, PAID])
  assert.deepEqual([charge.state, charge.captured], ['captured', AMOUNT])
})

test('a refund of ours of another amount is for a person when it is said twice', () => {
  const ordered = decideRefund(paid, { amount: 300n, document: {} }, meansAt(0))
  if ('code' in ordered || !ordered.refund) throw new Error('refused')
  const reference = nameOf('refund', ordered.refund.tenant, ordered.refund.id)
  const seen = heard(seenAs('captured', { refunds: [{ ...listed, reference, amount: 301n }] }))
  const once = after(ordered.attempt, [0, seen])
  assert.deepEqual([once.attempt.refunds[0]?.state, once.tell], ['requested', []])
  const twice = after(once.attempt, [10 * SECOND, seen])
  assert.equal(twice.attempt.refunds[0]?.state, 'needs_review')
  assert.ok(twice.tell.includes('refund.updated'))
})
