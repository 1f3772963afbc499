import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../../test/support/folder.ts'
import { makeEnv } from '../../env.ts'
import { assertDurable, connect } from '../connect.ts'
import { StartError } from '../start-error.ts'
import { findEmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts'
import { isServerOf } from './orphan.ts'

const folder = temporaryFolder()
const dataDir = join(folder, 'data')
after(() => rmSync(folder, { recursive: true }))

const env = makeEnv()
const asRoot = process.getuid?.() === 0
const HOLDER = fileURLToPath(new URL('../../../test/support/hold-data-folder.ts', import.meta.url))

/** Starts another Opentill-like process on the folder and waits until it says where its database is. */
async function startHolder(at: string): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn(process.execPath, [HOLDER, at], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => ['it ended'])])
  return { child, address: String(line).trim() }
}

const postmasterPid = (at: string) =>
  Number(readFileSync(join(at, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
const refusal = (words: RegExp) => (error: unknown) => error instanceof StartError && words.test(error.message)

test('a new folder gets a cluster that keeps what was committed over a restart', async () => {
  const first = await startEmbeddedPostgres({ dataDir, env })
  await first.createDatabase('opentill')
  await first.createDatabase('opentill')
  const sql = connect(first.address('opentill'))
  await assertDurable(sql)
  await sql`create table kept (id int)`
  await sql`insert into kept values (1)`
  await sql.end()
  await first.stop()
  assert.equal(existsSync(join(dataDir, 'postgres', 'postmaster.pid')), false)

  const second = await startEmbeddedPostgres({ dataDir, env })
  const again = connect(second.address('opentill'))
  assert.equal((await again`select id from kept`).length, 1)
  const [me] = await again`select rolsuper, rolcreatedb from pg_roles where rolname = current_user`
  assert.deepEqual(me, { rolsuper: false, rolcreatedb: false })
  await again.end()
  await second.stop()
})

test('the cluster and its socket are closed to others, and no port is open', async () => {
  const cluster = await startEmbeddedPostgres({ dataDir, env })
  const owner = statSync(join(dataDir, 'postgres')).uid
  assert.equal(owner !== 0, true)
  assert.equal(statSync(join(dataDir, 'postgres')).mode & 0o077, 0)
  assert.equal(statSync(join(dataDir, 'run')).mode & 0o077, 0)
  assert.equal(statSync(join(dataDir, 'postgres.log')).mode & 0o077, 0)
  const sql = connect(cluster.address('postgres'), { max: 1 })
  const [row] = await sql`select current_setting('listen_addresses') as listen`
  assert.equal(row?.listen, '')
  await sql.end()
  await cluster.stop()
})

test('a second process on the same folder is refused, and may read where the first one’s database is', async () => {
  const { child, address } = await startHolder(dataDir)
  await assert.rejects(startEmbeddedPostgres({ dataDir, env }), refusal(new RegExp(`process \\(${child.pid}\\) uses`)))
  assert.equal((await findEmbeddedPostgres(dataDir))?.address('opentill'), address)
  child.stdin?.end()
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
})

test('after a kill -9 the next start takes over the folder and stops the server left behind', async () => {
  const { child, address } = await startHolder(dataDir)
  const sql = connect(address, { max: 1 })
  await sql`create table survivors (id int)`
  const left = postmasterPid(dataDir)
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.doesNotThrow(() => process.kill(left, 0))

  const cluster = await startEmbeddedPostgres({ dataDir, env })
  assert.notEqual(postmasterPid(dataDir), left)
  assert.equal((await sql`select id from survivors`).length, 0)
  await sql.end()
  await cluster.stop()
})

test('after server and Opentill are both killed the next start recovers', async () => {
  const { child, address } = await startHolder(dataDir)
  const sql = connect(address, { max: 1 })
  await sql`create table recovered (id int)`
  await sql.end()
  process.kill(postmasterPid(dataDir), 'SIGKILL')
  child.kill('SIGKILL')
  await once(child, 'exit')

  const cluster = await startEmbeddedPostgres({ dataDir, env })
  const again = connect(cluster.address('opentill'), { max: 1 })
  assert.equal((await again`select id from recovered`).length, 0)
  await again.end()
  await cluster.stop()
})

test('a process is taken for the server by its command line, never by its number alone', async () => {
  const cluster = await startEmbeddedPostgres({ dataDir, env })
  const folder = join(realpathSync(dataDir), 'postgres')
  const pid = postmasterPid(dataDir)
  assert.equal(isServerOf(pid, folder), true)
  assert.equal(isServerOf(pid, `${folder}s`), false)
  assert.equal(isServerOf(process.pid, folder), false)
  await cluster.stop()
  assert.equal(isServerOf(pid, folder), false)
})

test('whoever watches hears of a server that ends unasked', async () => {
  const cluster = await startEmbeddedPostgres({ dataDir, env })
  process.kill(postmasterPid(dataDir), 'SIGQUIT')
  assert.match(await cluster.ended, /PostgreSQL ended unexpectedly/)
  await cluster.stop()
})

test('transactions whose server is killed under them fail, each by itself, and nothing else does', async () => {
  const cluster = await startEmbeddedPostgres({ dataDir, env })
  await cluster.createDatabase('opentill')
  const sql = connect(cluster.address('opentill'), { max: 4 })
  const pids: number[] = []
  const begun = Array.from({ length: 4 }, () =>
    sql.begin(async (tx) => {
      const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`
      pids.push(row?.pid ?? 0)
      await tx`select pg_sleep(30)`
    }),
  )
  const ended = Promise.all(
    begun.map((one) =>
      one.then(
        () => 'done',
        ({ code }) => String(code),
      ),
    ),
  )
  while (pids.length < 4) await env.sleep(5)
  // The server answers a killed backend by ending all others.
  process.kill(pids[0] ?? 0, 'SIGKILL')
  for (const code of await ended) assert.match(code, /^(CONNECTION_CLOSED|ECONNRESET|EPIPE|57P02)$/)
  await sql.end({ timeout: 1 })
  await cluster.stop()
})

test('a folder whose path is too long for a socket gets a short one elsewhere', async () => {
  const long = join(folder, 'l'.repeat(60), 'l'.repeat(60))
  const cluster = await startEmbeddedPostgres({ dataDir: long, env })
  const socketFolder = new URL(cluster.address('postgres')).searchParams.get('host') ?? ''
  assert.equal(socketFolder.startsWith(long), false)
  const sql = connect(cluster.address('postgres'), { max: 1 })
  await sql`select 1`
  await sql.end()
  await cluster.stop()
  assert.equal(existsSync(socketFolder), false)
})

test('a folder that the database’s account cannot reach is refused by name', {
  skip: !asRoot && 'needs root',
}, async () => {
  const closed = join(folder, 'closed')
  mkdirSync(closed, { mode: 0o700 })
  await assert.rejects(
    startEmbeddedPostgres({ dataDir: join(closed, 'data'), env }),
    refusal(new RegExp(`cannot reach the data folder .*${closed} is closed to it; run chmod o\\+x ${closed}`)),
  )
})

test('a server with durability off is refused', async () => {
  appendFileSync(join(dataDir, 'postgres', 'postgresql.conf'), 'fsync = off\nfull_page_writes = off\n')
  const cluster = await startEmbeddedPostgres({ dataDir, env })
  const sql = connect(cluster.address('opentill'), { max: 1 })
  await assert.rejects(assertDurable(sql), refusal(/fsync is off, and full_page_writes is off/))
  await sql.end()
  await cluster.stop()
})

test('a cluster of another version is refused', async () => {
  const other = join(folder, 'other')
  mkdirSync(join(other, 'postgres'), { recursive: true })
  appendFileSync(join(other, 'postgres', 'PG_VERSION'), '16\n')
  await assert.rejects(startEmbeddedPostgres({ dataDir: other, env }), refusal(/made by PostgreSQL 16/))
})

test('a refused process leaves with one sentence', async () => {
  const file = join(folder, 'file')
  appendFileSync(file, '')
  const child = spawn(process.execPath, [HOLDER, file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.equal(code, 1)
  assert.match(said, /^The data folder .*file cannot be made .*\n$/)
})
