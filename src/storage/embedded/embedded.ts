import { realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Env } from '../../core/env.ts'
import { connect, type Sql } from '../connect.ts'
import { chooseAccount, requireReachable } from './account.ts'
import {
  makeCluster,
  makeSocketFolder,
  readSocketFolder,
  SOCKET_PORT,
  SUPERUSER,
  writeSocketFolder,
} from './cluster.ts'
import { type DataFolderLock, lockDataFolder } from './lock.ts'
import { startPostmaster } from './postmaster.ts'
import { findPrograms } from './programs.ts'

/** The role that owns the application's databases. No superuser: a `revoke` on the ledger binds it. */
export const APPLICATION_ROLE = 'opentill'

export type EmbeddedPostgres = {
  /** A URL for `connect`; psql understands it too. */
  address(databaseName: string): string
  /** Creates the database when it is missing. */
  createDatabase(name: string): Promise<void>
  /** Resolves, with a sentence, when the server ends without `stop` having been called. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

export type EmbeddedOptions = {
  readonly dataDir: string
  readonly env: Env
  readonly log?: (message: string) => void
  /** Given when the caller holds the folder's lock already (and releases it itself). */
  readonly lock?: DataFolderLock
  /** For test runs: the application role may create databases. */
  readonly mayCreateDatabases?: boolean
}

/**
 * Runs PostgreSQL for this data folder: locks the folder, makes the cluster when it is new, starts the server on a Unix
 * socket and waits until it answers.
 * @throws StartError with one sentence for whoever started us
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  const lock = options.lock ?? lockDataFolder(dataDir)
  try {
    return await start(realpathSync(dataDir), options, () => options.lock === undefined && lock.release())
  } catch (error) {
    if (options.lock === undefined) lock.release()
    throw error
  }
}

async function start(dataDir: string, options: EmbeddedOptions, release: () => void): Promise<EmbeddedPostgres> {
  const { env, log = () => {} } = options
  const clusterFolder = join(dataDir, 'postgres')
  const account = chooseAccount(clusterFolder)
  requireReachable(dataDir, account)
  const programs = await findPrograms(dataDir, account)
  await makeCluster(clusterFolder, programs, account)
  const socketFolder = await makeSocketFolder(dataDir, account)
  await writeSocketFolder(dataDir, socketFolder)
  const logFile = join(dataDir, 'postgres.log')
  const postmaster = await startPostmaster({ programs, account, clusterFolder, socketFolder, logFile, env })
  const stop = async () => {
    await postmaster.stop()
    if (!socketFolder.startsWith(dataDir)) await rm(socketFolder, { recursive: true, force: true })
    release()
  }
  try {
    await asSuperuser(socketFolder, (sql) => makeRole(sql, options.mayCreateDatabases ?? false))
  } catch (error) {
    await stop()
    throw error
  }
  log(`PostgreSQL runs as process ${postmaster.pid} in ${clusterFolder}`)
  return {
    address: (databaseName) => addressOf(socketFolder, APPLICATION_ROLE, databaseName),
    createDatabase: (name) => asSuperuser(socketFolder, (sql) => makeDatabase(sql, name)),
    ended: postmaster.ended,
    stop,
  }
}

/** The cluster that another process runs on this data folder, for a second program such as the command line. */
export async function findEmbeddedPostgres(dataDir: string): Promise<Pick<EmbeddedPostgres, 'address'> | undefined> {
  const socketFolder = await readSocketFolder(resolve(dataDir))
  if (socketFolder === undefined) return undefined
  return { address: (databaseName) => addressOf(socketFolder, APPLICATION_ROLE, databaseName) }
}

function addressOf(socketFolder: string, role: string, databaseName: string): string {
  return `postgres://${role}@localhost:${SOCKET_PORT}/${databaseName}?host=${encodeURIComponent(socketFolder)}`
}

async function asSuperuser(socketFolder: string, work: (sql: Sql) => Promise<void>): Promise<void> {
  const sql = connect(addressOf(socketFolder, SUPERUSER, 'postgres'), { max: 1, statementTimeoutMs: 60_000 })
  try {
    await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function makeRole(sql: Sql, mayCreateDatabases: boolean): Promise<void> {
  const [found] = await sql`select rolcreatedb from pg_roles where rolname = ${APPLICATION_ROLE}`
  if (found === undefined) await sql`create role ${sql(APPLICATION_ROLE)} login`
  if ((found?.rolcreatedb ?? false) === mayCreateDatabases) return
  await sql`alter role ${sql(APPLICATION_ROLE)} ${mayCreateDatabases ? sql`createdb` : sql`nocreatedb`}`
}

async function makeDatabase(sql: Sql, name: string): Promise<void> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new RangeError('a database name is a lower-case word')
  const found = await sql`select 1 from pg_database where datname = ${name}`
  if (found.length === 0) await sql`create database ${sql(name)} owner ${sql(APPLICATION_ROLE)}`
}
