-- Servers of different versions may work on one database while they are brought up to date one after the other: a step
-- first only adds to the tables, and a later version takes away what nobody needs any more.

-- Which step the tables are at, and the earliest one whose servers still work on them.
create table sync.tables (
    the_one boolean primary key default true check (the_one),
    version bigint not null,
    least   bigint not null check (least <= version)
);

insert into sync.tables (version, least) values (21, 19);

-- Up to which step the server knows the tables. Those of before this step do not say.
alter table sync.server add column knows bigint not null default 19;
