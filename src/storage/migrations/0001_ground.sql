-- 0001_ground.sql  The first schema. Locks nothing: there is nothing yet.
-- Every key begins with the tenant (design decisions 1 and 16); times and ids come from the program (decision 8).
-- Amounts are bigint minor units beside their currency. A row's `version` rises by one with every change.

create table accounts (
  tenant     int4        not null primary key check (tenant > 0 and tenant % 2 = 0),
  id         uuid        not null,
  version    int4        not null,
  name       text        not null check (length(name) between 1 and 100),
  created_at timestamptz not null,
  settings   jsonb       not null
);

-- One row per account and mode: the books of numbered events.
create table tenants (
  tenant      int4   not null primary key check (tenant > 0),
  last_number bigint not null default 0 check (last_number >= 0)
);

create table api_keys (
  tenant     int4        not null references tenants,
  hash       bytea       not null check (length(hash) = 32),
  id         uuid        not null,
  version    int4        not null,
  kind       text        not null check (kind in ('secret', 'publishable')),
  door       text        not null check (door in ('native', 'opencheckout', 'ozura', 'bpc', 'hsrc', 'secpaid')),
  name       text        not null check (length(name) <= 100),
  hint       text        not null check (length(hint) <= 40),
  created_at timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant, hash),
  unique (tenant, id)
);

create table customers (
  tenant     int4        not null references tenants,
  id         uuid        not null,
  version    int4        not null,
  email      text        check (length(email) <= 512),
  name       text        check (length(name) <= 256),
  deleted    boolean     not null,
  created_at timestamptz not null,
  document   jsonb       not null,
  primary key (tenant, id)
);
create index customers_email on customers (tenant, email, id) where email is not null and not deleted;

create table products (
  tenant     int4        not null references tenants,
  id         uuid        not null,
  version    int4        not null,
  name       text        not null check (length(name) between 1 and 5000),
  active     boolean     not null,
  deleted    boolean     not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  document   jsonb       not null,
  primary key (tenant, id)
);

create table prices (
  tenant      int4        not null,
  id          uuid        not null,
  version     int4        not null,
  product_id  uuid        not null,
  active      boolean     not null,
  currency    char(3)     not null,
  unit_amount bigint      not null check (unit_amount >= 0),
  lookup_key  text        check (length(lookup_key) <= 200),
  created_at  timestamptz not null,
  document    jsonb       not null,
  primary key (tenant, id),
  foreign key (tenant, product_id) references products
);
create index prices_product on prices (tenant, product_id, id);
create unique index prices_lookup_key on prices (tenant, lookup_key) where lookup_key is not null;

create table sessions (
  tenant          int4        not null references tenants,
  id              uuid        not null,
  version         int4        not null,
  door            text        not null check (door in ('native', 'opencheckout', 'ozura', 'bpc', 'hsrc', 'secpaid')),
  state           text        not null check (state in ('open', 'processing', 'complete', 'expired', 'canceled', 'failed')),
  closed_by       text        check (closed_by in ('time', 'merchant', 'shopper')),
  currency        char(3)     not null,
  amount_subtotal bigint      not null check (amount_subtotal >= 0),
  amount_total    bigint      not null check (amount_total >= 0),
  customer_id     uuid,
  payment_id      uuid        not null,
  secret          bytea       not null check (length(secret) = 16),
  tries           int2        not null check (tries between 0 and max_tries),
  max_tries       int2        not null,
  cancel_ends     boolean     not null,
  created_at      timestamptz not null,
  expires_at      timestamptz not null check (expires_at > created_at),
  completed_at    timestamptz check ((completed_at is not null) = (state = 'complete')),
  document        jsonb       not null,
  primary key (tenant, id),
  check ((closed_by is not null) = (state in ('expired', 'canceled')))
);
create index sessions_due on sessions (tenant, expires_at) where state = 'open';
create index sessions_customer on sessions (tenant, customer_id, id) where customer_id is not null;

