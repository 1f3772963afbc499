import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Conversion, inVersion } from './versions.ts'

const CONVERSIONS: readonly Conversion[] = [
  { since: '2028-01-01.oak', down: ({ total, ...rest }) => ({ ...rest, sum: total }) },
  { since: '2027-01-01.elm', down: ({ sum, ...rest }) => ({ ...rest, amount: sum }) },
]

for (const [asked, expected] of [
  ['2028-01-01.oak', { total: 5 }],
  ['2029-06-01.yew', { total: 5 }],
  ['2027-12-31.ash', { sum: 5 }],
  ['2026-10-28.endive', { amount: 5 }],
] as const) {
  test(`a client of ${asked} gets ${Object.keys(expected)}`, () => {
    assert.deepEqual(inVersion({ total: 5 }, asked, CONVERSIONS), expected)
  })
}

test('there is one shape today, whatever is asked for', () => {
  assert.deepEqual(inVersion({ total: 5 }, '2011-01-01'), { total: 5 })
})
