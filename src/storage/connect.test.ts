import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { assertDurable, connect, readDatabaseClock } from './connect.ts'
import { StartError } from './start-error.ts'

const db = await testDatabase(import.meta.url, { migrated: false })
after(db.drop)

test('values arrive as the types that the code speaks', async () => {
  const [row] = await db.sql`
    select 9007199254740993::int8 as large, 7 as small, '{"a":[1]}'::jsonb as json, '\\x00ff'::bytea as bytes,
      '2026-01-02T03:04:05.678Z'::timestamptz as time, 1.10::numeric as exact, array['a', 'b'] as list, ${5n}::int8 as given
  `
  assert.deepEqual(row, {
    large: 9007199254740993n,
    small: 7,
    json: { a: [1] },
    bytes: Buffer.from([0, 255]),
    time: new Date('2026-01-02T03:04:05.678Z'),
    exact: '1.10',
    list: ['a', 'b'],
    given: 5n,
  })
})

test('every connection carries its limits', async () => {
  const rows = await db.sql`select name, setting from pg_settings where name like '%_timeout' order by name`
  const limits = Object.fromEntries(rows.map((row) => [row.name, row.setting]))
  assert.equal(limits.statement_timeout, '5000')
  assert.equal(limits.lock_timeout, '2000')
  assert.equal(limits.idle_in_transaction_session_timeout, '10000')
})

test('a durable server is accepted', () => assertDurable(db.sql))

test('synchronous_commit turned off for the database is refused', async () => {
  const [{ name } = { name: '' }] = await db.sql<{ name: string }[]>`select current_database() as name`
  await db.sql`alter database ${db.sql(name)} set synchronous_commit = off`
  const sql = connect(db.url, { max: 1 })
  try {
    await assert.rejects(
      assertDurable(sql),
      (error) => error instanceof StartError && /synchronous_commit is off/.test(error.message),
    )
  } finally {
    await sql.end()
    await db.sql`alter database ${db.sql(name)} reset synchronous_commit`
  }
})

test('a connection that closes while something waits to be written is made again', async (t) => {
  const sockets: Socket[] = []
  const dial = Socket.prototype.connect
  t.mock.method(Socket.prototype, 'connect', function (this: Socket, ...args: unknown[]) {
    sockets.push(this)
    return Reflect.apply(dial, this, args)
  })
  const sql = connect(db.url, { max: 1, connectTimeoutSeconds: 1 })
  const ask = () =>
    sql`select 1 as one`.then(
      ([row]) => row?.one,
      ({ code }) => code,
    )
  assert.equal(await ask(), 1)
  // Both within one turn of the loop: the query waits for the next one, and the socket closes at the end of this.
  const lost = await new Promise((resolve) => {
    setImmediate(() => {
      resolve(ask())
      sockets.at(-1)?.destroy()
    })
  })
  assert.equal(lost, 'CONNECTION_CLOSED')
  // What was left over goes out before the greeting, which costs one more connection.
  const answers = [await ask(), await ask(), await ask()]
  assert.equal(answers.at(-1), 1, answers.join(' '))
  await sql.end()
})

test('the clock of the database is a date', async () => {
  assert.ok((await readDatabaseClock(db.sql)) instanceof Date)
})

test('whoever the tests run as is bound by a revoke', async () => {
  await db.sql`create table ledger (id int)`
  await db.sql`revoke update, delete, truncate on ledger from current_user`
  await db.sql`insert into ledger values (1)`
  await assert.rejects(db.sql`update ledger set id = 2`, { code: '42501' })
  await assert.rejects(db.sql`delete from ledger`, { code: '42501' })
})
