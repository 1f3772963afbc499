/**
 * Runs the tests, on whatever Node calls it: installs what is missing, then hands over to the pinned Node.
 * `node scripts/test.mjs [--server] [file or pattern …]`; see run-tests.ts.
 */
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const beside = (path) => fileURLToPath(new URL(path, import.meta.url))

const install = spawnSync(process.execPath, [beside('install.mjs')], { stdio: 'inherit' })
if (install.status !== 0) process.exit(install.status ?? 1)

const runner = spawn(beside('../node_modules/.bin/node'), [beside('run-tests.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
// A terminal's Ctrl-C reaches the runner too: it stops what it started, and we end with it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => runner.kill('SIGTERM'))
runner.on('exit', (code) => process.exit(code ?? 1))
