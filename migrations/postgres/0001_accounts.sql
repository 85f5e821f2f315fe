-- People, devices, and who is enrolled where. None of this is a document: devices see names only.

create schema account;

create table account.person (
    id            uuid primary key,
    -- What is typed at sign-in; name_key is the same in lower case, so that Anna and anna are one person.
    name          text not null check (name <> ''),
    name_key      text not null unique,
    display_name  text not null check (display_name <> ''),
    password_hash text not null,
    roles         text[] not null check (
        roles <@ array['admin', 'manager', 'sales', 'service', 'warehouse', 'shop', 'driver', 'analyst']
    ),
    locations     uuid[] not null default '{}',
    created_at    timestamptz not null default now(),
    revoked_at    timestamptz
);

-- Device codes begin the numbers that a device gives offline (T7-123), so they are never used twice.
create sequence account.device_code;

create table account.device (
    id           uuid primary key,
    code         text not null unique default 'T' || nextval('account.device_code'),
    name         text not null,
    created_at   timestamptz not null default now(),
    revoked_at   timestamptz,
    last_contact timestamptz,
    -- What the device said of itself at its last contact: its program's version, and edits waiting to be sent.
    version      text,
    waiting      integer not null default 0 check (waiting >= 0)
);

-- A person enrolled on a device. The token itself is only on the device.
create table account.enrolment (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    person     uuid not null references account.person (id),
    device     uuid not null references account.device (id),
    created_at timestamptz not null default now(),
    ended_at   timestamptz
);

create unique index enrolment_live on account.enrolment (device, person) where ended_at is null;
create index enrolment_person on account.enrolment (person);

-- Counts the changes of what devices see of people and devices, so that a device is sent the names only when
-- they are others than those it has.
create table account.names_version (version bigint not null);
insert into account.names_version values (1);

create function account.names_changed() returns trigger language plpgsql as $$
begin
    update account.names_version set version = version + 1;
    return null;
end $$;

create trigger names_changed after insert or update of display_name, roles, locations, revoked_at
    on account.person for each statement execute function account.names_changed();
create trigger names_changed after insert or update of name, revoked_at
    on account.device for each statement execute function account.names_changed();
create trigger names_changed after insert or update of ended_at
    on account.enrolment for each statement execute function account.names_changed();
