import type { Charge } from '../core/charge.ts'
import type { Dispute } from '../core/dispute.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Operation } from '../core/operation.ts'
import type { Payment } from '../core/payment.ts'
import type { Posting } from '../core/posting.ts'
import type { Refund } from '../core/refund.ts'
import type { Session } from '../core/session.ts'
import type { Sql, TransactionSql } from './connect.ts'

/** A payment and all that hangs on it, as of one moment: the columns that hold money, states and order, no documents. */
export type PaymentBooks = {
  readonly payment: Pick<
    Payment,
    'tenant' | 'id' | 'version' | 'state' | 'sessionId' | 'amount' | 'reserved' | 'latestChargeId' | 'canceledAt'
  >
  readonly session: Pick<Session, 'id' | 'state' | 'tries' | 'amountTotal'> | undefined
  /** In the order of the attempts. */
  readonly charges: readonly ChargeBooks[]
  /** How often each type of event was told of the payment or its session. */
  readonly told: ReadonlyMap<string, number>
}

export type ChargeBooks = {
  readonly charge: Omit<Charge, 'version' | 'customerId' | 'leg' | 'tokenId' | 'lookAt' | 'createdAt' | 'document'>
  readonly operations: readonly Pick<Operation, 'id' | 'kind' | 'amount' | 'final' | 'state'>[]
  readonly refunds: readonly Pick<Refund, 'id' | 'state' | 'origin' | 'amount' | 'providerId' | 'approval'>[]
  readonly disputes: readonly Pick<Dispute, 'id' | 'state' | 'amount'>[]
  readonly postings: readonly Pick<Posting, 'cause' | 'debit' | 'credit' | 'amount' | 'currency'>[]
}

/** What is wrong with a tenant's numbered events; each name is of an event, a session or a number. */
export type EventFault = {
  readonly fault:
    | 'gap'
    | 'last_number'
    | 'lost'
    | 'unnumbered'
    | 'queued_twice'
    | 'order'
    | 'session_payment'
    | 'untold'
  readonly id: string
  readonly expected: string
  readonly found: string
}

/** What the verifier may ask of the database: it reads, and each answer is of one moment. */
export type Books = {
  listTenants(): Promise<readonly Tenant[]>
  countPayments(tenants: readonly Tenant[]): Promise<number>
  /** Payments in the order of their ids, after the given one. */
  readPayments(tenant: Tenant, after: Uuid | null, limit: number): Promise<readonly PaymentBooks[]>
  readEventFaults(tenant: Tenant, limit: number): Promise<readonly EventFault[]>
}

export function openBooks(sql: Sql): Books {
  return {
    listTenants: async () =>
      (await sql<{ tenant: Tenant }[]>`select tenant from tenants order by tenant`).map(tenantOf),
    async countPayments(tenants) {
      const [row] = await atOneMoment(
        sql,
        (tx) => tx<{ count: number }[]>`
        select count(*)::int4 as count from payments where tenant = any(${[...tenants]}::int4[])`,
      )
      return row?.count ?? 0
    },
    readPayments: (tenant, after, limit) => atOneMoment(sql, (tx) => readPayments(tx, tenant, after, limit)),
    readEventFaults: (tenant, limit) => atOneMoment(sql, (tx) => readEventFaults(tx, tenant, limit)),
  }
}

const tenantOf = ({ tenant }: { readonly tenant: Tenant }): Tenant => tenant

/** One snapshot for several statements, so that a server at work shows no difference between them. */
async function atOneMoment<T>(sql: Sql, read: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const result = await sql.begin('isolation level repeatable read read only', async (tx) => {
    // A look at all events of a large account takes longer than any request may.
    await tx`set local statement_timeout = '10min'`
    return { read: await read(tx) }
  })
  return result.read
}

type Of<T, Key extends string> = T & { readonly [key in Key]: Uuid }

