-- Whose data this is. Made once, with the tables, and never changed: it goes with the data into every backup
-- and comes back with it, so that a device knows its own company's server from another's.
create table sync.company (
    the_one boolean primary key default true check (the_one),
    id      uuid not null default gen_random_uuid()
);

insert into sync.company default values;
