-- 0012_named_addresses.sql  Addresses that a session names itself: hidden endpoints, one for each origin (and place, where a
-- session names several addresses of one origin), and deliveries with an address of their own. Adds columns without a
-- default, so it locks webhook_endpoints and deliveries for a moment only. Servers of the release before this one may run on:
-- they make none of these, but must not number events of sessions that name addresses, for they would send them nowhere.

alter table webhook_endpoints
  add column named int2 check (named between 1 and 10); -- null: an endpoint that the shop made
create unique index webhook_endpoints_named on webhook_endpoints (tenant, door, url, named)
  where named is not null and not deleted;

alter table deliveries
  add column url text check (length(url) <= 5000); -- null: the endpoint's own
