import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDevKeys, readSettings } from './read-settings.ts'

const KEYS = { OPENTILL_SECRET_KEY: 'sk_test_a', OPENTILL_WEBHOOK_SECRET: 'whsec_a' }

test('with keys alone the shop finds the till where `npm start` puts it', () => {
  const settings = readSettings({}, KEYS)
  assert.ok(settings.ok)
  assert.deepEqual(settings.options, {
    host: '127.0.0.1',
    port: 4120,
    opentill: {
      host: '127.0.0.1',
      port: 4100,
      protocol: 'http',
      secretKey: 'sk_test_a',
      webhookSecret: 'whsec_a',
      payOrigin: undefined,
    },
  })
})

test('the environment goes before the file, and a URL says all about the till', () => {
  const environment = {
    OPENTILL_SECRET_KEY: 'sk_test_b',
    OPENTILL_URL: 'https://pay.example',
    OPENTILL_STORE_PORT: '0',
  }
  const settings = readSettings(environment, KEYS)
  assert.ok(settings.ok)
  const { opentill, port } = settings.options
  assert.deepEqual([opentill.host, opentill.port, opentill.protocol], ['pay.example', 443, 'https'])
  assert.deepEqual([opentill.secretKey, port], ['sk_test_b', 0])
})

test('the pages of the till may have an origin of their own', () => {
  const settings = readSettings({ OPENTILL_PUBLIC_URL: 'https://pay.example/' }, KEYS)
  assert.ok(settings.ok)
  assert.equal(settings.options.opentill.payOrigin, 'https://pay.example')
})

test('all faults are told at once', () => {
  const settings = readSettings({ OPENTILL_URL: 'ftp://x', OPENTILL_STORE_PORT: 'door' }, {})
  assert.ok(!settings.ok)
  assert.deepEqual(
    settings.faults.map((fault) => fault.split(' ')[0]),
    ['OPENTILL_SECRET_KEY', 'OPENTILL_WEBHOOK_SECRET', 'OPENTILL_URL', 'OPENTILL_STORE_PORT'],
  )
})

test('a port beyond the last one is a fault', () => {
  assert.ok(!readSettings({ OPENTILL_STORE_PORT: '65536' }, KEYS).ok)
})

test('the key file is read with and without quotes, comments and `export`', () => {
  assert.deepEqual(
    parseDevKeys('# keys\nexport OPENTILL_SECRET_KEY="sk_test_a"\r\nOPENTILL_WEBHOOK_SECRET=whsec_a=\n'),
    {
      OPENTILL_SECRET_KEY: 'sk_test_a',
      OPENTILL_WEBHOOK_SECRET: 'whsec_a=',
    },
  )
})
