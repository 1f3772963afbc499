-- 0005_delivery.sql  Deliveries that outlast a long downtime, a second secret while one is rolled, and a record of every
-- try. Locks webhook_endpoints for a moment, and deliveries while its rows learn when they were told. Servers of the
-- release before this one must be stopped: they write no told_at.

alter table webhook_endpoints
  add column sealed_previous bytea,
  add column previous_until  timestamptz,
  add column disabled_reason text check (disabled_reason in ('gone', 'merchant')),
  add column disabled_at     timestamptz,
  add constraint webhook_endpoints_previous check ((sealed_previous is null) = (previous_until is null)),
  add constraint webhook_endpoints_enabled check (status = 'disabled' or disabled_reason is null);

alter table deliveries
  add column previous_number bigint check (previous_number < number),
  add column told_at         timestamptz,
  add column resend_at       timestamptz,
  add constraint deliveries_resend_settled check (resend_at is null or state <> 'pending');
update deliveries d set told_at = e.created_at from events e where e.tenant = d.tenant and e.id = d.event_id;
alter table deliveries alter column told_at set not null;

-- What is left for an endpoint, oldest first: for its health, for a backlog that drains, and for giving up.
create index deliveries_pending on deliveries (tenant, endpoint_id, number) where state = 'pending';
create index deliveries_late on deliveries (tenant, endpoint_id, number) where state = 'pending' and tries >= 13;
create index deliveries_failed on deliveries (tenant, endpoint_id, number) where state = 'failed';
create index deliveries_resend on deliveries (tenant, endpoint_id, resend_at) where resend_at is not null;
create index deliveries_undelivered on deliveries (tenant, event_id) where state <> 'delivered';

-- What an endpoint's answers say about it. A row is made by the first refusal; without one it is healthy.
create table endpoint_health (
  tenant        int4        not null,
  endpoint_id   uuid        not null,
  failures      int4        not null check (failures >= 0), -- in a row, up to now
  failing_since timestamptz check ((failing_since is null) = (failures = 0)),
  failing_root  uuid,
  several_roots boolean     not null,
  down_since    timestamptz,
  probe_at      timestamptz, -- when a late delivery may be tried next
  probed_number bigint,      -- the last one that was
  release_after bigint,      -- a backlog drains: deliveries up to this number have their time
  release_at    timestamptz check ((release_at is null) = (release_after is null)),
  primary key (tenant, endpoint_id),
  foreign key (tenant, endpoint_id) references webhook_endpoints
);
create index endpoint_health_release on endpoint_health (tenant, release_at) where release_after is not null;

-- One row per try. Its id carries its time, by which old ones are forgotten.
create table delivery_tries (
  tenant           int4        not null,
  id               uuid        not null,
  endpoint_id      uuid        not null,
  event_id         uuid        not null,
  number           bigint      not null,
  shape            text        not null,
  kind             text        not null check (kind in ('scheduled', 'probe', 'resend')),
  nth              int4        not null check (nth > 0),
  url              text        not null check (length(url) <= 5000),
  started_at       timestamptz not null,
  duration_ms      int4        not null check (duration_ms >= 0),
  status           int2,
  error            text        check (length(error) <= 500),
  next_at          timestamptz,
  request_headers  jsonb       not null check (length(request_headers::text) <= 16384),
  response_headers jsonb       check (length(response_headers::text) <= 32768),
  response_body    text        check (length(response_body) <= 4096),
  primary key (tenant, id),
  foreign key (tenant, endpoint_id) references webhook_endpoints
);
create index delivery_tries_endpoint on delivery_tries (tenant, endpoint_id, id);
create index delivery_tries_event on delivery_tries (tenant, event_id, id);
