-- 0009_receipt_keys.sql  Keys that receipts are signed with. Locks nothing. Servers of the release before this one may keep
-- running.

create table receipt_keys (
  tenant      int4        not null references tenants,
  id          uuid        not null,
  version     int4        not null,
  public_key  bytea       not null check (length(public_key) = 32),
  sealed_seed bytea       not null,
  created_at  timestamptz not null,
  retired_at  timestamptz,
  primary key (tenant, id)
);
-- One key signs at a time.
create unique index receipt_keys_signing on receipt_keys (tenant) where retired_at is null;
