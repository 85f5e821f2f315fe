-- Documents and the log. Three stores, each with its own life: edits with their verdicts (kept for ever),
-- changes by document (kept until a generation replaces them), the feed of log positions (trimmed by a command).

create schema sync;

-- Where the log stands. Its one row changes with every batch: whoever finds it unchanged under the lock knows
-- that nothing else changed either.
create table sync.head (
    the_one boolean primary key default true check (the_one),
    pos     bigint not null,
    chain   bytea  not null check (octet_length(chain) = 32),
    -- The last human number that the server gave.
    numbers bigint not null
) with (fillfactor = 10);

insert into sync.head (pos, chain, numbers) values (0, decode(repeat('00', 32), 'hex'), 0);

-- Whether a server ran until its last word. Edits that were in work when it did not may have been there by chance,
-- as when the process was killed: they are the suspects until they have their verdict. After such an end the first
-- edits are judged one by one, each noted here before. A suspect that is in work alone at a further end is held.
create table sync.run (
    the_one  boolean primary key default true check (the_one),
    running  boolean not null default false,
    trying   uuid,
    suspects uuid[] not null default '{}'
) with (fillfactor = 10);

insert into sync.run default values;

-- The edits of the batches in work. Written with every batch, so it must cost nothing: not logged, it outlives the
-- server's process and not the database's own fall, for which no edit is to blame.
create unlogged table sync.in_work (
    the_one boolean primary key default true check (the_one),
    edits   uuid[] not null
) with (fillfactor = 10);

-- The running digest of each scope, at the head.
create table sync.digest (
    scope text primary key,
    sum   bytea not null check (octet_length(sum) = 16)
) with (fillfactor = 10);

-- The highest push counter of each device that has a verdict.
create table sync.device_counter (
    device  uuid primary key,
    counter bigint not null
) with (fillfactor = 50);

-- Nothing that changes is indexed: every update stays on its page.
create table sync.document (
    kind         smallint not null,
    id           uuid     not null,
    generation   integer  not null,
    scope        text     not null,
    -- 32 bytes each, sorted.
    heads        bytea    not null,
    -- Counts the changes; the snapshot was written at snap_version.
    version      integer  not null,
    snap_version integer  not null,
    primary key (kind, id, generation)
) with (fillfactor = 70);

-- The document whole, as it was at a log position; the changes after that position are in sync.change.
create table sync.snapshot (
    kind       smallint not null,
    id         uuid     not null,
    generation integer  not null,
    pos        bigint   not null,
    saved      bytea    not null,
    primary key (kind, id, generation)
) with (fillfactor = 70);

-- Saved without compression, and not compressed here either: a batch of them compresses better on the wire.
alter table sync.snapshot alter column saved set storage external;

-- Every edit that ever reached the server, with what was last said of it. Body and findings may be blanked
-- when a person's data is erased.
create table sync.edit (
    id       uuid primary key,
    attempt  integer  not null,
    device   uuid     not null,
    person   uuid,
    counter  bigint   not null,
    verdict  text     not null
             check (verdict in ('accepted', 'rewritten', 'refused', 'blocked', 'held', 'discarded')),
    -- The verdict whole, as CBOR, where it says more than its name.
    findings bytea,
    -- The log position of the verdict.
    pos      bigint   not null,
    -- The edit as it was judged, as CBOR.
    body     bytea,
    received timestamptz not null
) with (fillfactor = 90);

-- One row for each log position. Refusals have a position too.
create table sync.feed (
    pos      bigint primary key,
    chain    bytea   not null check (octet_length(chain) = 32),
    edit     uuid    not null,
    attempt  integer not null,
    device   uuid    not null,
    verdict  text    not null,
    findings bytea
);

-- What stands in the documents: one row for each change that an edit's part led to.
create table sync.change (
    pos        bigint   not null,
    part       smallint not null,
    kind       smallint not null,
    id         uuid     not null,
    generation integer  not null,
    scope      text     not null,
    hash       bytea    not null check (octet_length(hash) = 32),
    bytes      bytea    not null,
    primary key (pos, part)
);

create index change_document on sync.change (id, pos);

-- Hashes that a device claimed and that do not stand in the document: the edit was redone, or did not pass.
create table sync.claimed (
    id   uuid  not null,
    hash bytea not null check (octet_length(hash) = 32),
    edit uuid  not null,
    primary key (id, hash)
);
