import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { callOf, elsewhere, GOOD, heldPayment, paidPayment } from '../../../test/support/orders.ts'
import { startTestTill, type TestTill } from '../../../test/support/till.ts'
import { sandboxBooks } from '../../connectors/sandbox/read-books.ts'
import type { Attempt } from '../../core/attempt.ts'
import { nameOf } from '../../core/ids.ts'
import { openBooks } from '../../storage/books.ts'
import { updateDispute } from '../change-dispute.ts'
import { expireSession } from '../close-session.ts'
import { requestCapture } from '../order-capture.ts'
import { requestRefund } from '../order-refund.ts'
import { cancelPayment } from '../order-void.ts'
import type { Finding, Invariant } from './finding.ts'
import { verify } from './verify.ts'

const FRAUDULENT = '4000000000000259'
const INQUIRY = '4000000000001976'
const NOW = new Date('2026-11-20T12:00:00Z')
const till: TestTill = await startTestTill(import.meta.url)
after(till.stop)
const { sql } = till.db
const { tenant } = till.caller

const verified = async (): Promise<readonly Finding[]> => {
  const bank = sandboxBooks(till.bank.url, till.payments.outside.http)
  const done = await verify({ env: till.env, books: openBooks(sql), bank }, [tenant])
  if (!done.ok) throw new Error(done.because)
  assert.equal(done.differences, done.findings.length)
  return done.findings
}

const numberAll = () =>
  till.storage.numberEvents(tenant, { limit: 1_000, now: till.env.now() }, () => ({ bodies: [], deliveries: [] }))

/** What can happen to payments on an ordinary day. */
before(async () => {
  await expireSession(till.payments, callOf(till), (await till.openSession()).id)
  const declined = await till.openSession()
  await till.pay(declined, '4000000000000002')
  await expireSession(till.payments, callOf(till), declined.id)
  const captured = await heldPayment(till)
  await requestCapture(till.payments, callOf(till), captured.payment.id, 1000n)
  const voided = await heldPayment(till)
  await cancelPayment(till.payments, callOf(till), voided.payment.id)
  const paid = await paidPayment(till)
  for (const amount of [700n, 300n]) {
    await requestRefund(till.payments, callOf(till), { chargeId: paid.charge.id, amount })
  }
  for (const card of [INQUIRY, FRAUDULENT]) await till.pay(await till.openSession(), card)
  const [won] = (await till.pay(await till.openSession(), FRAUDULENT)).disputes
  const evidence = { uncategorized_text: 'winning_evidence' }
  if (!won || !(await updateDispute(till.payments, callOf(till), won.id, { evidence, submit: true })).ok) assert.fail()
  await heldPayment(till)
  await numberAll()
  await till.pay(await till.openSession(), GOOD)
})

test('an ordinary day leaves no difference, at the bank neither', async () => {
  assert.deepEqual(await verified(), [])
})

type Damage = {
  readonly says: string
  readonly found: readonly Invariant[]
  readonly in: 'charge' | 'payment' | 'session' | 'anywhere'
  damage(attempt: Attempt): Promise<() => PromiseLike<unknown>>
}

/** Sets columns of one row, as no program of ours would. @returns how it was before */
async function overwrite(table: string, id: string, change: Record<string, unknown>) {
  const columns = Object.keys(change)
  const [was] = await sql`select ${sql(columns)} from ${sql(table)} where tenant = ${tenant} and id = ${id}`
  if (!was) throw new Error(`no such row in ${table}`)
  const put = (values: Record<string, unknown>) =>
    sql`update ${sql(table)} set ${sql(values as never)} where tenant = ${tenant} and id = ${id}`
  await put(change)
  return () => put(was)
}

