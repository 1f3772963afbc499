-- 0011_link_numbers.sql  A client that counts its links finds its session by a number. The column is null in all rows that
-- exist, so nothing is rewritten; the index is empty and built at once. Servers of the release before may keep running.

alter table sessions add column link_number bigint check (link_number between 1 and 9007199254740991);
create unique index sessions_link_number on sessions (tenant, link_number) where link_number is not null;
