-- Under an id that is in use another edit is told from the same one sent again.
alter table sync.edit
    -- SHA-256 over what was handed in: who, what, on which documents, booked under what, on whose word. None where it was
    -- personal and somebody was erased, and of edits from before this step.
    add column content bytea check (octet_length(content) = 32),
    -- The attempt that it is of: a server that does not know these columns writes another attempt beside it.
    add column content_of integer,
    -- The numbers that the server gave, as CBOR.
    add column given bytea;

alter table sync.feed add column given bytea;
