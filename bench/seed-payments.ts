import { type Tenant, testTenant } from '../src/core/ids.ts'
import type { Sql, TransactionSql } from '../src/storage/connect.ts'

/**
 * Fills an account with payments as an ordinary day leaves them: of twenty one was declined first, two are held, two were
 * captured later, two were refunded in part, and the others were paid at once. All events are numbered.
 * @param sql of an ordinary database with all migrations, and time for long statements
 */
export async function seedPayments(sql: Sql, count: number): Promise<Tenant> {
  const tenant = testTenant(7_000)
  await sql.begin(async (tx) => {
    await tx`insert into tenants (tenant, last_number) values (${tenant}, 0)`
    await planPayments(tx, count)
    await insertRows(tx, tenant)
    await insertPostings(tx, tenant)
    await insertEvents(tx, tenant)
  })
  await sql`analyze`
  return tenant
}

/** One row for each payment: its ids, and what becomes of it. */
async function planPayments(tx: TransactionSql, count: number): Promise<void> {
  const id = (digit: number) => tx`('019b0000-0000-7' || ${digit}::int || '00-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
  await tx`
    create temporary table plan on commit drop as
    select n, 1000 + n % 5000 as amount, 300 as part, timestamptz '2026-01-02 03:04:05Z' as at,
      n % 20 = 0 as declined_first, n % 20 in (1, 2) as held, n % 20 in (3, 4) as captured_later, n % 20 in (5, 6) as refunded,
      ${id(1)} as session, ${id(2)} as payment, ${id(3)} as charge, ${id(4)} as declined, ${id(5)} as authorize,
      ${id(6)} as failed, ${id(7)} as capture, ${id(8)} as refund
    from generate_series(1, ${count}::int) n`
}

async function insertRows(tx: TransactionSql, tenant: Tenant): Promise<void> {
  await tx`
    insert into sessions (tenant, id, version, door, state, currency, amount_subtotal, amount_total, payment_id, secret,
      tries, max_tries, cancel_ends, created_at, expires_at, completed_at, document)
    select ${tenant}::int4, session, 3, 'native', 'complete', 'EUR', amount, amount, payment, decode(repeat('ab', 16), 'hex'),
      1 + declined_first::int, 5, false, at, at + interval '1 day', at, '{"lineItems": []}'
    from plan`
  await tx`
    insert into payments (tenant, id, version, purpose, state, session_id, amount, currency, reserved, latest_charge_id,
      secret, created_at, document)
    select ${tenant}::int4, payment, 9, 'pay', case when held then 'requires_capture' else 'succeeded' end, session, amount, 'EUR',
      amount, charge, decode(repeat('ab', 16), 'hex'), at,
      jsonb_build_object('captureMethod', case when held or captured_later then 'manual' else 'automatic' end)
    from plan`
  await tx`
    insert into charges (tenant, id, version, payment_id, leg, attempt, state, connector, provider_id, currency, amount,
      capture_ordered, refund_ordered, authorized, captured, refunded, held, refunded_elsewhere, created_at, document)
    select ${tenant}::int4, charge, 3, payment, 0, 1 + declined_first::int, case when held then 'authorized' else 'captured' end,
      'sandbox', 'auth_' || n, 'EUR', amount, case when held then 0 else amount end, case when refunded then part else 0 end,
      amount, case when held then 0 else amount end, case when refunded then part else 0 end,
      case when held then amount else 0 end, 0, at, '{}'::jsonb
    from plan
    union all
    select ${tenant}::int4, declined, 2, payment, 0, 1, 'declined', 'sandbox', 'auth_d' || n, 'EUR', amount, amount, 0, 0, 0, 0, 0,
      0, at, '{}'::jsonb
    from plan where declined_first`
  await tx`
    insert into operations (tenant, id, version, charge_id, kind, sequence, amount, currency, final, state, provider_key,
      provider_key_valid_until, fence, created_at, asked, document)
    select ${tenant}::int4, o.id, 2, o.charge, o.kind, 1, o.amount, 'EUR', o.kind = 'capture', o.state, o.kind || '-' || o.id, at, 0,
      at, 0, '{}'::jsonb
    from plan, lateral (
      select authorize as id, charge, 'authorize' as kind, amount::bigint, 'succeeded' as state
      union all select failed, declined, 'authorize', amount, 'failed' where declined_first
      union all select capture, charge, 'capture', amount, 'succeeded' where captured_later
      union all select refund, charge, 'refund', part, 'succeeded' where refunded
    ) o`
  await tx`
    insert into refunds (tenant, id, version, charge_id, payment_id, state, origin, amount, currency, provider_id,
      created_at, document)
    select ${tenant}::int4, refund, 2, charge, payment, 'succeeded', 'merchant', part, 'EUR', 're_' || n, at, '{}'::jsonb
    from plan where refunded`
}

async function insertPostings(tx: TransactionSql, tenant: Tenant): Promise<void> {
  await tx`
    insert into postings (tenant, cause, line, debit, credit, amount, currency, charge_id, created_at)
    select ${tenant}::int4, l.cause, l.line, l.debit, l.credit, l.amount, 'EUR', charge, at
    from plan, lateral (
      select authorize as cause, 4 as line, 'authorized' as debit, 'holds' as credit, amount::bigint
      where held or captured_later
      union all select capture, 8, 'holds', 'authorized', amount where captured_later
      union all select capture, 9, 'receivable', 'sales', amount where captured_later
      union all select authorize, 4, 'receivable', 'sales', amount where not held and not captured_later
      union all select refund, 12, 'refunds', 'receivable', part where refunded
    ) l`
}

async function insertEvents(tx: TransactionSql, tenant: Tenant): Promise<void> {
  await tx`
    create temporary table telling on commit drop as
    select row_number() over (order by n, t.root_version, t.ordinal) as number, at,
      ('019b0000-0000-7900-8000-' || lpad(to_hex(row_number() over (order by n, t.root_version, t.ordinal)), 12, '0'))::uuid
        as id, t.*
    from plan, lateral (
      select session as root, 0 as root_version, 1 as ordinal, 'checkout.session.created' as type
      union all select payment, 1, 1, 'payment_intent.created'
      union all select payment, 2, 1, 'charge.failed' where declined_first
      union all select payment, 2, 2, 'payment_intent.payment_failed' where declined_first
      union all select payment, 4, 1, 'charge.succeeded'
      union all select payment, 4, 2, 'payment_intent.amount_capturable_updated' where held or captured_later
      union all select payment, 5, 1, 'payment_intent.succeeded' where not held
      union all select payment, 5, 2, 'checkout.session.completed'
      union all select payment, 6, 1, 'refund.created' where refunded
      union all select payment, 7, 1, 'charge.refunded' where refunded
    ) t`
  await tx`
    insert into events (tenant, id, type, root, root_version, ordinal, snapshot, created_at)
    select ${tenant}::int4, id, type, root, root_version, ordinal, '{}'::jsonb, at from telling`
  await tx`insert into event_log (tenant, number, event_id) select ${tenant}::int4, number, id from telling`
  await tx`update tenants set last_number = (select max(number) from telling) where tenant = ${tenant}`
}
