-- 0001_books.sql  The sandbox bank's first books. Locks nothing: the database is new. Every key begins with the
-- merchant. No column can hold a card number or a CVC: of the card there is its brand, its last four digits and its row
-- of the test card table.

create table merchants (
  merchant  text        primary key check (merchant ~ '^[A-Za-z0-9_-]{1,64}$'),
  opened_at timestamptz not null
);

-- One row per order to authorize, whatever the outcome. The money columns repeat the entries so that the checks below
-- can refuse what the money does not allow.
create table authorizations (
  merchant             text        not null references merchants,
  id                   text        not null check (length(id) <= 64),
  reference            text        not null check (length(reference) between 1 and 128),
  amount               bigint      not null check (amount between 1 and 999999999999),
  currency             char(3)     not null check (currency ~ '^[A-Z]{3}$'),
  status               text        not null check (status in ('authorized', 'captured', 'voided', 'declined')),
  captured_amount      bigint      not null default 0 check (captured_amount >= 0),
  released_amount      bigint      not null default 0 check (released_amount >= 0),
  refunded_amount      bigint      not null default 0 check (refunded_amount >= 0),
  decline_code         text        check (length(decline_code) <= 64),
  test_card            text        not null check (length(test_card) <= 64),
  brand                text        not null check (length(brand) <= 32),
  funding              text        not null check (funding in ('credit', 'debit', 'prepaid', 'unknown')),
  last4                text        not null check (last4 ~ '^[0-9]{4}$'),
  cvc_check            text        not null check (cvc_check in ('pass', 'fail', 'unavailable')),
  postal_check         text        not null check (postal_check in ('pass', 'fail', 'unavailable')),
  network_transaction  text        not null check (length(network_transaction) <= 32),
  authorization_code   text        check (length(authorization_code) = 6),
  statement_descriptor text        check (length(statement_descriptor) <= 22),
  created_at           timestamptz not null,
  primary key (merchant, id),
  unique (merchant, id, currency),
  constraint authorizations_reference unique (merchant, reference),
  constraint captured_within_authorized check (captured_amount + released_amount <= amount),
  constraint refunded_within_captured check (refunded_amount <= captured_amount),
  constraint authorized_holds_all check (status <> 'authorized' or captured_amount + released_amount = 0),
  constraint captured_releases_the_rest
    check (status <> 'captured' or (captured_amount > 0 and captured_amount + released_amount = amount)),
  constraint voided_releases_all check (status <> 'voided' or released_amount = amount),
  constraint declined_moves_nothing check (status <> 'declined' or captured_amount + released_amount = 0),
  constraint declined_says_why check ((status = 'declined') = (decline_code is not null)),
  constraint approved_has_a_code check ((status = 'declined') = (authorization_code is null))
);

-- Captures, voids and refunds, each ordered under a reference of the merchant's own.
create table operations (
  merchant         text        not null,
  id               text        not null check (length(id) <= 64),
  authorization_id text        not null,
  kind             text        not null check (kind in ('capture', 'void', 'refund')),
  reference        text        not null check (length(reference) between 1 and 128),
  amount           bigint      not null check (amount > 0),
  currency         char(3)     not null,
  status           text        not null check (status in ('succeeded')),
  created_at       timestamptz not null,
  primary key (merchant, id),
  constraint operations_reference unique (merchant, reference),
  foreign key (merchant, authorization_id, currency) references authorizations (merchant, id, currency)
);
create index operations_of_authorization on operations (merchant, authorization_id, id collate "C");
create unique index operations_one_capture_or_void on operations (merchant, authorization_id) where kind <> 'refund';

-- The double-entry journal: one row moves one amount from one account to another, so every row balances by itself.
create table entries (
  merchant         text        not null,
  number           bigint      not null generated always as identity,
  authorization_id text        not null,
  cause            text        not null check (length(cause) <= 64), -- the authorization's or the operation's id
  kind             text        not null,
  debit            text        not null,
  credit           text        not null,
  amount           bigint      not null check (amount > 0),
  currency         char(3)     not null,
  reference        text        not null check (length(reference) between 1 and 128), -- of the order that caused it
  created_at       timestamptz not null,
  primary key (merchant, number),
  constraint entries_one_per_cause unique (merchant, cause, kind),
  foreign key (merchant, authorization_id, currency) references authorizations (merchant, id, currency),
  constraint entries_known_movement check ((kind, debit, credit) in (
    ('authorize', 'cardholder', 'held'),
    ('capture', 'held', 'merchant'),
    ('release', 'held', 'cardholder'),
    ('refund', 'merchant', 'cardholder')
  ))
);

create function entries_are_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'entries are append-only';
end $$;
create trigger entries_append_only before update or delete or truncate on entries
  for each statement execute function entries_are_append_only();

-- The answer to a POST under an Idempotency-Key, written in the commit of what it answers.
create table idempotency_keys (
  merchant    text        not null,
  key         text        not null check (length(key) between 1 and 255),
  fingerprint bytea       not null check (length(fingerprint) = 32),
  status      int         not null check (status between 200 and 499),
  body        text        not null check (length(body) <= 4096),
  created_at  timestamptz not null,
  constraint idempotency_keys_pkey primary key (merchant, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
