import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { type Arena, openArena } from './arena.ts'
import { RACES } from './races/index.ts'
import { tellLost, tryRace } from './try-race.ts'

/** A long run is `npm run sim:interleave`: what is tried here is what two cores try in some seconds. */
const LIMITS = { most: 24, seed: 1, free: 3 }
const ARENAS = 3

const databases = await Promise.all(Array.from({ length: ARENAS }, () => testDatabase(import.meta.url)))
const arenas = await Promise.all(databases.map(({ url }) => openArena(url)))
after(async () => {
  for (const arena of arenas) await arena.close()
  for (const database of databases) await database.drop()
})

test('every race ends as if one command had happened at a time', { concurrency: ARENAS }, async (all) => {
  const free = [...arenas]
  let waits = 0
  await Promise.all(
    RACES.map((race) =>
      all.test(race.name, async () => {
        const arena = free.pop()
        assert.ok(arena)
        const tried = await tryRace(arena, race, LIMITS).finally(() => free.push(arena))
        waits += tried.waits
        assert.ok(!tried.lost, tried.lost && tellLost(race, tried.lost))
      }),
    ),
  )
  assert.ok(waits > 300, `somebody had to wait for a lock only ${waits} times: nothing was interleaved`)
})

test('a race that must be lost is lost', async () => {
  const [arena] = arenas as [Arena]
  const [race] = RACES
  assert.ok(race)
  const tried = await tryRace(arena, { ...race, judge: () => 'it was to be' }, LIMITS)
  assert.equal(tried.lost?.violation?.message, 'it was to be')
})
