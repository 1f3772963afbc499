import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PAUSES_MS, pauseAfter } from './delivery-schedule.ts'

const LEAST = new Uint8Array(4)
const MOST = new Uint8Array(4).fill(255)
const MIDDLE = Uint8Array.of(0x80, 0, 0, 0)

test('thirteen tries take about 76 hours', () => {
  let tries = 1
  let total = 0
  for (let pause = pauseAfter(tries, MIDDLE); pause !== undefined; pause = pauseAfter(++tries, MIDDLE)) total += pause
  assert.equal(tries, 13)
  assert.equal((total / 3_600_000).toFixed(1), '75.7')
})

const ENDS: readonly [number, number, number][] = [
  [1, 4_000, 6_000],
  [2, 24_000, 36_000],
  [12, 69_120_000, 103_680_000],
]
for (const [tries, least, most] of ENDS) {
  test(`after try ${tries} the pause lies between ${least} and ${most} ms`, () => {
    assert.equal(pauseAfter(tries, LEAST), least)
    assert.equal(pauseAfter(tries, MOST), most)
  })
}

test('no draw leaves the 20 %, and a view into a larger buffer is read from its own start', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 12 }), (drawn, tries) => {
      const planned = PAUSES_MS[tries] ?? 0
      const pause = pauseAfter(tries, drawn.subarray(4)) ?? Number.NaN
      assert.ok(pause >= planned * 0.8 && pause <= planned * 1.2)
      assert.equal(pause, pauseAfter(tries, Uint8Array.from(drawn.subarray(4))))
    }),
  )
})
