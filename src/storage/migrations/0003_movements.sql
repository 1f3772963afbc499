-- 0003_movements.sql  The lines of the ledger that change what the provider owes, each under a name of its own: the
-- charge's for what was taken, the refund's for what went back, and for a refund that came back the refund's again with
-- the other value of the variant bits, which no identifier of ours has. Locks postings while the index is built.
-- Servers of the release before this one may keep running.

create function movement_id(debit text, credit text, charge_id uuid, cause uuid) returns uuid
language sql immutable parallel safe
return case
  when credit = 'sales' then charge_id
  when debit = 'refunds' then cause
  when credit = 'refunds' then
    overlay(cause::text placing translate(substr(cause::text, 20, 1), '89ab', 'cdef') from 20 for 1)::uuid
end;

create index postings_movement on postings (tenant, movement_id(debit, credit, charge_id, cause))
  where debit = 'receivable' or credit = 'receivable';

create view movements as
select
  m.tenant,
  m.id,
  m.type,
  m.charge_id,
  m.refund_id,
  m.currency,
  sum(m.amount)::bigint as amount,
  min(m.created_at) as created_at
from (
  select
    tenant,
    movement_id(debit, credit, charge_id, cause) as id,
    case when credit = 'sales' then 'charge' when debit = 'refunds' then 'refund' else 'refund_failure' end as type,
    charge_id,
    case when credit = 'sales' then null else cause end as refund_id,
    currency,
    case when debit = 'receivable' then amount else -amount end as amount,
    created_at
  from postings
  where debit = 'receivable' or credit = 'receivable'
) m
group by m.tenant, m.id, m.type, m.charge_id, m.refund_id, m.currency;
