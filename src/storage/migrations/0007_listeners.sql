-- 0007_listeners.sql  Stripe CLIs that listen, and the requests that they are shown. Locks nothing.

create table listeners (
  tenant     int4        not null references tenants,
  id         uuid        not null,
  key_id     uuid        not null,
  feature    text        not null check (feature in ('webhooks', 'request_logs')),
  device     text        not null check (length(device) <= 200),
  filters    jsonb       not null,
  secret     bytea       not null check (length(secret) = 16),
  position   bigint      not null check (position >= 0),
  again      bigint[]    not null check (cardinality(again) <= 100),
  seen_at    timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant, id),
  foreign key (tenant, key_id) references api_keys (tenant, id)
);

-- Minutes of it, and only while somebody looks.
create table request_lines (
  tenant     int4        not null references tenants,
  id         uuid        not null,
  request_id text        not null check (length(request_id) <= 100),
  method     text        not null check (length(method) <= 10),
  path       text        not null check (length(path) <= 500),
  status     int4        not null,
  address    text        not null check (length(address) <= 60),
  error      jsonb,
  created_at timestamptz not null,
  primary key (tenant, id)
);