/** Takes a row away past the revoke and the foreign keys that keep it. */
async function remove(table: 'postings' | 'events' | 'event_log' | 'event_queue', id: string) {
  const key = { postings: 'cause', events: 'id', event_log: 'event_id', event_queue: 'event_id' }[table]
  await sql`grant delete on postings to current_user`
  await sql`alter table event_log drop constraint if exists event_log_tenant_event_id_fkey`
  const [row] = await sql<{ row: unknown }[]>`
    select to_jsonb(t) as row from ${sql(table)} t where tenant = ${tenant} and ${sql(key)} = ${id} limit 1`
  if (!row) throw new Error(`no such row in ${table}`)
  const text = JSON.stringify(row.row)
  await sql`delete from ${sql(table)} t where tenant = ${tenant} and to_jsonb(t) = ${text}::text::jsonb`
  return () =>
    sql`insert into ${sql(table)} select * from jsonb_populate_record(null::${sql(table)}, ${text}::text::jsonb)`
}

async function eventOf({ payment }: Attempt, type: string): Promise<string> {
  const [row] = await sql<{ id: string }[]>`select id from events where root = ${payment.id} and type = ${type}`
  return row?.id ?? ''
}

async function all(...undo: readonly (() => PromiseLike<unknown>)[]) {
  return async () => {
    for (const one of undo) await one()
  }
}

/** A payment that was charged back, beside the one that a damage is given. */
const chargedBack = async (): Promise<{ readonly charge: Attempt['charge']; readonly id: string }> => {
  const { charge, disputes } = await till.pay(await till.openSession(), FRAUDULENT)
  await numberAll()
  return { charge, id: disputes[0]?.id ?? '' }
}

const DAMAGES: readonly Damage[] = [
  {
    says: 'a chargeback that took nothing',
    found: ['ledger_disputed', 'ledger_dispute', 'ledger_receivable'],
    in: 'anywhere',
    damage: async () => remove('postings', (await chargedBack()).id),
  },
  {
    says: 'a chargeback that the charge does not know',
    found: ['ledger_disputed', 'bank'],
    in: 'anywhere',
    damage: async () => overwrite('charges', (await chargedBack()).charge.id, { disputed: 0n }),
  },
  {
    says: 'a chargeback that is won and gave nothing back',
    found: ['ledger_dispute', 'told'],
    in: 'anywhere',
    damage: async () => overwrite('disputes', (await chargedBack()).id, { state: 'won', reinstated_at: NOW }),
  },
  {
    says: 'a posting that is gone',
    found: ['ledger_captured', 'charge_state'],
    in: 'charge',
    damage: async ({ operation }) => remove('postings', operation.id),
  },
  {
    says: 'a charge that says it captured less',
    found: ['ledger_captured', 'ledger_receivable', 'bank'],
    in: 'charge',
    damage: ({ charge }) => overwrite('charges', charge.id, { captured: 2300n }),
  },
  {
    says: 'a charge of another state',
    found: ['charge_state', 'orders_state'],
    in: 'charge',
    damage: ({ charge }) => overwrite('charges', charge.id, { state: 'declined' }),
  },
  {
    says: 'a refund of which no row is left but its reservation',
    found: ['refund_ordered'],
    in: 'charge',
    damage: ({ charge }) => overwrite('charges', charge.id, { refund_ordered: 100n }),
  },
  {
    says: 'an order of another state',
    found: ['orders_state'],
    in: 'charge',
    damage: ({ operation }) => overwrite('operations', operation.id, { state: 'failed' }),
  },
  {
    says: 'a posting under a cause of its own',
    found: ['ledger_cause'],
    in: 'charge',
    async damage({ operation }) {
      await sql`grant update on postings to current_user`
      const other = '019b0000-0000-7000-8000-000000000000'
      await sql`update postings set cause = ${other} where cause = ${operation.id}`
      return () => sql`update postings set cause = ${operation.id} where cause = ${other}`
    },
  },
  {
    says: 'a payment of another state',
    found: ['payment_state'],
    in: 'payment',
    damage: ({ payment }) => overwrite('payments', payment.id, { state: 'requires_capture' }),
  },
  {
    says: 'a payment that reserves nothing',
    found: ['payment_reserved'],
    in: 'payment',
    damage: ({ payment }) => overwrite('payments', payment.id, { reserved: 0n }),
  },
  {
    says: 'a session that expired although it was paid',
    found: ['session_state', 'closed_session'],
    in: 'session',
    damage: ({ payment }) =>
      overwrite('sessions', payment.sessionId ?? '', { state: 'expired', closed_by: 'time', completed_at: null }),
  },
  {
    says: 'a session that has lost count',
    found: ['session_tries'],
    in: 'session',
    damage: ({ payment }) => overwrite('sessions', payment.sessionId ?? '', { tries: 2 }),
  },
  {
    says: 'an event that is gone',
    found: ['told'],
    in: 'payment',
    damage: async (attempt) => remove('events', await eventOf(attempt, 'charge.succeeded')),
  },
  {
    says: 'an event that is gone, and its number with it',
    found: ['events_numbered'],
    in: 'anywhere',
    async damage(attempt) {
      const id = await eventOf(attempt, 'charge.succeeded')
      const undoEvent = await remove('events', id)
      return all(undoEvent, await remove('event_log', id))
    },
  },
  {
    says: 'an event that is told twice',
    found: ['told'],
    in: 'payment',
    damage: async (attempt) =>
      overwrite('events', await eventOf(attempt, 'payment_intent.created'), { type: 'charge.succeeded' }),
  },
  {
    says: 'events in another order than their numbers',
    found: ['events_order'],
    in: 'anywhere',
    damage: async (attempt) =>
      overwrite('events', await eventOf(attempt, 'payment_intent.created'), { root_version: 9 }),
  },
  {
    says: 'an order that only the bank has',
    found: ['bank'],
    in: 'charge',
    async damage({ charge }) {
      await elsewhere(till, charge, 'refunds', { amount: 5 })
      return async () => {}
    },
  },
]

