import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MIGRATIONS, migrateAll } from '../../src/migrations.ts'
import { connect, type Sql } from '../../src/storage/connect.ts'
import { startTestServer } from './server.ts'

export type TestDatabase = {
  readonly sql: Sql
  /** For `connect`, or as `DATABASE_URL` for a process under test. */
  readonly url: string
  /** Ends `sql`, then drops the database. */
  drop(): Promise<void>
}

/** A superuser is bound by no `revoke`, so tests on a server that lends us one work under this role. */
const ORDINARY_ROLE = 'opentill_test'

/**
 * A database of the caller's own, copied from a template that holds every migration. Use it at the top of a test file:
 *
 *     const db = await testDatabase(import.meta.url)
 *     after(db.drop)
 *
 * The server is the run's (`OPENTILL_TEST_DATABASE_URL`, set by scripts/test.mjs), or, for a file run by hand, one that
 * lives as long as this database.
 * @param options.migrated false for an empty database
 */
export async function testDatabase(file: string, { migrated = true } = {}): Promise<TestDatabase> {
  const given = process.env.OPENTILL_TEST_DATABASE_URL ?? process.env.DATABASE_URL
  const server = given === undefined ? await startTestServer() : { url: given, stop: async () => {} }
  const admin = connect(server.url, { max: 1, statementTimeoutMs: 120_000, lockTimeoutMs: 120_000 })
  const role = await ordinaryRole(admin)
  const name = nameFor(file)
  const template = migrated ? await requireTemplate(admin, server.url, role) : 'template0'
  await admin`create database ${admin(name)} template ${admin(template)} ${ownedBy(admin, role)}`
  const url = inDatabase(server.url, name, role)
  const sql = connect(url)
  return {
    sql,
    url,
    async drop() {
      await sql.end({ timeout: 5 })
      await admin`drop database if exists ${admin(name)} with (force)`
      await admin.end({ timeout: 5 })
      await server.stop()
    },
  }
}

/** Made once for all test files and runs: the lock lets one process make it while the others wait. */
async function requireTemplate(admin: Sql, url: string, role: string | undefined): Promise<string> {
  const name = `opentill_template_${hashOfMigrations()}`
  const making = `${name}_making`
  await admin`select pg_advisory_lock(hashtextextended(${name}, 0))`
  try {
    const found = await admin`select 1 from pg_database where datname = ${name}`
    if (found.length > 0) return name
    await admin`drop database if exists ${admin(making)} with (force)`
    await admin`create database ${admin(making)} template template0 ${ownedBy(admin, role)}`
    const sql = connect(inDatabase(url, making, role), { max: 1 })
    try {
      await migrateAll(sql)
    } finally {
      await sql.end({ timeout: 5 })
    }
    await admin`alter database ${admin(making)} rename to ${admin(name)}`
    return name
  } finally {
    await admin`select pg_advisory_unlock(hashtextextended(${name}, 0))`
  }
}

async function ordinaryRole(admin: Sql): Promise<string | undefined> {
  const [me] = await admin<{ rolsuper: boolean }[]>`select rolsuper from pg_roles where rolname = current_user`
  if (!me?.rolsuper) return undefined
  await admin`select pg_advisory_lock(hashtextextended(${ORDINARY_ROLE}, 0))`
  const found = await admin`select 1 from pg_roles where rolname = ${ORDINARY_ROLE}`
  if (found.length === 0) await admin`create role ${admin(ORDINARY_ROLE)}`
  await admin`select pg_advisory_unlock(hashtextextended(${ORDINARY_ROLE}, 0))`
  return ORDINARY_ROLE
}

function ownedBy(admin: Sql, role: string | undefined) {
  return role === undefined ? admin`` : admin`owner ${admin(role)}`
}

/** The driver sends query parameters it does not know as settings of the session: `role` is one. */
function inDatabase(url: string, name: string, role: string | undefined): string {
  const address = new URL(url)
  address.pathname = `/${name}`
  if (role !== undefined) address.searchParams.set('role', role)
  return address.href
}

function hashOfMigrations(): string {
  const hash = createHash('sha256')
  for (const { folder, journal } of MIGRATIONS) {
    if (!existsSync(folder)) continue
    for (const file of readdirSync(folder).sort()) {
      hash.update(`${journal} ${file}\n`).update(readFileSync(join(folder, file)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

let made = 0

function nameFor(file: string): string {
  const word = basename(file)
    .replace(/\.test\.ts$/, '')
    .replace(/\W/g, '_')
    .slice(0, 30)
  return `test_${word}_${process.pid}_${++made}`.toLowerCase()
}
