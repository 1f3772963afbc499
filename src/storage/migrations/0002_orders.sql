-- 0002_orders.sql  Captures, voids and refunds: refunds, what a charge still holds, when to look at it again, and keys
-- whose outcome is not decided yet. Locks charges, operations, postings and idempotency for a moment; a server of the
-- release before this one must be stopped.

alter table charges add column held bigint not null default 0 check (held >= 0);
update charges set held = greatest(authorized - captured, 0) where state = 'authorized';
alter table charges alter column held drop default;
-- Refunds made at the provider's own side: observed, so without a ceiling.
alter table charges add column refunded_elsewhere bigint not null default 0 check (refunded_elsewhere >= 0);
alter table charges alter column refunded_elsewhere drop default;
-- When to ask about a charge that nobody waits for.
alter table charges add column look_at timestamptz;
create index charges_look on charges (tenant, look_at) where look_at is not null;

alter table operations add column document jsonb not null default '{}';
alter table operations alter column document drop default;
-- A charge may see more changes than an int2 counts lines for.
alter table postings alter column line type int4;

create table refunds (
  tenant      int4        not null,
  id          uuid        not null,
  version     int4        not null,
  charge_id   uuid        not null,
  payment_id  uuid        not null,
  state       text        not null check (state in ('requested', 'pending', 'succeeded', 'failed', 'canceled', 'needs_review')),
  origin      text        not null check (origin in ('merchant', 'provider', 'surplus')),
  amount      bigint      not null check (amount > 0),
  currency    char(3)     not null,
  provider_id text        check (length(provider_id) <= 255),
  created_at  timestamptz not null,
  document    jsonb       not null,
  primary key (tenant, id),
  foreign key (tenant, charge_id) references charges,
  foreign key (tenant, payment_id) references payments
);
create index refunds_charge on refunds (tenant, charge_id, id);
create index refunds_payment on refunds (tenant, payment_id, id);
-- What the provider calls a refund is one refund here.
create unique index refunds_provider on refunds (tenant, charge_id, provider_id) where provider_id is not null;

-- An order that leaves the house keeps its key undecided until its outcome is known; its first worker has this long.
alter table idempotency add column leased_until timestamptz;
alter table idempotency add column refusal jsonb;
