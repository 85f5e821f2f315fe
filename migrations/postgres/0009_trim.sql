-- The feed can be cut off at its beginning.

-- Where it begins: positions up to this one are given up. Whoever stands exactly here can still read on.
create table sync.trimmed (
    the_one boolean primary key default true check (the_one),
    pos     bigint not null,
    chain   bytea  not null check (octet_length(chain) = 32)
);

insert into sync.trimmed (pos, chain) values (0, decode(repeat('00', 32), 'hex'));

-- Where the device stood in the log when it was last heard of.
alter table account.device add column stands_at bigint not null default 0 check (stands_at >= 0);
