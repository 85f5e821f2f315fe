-- One-time codes for who forgot their password, and device names that an admin gave.

-- At most one for each person. The code itself is only with the admin who asked for it.
create table account.reset_code (
    person     uuid primary key references account.person (id),
    code_hash  bytea not null check (octet_length(code_hash) = 32),
    expires_at timestamptz not null
);

-- A name that an admin gave stays when somebody signs in on the device again.
alter table account.device add column renamed boolean not null default false;
