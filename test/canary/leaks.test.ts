import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/folder.ts'
import { leaksInFolder, leaksInOutput } from './leaks.ts'

test('a card number that was printed is found, in whatever color; a test’s name is not', () => {
  const output = [
    '\u001b[32m✔ reads 4242 4242 4242 4242 \u001b[90m(0.4ms)\u001b[39m',
    '  ✖ refuses 5555555555554444',
    '{"level":30,"msg":"charged \u001b[1m37828224\u001b[0m6310005"}',
  ]
  assert.deepEqual(leaksInOutput(Buffer.from(output.join('\n'))), ['…0005'])
})

test('a card number is found in any file below a folder', () => {
  const folder = temporaryFolder()
  try {
    assert.deepEqual(leaksInFolder(folder), [])
    mkdirSync(join(folder, 'pg_wal'))
    writeFileSync(
      join(folder, 'pg_wal', '000001'),
      Buffer.concat([Buffer.alloc(5_000, 7), Buffer.from('4111111111111111')]),
    )
    writeFileSync(join(folder, 'postgres.log'), 'detail: 5555 5555 5555 4444')
    assert.deepEqual([...leaksInFolder(folder)].sort(), ['…1111', '…4444'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