create table payments (
  tenant              int4        not null references tenants,
  id                  uuid        not null,
  version             int4        not null,
  purpose             text        not null check (purpose in ('pay', 'store')),
  state               text        not null check (state in ('requires_payment_method', 'requires_confirmation', 'requires_action', 'processing', 'requires_capture', 'succeeded', 'canceled')),
  session_id          uuid,
  customer_id         uuid,
  amount              bigint      not null check (amount > 0 or (purpose = 'store' and amount = 0)),
  currency            char(3)     not null,
  reserved            bigint      not null check (reserved between 0 and amount),
  latest_charge_id    uuid,
  secret              bytea       not null check (length(secret) = 16),
  canceled_at         timestamptz check ((canceled_at is not null) = (state = 'canceled')),
  cancellation_reason text        check (cancellation_reason in ('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer', 'automatic')),
  created_at          timestamptz not null,
  document            jsonb       not null,
  primary key (tenant, id),
  foreign key (tenant, session_id) references sessions
);
-- A session has at most one payment.
create unique index payments_session on payments (tenant, session_id) where session_id is not null;
create index payments_customer on payments (tenant, customer_id, id) where customer_id is not null;

create table charges (
  tenant          int4        not null,
  id              uuid        not null,
  version         int4        not null,
  payment_id      uuid        not null,
  customer_id     uuid,
  leg             int2        not null check (leg >= 0),
  attempt         int2        not null check (attempt > 0),
  state           text        not null check (state in ('intent', 'requires_action', 'pending', 'unknown', 'authorized', 'captured', 'declined', 'failed', 'voided', 'surplus', 'needs_review')),
  connector       text        not null check (length(connector) <= 40),
  provider_id     text        check (length(provider_id) <= 255),
  token_id        uuid,
  currency        char(3)     not null,
  -- What we order: captures never exceed the amount, refunds never exceed what we ordered captured.
  amount          bigint      not null check (amount >= 0),
  capture_ordered bigint      not null check (capture_ordered between 0 and amount),
  refund_ordered  bigint      not null check (refund_ordered between 0 and capture_ordered),
  -- What we observe: recorded as told (design decision 3).
  authorized      bigint      not null check (authorized >= 0),
  captured        bigint      not null check (captured >= 0),
  refunded        bigint      not null check (refunded >= 0),
  created_at      timestamptz not null,
  document        jsonb       not null,
  primary key (tenant, id),
  foreign key (tenant, payment_id) references payments
);
-- At most one live charge of a payment and leg, whatever the code does.
create unique index charges_one_live on charges (tenant, payment_id, leg)
  where state in ('intent', 'requires_action', 'pending', 'unknown', 'authorized', 'captured', 'needs_review');
create unique index charges_attempt on charges (tenant, payment_id, leg, attempt);
create index charges_customer on charges (tenant, customer_id, id) where customer_id is not null;

create table operations (
  tenant                   int4        not null,
  id                       uuid        not null,
  version                  int4        not null,
  charge_id                uuid        not null,
  kind                     text        not null check (kind in ('authorize', 'capture', 'void', 'refund', 'query')),
  sequence                 int2        not null check (sequence > 0),
  amount                   bigint      not null check (amount >= 0),
  currency                 char(3)     not null,
  final                    boolean     not null,
  state                    text        not null check (state in ('intent', 'unknown', 'succeeded', 'failed', 'needs_review')),
  provider_key             text        not null check (length(provider_key) between 1 and 64),
  provider_key_valid_until timestamptz not null,
  fence                    int4        not null check (fence >= 0),
  created_at               timestamptz not null,
  ask_at                   timestamptz,
  asked                    int2        not null check (asked >= 0),
  absent_since             timestamptz,
  primary key (tenant, id),
  unique (tenant, charge_id, kind, sequence),
  unique (tenant, provider_key),
  foreign key (tenant, charge_id) references charges,
  check ((ask_at is not null) = (state in ('intent', 'unknown')))
);
-- A void and a capture that settles the whole exclude each other.
create unique index operations_one_settling on operations (tenant, charge_id)
  where final and kind in ('capture', 'void') and state in ('intent', 'unknown', 'succeeded', 'needs_review');
