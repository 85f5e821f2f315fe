-- By which edits a content was offered. What only edits attached that never refer to it again is cleaned away some time
-- after the last of them was settled. What was offered before this table stays.
create table sync.attachment_claim (
    content bytea not null check (octet_length(content) = 32),
    edit    uuid  not null,
    -- Of an accepted edit that attaches it: true, for ever. Of one that was given up, or changed so that it does not:
    -- false, since then. Until it is known: null.
    stands  boolean,
    since   timestamptz,
    primary key (content, edit)
);
create index attachment_claim_open on sync.attachment_claim (edit) where stands is null;
create index attachment_claim_gone on sync.attachment_claim (since) where not stands;

insert into sync.attachment_claim (content, edit, stands)
    select content, '00000000-0000-0000-0000-000000000000'::uuid, true from sync.attachment
    union select content, '00000000-0000-0000-0000-000000000000'::uuid, true from sync.attachment_part;
