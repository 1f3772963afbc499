import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PAUSES_MS, PROBE_EVERY_MS, pauseAfter, SCHEDULED_TRIES } from './delivery-schedule.ts'

const LEAST = new Uint8Array(4)
const MOST = new Uint8Array(4).fill(255)
const MIDDLE = Uint8Array.of(0x80, 0, 0, 0)

test('thirteen tries take about 76 hours', () => {
  assert.equal(SCHEDULED_TRIES, 13)
  let total = 0
  for (let tries = 1; tries < SCHEDULED_TRIES; tries++) total += pauseAfter(tries, MIDDLE)
  assert.equal((total / 3_600_000).toFixed(1), '75.7')
})

const ENDS: readonly [number, number, number][] = [
  [1, 4_000, 6_000],
  [2, 24_000, 36_000],
  [12, 69_120_000, 103_680_000],
  [13, 2_880_000, 4_320_000],
  [500, 2_880_000, 4_320_000],
]
for (const [tries, least, most] of ENDS) {
  test(`after try ${tries} the pause lies between ${least} and ${most} ms`, () => {
    assert.equal(pauseAfter(tries, LEAST), least)
    assert.equal(pauseAfter(tries, MOST), most)
  })
}

test('no draw leaves the 20 %, and a view into a larger buffer is read from its own start', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 20 }), (drawn, tries) => {
      const planned = PAUSES_MS[tries] ?? PROBE_EVERY_MS
      const pause = pauseAfter(tries, drawn.subarray(4))
      assert.ok(pause >= planned * 0.8 && pause <= planned * 1.2)
      assert.equal(pause, pauseAfter(tries, Uint8Array.from(drawn.subarray(4))))
    }),
  )
})

test('what an endpoint asks for is honoured from the pause to its double, and no further', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0, max: 1e15, noNaN: true }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      (tries, asked, drawn) => {
        const base = pauseAfter(tries, drawn)
        const pause = pauseAfter(tries, drawn, asked)
        if (asked <= base) assert.equal(pause, base)
        else if (asked <= 2 * base - 1) assert.equal(pause, Math.round(asked))
        else assert.ok(Math.abs(pause - 2 * base) <= 1)
      },
    ),
  )
})
