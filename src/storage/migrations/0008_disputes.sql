-- 0008_disputes.sql  What cardholders' banks ask about charges. Locks nothing.

create table disputes (
  tenant      int4        not null,
  id          uuid        not null,
  version     int4        not null,
  charge_id   uuid        not null,
  payment_id  uuid        not null,
  provider_id text        not null check (length(provider_id) <= 255),
  kind        text        not null check (kind in ('inquiry')),
  state       text        not null check (state in ('needs_response', 'closed')),
  amount      bigint      not null check (amount > 0),
  currency    char(3)     not null,
  created_at  timestamptz not null,
  document    jsonb       not null,
  primary key (tenant, id),
  constraint disputes_provider unique (tenant, charge_id, provider_id),
  foreign key (tenant, charge_id) references charges,
  foreign key (tenant, payment_id) references payments
);
create index disputes_payment on disputes (tenant, payment_id, id);
