-- Customers whose personal data was erased, and whether that was carried to its end. The same list stands in a file
-- outside the database, because a backup from before does not know it.
create table sync.erasure (
    customer uuid primary key,
    at       timestamptz not null,
    done     boolean not null default false
);
