import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { connect } from './connect.ts'
import { migrate } from './migrate.ts'
import { StartError } from './start-error.ts'

const db = await testDatabase(import.meta.url, { migrated: false })
const folder = mkdtempSync(join(tmpdir(), 'opentill-migrations-'))
const options = { folder, journal: 'room_migrations' }

after(async () => {
  rmSync(folder, { recursive: true })
  await db.drop()
})

beforeEach(async () => {
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  await db.sql`drop schema public cascade`
  await db.sql`create schema public`
})

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const refusal = (text: RegExp) => (error: unknown) => error instanceof StartError && text.test(error.message)

test('migrations run in order, once, and are recorded', async () => {
  write('0001_cards.sql', 'create table cards (id int primary key); insert into cards values (1);')
  write('0002_owner.sql', 'alter table cards add owner text;')
  assert.deepEqual(await migrate(db.sql, options), ['0001_cards.sql', '0002_owner.sql'])
  assert.deepEqual(await migrate(db.sql, options), [])
  write('0003_two.sql', "insert into cards values (2, 'b');")
  assert.deepEqual(await migrate(db.sql, options), ['0003_two.sql'])
  assert.equal((await db.sql`select id from cards`).length, 2)
  assert.equal((await db.sql`select number from room_migrations`).length, 3)
})

test('a migration that fails leaves nothing, and those before it stay', async () => {
  write('0001_cards.sql', 'create table cards (id int primary key);')
  write('0002_broken.sql', 'insert into cards values (1); select 1 / 0;')
  await assert.rejects(migrate(db.sql, options), /division by zero/)
  assert.equal((await db.sql`select id from cards`).length, 0)
  assert.deepEqual([...(await db.sql`select number from room_migrations`)], [{ number: 1 }])
})

test('servers that start together run each migration once', async () => {
  for (let number = 1; number <= 5; number++) {
    write(`000${number}_step.sql`, `create table step_${number} (id int); select pg_sleep(0.01);`)
  }
  const servers = Array.from({ length: 4 }, () => connect(db.url, { max: 2 }))
  try {
    const ran = await Promise.all(servers.map((sql) => migrate(sql, options)))
    assert.deepEqual(
      ran.flat().sort(),
      [1, 2, 3, 4, 5].map((number) => `000${number}_step.sql`),
    )
  } finally {
    await Promise.all(servers.map((sql) => sql.end()))
  }
})

test('an edited migration is refused', async () => {
  write('0001_cards.sql', 'create table cards (id int primary key);')
  await migrate(db.sql, options)
  write('0001_cards.sql', 'create table cards (id bigint primary key);')
  await assert.rejects(migrate(db.sql, options), refusal(/0001_cards\.sql was edited/))
})

test('a database that is newer than the program is refused, before anything runs', async () => {
  write('0001_cards.sql', 'create table cards (id int primary key);')
  write('0002_newer.sql', 'create table newer (id int);')
  await migrate(db.sql, options)
  rmSync(join(folder, '0002_newer.sql'))
  await assert.rejects(migrate(db.sql, options), refusal(/0002_newer\.sql, which this Opentill does not know/))
})

for (const name of ['0002_gap.sql', '1_short.sql', '0001_Upper.sql']) {
  test(`the file name ${name} is refused`, async () => {
    write(name, 'select 1;')
    await assert.rejects(migrate(db.sql, options), refusal(/numbered from 0001 without gaps/))
  })
}

test('rooms keep journals of their own', async () => {
  write('0001_cards.sql', 'create table if not exists cards (id int primary key);')
  assert.equal((await migrate(db.sql, options)).length, 1)
  assert.equal((await migrate(db.sql, { ...options, journal: 'other_migrations' })).length, 1)
})
