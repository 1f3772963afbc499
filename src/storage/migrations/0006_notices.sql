-- 0006_notices.sql  What providers tell us: kept once, until the charge that it names was asked about. Locks nothing;
-- servers of the release before this one may keep running.

create table notices (
  tenant      int4        not null references tenants,
  connector   text        not null check (length(connector) between 1 and 40),
  account     text        not null check (length(account) between 1 and 255),
  notice_id   text        not null check (length(notice_id) between 1 and 255),
  type        text        not null check (length(type) between 1 and 100),
  reference   text        not null check (length(reference) between 1 and 255),
  received_at timestamptz not null,
  state       text        not null check (state in ('waiting', 'done', 'foreign', 'given_up')),
  next_at     timestamptz check ((next_at is not null) = (state = 'waiting')),
  tries       int4        not null check (tries >= 0),
  fence       int4        not null check (fence >= 0),
  -- Told again, it is the same one.
  primary key (tenant, connector, account, notice_id)
);
create index notices_due on notices (tenant, next_at) where next_at is not null;
create index notices_age on notices (tenant, received_at);
