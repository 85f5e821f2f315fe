-- Photos and papers, by the SHA-256 of their content. Who may read one is decided by the documents that refer to it.
create table sync.attachment (
    content bytea primary key check (octet_length(content) = 32),
    media_type text not null,
    size bigint not null check (size > 0),
    at timestamptz not null default now()
);

-- Only of those that are whole.
create table sync.attachment_chunk (
    content bytea not null references sync.attachment (content) on delete cascade,
    nth integer not null check (nth >= 0),
    bytes bytea not null,
    primary key (content, nth)
);
alter table sync.attachment_chunk alter column bytes set storage external;

-- What a device has put so far; each device its own, so that none spoils another's.
create table sync.attachment_part (
    content bytea not null check (octet_length(content) = 32),
    device uuid not null,
    nth integer not null check (nth >= 0),
    bytes bytea not null,
    at timestamptz not null default now(),
    primary key (content, device, nth)
);
alter table sync.attachment_part alter column bytes set storage external;
