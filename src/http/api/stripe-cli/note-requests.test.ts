import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownPath } from './note-requests.ts'

const SHOWN: readonly [what: string, url: string, path: string][] = [
  ['a plain path', '/v1/customers/cus_1', '/v1/customers/cus_1'],
  ['no query', '/v1/customers?email=jenny@example.com', '/v1/customers'],
  ['no card number', '/v1/customers/4242424242424242', '/v1/customers/[card number]'],
  ['no card number in escapes', '/v1/customers/%34%32%34%32424242424242', '/v1/customers/[card number]'],
  ['no client secret', '/v1/payment_intents/pi_1_secret_abc/confirm', '/v1/payment_intents/pi_1_secret_…/confirm'],
  ['no client secret in escapes', '/v1/payment_intents/pi_1%5fsecret_abc', '/v1/payment_intents/pi_1_secret_…'],
  ['what is no text', '/v1/customers/%ff%3', '/v1/customers/\ufffd\ufffd'],
]
for (const [what, url, path] of SHOWN) {
  test(`a tail of requests shows ${what}`, () => assert.equal(shownPath(url), path))
}
