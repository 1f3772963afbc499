/**
 * Runs the tests on one database server for all of them: the embedded one in a temporary folder, or `DATABASE_URL`'s.
 * With `--server` only those that use a database (and no browser), on `DATABASE_URL`, else on Debian's PostgreSQL 15.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { leaksInFolder, leaksInOutput } from '../test/canary/leaks.ts'
import { startTestServer } from '../test/support/server.ts'
import { ROOT } from '../test/support/source.ts'
import { startDebianServer } from './debian-server.ts'
import { provideBrowser } from './provide-browser.ts'

const ALL = '{src,sdk,test,examples,scripts,bench,sim}/**/*.test.ts'
/** A test's own database, or what of `test/support` stands on one. */
const ON_A_DATABASE = /\b(testDatabase|startTestApi|startTestTill|startPageTill)\b/
/**
 * These begin first, so that no long one is left alone at the end. The two that keep all cores busy by themselves, the
 * seeds and the planted bugs, are not beside one another.
 */
const LONGEST = [
  'sim/seeds.test.ts',
  'sim/conformance.test.ts',
  'test/crash/crash.test.ts',
  'sim/interleave/interleave.test.ts',
  'test/e2e/test-cards.test.ts',
  'src/checkout/views/page-looks.test.ts',
  'sim/planted/planted.test.ts',
]
/** Compares the simulator's storage with a database, seed by seed: once in the whole run is enough. */
const STAND_IN = 'sim/conformance.test.ts'
const { values, positionals } = parseArgs({
  options: { server: { type: 'boolean', default: false } },
  allowPositionals: true,
})

process.chdir(ROOT)
const files = positionals.length > 0 ? globSync(positionals).sort() : findFiles(values.server)
if (files.length === 0) {
  console.error(`No test file is named ${positionals.join(' or ')}.`)
  process.exit(1)
}
process.exitCode = await run()

async function run(): Promise<number> {
  const browser = values.server ? undefined : provideBrowser()
  const leaks: string[] = []
  const server = await provideServer((folder) => {
    leaks.push(...leaksInFolder(folder).map((card) => `${card} lay in the database's files`))
  })
  let exitCode = 1
  // Everyone in the terminal's group hears Ctrl-C; the tests end by it, and then we stop the server.
  process.on('SIGINT', () => {})
  try {
    const tests = spawn(process.execPath, [join(ROOT, 'scripts/run-in-order.ts'), concurrency(), ...files], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(server.url, browser),
    })
    const output: Buffer[] = []
    for (const [from, to] of [
      [tests.stdout, process.stdout],
      [tests.stderr, process.stderr],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        output.push(chunk)
        to.write(chunk)
      })
    }
    process.on('SIGTERM', () => tests.kill('SIGTERM'))
    const [code] = await once(tests, 'close')
    leaks.push(...leaksInOutput(Buffer.concat(output)).map((card) => `${card} was printed`))
    exitCode = typeof code === 'number' ? code : 1
  } finally {
    await server.stop()
  }
  const leakCode = tellLeaks(leaks)
  return exitCode || leakCode
}

/** A card number that a test run prints or leaves in its database fails the run (threat S-12). */
function tellLeaks(leaks: readonly string[]): number {
  for (const leak of leaks) console.error(`A card number leaked: ${leak}.`)
  return leaks.length === 0 ? 0 : 1
}

function provideServer(beforeRemoval: (folder: string) => void): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env.DATABASE_URL
  if (url) return Promise.resolve({ url, stop: async () => {} })
  return values.server ? startDebianServer() : startTestServer(beforeRemoval)
}

/** One core is left for the servers that the tests start. */
function concurrency(): string {
  return String(Math.max(2, availableParallelism() - 1))
}

/** The settings of whoever runs the tests do not reach them. */
function environment(databaseUrl: string, browser: string | undefined): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('OPENTILL_') && name !== 'DATABASE_URL')
  return {
    ...Object.fromEntries(own),
    OPENTILL_TEST_DATABASE_URL: databaseUrl,
    ...(browser === undefined ? {} : { CHROMIUM_PATH: browser }),
    ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
  }
}

function findFiles(server: boolean): readonly string[] {
  const all = globSync(ALL, { exclude: ['**/node_modules/**'] }).sort()
  const lost = LONGEST.filter((file) => !all.includes(file))
  if (lost.length > 0) throw new Error(`scripts/run-tests.ts names tests that are not there: ${lost.join()}`)
  const files = [...LONGEST, ...all.filter((file) => !LONGEST.includes(file))]
  if (!server) return files
  return files.filter((file) => file !== STAND_IN && usesDatabase(readFileSync(join(ROOT, file), 'utf8')))
}

function usesDatabase(text: string): boolean {
  return ON_A_DATABASE.test(text) && !/playwright-core|support\/(browser|chromium)/.test(text)
}
