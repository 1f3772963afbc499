import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, globSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../src/storage/connect.ts'
import { chooseAccount } from '../src/storage/embedded/account.ts'
import { temporaryFolder } from '../test/support/folder.ts'
import type { TestServer } from '../test/support/server.ts'
import { installPackage } from './provide-browser.ts'

/**
 * Debian's PostgreSQL 15 in a temporary folder, reached as one reaches a server: over TCP, with a password, under a role
 * that is no superuser. Everything that makes it durable stays on.
 */
export async function startDebianServer(): Promise<TestServer> {
  const bin = findPrograms()
  const folder = temporaryFolder()
  const cluster = join(folder, 'cluster')
  const account = chooseAccount(cluster)
  mkdirSync(cluster, { mode: 0o700 })
  if (account !== undefined) chownSync(cluster, account.uid, account.gid)
  const as = { ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }), cwd: '/' }

  const trust = ['--username=postgres', '--auth-local=trust', '--auth-host=scram-sha-256']
  const initdb = ['-D', cluster, '--encoding=UTF8', '--locale=C.UTF-8', ...trust]
  execFileSync(join(bin, 'initdb'), initdb, { ...as, stdio: ['ignore', 'ignore', 'inherit'] })

  const port = await findFreePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${cluster}`,
    'max_connections=60',
  ]
  const log = openSync(join(folder, 'log'), 'a')
  const server = spawn(join(bin, 'postgres'), ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])], {
    ...as,
    detached: true,
    stdio: ['ignore', log, log],
  })
  const exited = once(server, 'exit')
  const stop = async () => {
    server.kill('SIGINT')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    return { url: await makeRole(cluster, port), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function findPrograms(): string {
  const find = () => globSync('/usr/lib/postgresql/*/bin').find((bin) => existsSync(join(bin, 'initdb')))
  const fifteen = '/usr/lib/postgresql/15/bin'
  const found = existsSync(fifteen) ? fifteen : find()
  if (found !== undefined) return found
  console.log('Opentill: installing PostgreSQL for the tests (once) …')
  const installed = installPackage('postgresql') ? find() : undefined
  if (installed === undefined) {
    throw new Error('no PostgreSQL server found; install Debian’s package postgresql, or set DATABASE_URL to a server')
  }
  return installed
}

/** @returns the address of the database that test processes meet in */
async function makeRole(socketFolder: string, port: number): Promise<string> {
  const sql = connect(`postgres://postgres@localhost:${port}/postgres?host=${encodeURIComponent(socketFolder)}`, {
    max: 1,
  })
  const password = randomBytes(16).toString('hex')
  try {
    for (let tries = 0; ; tries++) {
      const refused = await sql`select 1`.then(
        () => undefined,
        (error: unknown) => error,
      )
      if (refused === undefined) break
      if (tries >= 200) throw refused
      await sleep(50)
    }
    await sql.unsafe(`create role opentill login createdb password '${password}'`)
    await sql`create database opentill_test owner opentill`
  } finally {
    await sql.end()
  }
  return `postgres://opentill:${password}@127.0.0.1:${port}/opentill_test`
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
