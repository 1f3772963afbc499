import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Ends the database of one data folder as a power cut ends it: its postmaster, and every process that this started. */
export function killDatabase(dataDir: string): void {
  const postmaster = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
  if (!Number.isInteger(postmaster) || postmaster <= 1) throw new Error('no postmaster to kill')
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