for (const { says, found, in: where, damage } of DAMAGES) {
  test(`${says} is found: ${found.join(', ')}`, async () => {
    const attempt = await paidPayment(till)
    await numberAll()
    const { charge, payment } = attempt
    const names: Record<Damage['in'], string | undefined> = {
      charge: nameOf('charge', tenant, charge.id),
      payment: nameOf('payment', tenant, payment.id),
      session: payment.sessionId === null ? undefined : nameOf('session', tenant, payment.sessionId),
      anywhere: undefined,
    }
    const undo = await damage(attempt)
    try {
      const findings = await verified()
      for (const invariant of found) {
        const told = findings.some(
          (one) => one.invariant === invariant && (where === 'anywhere' || one.object === names[where]),
        )
        assert.ok(told, `${invariant} of ${names[where]} in ${JSON.stringify(findings)}`)
      }
    } finally {
      await undo()
    }
  })
}

test('money at the bank that we know nothing of is found; once the damage is undone nothing else is', async () => {
  const body = { reference: 'nobody-knows', amount: 900, currency: 'EUR', capture: true }
  const card = { number: GOOD, exp_month: 12, exp_year: 2034, cvc: '123' }
  const merchant = `t${tenant}`
  assert.equal((await till.bank.send('POST', '/v1/authorizations', { ...body, card }, { merchant })).status, 201)
  const findings = await verified()
  // The refund that the bank made a test earlier is still there: nobody can take it back.
  const expected: readonly Invariant[] = ['bank', 'bank']
  assert.deepEqual(
    findings.map(({ invariant }) => invariant),
    expected,
  )
  assert.ok(findings.some(({ object }) => object === 'nobody-knows'))
})

test('a bank that does not answer is no verdict', async () => {
  const bank = sandboxBooks('http://127.0.0.1:9', till.payments.outside.http)
  const done = await verify({ env: till.env, books: openBooks(sql), bank }, [tenant])
  assert.equal(done.ok, false)
})
