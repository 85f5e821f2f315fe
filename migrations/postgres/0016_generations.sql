-- A document may be made anew: its values without its past. It stays the same document, in its next generation.

alter table sync.document drop constraint document_pkey, add primary key (kind, id),
    -- The version at which its generation was opened: the changes since then are its budget.
    add column opened integer not null default 0;

alter table sync.snapshot drop constraint snapshot_pkey, add primary key (kind, id);
alter table sync.snapshot drop column generation;

-- Of an earlier generation than the document's the bytes are blank: positions, scopes and hashes stay, because
-- devices catch up over them and the chain runs over them. The change that opens a generation holds the document
-- whole, as it was then: because it had grown, or because what was personal in it was erased.
alter table sync.change add column opens text check (opens in ('grown', 'erased'));

-- What a document held until it was made anew, and nothing is computed from: old notes, changes of fields.
create table sync.archive (
    kind       smallint    not null,
    id         uuid        not null,
    generation integer     not null,
    room       text        not null,
    key        text        not null,
    at         timestamptz not null,
    -- As CBOR.
    value      bytea       not null,
    primary key (kind, id, room, key)
);
