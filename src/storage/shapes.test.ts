import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { testDatabase } from '../../test/support/database.ts'
import { attemptBegun } from '../../test/support/records.ts'
import type { Charge } from '../core/charge.ts'
import type { Snapshot } from '../core/event.ts'
import type { Uuid } from '../core/ids.ts'
import type { Payment } from '../core/payment.ts'
import type { Session } from '../core/session.ts'
import { columnOf, columnsOf, decodeRow, encodeRow, type JsonRow } from './shape.ts'
import * as shapes from './shapes.ts'
import { CHARGES, PAYMENTS, SESSIONS } from './shapes.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshots.ts'

const db = await testDatabase(import.meta.url)
after(db.drop)

const pattern = attemptBegun()
const money = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n })
const moments = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
const words = fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => text.isWellFormed() && !text.includes('\0'))
const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
const PLAIN = { noNullPrototype: true } as const
const ids = fc.uuid().map((id) => id as Uuid)

const sessions: fc.Arbitrary<Session> = fc
  .record({
    amountTotal: money,
    secret: bytes,
    createdAt: moments,
    completedAt: fc.option(moments),
    customerId: fc.option(ids),
    tries: fc.integer({ min: 0, max: 5 }),
    lineItems: fc.array(
      fc.record({ id: ids, priceId: ids, productId: ids, quantity: fc.nat(), unitAmount: money, name: words }, PLAIN),
      { maxLength: 3 },
    ),
    metadata: fc.dictionary(words, words, { maxKeys: 3, noNullPrototype: true }),
  })
  .map(({ lineItems, metadata, ...fields }) => ({
    ...(pattern.session as Session),
    ...fields,
    document: { lineItems, metadata },
  }))
const payments: fc.Arbitrary<Payment> = fc
  .record({ amount: money, secret: bytes, canceledAt: fc.option(moments), latestChargeId: fc.option(ids) })
  .map((fields) => ({ ...pattern.payment, ...fields }))
const charges: fc.Arbitrary<Charge> = fc
  .record({ authorized: money, captured: money, providerId: fc.option(words), tokenId: fc.option(ids) })
  .map((fields) => ({ ...pattern.charge, ...fields }))
const snapshots: fc.Arbitrary<Snapshot> = fc.oneof(
  fc.record(
    {
      is: fc.constant('session' as const),
      v: fc.constant(1 as const),
      session: sessions,
      payment: fc.option(payments),
      captured: money,
    },
    PLAIN,
  ),
  fc.record(
    {
      is: fc.constant('payment' as const),
      v: fc.constant(1 as const),
      payment: payments,
      charge: fc.option(charges),
    },
    PLAIN,
  ),
)

test('a row survives JSON as it is', () => {
  fc.assert(
    fc.property(sessions, payments, charges, (session, payment, charge) => {
      const through = (row: JsonRow): JsonRow => JSON.parse(JSON.stringify(row))
      assert.deepEqual(decodeRow(SESSIONS, through(encodeRow(SESSIONS, session))), session)
      assert.deepEqual(decodeRow(PAYMENTS, through(encodeRow(PAYMENTS, payment))), payment)
      assert.deepEqual(decodeRow(CHARGES, through(encodeRow(CHARGES, charge))), charge)
    }),
  )
})

test('a snapshot survives JSON as it is', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      assert.deepEqual(decodeSnapshot(JSON.parse(JSON.stringify(encodeSnapshot(snapshot)))), snapshot)
    }),
  )
})

test('a row survives the database’s own JSON, as views of a session are read', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, payments, async (session, payment) => {
      const [row] = await db.sql<{ session: JsonRow; payment: JsonRow }[]>`
        select
          to_jsonb(jsonb_populate_record(null::sessions, ${JSON.stringify(encodeRow(SESSIONS, session))}::text::jsonb))
            as session,
          to_jsonb(jsonb_populate_record(null::payments, ${JSON.stringify(encodeRow(PAYMENTS, payment))}::text::jsonb))
            as payment`
      assert.deepEqual(row && decodeRow(SESSIONS, row.session), session)
      assert.deepEqual(row && decodeRow(PAYMENTS, row.payment), payment)
    }),
    { numRuns: 40 },
  )
})

for (const shape of Object.values(shapes).filter((value) => typeof value === 'object')) {
  test(`the columns of ${shape.table} are the record's fields, all of them`, async () => {
    const rows = await db.sql<{ name: string }[]>`
      select attname as name from pg_attribute
      where attrelid = ${shape.table}::regclass and attnum > 0 and not attisdropped order by attnum`
    const columns = rows.map(({ name }) => name)
    assert.deepEqual(columnsOf(shape as typeof SESSIONS).sort(), columns.sort())
  })
}

test('a field becomes a column by its letters alone', () => {
  assert.deepEqual(['id', 'createdAt', 'providerKeyValidUntil'].map(columnOf), [
    'id',
    'created_at',
    'provider_key_valid_until',
  ])
})