create index operations_due on operations (tenant, ask_at) where ask_at is not null;

create table postings (
  tenant     int4        not null references tenants,
  cause      uuid        not null,
  line       int2        not null check (line > 0),
  debit      text        not null check (debit in ('authorized', 'holds', 'receivable', 'sales', 'refunds')),
  credit     text        not null check (credit in ('authorized', 'holds', 'receivable', 'sales', 'refunds') and credit <> debit),
  amount     bigint      not null check (amount > 0),
  currency   char(3)     not null,
  charge_id  uuid        not null,
  created_at timestamptz not null,
  primary key (tenant, cause, line),
  foreign key (tenant, charge_id) references charges
);
create index postings_charge on postings (tenant, charge_id);
revoke update, delete, truncate on postings from current_user;

create table events (
  tenant          int4        not null references tenants,
  id              uuid        not null,
  type            text        not null check (length(type) <= 80),
  root            uuid        not null,
  root_version    int4        not null,
  ordinal         int2        not null,
  snapshot        jsonb       not null,
  previous        jsonb,
  request_id      text        check (length(request_id) <= 64),
  idempotency_key text        check (length(idempotency_key) <= 255),
  created_at      timestamptz not null,
  primary key (tenant, id),
  unique (tenant, root, root_version, ordinal)
);

-- Events that the sequencer has not numbered yet; a row rides in the commit of its event.
create table event_queue (
  tenant   int4 not null,
  event_id uuid not null,
  primary key (tenant, event_id)
);

create table event_log (
  tenant   int4   not null,
  number   bigint not null check (number > 0),
  event_id uuid   not null,
  primary key (tenant, number),
  unique (tenant, event_id),
  foreign key (tenant, event_id) references events
);

create table webhook_endpoints (
  tenant         int4        not null references tenants,
  id             uuid        not null,
  version        int4        not null,
  url            text        not null check (length(url) <= 5000),
  status         text        not null check (status in ('enabled', 'disabled')),
  door           text        not null check (door in ('native', 'opencheckout', 'ozura', 'bpc', 'hsrc', 'secpaid')),
  api_version    text        check (length(api_version) <= 40),
  enabled_events jsonb       not null,
  sealed_secret  bytea       not null,
  deleted        boolean     not null,
  created_at     timestamptz not null,
  document       jsonb       not null,
  primary key (tenant, id)
);

-- The bytes of an event in one shape, made once: every try sends these.
create table event_bodies (
  tenant int4   not null,
  number bigint not null,
  shape  text   not null check (length(shape) <= 60),
  body   bytea  not null,
  primary key (tenant, number, shape),
  foreign key (tenant, number) references event_log
);

create table deliveries (
  tenant       int4        not null,
  endpoint_id  uuid        not null,
  number       bigint      not null,
  event_id     uuid        not null,
  root         uuid        not null,
  shape        text        not null,
  state        text        not null check (state in ('pending', 'delivered', 'failed')),
  tries        int2        not null check (tries >= 0),
  next_at      timestamptz check ((next_at is not null) = (state = 'pending')),
  leased_until timestamptz,
  fence        int4        not null check (fence >= 0),
  last_status  int2,
  last_error   text        check (length(last_error) <= 500),
  delivered_at timestamptz,
  primary key (tenant, endpoint_id, number),
  foreign key (tenant, endpoint_id) references webhook_endpoints,
  foreign key (tenant, number, shape) references event_bodies
);
create index deliveries_due on deliveries (tenant, endpoint_id, next_at) where state = 'pending';
create index deliveries_root on deliveries (tenant, endpoint_id, root, number) where state = 'pending';
create index deliveries_event on deliveries (tenant, event_id);

create table idempotency (
  tenant     int4        not null references tenants,
  door       text        not null,
  key        text        not null check (length(key) between 1 and 255),
  request    text        not null check (length(request) <= 300),
  parameters jsonb       not null,
  object_id  uuid        not null,
  event_id   uuid,
  answer     jsonb,
  created_at timestamptz not null,
  primary key (tenant, door, key)
);
create index idempotency_age on idempotency (tenant, created_at);
