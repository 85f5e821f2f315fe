-- Who may see a document is a small set derived from its content. The columns with one scope are written no more.

alter table sync.document alter column scope drop not null, add column scopes text[] not null default '{}';
create index document_scopes on sync.document using gin (scopes);

-- Of the document after the position; what they were before it, where that was something else. An entry that made
-- the document was preceded by none.
alter table sync.change alter column scope drop not null,
    add column scopes text[] not null default '{}', add column was text[];

-- Whoever was given no place works at the only one there is: what devices see of people changes with the places.
create trigger names_changed after insert or delete or update of closed
    on report.locations for each statement execute function account.names_changed();
