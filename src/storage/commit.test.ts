import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { testEnv } from '../../test/support/env.ts'
import { attemptBegun, heard, meansAt, NOW, nextAttempt, operationOf, seenAs } from '../../test/support/records.ts'
import { newTenant } from '../../test/support/told-events.ts'
import { newUuid, type Tenant } from '../core/ids.ts'
import type { Observation } from '../core/observation.ts'
import { type Posting, postingsFor } from '../core/posting.ts'
import { type Attempt, settle } from '../core/settlement.ts'
import { inTransaction } from './commit.ts'
import { connect } from './connect.ts'
import { openStorage } from './storage.ts'

const db = await testDatabase(import.meta.url)
after(db.drop)
const env = testEnv()
const storage = openStorage(db.sql)
const tenant = await newTenant(env, storage)
const STALE = { ok: false, conflict: 'stale' }
const refusedBy = (constraint: string) => ({ ok: false, conflict: 'constraint', constraint })

const rowsOf = ({ session, payment, charge, operation }: Attempt) => ({
  sessions: session ? [session] : [],
  payments: [payment],
  charges: [charge],
  operations: [operation],
})
async function stored(choices: Parameters<typeof attemptBegun>[1] = {}): Promise<Attempt> {
  const attempt = attemptBegun(tenant, choices)
  assert.deepEqual(await storage.commit(rowsOf(attempt)), { ok: true })
  return attempt
}
const after1 = (attempt: Attempt, seen: Observation): Attempt => {
  const settled = settle(attempt, heard(seen), meansAt())
  if (typeof settled === 'string') throw new Error(settled)
  return settled.attempt
}
const PAID = seenAs('captured')
const DECLINED = seenAs('declined', { decline: { code: 'do_not_honor' } })
const eventOf = (attempt: Attempt, ordinal = 1) => ({
  tenant,
  id: newUuid(env),
  type: 'payment_intent.succeeded' as const,
  root: attempt.payment.id,
  rootVersion: attempt.payment.version,
  ordinal,
  snapshot: { is: 'payment', v: 1, payment: attempt.payment, charge: attempt.charge } as const,
  requestId: null,
  idempotencyKey: null,
  createdAt: NOW,
})

test('what is committed comes back as it was', async () => {
  const attempt = await stored()
  const view = await storage.findSessionView(tenant, attempt.session?.id ?? newUuid(env))
  assert.deepEqual(view, { session: attempt.session, payment: attempt.payment, charge: attempt.charge })
  assert.deepEqual(await storage.findOperation(tenant, attempt.operation.id), attempt.operation)
})

test('of two that decide on one version, one is stored and the other writes nothing at all', async () => {
  const attempt = await stored()
  const paid = after1(attempt, PAID)
  const declined = after1(attempt, DECLINED)
  const results = await Promise.all(
    [paid, declined].map((one) => storage.commit({ ...rowsOf(one), events: [eventOf(one)] })),
  )
  assert.deepEqual(
    results.filter(({ ok }) => !ok),
    [STALE],
  )
  const kept = results[0]?.ok ? paid : declined
  assert.deepEqual(await storage.findCharge(tenant, attempt.charge.id), kept.charge)
  const [events] = await db.sql<{ told: number }[]>`
    select count(*)::int4 as told from events where root = ${attempt.payment.id}`
  assert.equal(events?.told, 1)
})

test('one stale row among many undoes all of them', async () => {
  const attempt = await stored()
  const paid = after1(attempt, PAID)
  const late = { ...paid, operation: { ...paid.operation, version: 7 } }
  assert.deepEqual(await storage.commit({ ...rowsOf(late), events: [eventOf(late)] }), STALE)
  assert.deepEqual(await storage.findCharge(tenant, attempt.charge.id), attempt.charge)
  assert.deepEqual(await storage.findPayment(tenant, attempt.payment.id), attempt.payment)
})

