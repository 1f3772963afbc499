import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attemptBegun, heard, meansAt, seenAs } from '../../test/support/records.ts'
import type { Attempt } from './attempt.ts'
import { type ObservedDispute, takenBy } from './dispute.ts'
import { DISPUTE_MACHINE, type DisputeState } from './dispute-machine.ts'
import { MOST_DISPUTES } from './disputing.ts'
import { statesOf } from './machine.ts'
import { postingsFor } from './posting.ts'
import { settle } from './settlement.ts'

const shown = (state: DisputeState, change: Partial<ObservedDispute> = {}): ObservedDispute => ({
  ...{ providerId: 'dsp_1', state, amount: 2400n, reason: 'fraudulent' },
  ...change,
})
/** After hearing each of these in turn, an hour apart, with the postings and events that followed. */
function hear(from: Attempt, reports: readonly (readonly ObservedDispute[])[]) {
  let attempt = from
  const told: string[] = []
  const postings: ReturnType<typeof postingsFor>[number][] = []
  for (const [at, disputes] of reports.entries()) {
    const means = meansAt((at + 1) * 3_600_000)
    const settled = settle(attempt, heard(seenAs('captured', { disputes })), means)
    if (settled === 'known') continue
    postings.push(...postingsFor(attempt, settled.attempt, means.now))
    told.push(...settled.tell.map(({ type }) => type))
    attempt = settled.attempt
  }
  return {
    attempt,
    told,
    postings: postings.filter(({ debit, credit }) => debit === 'disputes' || credit === 'disputes'),
  }
}
const paid = (): Attempt => hear(attemptBegun(), [[]]).attempt

const COURSES: readonly (readonly [states: readonly DisputeState[], taken: bigint, told: readonly string[]])[] = [
  [['needs_response'], 2400n, ['created', 'funds_withdrawn']],
  [['needs_response', 'needs_response'], 2400n, ['created', 'funds_withdrawn']],
  [['won'], 0n, ['created', 'funds_withdrawn', 'closed', 'funds_reinstated']],
  [['lost'], 2400n, ['created', 'funds_withdrawn', 'closed']],
  [
    ['needs_response', 'under_review', 'needs_response', 'lost'],
    2400n,
    ['created', 'funds_withdrawn', 'updated', 'closed'],
  ],
  [['warning_needs_response', 'warning_closed'], 0n, ['created', 'closed']],
  [['warning_closed', 'needs_response'], 2400n, ['created', 'closed', 'funds_withdrawn', 'updated']],
  [['warning_needs_response', 'won'], 0n, ['created', 'funds_withdrawn', 'closed', 'funds_reinstated']],
]
for (const [states, taken, told] of COURSES) {
  test(`heard as ${states.join(', then ')}: issuers have ${taken}`, () => {
    const after = hear(
      paid(),
      states.map((state) => [shown(state)]),
    )
    assert.equal(after.attempt.charge.disputed, taken)
    assert.deepEqual(
      after.told,
      told.map((word) => `charge.dispute.${word}`),
    )
  })
}

test('a decision that is turned round is kept for a person, and moves nothing', () => {
  const { attempt, postings } = hear(paid(), [[shown('won')], [shown('lost')], [shown('lost')]])
  assert.equal(attempt.disputes[0]?.state, 'won')
  assert.equal(attempt.disputes[0]?.document.contradiction?.seen, 'lost')
  assert.equal(postings.length, 2)
})

test('an amount that no charge explains is believed when it was said twice', () => {
  const odd = [shown('needs_response', { amount: 9_999n })]
  assert.equal(hear(paid(), [odd]).attempt.charge.disputed, 0n)
  assert.equal(hear(paid(), [odd, odd]).attempt.charge.disputed, 9_999n)
})

test('what was booked keeps its amount', () => {
  const other = [shown('needs_response', { amount: 7n })]
  assert.equal(hear(paid(), [[shown('needs_response')], other, other]).attempt.charge.disputed, 2400n)
})

test(`more than ${MOST_DISPUTES} disputes of one charge are somebody’s mistake`, () => {
  const many = Array.from({ length: 12 }, (_, at) => shown('warning_needs_response', { providerId: `dsp_${at}` }))
  assert.equal(hear(paid(), [many]).attempt.disputes.length, MOST_DISPUTES)
})

test('whatever is heard, in any order and however often, money is taken once and given back once', () => {
  const report = fc.constantFrom(...statesOf(DISPUTE_MACHINE)).map((state) => [shown(state)])
  fc.assert(
    fc.property(fc.array(report, { maxLength: 12 }), (reports) => {
      const { attempt, postings } = hear(paid(), reports)
      const lines = postings.map(({ cause, line }) => `${cause} ${line}`)
      assert.equal(new Set(lines).size, lines.length)
      const [dispute] = attempt.disputes
      const balance = postings.reduce(
        (sum, { debit, amount }) => (debit === 'disputes' ? sum + amount : sum - amount),
        0n,
      )
      assert.equal(balance, dispute ? takenBy(dispute) : 0n)
      assert.equal(attempt.charge.disputed, balance)
      assert.ok(postings.length <= 2)
    }),
  )
})
