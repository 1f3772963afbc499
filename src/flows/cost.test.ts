import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import postgres from 'postgres'
import { confirmInput, payAndWait } from '../../test/support/paying.ts'
import { ordinaryBasket, startTestTill, type TestTill } from '../../test/support/till.ts'
import { openStorage } from '../storage/storage.ts'
import { openVault } from '../vault/vault.ts'
import { createSession } from './create-session.ts'
import { findVisited, pageCredential } from './visit.ts'

const plain = await startTestTill(import.meta.url)
after(plain.stop)
const statements: string[] = []
const address = new URL(plain.db.url)
const socketFolder = address.searchParams.get('host')
address.searchParams.delete('host')
const sql = postgres(address.href, {
  ...(socketFolder === null ? {} : { host: socketFolder }),
  max: 1,
  types: { bigint: postgres.BigInt },
  debug: (_, query) => statements.push(query.trim().replaceAll(/\s+/g, ' ')),
})
after(() => sql.end())
const storage = openStorage(sql)
const vault = openVault({
  env: plain.env,
  sql,
  ring: { wrapping: new Map([[1, plain.env.randomBytes(32)]]), fingerprint: plain.env.randomBytes(32) },
  http: plain.payments.outside.http,
  allowedOrigins: [plain.bank.url],
  testNumbers: new Set(),
})
const till: TestTill = {
  ...plain,
  storage,
  vault,
  payments: {
    ...plain.payments,
    storage,
    outside: { ...plain.payments.outside, sendCard: vault.send },
    forgetCard: vault.forget,
  },
}

/** What a piece of work says to the database, once the driver has met every statement and type before. */
async function counted(work: () => Promise<unknown>): Promise<readonly string[]> {
  await work()
  statements.length = 0
  await work()
  return statements.map((text) => text.split(' ').slice(0, 3).join(' '))
}
const call = (key: string | null) => ({
  caller: plain.caller,
  requestId: 'req_test',
  key: key === null ? null : { key, request: 'POST /v1/checkout/sessions', parameters: {} },
})

let keys = 0
test('a session is made with two statements: its account is read, and everything is written in one', async () => {
  const said = await counted(() => createSession(till.payments, call(`k${++keys}`), ordinaryBasket()))
  assert.deepEqual(said, ['select * from', 'with units as'])
})

test('a repeated key costs two reads more', async () => {
  const said = await counted(() => createSession(till.payments, call('again'), ordinaryBasket()))
  assert.equal(said.length, 4)
})

test('a page is opened with one statement', async () => {
  const session = await plain.openSession()
  const said = await counted(() => findVisited(till.payments, pageCredential(session)))
  assert.equal(said.length, 1)
})

test('a payment is two short transactions around one call, and three statements of the vault', async (t) => {
  const said = await counted(async () => {
    const session = await plain.openSession()
    await payAndWait(till.payments, await confirmInput(till, session, '4242424242424242'))
  })
  t.diagnostic(`${said.length} statements: ${said.join('; ')}`)
  assert.equal(said.filter((text) => text.startsWith('begin')).length, 2)
  assert.ok(said.length <= 19, said.join('\n'))
})
