-- Which devices bring in what was before the business had this: they may book further back than the settings allow.
alter table account.device add column books_history boolean not null default false;
