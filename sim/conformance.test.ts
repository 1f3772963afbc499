import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { connect, type Sql } from '../src/storage/connect.ts'
import { openStorage } from '../src/storage/storage.ts'
import { testDatabase } from '../test/support/database.ts'
import { PROFILES } from './faults.ts'
import { readSchema } from './read-schema.ts'
import { runSeed } from './run-seed.ts'
import { readSnapshot } from './schema.ts'
import { type Line, spell } from './trace.ts'

const SEEDS = 100
const db = await testDatabase(import.meta.url)
/** One connection, as the stand-in is one; what a crash of the machine would cost is not the question here. */
const sql = connect(`${db.url}${db.url.includes('?') ? '&' : '?'}synchronous_commit=off`, { max: 1 })
after(async () => {
  await sql.end({ timeout: 5 })
  await db.drop()
})

test('the stand-in keeps the rules that the database keeps', async () => {
  const schema = await readSchema(db.sql)
  assert.deepEqual(readSnapshot(), schema, 'write sim/schema.snapshot.json again: node sim/read-schema.ts')
})

test(`${SEEDS} seeds leave the same trace on the stand-in and on Postgres`, async () => {
  const storage = openStorage(sql)
  for (let seed = 1; seed <= SEEDS; seed++) {
    const options = { seed, profile: PROFILES[seed % PROFILES.length] ?? 'stormy', stormOnly: true, purchases: 2 }
    await empty(sql)
    const real = await runSeed({ ...options, real: storage })
    const standIn = await runSeed(options)
    assert.equal(standIn.violation, undefined)
    assert.equal(real.violation, undefined)
    if (real.hash !== standIn.hash) assert.fail(await firstDifference(options))
  }

  async function firstDifference(options: Parameters<typeof runSeed>[0]): Promise<string> {
    const lines: [Line[], Line[]] = [[], []]
    await empty(sql)
    await runSeed({ ...options, real: storage, onLine: (line) => lines[0].push(line) })
    await runSeed({ ...options, onLine: (line) => lines[1].push(line) })
    const texts = lines.map((all) => all.map((line) => spell(line)))
    const at = texts[0]?.findIndex((text, index) => text !== texts[1]?.[index]) ?? 0
    return `seed ${options.seed}, line ${at}:\n${texts[0]?.[at]}\n${texts[1]?.[at]}`
  }
})

/** The owner may take back what the migration took away from it: no row of an earlier seed is left. */
async function empty(one: Sql): Promise<void> {
  const tables = Object.keys(readSnapshot())
  await one`grant truncate on postings to current_user`
  await one`truncate ${one(tables)} cascade`
}
