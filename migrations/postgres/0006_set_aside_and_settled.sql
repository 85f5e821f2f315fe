-- Edits that ended the server's process twice; which attempt of an edit is meant where one is noted; how far a device
-- has its verdicts.

-- They are not judged, but held or refused. Kept until the next start after the edit got its verdict; what is held
-- until it was reviewed.
create table sync.set_aside (
    edit    uuid primary key,
    attempt integer not null,
    since   timestamptz not null default now()
);

-- Beside the edits at the same place. A note of an attempt that has its verdict blames nobody.
alter table sync.in_work add column attempts integer[] not null default '{}';
alter table sync.run
    add column trying_attempt integer,
    add column suspect_attempts integer[] not null default '{}';

-- Every edit of the device up to this push counter has its verdict: so it said when nothing waited to be sent.
-- Before that, what is missing may still be on its way.
alter table account.device add column settled bigint not null default 0 check (settled >= 0);