test('a used key says so before anything else, and nothing is written beside it', async () => {
  const attempt = attemptBegun(tenant)
  const key = {
    tenant,
    door: 'native',
    key: 'k1',
    request: 'POST /v1/x',
    parameters: {},
    eventId: null,
    refusal: null,
  } as const
  const answer = { is: 'payment', v: 1, payment: attempt.payment, charge: null } as const
  const idempotency = { ...key, objectId: attempt.payment.id, answer, leasedUntil: null, createdAt: NOW }
  assert.deepEqual(await storage.commit({ ...rowsOf(attempt), idempotency }), { ok: true })
  assert.deepEqual(await storage.findIdempotency(tenant, 'native', 'k1'), idempotency)
  const other = attemptBegun(tenant)
  const again = await storage.commit({ ...rowsOf(other), idempotency: { ...idempotency, objectId: other.payment.id } })
  assert.deepEqual(again, { ok: false, conflict: 'key_used' })
  assert.equal(await storage.findPayment(tenant, other.payment.id), undefined)
})

test('a payment has one live charge, whatever the code does; an ended one makes room', async () => {
  const attempt = await stored()
  const second = nextAttempt(attempt)
  const charges = { charges: [second.charge] }
  assert.deepEqual(await storage.commit(charges), refusedBy('charges_one_live'))
  await storage.commit(rowsOf(after1(attempt, DECLINED)))
  assert.deepEqual(await storage.commit(charges), { ok: true })
  const twin = { ...nextAttempt(attempt).charge, state: 'declined' as const }
  assert.deepEqual(await storage.commit({ charges: [twin] }), refusedBy('charges_attempt'))
})

const MONEY_RULES: readonly (readonly [string, (attempt: Attempt) => object, string])[] = [
  [
    'a capture above the amount',
    ({ charge }) => ({ charges: [{ ...charge, captureOrdered: 2401n }] }),
    'charges_check',
  ],
  [
    'a refund above what was ordered captured',
    ({ charge }) => ({ charges: [{ ...charge, refundOrdered: 2401n }] }),
    'charges_check1',
  ],
  ['a negative observation', ({ charge }) => ({ charges: [{ ...charge, captured: -1n }] }), 'charges_captured_check'],
  [
    'a reservation above the amount',
    ({ payment }) => ({ payments: [{ ...payment, reserved: 2401n }] }),
    'payments_check1',
  ],
  [
    'a payment of nothing',
    ({ payment }) => ({ payments: [{ ...payment, amount: 0n, reserved: 0n }] }),
    'payments_check',
  ],
  [
    'a canceled payment without its moment',
    ({ payment }) => ({ payments: [{ ...payment, state: 'canceled' }] }),
    'payments_check2',
  ],
  [
    'an order in doubt that nobody will ask about',
    ({ operation }) => ({ operations: [{ ...operation, askAt: null }] }),
    'operations_check',
  ],
]
for (const [name, change, constraint] of MONEY_RULES) {
  test(`the database refuses ${name}`, async () => {
    const attempt = await stored()
    const raised = Object.fromEntries(
      Object.entries(change(attempt)).map(([table, rows]) => [
        table,
        rows.map((row: object) => ({ ...row, version: 2 })),
      ]),
    )
    assert.deepEqual(await storage.commit(raised), refusedBy(constraint))
  })
}

test('a session has one payment', async () => {
  const attempt = await stored()
  const other = { ...attempt.payment, id: newUuid(env) }
  assert.deepEqual(await storage.commit({ payments: [other] }), refusedBy('payments_session'))
})

test('a void and a capture of the whole exclude each other, until the first has failed', async () => {
  const { charge } = await stored()
  const final = { final: true, providerKey: 'void-1', kind: 'void' } as const
  const first = operationOf(charge, final)
  const capture = operationOf(charge, { final: true, kind: 'capture' })
  assert.deepEqual(await storage.commit({ operations: [first] }), { ok: true })
  assert.deepEqual(await storage.commit({ operations: [capture] }), refusedBy('operations_one_settling'))
  await storage.commit({ operations: [{ ...first, version: 2, state: 'failed', askAt: null }] })
  assert.deepEqual(await storage.commit({ operations: [capture] }), { ok: true })
})

test('a key at the provider stands for one order', async () => {
  const { operation } = await stored()
  const { charge } = await stored()
  const twin = operationOf(charge, { kind: 'capture', providerKey: operation.providerKey })
  assert.deepEqual(await storage.commit({ operations: [twin] }), refusedBy('operations_tenant_provider_key_key'))
})

async function booked(): Promise<readonly Posting[]> {
  const attempt = await stored()
  const paid = after1(attempt, PAID)
  const postings = postingsFor(attempt, paid, NOW)
  assert.deepEqual(await storage.commit({ ...rowsOf(paid), postings }), { ok: true })
  return postings
}

