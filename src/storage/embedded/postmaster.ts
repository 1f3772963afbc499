import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import type { Env } from '../../core/env.ts'
import { StartError } from '../start-error.ts'
import type { Account } from './account.ts'
import { SOCKET_PORT } from './cluster.ts'
import { readPidFile, stopOrphans } from './orphan.ts'
import type { Programs } from './programs.ts'

/** A running server process. `ended` resolves, with a sentence, when it ends without being asked to. */
export type Postmaster = { readonly pid: number; readonly ended: Promise<string>; stop(): Promise<void> }

export type PostmasterOptions = {
  readonly programs: Programs
  readonly account: Account | undefined
  readonly clusterFolder: string
  readonly socketFolder: string
  readonly logFile: string
  readonly env: Env
}

/**
 * Small, for one machine that does other things too. `fsync` and its kin are left at their defaults, which are on:
 * `assertDurable` looks at what the server really uses. The log bears neither rows nor statements (terse, panic): it may
 * not become a second copy of the data.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: String(SOCKET_PORT),
  cluster_name: 'opentill',
  shared_buffers: '64MB',
  max_connections: '60',
  max_wal_size: '512MB',
  wal_compression: 'on',
  io_method: 'sync',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
}
const MAX_LOG_BYTES = 16 * 1024 * 1024
const POLL_MS = 20
const START_WITHIN_MS = 120_000
const STALE_WITHIN_MS = 10_000
const STOP_WITHIN_MS = 8_000

/** Starts the server and waits until it takes connections. What a killed predecessor left is waited for, then retried. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const { env, logFile } = options
  const giveUpAt = env.monotonicMs() + STALE_WITHIN_MS
  for (;;) {
    await stopOrphans(options.clusterFolder, env)
    const attempt = launch(options)
    if (await becomesReady(attempt, options)) return attempt
    const reason = lastFatalLine(logFile)
    const stale = /pre-existing shared memory|lock file .* already exists/.test(reason)
    if (!stale || env.monotonicMs() > giveUpAt) {
      throw new StartError(`PostgreSQL did not start: ${reason || 'it said nothing'} (its log: ${logFile}).`)
    }
    await env.sleep(100)
  }
}

/** In a session of its own, so that Ctrl-C reaches us alone and what is in flight can finish first. */
function launch({ programs, account, clusterFolder, socketFolder, logFile, env }: PostmasterOptions): Postmaster {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`)
  const log = openSync(logFile, 'a', 0o600)
  const settings = { ...SETTINGS, unix_socket_directories: socketFolder }
  const child = spawn(
    programs.postgres,
    ['-D', clusterFolder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      cwd: '/',
      env: { LC_ALL: 'C', TZ: 'UTC' },
      detached: true,
      stdio: ['ignore', log, log],
    },
  )
  closeSync(log)
  child.unref()
  const interrupt = () => child.kill('SIGINT')
  process.once('exit', interrupt)
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  })
  let asked = false
  return {
    pid: child.pid ?? 0,
    ended: exited.then(() => {
      process.off('exit', interrupt)
      return asked ? new Promise<string>(() => {}) : `PostgreSQL ended unexpectedly: ${lastFatalLine(logFile)}`
    }),
    async stop() {
      asked = true
      await stopChild(child, exited, env)
    },
  }
}

/** Fast shutdown; after its time an immediate one, from which the next start recovers by the write-ahead log. */
async function stopChild(child: ChildProcess, exited: Promise<void>, env: Env): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    child.kill(signal)
    const waiting = new AbortController()
    const late = env.sleep(signal === 'SIGINT' ? STOP_WITHIN_MS : 1_000, waiting.signal).then(
      () => true,
      () => false,
    )
    const stopped = await Promise.race([exited.then(() => true), late.then(() => false)])
    waiting.abort()
    if (stopped) return
  }
}

/** `postmaster.pid` says `ready` in its eighth line once connections are taken (`LOCK_FILE_LINE_PM_STATUS`). */
async function becomesReady(attempt: Postmaster, { env, clusterFolder, logFile }: PostmasterOptions): Promise<boolean> {
  let ended = false
  attempt.ended.then(
    () => {
      ended = true
    },
    () => {},
  )
  for (const giveUpAt = env.monotonicMs() + START_WITHIN_MS; env.monotonicMs() < giveUpAt; ) {
    const lines = readPidFile(clusterFolder)
    if (Number(lines[0]) === attempt.pid && lines[7]?.trim() === 'ready') return true
    if (ended) return false
    await env.sleep(POLL_MS)
  }
  await attempt.stop()
  throw new StartError(`PostgreSQL did not take connections within two minutes; its log is ${logFile}.`)
}

function lastFatalLine(logFile: string): string {
  try {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n')
    const line = lines.findLast((text) => /FATAL|PANIC/.test(text)) ?? lines.at(-1) ?? ''
    return line.replace(/^.*?(FATAL|PANIC): +/, '').trim()
  } catch {
    return ''
  }
}
