import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { isServerOf, readPidFile } from '../../src/storage/embedded/orphan.ts'

/**
 * Ends the database of one data folder at once: its postmaster, and every process that this started. A number that
 * belongs to another process by now is left alone.
 */
export function killDatabase(dataDir: string): void {
  const cluster = join(realpathSync(dataDir), 'postgres')
  const postmaster = Number(readPidFile(cluster)[0])
  if (!(postmaster > 1) || !isServerOf(postmaster, cluster)) return
  const children = childrenOf(postmaster)
  for (const pid of [postmaster, ...children]) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended in between: a child follows its postmaster.
    }
  }
}

function childrenOf(parent: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => {
    const [pid = 0, ppid = 0] = line.trim().split(/\s+/).map(Number)
    return ppid === parent && pid > 1 ? [pid] : []
  })
}
