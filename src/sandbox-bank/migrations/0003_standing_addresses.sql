-- 0003_standing_addresses.sql  A merchant's row may hold only what befalls its notices: where they go is then what whoever
-- runs the bank has arranged for all merchants. Locks webhooks for a moment; a bank of the previous release may run beside.

alter table webhooks
  alter column url drop not null,
  alter column secret drop not null,
  add constraint webhooks_whole_address check ((url is null) = (secret is null));
