import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, beforeEach, test } from 'node:test'
import { testEnv } from '../../../test/support/env.ts'
import { startTestTill } from '../../../test/support/till.ts'
import { hookAddress, hookSecret } from '../../core/hook-address.ts'
import { liveTenant, nameOf, newUuid, otherMode, type Tenant, testTenant } from '../../core/ids.ts'
import { signNotice } from '../../sandbox-bank/notices.ts'
import { buildServer } from '../server.ts'
import { registerHooks } from './hooks.ts'

const env = testEnv()
const till = await startTestTill(import.meta.url, { env })
const tenant = till.caller.tenant
const hookKey = env.randomBytes(32)
const logged: string[] = []
const note = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
let woken = 0
const deps = {
  ...till.payments,
  log: { info: note, error: note },
  publicUrl: () => 'https://pay.example',
  hookKey,
  parametersKey: new Uint8Array(32).fill(7),
  hookSecrets: (connector: string, of: Tenant) => [hookSecret(hookKey, connector, of)],
  onKept: () => {
    woken += 1
  },
}
const app = buildServer(deps)
registerHooks(app, deps)
await app.listen({ host: '127.0.0.1', port: 0 })
after(async () => {
  await app.close()
  await till.stop()
})
beforeEach(async () => {
  await till.db.sql`delete from notices`
  woken = 0
  logged.length = 0
  await env.advance(1_000)
})

const addressOf = (of: Tenant, connector = 'sandbox') => `/hooks/${connector}/${hookAddress(hookKey, connector, of)}`
const reference = nameOf('charge', tenant, newUuid(env))
const bodyOf = (fields: object = {}) =>
  JSON.stringify({ id: 'evt_1', type: 'refund.created', merchant: `t${tenant}`, reference, ...fields })
const sign = (body: string, of = tenant) => signNotice(hookSecret(hookKey, 'sandbox', of), body, env.now())

async function post(url: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const reply = await app.inject({
    method: 'POST',
    url,
    payload: body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return [reply.statusCode, reply.body] as const
}
const tell = (body = bodyOf(), headers: Readonly<Record<string, string>> = {}) =>
  post(addressOf(tenant), body, { 'bank-signature': sign(body), ...headers })
const kept = async () => (await till.db.sql<{ notice_id: string }[]>`select notice_id from notices`).length

test('what the bank signed is kept and answered, and whoever asks is woken', async () => {
  assert.deepEqual(await tell(), [204, ''])
  assert.deepEqual([await kept(), woken], [1, 1])
})

test('told again, it is answered as well, and nobody is woken', async () => {
  await tell()
  assert.deepEqual(await tell(), [204, ''])
  assert.deepEqual(await tell(bodyOf({ reference: 'another', type: 'x' })), [204, ''])
  assert.deepEqual([await kept(), woken], [1, 1])
})

const FORGED: readonly (readonly [name: string, send: () => Promise<readonly [number, string]>])[] = [
  ['no signature', () => post(addressOf(tenant), bodyOf())],
  ['a signature of something else', () => tell(bodyOf(), { 'bank-signature': sign('{}') })],
  ['a signature by a neighbor', () => tell(bodyOf(), { 'bank-signature': sign(bodyOf(), testTenant(3)) })],
  ['one byte more', () => post(addressOf(tenant), `${bodyOf()} `, { 'bank-signature': sign(bodyOf()) })],
  ['another merchant', () => tell(bodyOf({ merchant: 't1' }))],
  ['an empty body', () => tell('')],
  ['bytes that are no text', () => post(addressOf(tenant), Buffer.from([0xff, 0xfe, 0]))],
  ['no id', () => tell(bodyOf({ id: null }))],
  ['a NUL', () => tell(bodyOf({ id: 'a\0b' }))],
]
for (const [name, send] of FORGED) {
  test(`${name}: refused without a word, and nothing is kept`, async () => {
    assert.deepEqual(await send(), [400, ''])
    assert.deepEqual([await kept(), woken], [0, 0])
    assert.ok(logged.every((line) => !line.includes('hksec_') && !line.includes('evt_1')))
  })
}

const NOWHERE: readonly (readonly [name: string, url: string])[] = [
  ['an address that was made up', addressOf(tenant).replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
  ['no address', '/hooks/sandbox'],
  ['another connector', `/hooks/stripe/${hookAddress(hookKey, 'sandbox', tenant)}`],
  ['a connector that nobody has', addressOf(tenant, 'nobody')],
  ['the account’s live mode, which no sandbox serves', addressOf(otherMode(tenant))],
  ['a live account', addressOf(liveTenant(5))],
  ['a long address', `/hooks/sandbox/${'0'.repeat(90)}`],
]
for (const [name, url] of NOWHERE) {
  test(`${name}: 404`, async () => {
    const [status] = await post(url, bodyOf(), { 'bank-signature': sign(bodyOf()) })
    assert.deepEqual([status, await kept()], [404, 0])
  })
}

test('an account that does not exist: 404, although its address and its signature are right', async () => {
  const stranger = testTenant(4711)
  const body = bodyOf({ merchant: `t${stranger}` })
  const answer = await post(addressOf(stranger), body, { 'bank-signature': sign(body, stranger) })
  assert.deepEqual(answer, [404, ''])
})

test('only JSON, and not too much of it', async () => {
  const body = bodyOf({ data: 'x'.repeat(70_000) })
  assert.equal((await tell(body))[0], 413)
  assert.equal((await tell(bodyOf({ data: 'x'.repeat(60_000) })))[0], 204)
  assert.equal((await tell(bodyOf(), { 'content-type': 'application/x-www-form-urlencoded' }))[0], 415)
  assert.equal((await tell(bodyOf(), { 'content-type': '' }))[0], 415)
  assert.equal((await app.inject({ method: 'GET', url: addressOf(tenant) })).statusCode, 404)
})

test('a body that never comes keeps nobody waiting, and is no fault of ours', async () => {
  const { port } = app.server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `POST ${addressOf(tenant)} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{}`,
  )
  await new Promise((resolve) => setImmediate(resolve))
  socket.destroy()
  assert.deepEqual(await tell(), [204, ''])
  assert.ok(logged.every((line) => !line.includes('a hook failed')))
})

test('two signature headers are none', async () => {
  const { port } = app.server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  const body = bodyOf()
  const header = `Bank-Signature: ${sign(body)}\r\n`
  socket.write(
    `POST ${addressOf(tenant)} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${header}${header}` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
  assert.match(await text(socket), /^HTTP\/1\.1 400 /)
  assert.equal(await kept(), 0)
})

test('more than two hundred in a second wait for the next', async () => {
  const answers = await Promise.all(Array.from({ length: 205 }, () => post(addressOf(tenant), '{}')))
  assert.deepEqual(
    answers.map(([status]) => status),
    [...Array(200).fill(400), ...Array(5).fill(429)],
  )
  const neighbor = testTenant(9)
  assert.equal((await post(addressOf(neighbor), '{}'))[0], 400)
  await env.advance(1_000)
  assert.deepEqual(await tell(), [204, ''])
})

test('a database that fails is told as such: the provider repeats itself', async () => {
  const failing = { ...deps, storage: { ...till.storage, keepNotice: () => Promise.reject(new Error('gone')) } }
  const other = buildServer(failing)
  registerHooks(other, failing)
  const body = bodyOf()
  const headers = { 'content-type': 'application/json', 'bank-signature': sign(body) }
  const reply = await other.inject({ method: 'POST', url: addressOf(tenant), payload: body, headers })
  assert.deepEqual([reply.statusCode, reply.body], [500, ''])
  await other.close()
})
