-- 0002_actions.sql  Adds the issuer's access control server, refunds that take their time, authorizations that run out,
-- and the bank's own notices. Rewrites no row but the authorizations that are held now; a bank of the previous release
-- may not run beside this one, since it knows no authorization that waits for its cardholder.

alter table authorizations
  add column refund_pending_amount bigint not null default 0 check (refund_pending_amount >= 0),
  add column expires_at timestamptz, -- of what is held: released at this moment when nobody has captured it
  drop constraint authorizations_status_check,
  drop constraint refunded_within_captured,
  drop constraint voided_releases_all,
  drop constraint declined_moves_nothing,
  drop constraint approved_has_a_code;
update authorizations set expires_at = created_at + interval '7 days' where status = 'authorized';
alter table authorizations
  add constraint authorizations_status_check
    check (status in ('requires_action', 'authorized', 'captured', 'voided', 'expired', 'declined')),
  add constraint refunded_within_captured check (refunded_amount + refund_pending_amount <= captured_amount),
  add constraint waiting_moves_nothing check (status <> 'requires_action' or captured_amount + released_amount = 0),
  add constraint declined_moves_nothing check (status <> 'declined' or captured_amount + released_amount = 0),
  -- What was voided while it waited for its cardholder had never held anything.
  add constraint voided_releases_all check (
    status <> 'voided' or released_amount = case when authorization_code is null then 0 else amount end
  ),
  add constraint expired_releases_all check (status <> 'expired' or released_amount = amount),
  add constraint approved_has_a_code check (
    case status
      when 'voided' then true
      when 'declined' then authorization_code is null
      when 'requires_action' then authorization_code is null
      else authorization_code is not null
    end
  ),
  add constraint held_runs_out check (status <> 'authorized' or expires_at is not null),
  add constraint authorizations_facts unique (merchant, id, amount, currency, test_card);
create index authorizations_held on authorizations (expires_at) where status = 'authorized';

-- One authentication (EMV 3-D Secure) of one authorization. The foreign key binds it to the merchant, the amount, the
-- currency and the card that it was made for: it is good for nothing else.
create table authentications (
  merchant         text        not null,
  id               text        not null check (length(id) <= 64),
  authorization_id text        not null,
  amount           bigint      not null,
  currency         char(3)     not null,
  test_card        text        not null,
  state            text        not null check (state in ('method', 'challenge', 'ended')),
  request          text        not null check (request in ('automatic', 'any', 'challenge')),
  capture          boolean     not null, -- ordered together with the authorization
  return_url       text        not null check (length(return_url) between 1 and 1024),
  transaction_id   text        not null check (length(transaction_id) = 36),
  method_done      boolean     not null default false,
  wrong_codes      int         not null default 0 check (wrong_codes between 0 and 3),
  flow             text        check (flow in ('challenge', 'frictionless')),
  result           text        check (result in ('authenticated', 'attempt_acknowledged', 'failed', 'processing_error')),
  result_reason    text        check (length(result_reason) <= 64),
  eci              text        check (eci ~ '^[0-9]{2}$'),
  expires_at       timestamptz not null,
  created_at       timestamptz not null,
  ended_at         timestamptz,
  primary key (merchant, id),
  constraint authentications_id unique (id), -- all that the cardholder's browser brings
  constraint authentications_one_each unique (merchant, authorization_id),
  constraint authentications_bound foreign key (merchant, authorization_id, amount, currency, test_card)
    references authorizations (merchant, id, amount, currency, test_card),
  constraint ended_has_a_result check (
    (state = 'ended') = (ended_at is not null) and (state = 'ended') = (result is not null)
  )
);
create index authentications_open on authentications (expires_at) where state <> 'ended';

alter table operations
  add column origin text not null default 'merchant' check (origin in ('merchant', 'bank')),
  add column failure_reason text check (length(failure_reason) <= 64),
  -- When the refund takes its next step by itself, and where to.
  add column settles_at timestamptz,
  add column settles_as text check (settles_as in ('succeeded', 'failed')),
  drop constraint operations_status_check,
  add constraint operations_status_check check (status in ('pending', 'succeeded', 'failed', 'canceled')),
  add constraint only_refunds_take_time check (kind = 'refund' or status = 'succeeded' and settles_at is null),
  add constraint only_refunds_are_the_banks check (kind = 'refund' or origin = 'merchant'),
  add constraint settles_somewhere check ((settles_at is null) = (settles_as is null)),
  add constraint pending_settles check (status <> 'pending' or settles_at is not null),
  add constraint failed_says_why check ((status = 'failed') = (failure_reason is not null));
create index operations_settling on operations (settles_at) where settles_at is not null;

alter table entries
  drop constraint entries_known_movement,
  add constraint entries_known_movement check ((kind, debit, credit) in (
    ('authorize', 'cardholder', 'held'),
    ('capture', 'held', 'merchant'),
    ('release', 'held', 'cardholder'),
    ('refund', 'merchant', 'cardholder'),
    ('refund_reversal', 'cardholder', 'merchant')
  ));

-- Where a merchant hears of what happens at the bank, and how badly. Kept as they are: nothing here is worth a secret.
create table webhooks (
  merchant text             primary key check (merchant ~ '^[A-Za-z0-9_-]{1,64}$'),
  url      text             not null check (length(url) between 1 and 1024),
  secret   text             not null check (length(secret) between 16 and 128),
  seed     text             not null check (length(seed) <= 64),
  lost     double precision not null check (lost between 0 and 1),
  doubled  double precision not null check (doubled between 0 and 1),
  early    double precision not null check (early between 0 and 1),
  forged   double precision not null check (forged between 0 and 1)
);
