import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testEnv } from '../../test/support/env.ts'
import { keyHint, newApiKey, parseApiKey } from './api-key.ts'
import { liveTenant, type Tenant, testTenant } from './ids.ts'

const env = testEnv()

test('a key names its tenant, its kind and the hash that is kept', () => {
  for (const tenant of [testTenant(1), liveTenant(1), testTenant(1_000_000_000)]) {
    for (const kind of ['secret', 'publishable'] as const) {
      const key = newApiKey(env, tenant, kind)
      assert.deepEqual(parseApiKey(key.text), { tenant, kind, hash: key.hash })
      assert.equal(key.hash.length, 32)
      assert.ok(!key.hint.includes(key.text.slice(8, -4)))
    }
  }
})

test('keys look as shops know them', () => {
  assert.match(newApiKey(env, testTenant(7), 'secret').text, /^sk_test_[0-9A-Za-z]{55}$/)
  assert.match(newApiKey(env, liveTenant(7), 'publishable').text, /^pk_live_[0-9A-Za-z]{55}$/)
})

test('one character changed, lost or added makes it no key', () => {
  const { text } = newApiKey(env, testTenant(7), 'secret')
  for (let at = 0; at < text.length; at++) {
    const other = text[at] === 'a' ? 'b' : 'a'
    assert.equal(parseApiKey(text.slice(0, at) + other + text.slice(at + 1)), undefined)
    assert.equal(parseApiKey(text.slice(0, at) + text.slice(at + 1)), undefined)
  }
  assert.equal(parseApiKey(`${text}0`), undefined)
  assert.equal(parseApiKey(text.replace('sk_test_', 'sk_live_')), undefined)
})

test('no text of a stranger is a key, and its hint stays short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      assert.equal(parseApiKey(text), undefined)
      assert.ok(keyHint(text).length <= 16)
    }),
  )
})

test('a key of a tenant that no column holds is none', () => {
  for (const tenant of [0, 2 ** 31, 2 ** 32 - 1]) {
    assert.equal(parseApiKey(newApiKey(env, tenant as Tenant, 'secret').text), undefined, String(tenant))
  }
})
