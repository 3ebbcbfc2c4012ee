-- A rehearsal is an order that a check places: it goes all the way and is counted nowhere.
alter table orders add column rehearsal boolean not null default false;

create index orders_recent on orders (placed_at desc, id desc) where not rehearsal;
