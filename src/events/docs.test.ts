import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testEnv } from '../../test/support/env.ts'
import { EXPLICIT_EVENT_TYPES } from '../core/event.ts'
import { eventTable } from '../core/event-facts.ts'
import { signatureHeaders } from '../core/sign-delivery.ts'
import { makeEnv } from '../env.ts'
import { createEgress } from './egress.ts'
import { newEndpointSecret } from './endpoint-secret.ts'

const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')
const samples = [...page.matchAll(/^```js\n\/\/ (webhook-\S+)\n(.*?)^```$/gms)].map(([, name = '', code = '']) => ({
  name,
  code,
}))
const env = makeEnv()
const send = createEgress({
  env,
  policy: { publicHosts: false, loopback: true, allowHosts: [] },
  assertNoTransaction: () => {},
})

test('the page shows both libraries', () => {
  assert.deepEqual(
    samples.map(({ name }) => name),
    ['webhook-stripe.mjs', 'webhook-standard.mjs'],
  )
})

test('the page has the table of everything that is told, and names our own types beside it', () => {
  assert.ok(page.includes(`\n\n${eventTable()}\n\n`), eventTable())
  const [, before = ''] = /^## Types$(.*?)^\| Type/ms.exec(page) ?? []
  for (const type of EXPLICIT_EVENT_TYPES) assert.ok(before.includes(`\`${type}\``), type)
})

for (const { name, code } of samples) {
  test(`${name} takes our delivery and refuses a forged one`, async () => {
    const secret = newEndpointSecret(testEnv())
    const sample = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, OPENTILL_WEBHOOK_SECRET: secret, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const lines = createInterface(sample.stdout)[Symbol.asyncIterator]()
      const [, port] = /^listening on (\d+)$/.exec(String((await lines.next()).value)) ?? []
      const deliver = (secrets: readonly string[]) => {
        const body = Buffer.from(
          JSON.stringify({
            id: 'evt_1',
            object: 'event',
            type: 'checkout.session.completed',
            data: { object: { id: 'cs_test_1', payment_status: 'paid' } },
          }),
        )
        const sentAtSeconds = Math.floor(env.now().getTime() / 1000)
        return send({
          method: 'POST',
          url: `http://localhost:${port}/`,
          headers: signatureHeaders({ eventName: 'evt_1', sentAtSeconds, body, secrets }),
          body,
          timeoutMs: 10_000,
          maxResponseBytes: 1024,
        })
      }
      assert.equal((await deliver([newEndpointSecret(env)])).status, 400)
      assert.equal((await deliver([secret])).status, 204)
      assert.equal((await lines.next()).value, 'paid: cs_test_1')
    } finally {
      sample.kill()
      await once(sample, 'close')
    }
  })
}
