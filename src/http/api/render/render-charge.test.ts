import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attemptBegun } from '../../../../test/support/records.ts'
import { renderCharge } from './render-charge.ts'

test('a charge that a person must look at says so; one that is asked about says nothing yet', () => {
  const { charge } = attemptBegun()
  const review = renderCharge({ ...charge, state: 'needs_review' })
  assert.deepEqual([review.status, review.paid, review.outcome?.type], ['pending', false, 'manual_review'])
  assert.equal(review.outcome?.reason, 'outcome_unknown')
  assert.equal(renderCharge({ ...charge, state: 'unknown' }).outcome, null)
})
