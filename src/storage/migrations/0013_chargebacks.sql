-- 0013_chargebacks.sql  Money that issuers take back, and what the shop says to them. Locks charges, disputes, operations
-- and postings for a moment; a server of the release before this one must be stopped, since it would refund what was
-- taken back.

alter table charges add column disputed bigint not null default 0 check (disputed >= 0);
alter table charges alter column disputed drop default;

alter table disputes drop constraint disputes_kind_check;
alter table disputes drop constraint disputes_state_check;
alter table disputes add column withdrawn_at timestamptz;
alter table disputes add column reinstated_at timestamptz;
update disputes set state = 'warning_' || state;
alter table disputes add constraint disputes_state_check check (state in ('warning_needs_response', 'warning_under_review', 'warning_closed', 'needs_response', 'under_review', 'won', 'lost'));
alter table disputes add constraint disputes_kind_check check (kind in ('inquiry', 'chargeback') and (kind = 'inquiry') = (state in ('warning_needs_response', 'warning_under_review', 'warning_closed')));
-- A question takes nothing; a chargeback takes its amount, and gives it back exactly when it is won.
alter table disputes add constraint disputes_withdrawn_check check ((withdrawn_at is not null) = (kind = 'chargeback'));
alter table disputes add constraint disputes_reinstated_check check ((reinstated_at is not null) = (state = 'won'));

alter table operations drop constraint operations_kind_check;
alter table operations add constraint operations_kind_check check (kind in ('authorize', 'capture', 'void', 'refund', 'query', 'answer_dispute', 'accept_dispute'));

-- A dispute takes its money in line 1 and gives it back in line 2: the primary key keeps either from being booked twice.
alter table postings drop constraint postings_debit_check;
alter table postings drop constraint postings_check;
alter table postings add constraint postings_debit_check check (debit in ('authorized', 'holds', 'receivable', 'sales', 'refunds', 'disputes'));
alter table postings add constraint postings_check check (credit in ('authorized', 'holds', 'receivable', 'sales', 'refunds', 'disputes') and credit <> debit);
alter table postings add constraint postings_dispute_check check (
  (debit <> 'disputes' or (credit = 'receivable' and line = 1)) and (credit <> 'disputes' or (debit = 'receivable' and line = 2))
);

create or replace function movement_id(debit text, credit text, charge_id uuid, cause uuid) returns uuid
language sql immutable parallel safe
return case
  when credit = 'sales' then charge_id
  when debit in ('refunds', 'disputes') then cause
  when credit in ('refunds', 'disputes') then
    overlay(cause::text placing translate(substr(cause::text, 20, 1), '89ab', 'cdef') from 20 for 1)::uuid
end;

create or replace view movements as
select
  m.tenant,
  m.id,
  m.type,
  m.charge_id,
  m.refund_id,
  m.currency,
  sum(m.amount)::bigint as amount,
  min(m.created_at) as created_at,
  m.dispute_id
from (
  select
    tenant,
    movement_id(debit, credit, charge_id, cause) as id,
    case
      when credit = 'sales' then 'charge'
      when debit = 'refunds' then 'refund'
      when credit = 'refunds' then 'refund_failure'
      when debit = 'disputes' then 'dispute'
      else 'dispute_reversal'
    end as type,
    charge_id,
    case when debit = 'refunds' or credit = 'refunds' then cause end as refund_id,
    case when debit = 'disputes' or credit = 'disputes' then cause end as dispute_id,
    currency,
    case when debit = 'receivable' then amount else -amount end as amount,
    created_at
  from postings
  where debit = 'receivable' or credit = 'receivable'
) m
group by m.tenant, m.id, m.type, m.charge_id, m.refund_id, m.currency, m.dispute_id;
