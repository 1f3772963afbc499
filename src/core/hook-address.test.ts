import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hookAddress, hookSecret, parseHookAddress } from './hook-address.ts'
import { liveTenant, type Tenant, testTenant } from './ids.ts'

const KEY = new Uint8Array(32).fill(7)
const OTHER_KEY = new Uint8Array(32).fill(8)
const TENANT = testTenant(4711)

test('an address leads back to its tenant, and to it alone', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (number) => {
      const tenant = number as Tenant
      const address = hookAddress(KEY, 'sandbox', tenant)
      assert.match(address, /^hook_(live|test)_[0-9A-Za-z]{28}$/)
      assert.equal(parseHookAddress(KEY, 'sandbox', address), tenant)
    }),
  )
})

const address = hookAddress(KEY, 'sandbox', TENANT)
const neighbor = hookAddress(KEY, 'sandbox', testTenant(4712))
const REFUSED: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['its name alone', address.slice(0, -22)],
  ['the proof of another tenant', address.slice(0, -22) + neighbor.slice(-22)],
  ['another mode', address.replace('test', 'live')],
  ['the address of another connector', hookAddress(KEY, 'other', TENANT)],
  ['the address of another installation', hookAddress(OTHER_KEY, 'sandbox', TENANT)],
  ['one letter more', `${address}0`],
  ['another case', address.toLowerCase()],
  ['a long text', 'x'.repeat(10_000)],
  ['tenant zero', `hook_live_000000${address.slice(-22)}`],
]
for (const [name, text] of REFUSED) {
  test(`${name} is no address`, () => assert.equal(parseHookAddress(KEY, 'sandbox', text), undefined))
}

test('every installation, connector and tenant has a secret of its own', () => {
  const secrets = [
    hookSecret(KEY, 'sandbox', TENANT),
    hookSecret(OTHER_KEY, 'sandbox', TENANT),
    hookSecret(KEY, 'other', TENANT),
    hookSecret(KEY, 'sandbox', liveTenant(4711)),
  ]
  assert.equal(new Set(secrets).size, 4)
  for (const secret of secrets) assert.match(secret, /^hksec_[\w-]{43}$/)
})
