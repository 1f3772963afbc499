import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Env } from '../../core/env.ts'

const POLL_MS = 20
const FAST_WITHIN_MS = 10_000
const HARD_WITHIN_MS = 2_000

/**
 * A killed Opentill leaves its server running, and a killed server may leave a backend. We hold the data folder's lock,
 * so nobody needs them: ask the server to shut down fast, then make whatever still works in the cluster end.
 */
export async function stopOrphans(clusterFolder: string, env: Env): Promise<void> {
  const postmaster = Number(readPidFile(clusterFolder)[0])
  const orphans = findOrphans(clusterFolder)
  if (orphans.includes(postmaster)) kill(postmaster, 'SIGINT')
  if (await areGone(clusterFolder, env, FAST_WITHIN_MS)) return removePidFile(clusterFolder)
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    for (const pid of findOrphans(clusterFolder)) kill(pid, signal)
    if (await areGone(clusterFolder, env, HARD_WITHIN_MS)) return removePidFile(clusterFolder)
  }
}

/** The lines of `postmaster.pid` (`src/include/utils/pidfile.h`): 1 the process, 5 the socket's folder, 8 the status. */
export function readPidFile(clusterFolder: string): readonly string[] {
  try {
    return readFileSync(join(clusterFolder, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return []
  }
}

async function areGone(clusterFolder: string, env: Env, withinMs: number): Promise<boolean> {
  for (const until = env.monotonicMs() + withinMs; findOrphans(clusterFolder).length > 0; await env.sleep(POLL_MS)) {
    if (env.monotonicMs() > until) return false
  }
  return true
}

/**
 * The processes that work in the cluster. Linux shows each one's working folder, which for PostgreSQL is the cluster, so
 * a process id that was used again is not mistaken for it. Elsewhere the recorded process is looked at.
 */
function findOrphans(clusterFolder: string): readonly number[] {
  if (showsFolders()) return processIds().filter((pid) => isPostgresIn(pid, clusterFolder))
  const recorded = Number(readPidFile(clusterFolder)[0])
  return recorded > 1 && isServerOf(recorded, clusterFolder) ? [recorded] : []
}

/** By its command line: after a restart of the machine the recorded number may be anybody's. */
export function isServerOf(pid: number, clusterFolder: string): boolean {
  const told = spawnSync('ps', ['-ww', '-p', String(pid), '-o', 'command='], { encoding: 'utf8' })
  return told.status === 0 && told.stdout.includes(`postgres -D ${clusterFolder} `)
}

/**
 * A dead server that nobody has reaped (a container whose first process does not) still counts as alive to PostgreSQL,
 * which would then never start. Where we have seen that nothing works in the cluster, its record is removed.
 */
function removePidFile(clusterFolder: string): void {
  if (showsFolders()) rmSync(join(clusterFolder, 'postmaster.pid'), { force: true })
}

function showsFolders(): boolean {
  return existsSync('/proc/self/cwd')
}

function processIds(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** By name too: a person's shell may stand in the cluster. */
function isPostgresIn(pid: number, clusterFolder: string): boolean {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
    return name === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === clusterFolder
  } catch {
    return false
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended in between, which is what the signal was for.
  }
}
