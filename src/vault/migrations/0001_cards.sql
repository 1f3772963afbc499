-- 0001_cards.sql  The vault's one table, in a schema of its own so that it can have a role of its own. Locks nothing.
-- The card is AES-256-GCM under a key of its own, which is wrapped by a key that is not in this database.
-- No security code is ever here.

create schema if not exists vault;

create table vault.cards (
  tenant       int4        not null,
  id           uuid        not null,
  -- The session that this token may be used for; another session's confirm finds nothing.
  session_id   uuid        not null,
  key_version  int4        not null check (key_version > 0),
  wrapped_key  bytea       not null,
  ciphertext   bytea       not null,
  fingerprint  bytea       not null check (length(fingerprint) = 16),
  brand        text        not null check (length(brand) <= 20),
  last4        char(4)     not null,
  exp_month    int2        not null check (exp_month between 1 and 12),
  exp_year     int2        not null,
  created_at   timestamptz not null,
  primary key (tenant, id)
);
