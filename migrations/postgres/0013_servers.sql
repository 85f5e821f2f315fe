-- Several servers may work on one database, and each notes for itself what it has in work.

-- One row for each that has not ended in order, under the number of the advisory lock that it holds as long as it
-- lives: where nobody holds it, that server fell. What the columns mean was said at sync.run, which only servers of
-- before this step write.
create table sync.server (
    key              bigint primary key,
    trying           uuid,
    trying_attempt   integer,
    suspects         uuid[] not null default '{}',
    suspect_attempts integer[] not null default '{}'
) with (fillfactor = 10);

-- As sync.in_work was: written with every batch, not logged.
create unlogged table sync.server_work (
    key      bigint primary key,
    edits    uuid[] not null,
    attempts integer[] not null
) with (fillfactor = 10);
