-- 0004_payment_methods.sql  Cards that shops pay with by name; their numbers are in the vault. Locks nothing.

create table payment_methods (
  tenant      int4        not null references tenants,
  id          uuid        not null,
  version     int4        not null,
  state       text        not null check (state in ('fresh', 'attached', 'spent')),
  customer_id uuid        check ((customer_id is not null) = (state = 'attached')),
  token_id    uuid        not null,
  created_at  timestamptz not null,
  document    jsonb       not null,
  primary key (tenant, id),
  foreign key (tenant, customer_id) references customers
);
create index payment_methods_customer on payment_methods (tenant, customer_id, id) where customer_id is not null;