test('the same change is booked once', async () => {
  assert.deepEqual(await storage.commit({ postings: await booked() }), refusedBy('postings_pkey'))
})

test('the program cannot change or remove what is booked', async () => {
  await booked()
  for (const statement of [
    db.sql`update postings set amount = 1`,
    db.sql`delete from postings`,
    db.sql`truncate postings`,
  ]) {
    await assert.rejects(statement, { code: '42501' })
  }
})

test('a posting moves a positive amount between two accounts of a charge that exists', async () => {
  const [posting] = await booked()
  if (!posting) throw new Error('nothing was booked')
  const moved = (change: Partial<Posting>) => storage.commit({ postings: [{ ...posting, line: 99, ...change }] })
  assert.deepEqual(await moved({ amount: 0n }), refusedBy('postings_amount_check'))
  assert.deepEqual(await moved({ credit: posting.debit }), refusedBy('postings_check'))
  assert.deepEqual(await moved({ chargeId: newUuid(env) }), refusedBy('postings_tenant_charge_id_fkey'))
  const neighbor = await newTenant(env, storage)
  assert.deepEqual(await moved({ tenant: neighbor }), refusedBy('postings_tenant_charge_id_fkey'))
})

test('an event has one place among its root’s, and waits for its number from the same commit on', async () => {
  const attempt = await stored()
  const event = eventOf(attempt)
  assert.deepEqual(await storage.commit({ events: [event] }), { ok: true })
  const place = refusedBy('events_tenant_root_root_version_ordinal_key')
  assert.deepEqual(await storage.commit({ events: [eventOf(attempt)] }), place)
  const queued = await db.sql`select event_id from event_queue where event_id = ${event.id}`
  assert.equal(queued.length, 1)
  assert.deepEqual((await storage.findEvent(tenant, event.id))?.event, event)
})

test('a row of another account is neither found nor replaced', async () => {
  const attempt = await stored()
  const foreign = (tenant + 2) as Tenant
  assert.equal(await storage.findCharge(foreign, attempt.charge.id), undefined)
  const moved = { ...attempt.charge, tenant: foreign, version: 2 }
  assert.deepEqual(await storage.commit({ charges: [moved] }), STALE)
})

test('a failure that is no conflict is thrown, and the connections stay usable', async () => {
  const attempt = attemptBegun(tenant)
  const bad = { ...attempt.payment, document: { ...attempt.payment.document, description: 'a\u0000b' } }
  for (let round = 0; round < 12; round++) {
    await assert.rejects(storage.commit({ ...rowsOf(attempt), payments: [bad] }), { code: '22P05' })
  }
  assert.deepEqual(await storage.commit(rowsOf(attempt)), { ok: true })
})

test('the flag that stops network calls is up inside the transaction, and there alone', async () => {
  const attempt = attemptBegun(tenant)
  const seen: boolean[] = []
  const document = Object.assign(attempt.payment.document, {
    toJSON: () => {
      seen.push(inTransaction())
      return { captureMethod: 'automatic' }
    },
  })
  assert.deepEqual(await storage.commit({ ...rowsOf(attempt), payments: [{ ...attempt.payment, document }] }), {
    ok: true,
  })
  assert.deepEqual([...seen, inTransaction()], [true, false])
})

test('a column that a newer release adds with a default keeps it when this release writes', async () => {
  await db.sql`alter table payments add column novelty text not null default 'new'`
  const { payment } = await stored()
  const [row] = await db.sql<{ novelty: string }[]>`select novelty from payments where id = ${payment.id}`
  assert.equal(row?.novelty, 'new')
  await db.sql`alter table payments drop column novelty`
})

test('50 writers over several connections raise one version 50 times, none is lost', async () => {
  const sql = connect(db.url, { max: 4 })
  const second = openStorage(sql)
  const { payment } = await stored()
  const raise = async (store: typeof storage): Promise<void> => {
    for (;;) {
      const now = await store.findPayment(tenant, payment.id)
      if (!now) throw new Error('gone')
      if ((await store.commit({ payments: [{ ...now, version: now.version + 1 }] })).ok) return
    }
  }
  await Promise.all(Array.from({ length: 50 }, (_, at) => raise(at % 2 ? storage : second)))
  assert.equal((await storage.findPayment(tenant, payment.id))?.version, 51)
  await sql.end()
})
