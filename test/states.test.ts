import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { CHARGE_MACHINE, LIVE_CHARGE_STATES } from '../src/core/charge-machine.ts'
import { statesOf } from '../src/core/machine.ts'
import { OPERATION_KINDS, OPERATION_STATES } from '../src/core/operation.ts'
import { PAYMENT_STATES } from '../src/core/payment-machine.ts'
import { REFUND_ORIGINS } from '../src/core/refund.ts'
import { REFUND_MACHINE } from '../src/core/refund-machine.ts'
import { DIALECTS, DOORS } from '../src/core/session.ts'
import { SESSION_MACHINE } from '../src/core/session-machine.ts'
import { renderSession } from '../src/http/api/render/render-session.ts'
import { sessionWord } from '../src/http/dialects/session-words.ts'
import { testDatabase } from './support/database.ts'
import { attemptBegun } from './support/records.ts'
import { SHOWN, statesMarkdown } from './support/states-doc.ts'

const db = await testDatabase(import.meta.url)
after(db.drop)

const LOOK = { publicUrl: 'https://pay.example' }

/** The words that the migrated database takes in a column, read from its catalog. */
async function allowedIn(table: string, column: string): Promise<readonly string[]> {
  const rows = await db.sql<{ text: string }[]>`
    select pg_get_constraintdef(c.oid) as text
    from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
    where c.contype = 'c' and c.conrelid = ${table}::regclass and a.attname = ${column}`
  return rows.flatMap(({ text }) => wordsIn(text))
}

const wordsIn = (text: string): string[] => [...text.matchAll(/'(\w+)'/g)].map(([, word = '']) => word)

const LISTS: readonly (readonly [table: string, column: string, words: readonly string[]])[] = [
  ['sessions', 'state', statesOf(SESSION_MACHINE)],
  ['sessions', 'door', DOORS],
  ['sessions', 'closed_by', ['time', 'merchant', 'shopper']],
  ['charges', 'state', statesOf(CHARGE_MACHINE)],
  ['payments', 'state', PAYMENT_STATES],
  ['operations', 'state', OPERATION_STATES],
  ['operations', 'kind', OPERATION_KINDS],
  ['refunds', 'state', statesOf(REFUND_MACHINE)],
  ['refunds', 'origin', REFUND_ORIGINS],
  ['api_keys', 'door', DOORS],
  ['webhook_endpoints', 'door', DOORS],
]
for (const [table, column, words] of LISTS) {
  test(`the database takes exactly the program's words in ${table}.${column}`, async () => {
    assert.deepEqual([...(await allowedIn(table, column))].sort(), [...words].sort())
  })
}

test('the index of live charges counts exactly the states that hold a payment', async () => {
  const [index] = await db.sql<{ text: string }[]>`
    select pg_get_expr(indpred, indrelid) as text from pg_index where indexrelid = 'charges_one_live'::regclass`
  assert.deepEqual(wordsIn(index?.text ?? '').sort(), [...LIVE_CHARGE_STATES].sort())
})

test('every key and every index begins with the tenant', async () => {
  const rows = await db.sql<{ name: string; first: string }[]>`
    select i.indexrelid::regclass::text as name, a.attname as first
    from pg_index i
    join pg_class t on t.oid = i.indrelid
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where t.relnamespace in ('public'::regnamespace, 'vault'::regnamespace) and t.relname not like '%_migrations'`
  assert.ok(rows.length > 20)
  assert.deepEqual(
    rows.filter(({ first }) => first !== 'tenant'),
    [],
  )
})

test('docs/states.md says what the machines say', () => {
  assert.equal(readFileSync(new URL('../docs/states.md', import.meta.url), 'utf8'), statesMarkdown())
})

for (const door of DIALECTS) {
  for (const [inside, shown] of SHOWN) {
    test(`the ${door} door shows ${inside} as ${shown[door]}`, () => {
      const [state, money] = inside.split(', ')
      const found = statesOf(SESSION_MACHINE).find((one) => one === state)
      if (!found) throw new Error(`no state ${state}`)
      assert.equal(sessionWord(door, { state: found, amountTotal: 5n }, money === 'paid' ? 5n : 0n), shown[door])
    })
  }
}

for (const [inside, shown] of SHOWN) {
  test(`the native door shows ${inside} as ${shown.native}`, () => {
    const { session } = attemptBegun()
    const [state, money] = inside.split(', ')
    const found = statesOf(SESSION_MACHINE).find((one) => one === state)
    if (!session || !found) throw new Error(`no state ${state}`)
    const captured = money === 'paid' ? session.amountTotal : 0n
    const wire = renderSession({ session: { ...session, state: found }, payment: null, captured }, LOOK)
    assert.deepEqual([wire.status, wire.payment_status], [shown.native, money === 'paid' ? 'paid' : 'unpaid'])
  })
}
