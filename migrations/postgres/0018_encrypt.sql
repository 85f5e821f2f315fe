-- The company wants what devices keep encrypted. It goes down with the names.
alter table account.names_version add column encrypt boolean not null default false;
