-- Devices are sent only the names that changed since those they have: beside each stands the version with which it last
-- did.

-- Counts up once in each transaction, which holds it until it ends: so no name with a lower version comes after one
-- with a higher. By the clock, as before.
create function account.next_names_version() returns bigint language plpgsql as $$
declare
    known bigint;
    ours  boolean;
begin
    select version, xmin::text = (pg_current_xact_id()::text::numeric % 4294967296)::text into known, ours
        from account.names_version for update;
    if known is null then
        -- A backup is being put back, and its names are all sent again afterwards.
        return 1;
    end if;
    if not ours then
        known := greatest(known + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint);
        update account.names_version set version = known;
    end if;
    return known;
end $$;

alter table account.person add column named bigint not null default 1;
alter table account.device add column named bigint not null default 1;
update account.person set named = (select version from account.names_version);
update account.device set named = (select version from account.names_version);

create function account.named() returns trigger language plpgsql as $$
begin
    new.named := account.next_names_version();
    return new;
end $$;

create trigger named before insert or update of display_name, roles
    on account.person for each row execute function account.named();
create trigger named before insert or update of name, code
    on account.device for each row execute function account.named();

create or replace function account.names_changed() returns trigger language plpgsql as $$
begin
    perform account.next_names_version();
    return null;
end $$;

-- The log is another one: names that devices know of the one that is gone are sent again as they are now.
create function account.name_all_again() returns void language plpgsql as $$
declare
    next bigint := account.next_names_version();
begin
    update account.person set named = next;
    update account.device set named = next;
end $$;

create or replace function sync.begin_epoch() returns void language plpgsql as $$
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
    perform account.name_all_again();
end $$;

-- Asked at each hello.
create index person_named on account.person (named);
create index device_named on account.device (named);
create index enrolment_device on account.enrolment (device);

-- For each row: a statement that writes none, as most batches hold one, changes no name.
drop trigger names_changed on report.locations;
create trigger names_changed after insert or delete
    on report.locations for each row execute function account.names_changed();
create trigger names_changed_by_closing after update of closed
    on report.locations for each row when (old.closed is distinct from new.closed)
    execute function account.names_changed();
