-- 0014_refund_approval.sql  A refund may wait for an operator: it is reserved like any other, and ordered only once somebody
-- approves. The column is null in all rows that exist, so nothing is rewritten. Servers of the release before this one may
-- keep running: they make no such refunds, and leave those that there are alone.

alter table refunds add column approval text
  check (approval in ('waiting', 'granted', 'rejected'));
-- What waits has not left, and what was rejected never does.
alter table refunds add constraint refunds_waiting
  check (approval <> 'waiting' or (state = 'requested' and provider_id is null));
alter table refunds add constraint refunds_rejected
  check (approval <> 'rejected' or (state = 'canceled' and provider_id is null));
create index refunds_approval on refunds (tenant, id) where approval = 'waiting';
