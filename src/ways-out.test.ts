import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveTenant, testTenant } from './core/ids.ts'
import { webhookPolicy } from './ways-out.ts'

const TEST = testTenant(7)
const ON_LOOPBACK: readonly [publicUrl: string | undefined, host: string, loopback: boolean][] = [
  [undefined, '127.0.0.1', true],
  [undefined, '::1', true],
  [undefined, 'localhost', true],
  [undefined, '0.0.0.0', false],
  [undefined, '::', false],
  [undefined, '10.0.0.7', false],
  ['http://localhost:4100', '0.0.0.0', true],
  ['https://pay.example', '127.0.0.1', false],
  ['https://localhost.pay.example', '127.0.0.1', false],
]
for (const [publicUrl, host, loopback] of ON_LOOPBACK) {
  test(`a server at ${publicUrl ?? host} ${loopback ? 'delivers' : 'does not deliver'} to its own machine`, () => {
    assert.equal(webhookPolicy({ publicUrl, host }, TEST, undefined).loopback, loopback)
    assert.equal(webhookPolicy({ publicUrl, host }, liveTenant(7), undefined).loopback, false)
  })
}

test('the demo shop is reached wherever it listens, and nothing else beside it', () => {
  const policy = webhookPolicy({ publicUrl: 'https://pay.example', host: '0.0.0.0' }, TEST, '127.0.0.1:4120')
  assert.deepEqual(policy, { publicHosts: true, loopback: false, allowHosts: ['127.0.0.1:4120'] })
})
