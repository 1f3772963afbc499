import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findBrowser } from '../test/support/browser.ts'
import { ROOT } from '../test/support/source.ts'

/** Finds a Chromium or installs one: Debian's where we may, else Playwright's. Without any, the tests that need it fail. */
export function provideBrowser(): string | undefined {
  const found = findBrowser()
  if (found !== undefined) return found
  console.log('Opentill: installing Chromium for the tests (once) …')
  if (installPackage('chromium')) return findBrowser()
  const playwright = join(ROOT, 'node_modules', '.bin', 'playwright-core')
  if (run(process.execPath, [playwright, 'install', 'chromium'])) return findBrowser()
  console.error('Opentill: no Chromium could be installed; install one yourself, or set CHROMIUM_PATH to its program.')
  return undefined
}

/** Debian's package, where there is apt-get and we are root. */
export function installPackage(name: string): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  const install = () => run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name])
  return install() || (run('apt-get', ['update', '-qq']) && install())
}

function run(program: string, args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(program, args, { env, stdio: 'ignore' }).status === 0
}