async function readPayments(
  tx: TransactionSql,
  tenant: Tenant,
  after: Uuid | null,
  limit: number,
): Promise<readonly PaymentBooks[]> {
  const payments = await tx<PaymentBooks['payment'][]>`
    select tenant, id, version, state, session_id as "sessionId", amount, reserved,
      latest_charge_id as "latestChargeId", canceled_at as "canceledAt"
    from payments
    where tenant = ${tenant} ${after === null ? tx`` : tx`and id > ${after}`}
    order by id
    limit ${limit}`
  const ids = payments.map(({ id }) => id)
  const sessionIds = payments.flatMap(({ sessionId }) => sessionId ?? [])
  const [sessions, charges, told] = await Promise.all([
    tx<NonNullable<PaymentBooks['session']>[]>`
      select id, state, tries, amount_total as "amountTotal"
      from sessions where tenant = ${tenant} and id = any(${sessionIds}::uuid[])`,
    tx<ChargeBooks['charge'][]>`
      select tenant, id, payment_id as "paymentId", attempt, state, connector, provider_id as "providerId", currency,
        amount, capture_ordered as "captureOrdered", refund_ordered as "refundOrdered", authorized, captured, refunded,
        held, refunded_elsewhere as "refundedElsewhere", disputed
      from charges where tenant = ${tenant} and payment_id = any(${ids}::uuid[])
      order by payment_id, leg, attempt`,
    tx<{ root: Uuid; types: string }[]>`
      select root, string_agg(type, ' ') as types
      from events where tenant = ${tenant} and root = any(${[...ids, ...sessionIds]}::uuid[])
      group by root`,
  ])
  const chargeIds = charges.map(({ id }) => id)
  const [operations, refunds, disputes, postings] = await Promise.all([
    tx<Of<ChargeBooks['operations'][number], 'chargeId'>[]>`
      select id, charge_id as "chargeId", kind, amount, final, state
      from operations where tenant = ${tenant} and charge_id = any(${chargeIds}::uuid[])`,
    tx<Of<ChargeBooks['refunds'][number], 'chargeId'>[]>`
      select id, charge_id as "chargeId", state, origin, amount, provider_id as "providerId", approval
      from refunds where tenant = ${tenant} and charge_id = any(${chargeIds}::uuid[])`,
    tx<Of<ChargeBooks['disputes'][number], 'chargeId'>[]>`
      select id, charge_id as "chargeId", state, amount
      from disputes where tenant = ${tenant} and charge_id = any(${chargeIds}::uuid[])`,
    tx<Of<ChargeBooks['postings'][number], 'chargeId'>[]>`
      select charge_id as "chargeId", cause, debit, credit, amount, currency
      from postings where tenant = ${tenant} and charge_id = any(${chargeIds}::uuid[])`,
  ])
  const operationsOf = grouped(operations, 'chargeId')
  const refundsOf = grouped(refunds, 'chargeId')
  const disputesOf = grouped(disputes, 'chargeId')
  const postingsOf = grouped(postings, 'chargeId')
  const chargesOf = grouped(charges, 'paymentId')
  const sessionOf = new Map(sessions.map((session) => [session.id, session]))
  const toldOf = new Map(told.map(({ root, types }) => [root, types.split(' ')]))
  return payments.map((payment) => ({
    payment,
    session: payment.sessionId === null ? undefined : sessionOf.get(payment.sessionId),
    charges: (chargesOf.get(payment.id) ?? []).map((charge) => ({
      charge,
      operations: operationsOf.get(charge.id) ?? [],
      refunds: refundsOf.get(charge.id) ?? [],
      disputes: disputesOf.get(charge.id) ?? [],
      postings: postingsOf.get(charge.id) ?? [],
    })),
    told: counted([
      ...(toldOf.get(payment.id) ?? []),
      ...(payment.sessionId ? (toldOf.get(payment.sessionId) ?? []) : []),
    ]),
  }))
}

function grouped<Key extends string, T extends { readonly [key in Key]: Uuid }>(rows: readonly T[], key: Key) {
  const groups = new Map<Uuid, T[]>()
  for (const row of rows) {
    const group = groups.get(row[key])
    if (group) group.push(row)
    else groups.set(row[key], [row])
  }
  return groups
}

function counted(types: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1)
  return counts
}

/** Sessions are here where no payment leads to them: one that says that it was paid must have one. */
async function readEventFaults(tx: TransactionSql, tenant: Tenant, limit: number): Promise<readonly EventFault[]> {
  const found = [
    tx<EventFault[]>`
      select 'gap' as fault, number::text as id, before + 1 || '' as expected, number::text as found
      from (select number, lag(number, 1, 0) over (order by number) as before from event_log where tenant = ${tenant}) l
      where number <> before + 1 limit ${limit}`,
    tx<EventFault[]>`
      select 'last_number' as fault, t.last_number::text as id, t.last_number::text as expected,
        coalesce(max(l.number), 0)::text as found
      from tenants t left join event_log l on l.tenant = t.tenant
      where t.tenant = ${tenant}
      group by t.last_number having t.last_number <> coalesce(max(l.number), 0)`,
    tx<EventFault[]>`
      select 'lost' as fault, event_id::text as id, 'an event' as expected, 'none' as found
      from (
        select event_id from event_log where tenant = ${tenant}
        union all select event_id from event_queue where tenant = ${tenant}
      ) told
      where not exists (select from events e where e.tenant = ${tenant} and e.id = told.event_id) limit ${limit}`,
    tx<EventFault[]>`
      select case when l.number is null then 'unnumbered' else 'queued_twice' end as fault, e.id::text as id,
        'a number, or a place in the queue' as expected,
        case when l.number is null then 'neither' else 'both' end as found
      from events e
      left join event_log l on l.tenant = e.tenant and l.event_id = e.id
      left join event_queue q on q.tenant = e.tenant and q.event_id = e.id
      where e.tenant = ${tenant} and (l.number is null) = (q.event_id is null) limit ${limit}`,
    tx<EventFault[]>`
      select 'order' as fault, id::text as id, 'a number above ' || before as expected, number::text as found
      from (
        select e.id, l.number, lag(l.number) over (partition by e.root order by e.root_version, e.ordinal) as before
        from event_log l join events e on e.tenant = l.tenant and e.id = l.event_id
        where l.tenant = ${tenant}
      ) numbered
      where number <= before limit ${limit}`,
    tx<EventFault[]>`
      select 'session_payment' as fault, id::text as id, 'a payment' as expected, 'none' as found
      from sessions s
      where tenant = ${tenant} and state in ('processing', 'complete', 'failed')
        and not exists (select from payments p where p.tenant = s.tenant and p.session_id = s.id) limit ${limit}`,
    tx<EventFault[]>`
      select 'untold' as fault, id::text as id, 'checkout.session.expired once' as expected, 'never' as found
      from sessions s
      where tenant = ${tenant} and state in ('expired', 'canceled')
        and not exists (select from payments p where p.tenant = s.tenant and p.session_id = s.id)
        and not exists (
          select from events e
          where e.tenant = s.tenant and e.root = s.id and e.type = 'checkout.session.expired'
        ) limit ${limit}`,
  ]
  return (await Promise.all(found)).flat()
}
