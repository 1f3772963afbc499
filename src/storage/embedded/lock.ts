import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../start-error.ts'

export type DataFolderLock = { release(): void }

const SQLITE_BUSY = 5

/**
 * Makes the data folder when it is new and claims it for this process. The claim is SQLite's exclusive lock on a file
 * that stays empty: Node has no `flock` of its own, the kernel holds this one, and it ends with the process however the
 * process ends, so a kill -9 leaves nothing stale behind and no process id has to be guessed at.
 * @throws StartError when another process holds the folder, or the folder cannot be made or written
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  makeFolder(dataDir)
  const pidFile = join(dataDir, 'lock.pid')
  const file = openLockFile(dataDir)
  try {
    file.exec('begin exclusive')
  } catch (error) {
    file.close()
    if (!isBusy(error)) throw new StartError(`The data folder ${dataDir} cannot be locked: ${String(error)}.`)
    throw new StartError(
      `Another Opentill process${readHolder(pidFile)} uses the data folder ${dataDir}; ` +
        'stop it, or give this one a folder of its own with OPENTILL_DATA_DIR.',
    )
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
  return { release: () => file.isOpen && file.close() }
}

/** As root, others may pass through the folder (not list it): the cluster inside belongs to another account. */
function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
    if (!statSync(dataDir).isDirectory()) throw new Error('it is not a folder')
  } catch (error) {
    throw new StartError(
      `The data folder ${dataDir} cannot be made (${reasonOf(error)}); ` +
        'set OPENTILL_DATA_DIR to a folder that this account may write.',
    )
  }
}

function openLockFile(dataDir: string): DatabaseSync {
  const path = join(dataDir, 'lock')
  try {
    writeFileSync(path, '', { flag: 'a', mode: 0o600 })
    return new DatabaseSync(path, { timeout: 0 })
  } catch (error) {
    throw new StartError(
      `The data folder ${dataDir} cannot be written (${reasonOf(error)}); ` +
        'give this account the right to, or set OPENTILL_DATA_DIR to another folder.',
    )
  }
}

function readHolder(pidFile: string): string {
  try {
    const pid = readFileSync(pidFile, 'utf8').trim()
    return /^\d{1,10}$/.test(pid) ? ` (${pid})` : ''
  } catch {
    return ''
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
