import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ROOT } from '../../test/support/source.ts'
import type { Bug } from './bugs.ts'

export type Fate = {
  readonly killed: boolean
  /** The first lines that the simulator said: the seed and the rule, or that all held. */
  readonly said: string
}

/** What is let loose on a copy: a program of `sim` and how long it may look. */
export type Hunter = readonly [program: string, ...rest: readonly string[]]

export const simulator = (seeds: number): Hunter => ['sim/main.ts', '--seeds', String(seeds), '--brief']
export const interleaver = (race: string): Hunter => ['sim/interleave/main.ts', '--race', race, '--brief']

/** Plants a bug in a copy of the product, never in a model of it, and lets a hunter loose on that copy. */
export async function plant(bug: Bug, hunter: Hunter): Promise<Fate> {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'))
  try {
    for (const part of ['src', 'sim', 'test/support', 'package.json'])
      cpSync(join(ROOT, part), join(folder, part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    replaceOnce(join(folder, bug.file), bug)
    return await hunt(folder, hunter)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws when the text is not there exactly once: the list has fallen behind the code */
function replaceOnce(path: string, { name, file, find, replace }: Bug): void {
  const pieces = readFileSync(path, 'utf8').split(find)
  if (pieces.length !== 2) throw new Error(`"${name}" has ${pieces.length - 1} places in ${file}`)
  writeFileSync(path, pieces.join(replace))
}

async function hunt(folder: string, hunter: Hunter): Promise<Fate> {
  const child = spawn(process.execPath, hunter, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  // A bug may also be seen by what never comes up any more.
  const found = said.split('\n').find((line) => /^(seed \d+|race ".*") .*breaks |^too rare: /.test(line))
  // A copy that does not even run has not been found out by a rule.
  if (code !== 0 && found === undefined) throw new Error(`the copy does not run: ${said}`)
  return { killed: found !== undefined, said: found ?? 'all rules held' }
}
