-- The log may become another one: put back from a backup, or a replica that lacks the last commits took over.

-- Which cluster of PostgreSQL this is and how often it was taken over or put back, by its own count: both change when
-- the data may have. Null where PostgreSQL does not tell, as some that are somebody's service.
create function sync.place() returns text language plpgsql as $$
begin
    return (select system_identifier from pg_control_system())
        || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8);
exception when others then
    return null;
end $$;

-- Counts how often that was told or noticed. From then on the server gives no numbers of its own until an admin
-- has said which was the last one printed.
create table sync.epoch (
    the_one      boolean primary key default true check (the_one),
    number       bigint not null,
    since        timestamptz,
    numbers_wait boolean not null,
    place        text
);

insert into sync.epoch (number, numbers_wait, place) values (0, false, sync.place());

-- The epoch in which the device last said hello: if it comes from an earlier one, that it knew another log is no news.
alter table account.device add column epoch bigint not null default -1;

create function sync.begin_epoch() returns void language plpgsql as $$
begin
    -- By the clock: one that was lost with another log does not come again.
    update sync.epoch
        set number = greatest(number + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint),
            since = now(), numbers_wait = true, place = sync.place();
    -- A device that was enrolled in the log that is gone has a code, and has printed it: codes go on by the clock, in
    -- minutes of which none comes again.
    perform setval('account.device_code', greatest(
        nextval('account.device_code'),
        (extract(epoch from now() - timestamptz '2026-01-01 00:00:00Z') / 60)::bigint));
end $$;

-- By the clock, so that what was lost with another log and what came after it never have the same version.
create or replace function account.names_changed() returns trigger language plpgsql as $$
begin
    update account.names_version
        set version = greatest(version + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint);
    return null;
end $$;
