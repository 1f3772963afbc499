import { spawnSync } from 'node:child_process'
import { realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartError } from '../start-error.ts'

/** The account that PostgreSQL runs under. It refuses to run as root, so root lends it another one. */
export type Account = { readonly uid: number; readonly gid: number; readonly name: string }

const CANDIDATES = ['opentill', 'postgres', 'nobody'] as const

/**
 * Chooses the account: none when we are not root; else the one that already owns the cluster, so that a restart finds
 * its own files; else the first unprivileged account that this machine has.
 */
export function chooseAccount(clusterFolder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const owner = ownerOf(clusterFolder)
  if (owner !== undefined && owner.uid !== 0) return { ...owner, name: `uid ${owner.uid}` }
  for (const name of CANDIDATES) {
    const uid = idOf('-u', name)
    const gid = idOf('-g', name)
    if (uid !== undefined && gid !== undefined && uid > 0) return { uid, gid, name }
  }
  throw new StartError(
    'PostgreSQL does not run as root, and this machine has no account opentill, postgres or nobody; ' +
      'start Opentill under an ordinary account.',
  )
}

/** @throws StartError naming the first folder on the way that the account may not pass through */
export function requireReachable(folder: string, account: Account | undefined): void {
  if (account === undefined || mayEnter(folder, account)) return
  const closed = ancestorsOf(realpathSync(folder)).find((ancestor) => !mayEnter(ancestor, account)) ?? folder
  throw new StartError(
    `The database runs as the account ${account.name}, which cannot reach the data folder ${folder} ` +
      `because ${closed} is closed to it; run chmod o+x ${closed}, or set OPENTILL_DATA_DIR to another folder.`,
  )
}

/** Asks the system itself, as that account, so that groups and access lists count. */
export function mayEnter(folder: string, account: Account): boolean {
  const { uid, gid } = account
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0
}

function ancestorsOf(folder: string): readonly string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [...ancestorsOf(parent), folder]
}

function ownerOf(folder: string): { uid: number; gid: number } | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false })
  return stats === undefined ? undefined : { uid: stats.uid, gid: stats.gid }
}

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return status === 0 && /^\d+$/.test(stdout.trim()) ? Number(stdout.trim()) : undefined
}
