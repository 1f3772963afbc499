import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { placesFor, type Room } from './places.ts'

const held = (all: number, failing = 0) => ({ all, failing })
const CASES: readonly [string, Room, limit: number, failingLimit: number][] = [
  ['alone, all', { held: held(0), own: held(0), accounts: 1, leftover: false }, 64, 32],
  ['alone, what is left', { held: held(50, 30), own: held(50, 30), accounts: 1, leftover: false }, 14, 2],
  ['one of two, half', { held: held(0), own: held(0), accounts: 2, leftover: false }, 32, 16],
  ['above its part, none', { held: held(40, 20), own: held(40, 20), accounts: 2, leftover: false }, 0, 0],
  ['above its part, what nobody wants', { held: held(40, 20), own: held(40, 20), accounts: 2, leftover: true }, 24, 12],
  ['all is held by others, its own', { held: held(64, 32), own: held(0), accounts: 3, leftover: false }, 4, 0],
  ['all is held by others and its own too, none', { held: held(68), own: held(4), accounts: 3, leftover: true }, 0, 32],
  ['very many accounts, its own', { held: held(0), own: held(0), accounts: 1_000, leftover: false }, 4, 1],
  ['at the very most, none', { held: held(256), own: held(0), accounts: 1_000, leftover: true }, 0, 32],
]
for (const [name, room, limit, failingLimit] of CASES) {
  test(`places: ${name}`, () => assert.deepEqual(placesFor(room), { limit, failingLimit }))
}

test('no account is given more than there is, and one that has none is given some while any is left', () => {
  const count = fc.integer({ min: 0, max: 256 })
  fc.assert(
    fc.property(count, count, fc.integer({ min: 1, max: 300 }), fc.boolean(), (all, mine, accounts, leftover) => {
      const own = Math.min(all, mine)
      const { limit, failingLimit } = placesFor({ held: held(all, all), own: held(own, own), accounts, leftover })
      assert.ok(limit >= 0 && failingLimit >= 0 && all + limit <= 256)
      if (limit > 4) assert.ok(all + limit <= 64)
      if (own === 0 && all < 256) assert.ok(limit > 0)
    }),
  )
})
