import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../start-error.ts'
import type { Account } from './account.ts'
import type { Programs } from './programs.ts'

/** The socket's port is only a part of its file name: nothing listens on the network. */
export const SOCKET_PORT = 5432
export const SUPERUSER = 'postgres'

const MAJOR_VERSION = '18'

/**
 * Makes the cluster when it is new. It is made beside its place and then renamed, so an interrupted start leaves no
 * half-made cluster. Everyone who reaches the socket is trusted, and the socket lies in a folder of mode 0700. The
 * builtin locale sorts by code point and needs nothing from the machine, so an index never depends on its libc.
 */
export async function makeCluster(folder: string, programs: Programs, account: Account | undefined): Promise<void> {
  if (existsSync(join(folder, 'PG_VERSION'))) return requireVersion(folder)
  const fresh = `${folder}.new`
  await rm(fresh, { recursive: true, force: true })
  await makePrivateFolder(fresh, account)
  const options = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const access = [`--username=${SUPERUSER}`, '--auth-local=trust', '--auth-host=reject']
  try {
    await promisify(execFile)(programs.initdb, ['-D', fresh, ...options, ...access], {
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      cwd: '/',
      env: { LC_ALL: 'C', TZ: 'UTC' },
    })
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
    throw new StartError(`PostgreSQL's initdb could not make the cluster ${folder}: ${said.replaceAll('\n', ' ')}.`)
  }
  await rename(fresh, folder)
}

function requireVersion(folder: string): void {
  const version = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim()
  if (version === MAJOR_VERSION) return
  throw new StartError(
    `The cluster ${folder} was made by PostgreSQL ${version}, and this Opentill brings PostgreSQL ${MAJOR_VERSION}; ` +
      'dump it with the Opentill that made it and load the dump into a new data folder.',
  )
}

/** Linux allows 107 bytes for a socket's path, macOS 103 (`sun_path` in `<sys/un.h>`, less the closing NUL). */
const MAX_SOCKET_PATH_BYTES = 103

/** The socket's folder: in the data folder, or in the system's temporary one where that path would be too long. */
export async function makeSocketFolder(dataDir: string, account: Account | undefined): Promise<string> {
  const usual = join(dataDir, 'run')
  if (Buffer.byteLength(join(usual, `.s.PGSQL.${SOCKET_PORT}`)) <= MAX_SOCKET_PATH_BYTES) {
    await makePrivateFolder(usual, account)
    return usual
  }
  const left = await readSocketFolder(dataDir)
  const owner = account?.uid ?? process.getuid?.()
  const stats = left === undefined ? undefined : await stat(left).catch(() => undefined)
  if (left !== undefined && stats?.uid === owner && (stats?.mode ?? 0) % 0o1000 === 0o700) return left
  const base = Buffer.byteLength(tmpdir()) <= 60 ? tmpdir() : '/tmp'
  const folder = await mkdtemp(join(base, 'opentill-'))
  await makePrivateFolder(folder, account)
  return folder
}

/** Where the running cluster's socket lies is written down, so that a second program (the command line) finds it. */
export async function writeSocketFolder(dataDir: string, folder: string): Promise<void> {
  await writeFile(join(dataDir, 'postgres.json'), `${JSON.stringify({ socketFolder: folder })}\n`, { mode: 0o600 })
}

export async function readSocketFolder(dataDir: string): Promise<string | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(join(dataDir, 'postgres.json'), 'utf8'))
    const folder = typeof record === 'object' && record && 'socketFolder' in record ? record.socketFolder : undefined
    return typeof folder === 'string' ? folder : undefined
  } catch {
    return undefined
  }
}

async function makePrivateFolder(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  if (account !== undefined) await chown(folder, account.uid, account.gid)
}
