import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sql, TransactionSql } from './connect.ts'
import { StartError } from './start-error.ts'

export type MigrateOptions = {
  /** The folder with `NNNN_name.sql`, numbered from 0001 without gaps. */
  readonly folder: string
  /** The table that remembers what has run; each room has its own. */
  readonly journal: string
}

type Migration = { readonly number: number; readonly name: string; readonly checksum: string; readonly text: string }

/**
 * Brings the database up to the newest migration. Each one runs in a transaction of its own, which takes an advisory
 * lock, records the number and only then changes anything: of two servers that start together one waits, then finds it
 * done. Migrations go forward only and are not edited after release.
 * @returns the names that ran now
 * @throws StartError when a migration was edited after it ran, or the database is newer than this program
 */
export async function migrate(sql: Sql, { folder, journal }: MigrateOptions): Promise<readonly string[]> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(journal)) throw new RangeError('a journal is named by a lower-case word')
  const migrations = await readMigrations(folder)
  await sql.begin(async (tx) => {
    await holdLock(tx, journal)
    await tx`
      create table if not exists ${tx(journal)} (
        number   integer primary key check (number > 0),
        name     text    not null,
        checksum text    not null
      )
    `
    await requireKnown(tx, journal, migrations)
  })
  const done: string[] = []
  for (const migration of migrations) {
    if (await sql.begin((tx) => runOnce(tx, journal, migration))) done.push(migration.name)
  }
  return done
}

/** @returns false when it had run already */
async function runOnce(tx: TransactionSql, journal: string, migration: Migration): Promise<boolean> {
  await holdLock(tx, journal)
  const { number, name, checksum, text } = migration
  const recorded = await tx`
    insert into ${tx(journal)} (number, name, checksum)
    values (${number}, ${name}, ${checksum})
    on conflict (number) do nothing
    returning number
  `
  if (recorded.length === 0) return false
  await tx.unsafe(text).simple()
  return true
}

/**
 * The wait for the other server is long, the migration may take its time, but its own wait for a table's lock is short:
 * behind a waiting `alter table` every payment would wait too.
 */
async function holdLock(tx: TransactionSql, journal: string): Promise<void> {
  await tx`select set_config('lock_timeout', '600s', true), set_config('statement_timeout', '600s', true)`
  await tx`select pg_advisory_xact_lock(hashtextextended(${`opentill migrations ${journal}`}, 0))`
  await tx`select set_config('lock_timeout', '2s', true)`
}

async function requireKnown(tx: TransactionSql, journal: string, migrations: readonly Migration[]): Promise<void> {
  const rows = await tx<{ number: number; name: string; checksum: string }[]>`
    select number, name, checksum from ${tx(journal)} order by number
  `
  for (const row of rows) {
    const migration = migrations.find(({ number }) => number === row.number)
    if (migration === undefined) {
      throw new StartError(
        `The database already has migration ${row.name}, which this Opentill does not know; ` +
          'start the newer Opentill that made it, or restore a backup from before.',
      )
    }
    if (migration.checksum !== row.checksum) {
      throw new StartError(
        `Migration ${migration.name} was edited after this database had run it as ${row.name}; ` +
          'put the released file back and make the change in a new migration.',
      )
    }
  }
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file, index) => {
      const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1])
      if (number !== index + 1) {
        throw new StartError(
          `The migration ${join(folder, file)} is out of line: names are NNNN_name.sql, numbered from 0001 without gaps.`,
        )
      }
      const text = await readFile(join(folder, file), 'utf8')
      const checksum = createHash('sha256').update(text).digest('hex')
      return { number, name: file, checksum, text }
    }),
  )
}
