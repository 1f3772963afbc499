import type { Config, DatabaseUrls } from './config.ts'
import type { ProductionEnv } from './env.ts'
import { migrateAll } from './migrations.ts'
import { SANDBOX_BANK_MIGRATIONS } from './sandbox-bank/bank.ts'
import { assertDurable, connect, readDatabaseClock, type Sql } from './storage/connect.ts'
import { type EmbeddedPostgres, findEmbeddedPostgres, startEmbeddedPostgres } from './storage/embedded/embedded.ts'
import type { DataFolderLock } from './storage/embedded/lock.ts'
import { migrate } from './storage/migrate.ts'
import { StartError } from './storage/start-error.ts'

export type Databases = {
  readonly sql: Sql
  readonly bankSql: Sql
  /** Resolves with a sentence when the embedded server ends by itself. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

/** SQLSTATE invalid_catalog_name. */
const NO_SUCH_DATABASE = '3D000'
const MAIN_DATABASE = 'opentill'
const BANK_DATABASE = 'sandbox_bank'

/**
 * Opens both databases, each in the embedded cluster unless a URL says otherwise, and brings their schemas up to date.
 * The bank is somebody else in this play: its books are never in Opentill's own database.
 */
export async function openDatabases(
  config: Config,
  urls: DatabaseUrls,
  env: ProductionEnv,
  lock: DataFolderLock,
): Promise<Databases> {
  const embedded =
    urls.main !== undefined && urls.bank !== undefined
      ? undefined
      : await startEmbeddedPostgres({ dataDir: config.dataDir, env, lock })
  const open: Sql[] = []
  const stop = async () => {
    await Promise.all(open.map((sql) => sql.end({ timeout: 5 })))
    await embedded?.stop()
  }
  try {
    const sql = connect(await addressOf(urls.main, embedded, MAIN_DATABASE))
    const bankSql = connect(await addressOf(urls.bank, embedded, BANK_DATABASE), { applicationName: 'sandbox-bank' })
    open.push(sql, bankSql)
    await reachable(sql, 'DATABASE_URL')
    await reachable(bankSql, 'OPENTILL_BANK_DATABASE_URL')
    await assertDurable(sql)
    await assertDurable(bankSql)
    await followDatabaseClock(sql, env)
    await migrateAll(sql)
    await migrate(bankSql, { folder: SANDBOX_BANK_MIGRATIONS, journal: 'sandbox_bank_migrations' })
    return { sql, bankSql, ended: embedded?.ended ?? new Promise(() => {}), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Opentill's own database for one command: in the cluster of the process that runs on this data folder, or, when none
 * does, in one that lives as long as the command.
 */
export async function openMainDatabase(
  config: Config,
  urls: DatabaseUrls,
  env: ProductionEnv,
): Promise<{ readonly sql: Sql; stop(): Promise<void> }> {
  const cluster = urls.main === undefined ? await joinCluster(config.dataDir, env) : undefined
  const sql = connect(urls.main ?? cluster?.address ?? '', { max: 2, applicationName: 'opentill-cli' })
  const stop = async () => {
    await sql.end({ timeout: 5 })
    await cluster?.stop()
  }
  try {
    await reachable(sql, 'DATABASE_URL')
    await assertDurable(sql)
    await followDatabaseClock(sql, env)
    await migrateAll(sql)
    return { sql, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function joinCluster(dataDir: string, env: ProductionEnv) {
  const running = await startEmbeddedPostgres({ dataDir, env }).catch(async (error: unknown) => {
    const other = await findEmbeddedPostgres(dataDir)
    if (other) return { ...other, createDatabase: async () => {}, stop: async () => {} }
    throw error
  })
  await running.createDatabase(MAIN_DATABASE)
  return { address: running.address(MAIN_DATABASE), stop: running.stop }
}

async function addressOf(url: string | undefined, embedded: EmbeddedPostgres | undefined, name: string) {
  if (url !== undefined) return url
  if (!embedded) throw new Error('no database server for this address')
  await embedded.createDatabase(name)
  return embedded.address(name)
}

/** A URL holds a password perhaps, so the sentence names the setting, not its value. */
async function reachable(sql: Sql, setting: string): Promise<void> {
  try {
    await sql`select 1`
  } catch (error) {
    const reason = (error as { code?: unknown }).code ?? (error as Error).message
    if (reason === NO_SUCH_DATABASE) {
      throw new StartError(`The database does not exist (yet): check ${setting}, or wait until Opentill has started.`)
    }
    throw new StartError(`The database cannot be used (${String(reason)}); check ${setting}, and that the server runs.`)
  }
}

/** Expiry is decided by one clock: the database's, which all processes share. */
export async function followDatabaseClock(sql: Sql, env: ProductionEnv): Promise<void> {
  const asked = env.monotonicMs()
  const databaseNow = await readDatabaseClock(sql)
  env.disciplineTo(databaseNow, env.monotonicMs() - asked)
}
