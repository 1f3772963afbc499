import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { startNameServer } from '../../test/support/name-server.ts'
import { HttpError, type HttpRequest } from '../core/env.ts'
import { makeEnv } from '../env.ts'
import { createEgress, type EgressPolicy } from './egress.ts'
import { makeResolver, type Named } from './resolve-name.ts'

const NAMES = {
  'both.example': ['8.8.4.1', '8.8.4.2', '2606:4700:0:0:0:0:0:1'],
  'four.example': ['8.8.4.3'],
  'six.example': ['2606:4700:0:0:0:0:0:2'],
  'half.example': ['8.8.4.4'],
  'inside.example': ['8.8.4.5', 'fd00:0:0:0:0:0:0:1'],
  'empty.example': [],
}
const server = await startNameServer(
  NAMES,
  (question) => question.includes('silent') || question === 'AAAA half.example',
)
after(server.stop)
const servers = [server.address]
const forever = new AbortController().signal
const stranger = (host: string): Named => ({ host, may: 'public' })
const PUBLIC: EgressPolicy = { publicHosts: true, loopback: false, allowHosts: [] }

const to = (url: string): HttpRequest => ({
  method: 'POST',
  url,
  headers: {},
  body: '{}',
  timeoutMs: 15_000,
  maxResponseBytes: 1_000,
})
const failure = (call: Promise<unknown>): Promise<HttpError> =>
  call.then(
    () => assert.fail('the call went through'),
    (reason: unknown) => {
      assert.ok(reason instanceof HttpError, String(reason))
      return reason
    },
  )

test('a stranger’s name has the addresses of both families that the name server knows', async () => {
  const resolve = makeResolver({ env: testEnv(), servers })
  const found = async (host: string) => (await resolve(stranger(host), forever)).map(({ address }) => address)
  assert.deepEqual(await found('both.example'), ['8.8.4.1', '8.8.4.2', '2606:4700::1'])
  assert.deepEqual(await found('four.example'), ['8.8.4.3'])
  assert.deepEqual(await found('six.example'), ['2606:4700::2'])
  await assert.rejects(found('empty.example'), { code: 'ENODATA' })
  await assert.rejects(found('missing.example'), { code: 'ENOTFOUND' })
})

test('a server that answers one family alone is not waited for longer than a moment', async () => {
  const env = testEnv()
  const found = makeResolver({ env, servers })(stranger('half.example'), forever)
  while (env.sleeping() === 0) await new Promise((resolve) => setImmediate(resolve))
  await env.advance(1_000)
  assert.deepEqual(await found, [{ address: '8.8.4.4', family: 4 }])
})

test('a loopback name is this machine, without asking anybody; what the operator lists is asked of the system', async () => {
  const before = server.asked.length
  const resolve = makeResolver({ env: testEnv(), servers })
  for (const host of ['localhost', 'shop.localhost']) {
    const found = await resolve({ host, may: 'loopback' }, forever)
    assert.deepEqual(
      found.map(({ address }) => address),
      ['127.0.0.1', '::1'],
    )
  }
  const listed = { host: 'neighbor.invalid', may: 'any' } as const
  const [one, two] = [resolve(listed, forever), resolve(listed, forever)]
  await assert.rejects(one, { syscall: 'getaddrinfo' })
  await assert.rejects(two)
  assert.equal(server.asked.length, before)
})

test('names whose server is silent keep nobody waiting, and each of them costs its own five seconds', async (t) => {
  const shop = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1')
  await once(shop, 'listening')
  t.after(() => shop.close())
  const env = testEnv()
  const resolve = makeResolver({ env, servers })
  const policy = { ...PUBLIC, loopback: true }
  const client = createEgress({ env, policy, assertNoTransaction: () => {}, resolve })
  const silent = Array.from({ length: 50 }, (_, at) => failure(client(to(`https://silent${at}.example/`))))
  while (server.asked.filter((question) => question.includes('silent')).length < 100) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  const answer = await client(to(`http://localhost:${(shop.address() as AddressInfo).port}/`))
  assert.equal(answer.status, 204)
  assert.equal((await resolve(stranger('both.example'), forever)).length, 3)
  await env.advance(5_000)
  for (const { outcome, message } of await Promise.all(silent)) {
    assert.deepEqual([outcome, message], ['not_sent', 'resolving the host timed out'])
  }
  assert.equal(env.sleeping(), 0)
})

test('a silent server does not outlast the call on the real clock either', async () => {
  const client = createEgress({
    env: makeEnv(),
    policy: PUBLIC,
    assertNoTransaction: () => {},
    resolve: makeResolver({ env: makeEnv(), servers }),
  })
  const error = await failure(client({ ...to('https://silent.example/'), timeoutMs: 200 }))
  assert.deepEqual([error.outcome, error.message], ['not_sent', 'resolving the host timed out'])
})

test('one address inside among those of both families is enough to refuse a name', async () => {
  const env = testEnv()
  const resolve = makeResolver({ env, servers })
  const client = createEgress({ env, policy: PUBLIC, assertNoTransaction: () => {}, resolve })
  const refusal = (host: string) => failure(client(to(`https://${host}/`))).then(({ message }) => message)
  assert.equal(await refusal('inside.example'), 'the host has an address that is not open to calls')
  assert.equal(await refusal('missing.example'), 'the host does not resolve')
})
