import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { originOf, parseConfig, type SETTINGS } from './config.ts'

test('an empty environment gives the defaults', () => {
  assert.deepEqual(parseConfig({ PATH: '/bin', OPENTILL_PORT: '' }), {
    ok: true,
    config: {
      host: '127.0.0.1',
      port: 4100,
      bankHost: '127.0.0.1',
      bankPort: 4110,
      bankPublicUrl: undefined,
      bankAdminToken: undefined,
      storeHost: '127.0.0.1',
      storePort: 4120,
      dataDir: resolve('.opentill'),
      publicUrl: undefined,
      vaultOrigin: undefined,
      doors: ['opencheckout', 'ozura', 'bpc', 'hsrc', 'secpaid'],
      logLevel: 'warn',
    },
    databaseUrls: { main: undefined, bank: undefined },
  })
})

test('every setting is read', () => {
  const parsed = parseConfig({
    OPENTILL_HOST: '[::1]',
    OPENTILL_PORT: '0',
    OPENTILL_BANK_HOST: 'bank.internal',
    OPENTILL_BANK_PORT: '1',
    OPENTILL_BANK_PUBLIC_URL: 'https://bank.example',
    OPENTILL_BANK_ADMIN_TOKEN: 'the-bank-manager-himself',
    OPENTILL_STORE_HOST: '::',
    OPENTILL_STORE_PORT: '65535',
    OPENTILL_DATA_DIR: '/var/lib/opentill',
    DATABASE_URL: 'postgres://me:pass@db:5432/opentill?sslmode=require',
    OPENTILL_BANK_DATABASE_URL: 'postgresql://localhost/bank?host=/run/postgresql',
    OPENTILL_PUBLIC_URL: 'https://pay.example.com/',
    OPENTILL_VAULT_ORIGIN: 'http://[::1]:4200',
    OPENTILL_DOORS: 'hsrc, bpc',
    OPENTILL_LOG_LEVEL: 'WARN',
  })
  assert.deepEqual(parsed, {
    ok: true,
    config: {
      host: '::1',
      port: 0,
      bankHost: 'bank.internal',
      bankPort: 1,
      bankPublicUrl: 'https://bank.example',
      bankAdminToken: 'the-bank-manager-himself',
      storeHost: '::',
      storePort: 65535,
      dataDir: '/var/lib/opentill',
      publicUrl: 'https://pay.example.com',
      vaultOrigin: 'http://[::1]:4200',
      doors: ['bpc', 'hsrc'],
      logLevel: 'warn',
    },
    databaseUrls: {
      main: 'postgres://me:pass@db:5432/opentill?sslmode=require',
      bank: 'postgresql://localhost/bank?host=/run/postgresql',
    },
  })
})

const WRONG: readonly (readonly [keyof typeof SETTINGS, string])[] = [
  ['OPENTILL_HOST', 'http://localhost'],
  ['OPENTILL_HOST', 'localhost:4100'],
  ['OPENTILL_HOST', '256.1.1.1'],
  ['OPENTILL_BANK_HOST', '-x'],
  ['OPENTILL_STORE_HOST', 'a..b'],
  ['OPENTILL_DOORS', 'bpc,hsrc2'],
  ['OPENTILL_DOORS', 'none,bpc'],
  ['OPENTILL_PORT', '65536'],
  ['OPENTILL_PORT', '-1'],
  ['OPENTILL_PORT', '4.1e3'],
  ['OPENTILL_BANK_PORT', '٤١'],
  ['OPENTILL_DATA_DIR', 'a\0b'],
  ['DATABASE_URL', 'mysql://root:hunter2@db/opentill'],
  ['DATABASE_URL', 'postgres://root:hunter2@db'],
  ['OPENTILL_BANK_DATABASE_URL', 'hunter2'],
  ['OPENTILL_PUBLIC_URL', 'pay.example.com'],
  ['OPENTILL_PUBLIC_URL', 'https://pay.example.com/checkout'],
  ['OPENTILL_VAULT_ORIGIN', 'ftp://vault.example.com'],
  ['OPENTILL_VAULT_ORIGIN', 'https://me:hunter2@vault.example.com'],
  ['OPENTILL_LOG_LEVEL', 'loud'],
]

for (const [name, text] of WRONG) {
  test(`${name}=${JSON.stringify(text)} is one fault that names it`, () => {
    const parsed = parseConfig({ [name]: text })
    assert.ok(!parsed.ok)
    assert.equal(parsed.faults.length, 1)
    assert.match(parsed.faults[0] ?? '', new RegExp(`^${name} is .*; give `))
  })
}

test('all faults are told at once, and no password with them', () => {
  const parsed = parseConfig({
    OPENTILL_PORT: 'x',
    OPENTILL_PROT: '4100',
    DATABASE_URL: 'postgres//me:hunter2@db/x',
    OPENTILL_BANK_PORT: '4120',
  })
  assert.deepEqual(parsed, {
    ok: false,
    faults: [
      'OPENTILL_PROT is no setting of Opentill; remove it, or did you mean OPENTILL_PORT?',
      'OPENTILL_PORT is "x", which is no port; give a whole number from 1 to 65535, or 0 for any free one',
      'DATABASE_URL is set, which is no database URL; give postgres://user:password@host:5432/database',
      'OPENTILL_STORE_PORT is 4120, which OPENTILL_BANK_PORT takes too; give each server a port of its own',
    ],
  })
})

test('the names in dev-keys.env are nobody’s typing mistakes', () => {
  assert.ok(
    parseConfig({ OPENTILL_SECRET_KEY: 'sk', OPENTILL_PUBLISHABLE_KEY: 'pk', OPENTILL_WEBHOOK_SECRET: 'wh' }).ok,
  )
})

test('two servers may share a port on two addresses, and any free port', () => {
  assert.ok(parseConfig({ OPENTILL_BANK_HOST: '::1', OPENTILL_BANK_PORT: '4100' }).ok)
  assert.ok(parseConfig({ OPENTILL_PORT: '0', OPENTILL_BANK_PORT: '0', OPENTILL_STORE_PORT: '0' }).ok)
})

for (const [host, origin] of [
  ['127.0.0.1', 'http://127.0.0.1:4100'],
  ['::1', 'http://[::1]:4100'],
  ['0.0.0.0', 'http://127.0.0.1:4100'],
  ['::', 'http://[::1]:4100'],
  ['till.local', 'http://till.local:4100'],
] as const) {
  test(`the origin of ${host}`, () => assert.equal(originOf(host, 4100), origin))
}
