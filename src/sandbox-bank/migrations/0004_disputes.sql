-- 0004_disputes.sql  Adds disputes: inquiries, and chargebacks that take money back. Inquiries had no rows so far; those of
-- captured authorizations get one under the name that merchants know them by. Locks authorizations and entries for a
-- moment; a bank of the previous release may not run beside this one, since it would refund what was taken back.

create table disputes (
  merchant            text        not null,
  id                  text        not null check (length(id) <= 64),
  authorization_id    text        not null,
  status              text        not null check (status in (
    'warning_needs_response', 'warning_under_review', 'warning_closed', 'needs_response', 'under_review', 'won', 'lost'
  )),
  amount              bigint      not null check (amount > 0),
  currency            char(3)     not null,
  reason              text        not null check (length(reason) between 1 and 64),
  network_reason_code text        check (length(network_reason_code) <= 16),
  submissions         int         not null default 0 check (submissions >= 0),
  respond_by          timestamptz not null,
  created_at          timestamptz not null,
  primary key (merchant, id),
  foreign key (merchant, authorization_id, currency) references authorizations (merchant, id, currency)
);
create index disputes_of_authorization on disputes (merchant, authorization_id, id collate "C");
create index disputes_waiting on disputes (respond_by) where status in ('needs_response', 'warning_needs_response');
insert into disputes (
  merchant, id, authorization_id, status, amount, currency, reason, network_reason_code, respond_by, created_at
)
select merchant, 'inquiry_' || id, id, 'warning_needs_response', captured_amount, currency, 'fraudulent', '10.4',
  created_at + interval '21 days', created_at
from authorizations
where test_card = 'inquiry' and captured_amount > 0;

alter table authorizations
  add column disputed_amount bigint not null default 0 check (disputed_amount >= 0),
  drop constraint refunded_within_captured,
  add constraint refunded_within_captured
    check (refunded_amount + refund_pending_amount + disputed_amount <= captured_amount);

-- One withdrawal and one reinstatement for each dispute: entries_one_per_cause says so.
alter table entries
  drop constraint entries_known_movement,
  add constraint entries_known_movement check ((kind, debit, credit) in (
    ('authorize', 'cardholder', 'held'),
    ('capture', 'held', 'merchant'),
    ('release', 'held', 'cardholder'),
    ('refund', 'merchant', 'cardholder'),
    ('refund_reversal', 'cardholder', 'merchant'),
    ('chargeback', 'merchant', 'cardholder'),
    ('chargeback_reversal', 'cardholder', 'merchant')
  ));
