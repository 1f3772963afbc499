-- 0002_owners.sql  A card belongs to a session or to a saved payment method, and one that a customer keeps is not shredded by
-- age. Locks the table for a moment; a server of the release before this one must be stopped.

alter table vault.cards rename column session_id to owner;
comment on column vault.cards.owner is 'The session or payment method that this token may be used for; no other finds it.';
alter table vault.cards add column kept boolean not null default false;
