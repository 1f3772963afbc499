import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { testEnv } from '../test/support/env.ts'
import { temporaryFolder } from '../test/support/folder.ts'
import { loadSecrets } from './secrets.ts'
import { StartError } from './storage/start-error.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = () => join(folder, 'secrets.json')
const refusal = (text: RegExp) => (error: unknown) => error instanceof StartError && text.test(error.message)

test('the first start makes the keys, the next ones find them', async () => {
  const made = await loadSecrets(folder, testEnv({ seed: 'first' }))
  const found = await loadSecrets(folder, testEnv({ seed: 'second' }))
  assert.deepEqual(found, made)
  assert.equal(statSync(path()).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(folder), ['secrets.json'])
  const { vaultKeys, ...others } = made
  const keys = [vaultKeys.get(1), ...Object.values(others)]
  assert.deepEqual(
    keys.map((key) => key?.length),
    keys.map(() => 32),
  )
  assert.equal(new Set(keys.map(String)).size, 8)
})

test('several versions of the vault’s key are kept apart', async () => {
  await loadSecrets(folder, testEnv())
  const file = JSON.parse(readFileSync(path(), 'utf8'))
  file.vault_keys[2] = Buffer.alloc(32, 7).toString('base64')
  writeFileSync(path(), JSON.stringify(file))
  const { vaultKeys } = await loadSecrets(folder, testEnv())
  assert.deepEqual([...vaultKeys.keys()], [1, 2])
  assert.deepEqual(vaultKeys.get(2), new Uint8Array(32).fill(7))
})

for (const mode of [0o640, 0o604, 0o620, 0o644]) {
  test(`a file of mode ${mode.toString(8)} is refused`, async () => {
    await loadSecrets(folder, testEnv())
    chmodSync(path(), mode)
    await assert.rejects(loadSecrets(folder, testEnv()), refusal(new RegExp(`mode ${mode.toString(8)}.*chmod 600`)))
  })
}

const BROKEN: readonly (readonly [string, (file: Record<string, unknown>) => unknown, RegExp])[] = [
  ['a short key', (file) => ({ ...file, sealing_key: 'AAAA' }), /sealing_key/],
  ['a key that is not base64', (file) => ({ ...file, fingerprint_key: '!'.repeat(44) }), /fingerprint_key/],
  ['a key that is missing', ({ address_hash_key: _, ...file }) => file, /address_hash_key/],
  ['no vault key', (file) => ({ ...file, vault_keys: {} }), /vault_keys/],
  ['a version that is no number', (file) => ({ ...file, vault_keys: { one: file.sealing_key } }), /vault_keys\.one/],
  ['no object', () => null, /vault_keys, fingerprint_key, address_hash_key, sealing_key/],
]

for (const [name, spoil, text] of BROKEN) {
  test(`${name} is refused, and no key is printed`, async () => {
    await loadSecrets(folder, testEnv())
    const file = JSON.parse(readFileSync(path(), 'utf8'))
    writeFileSync(path(), JSON.stringify(spoil(file)))
    const error = await loadSecrets(folder, testEnv()).then(
      () => undefined,
      (reason) => reason,
    )
    assert.ok(refusal(text)(error))
    assert.ok(!String(error).includes(file.vault_keys[1]))
  })
}

test('a file that is not JSON is refused', async () => {
  writeFileSync(path(), 'keys', { mode: 0o600 })
  await assert.rejects(loadSecrets(folder, testEnv()), refusal(/put the file back/))
})
