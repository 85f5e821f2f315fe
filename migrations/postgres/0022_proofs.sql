-- What a device says of the log is no evidence that it was replaced; what the server itself said of it is. With this it
-- proves to each device where the log stood, and knows its own proofs again.

-- Drawn from three random ids of 122 bits each. It is of the accounts: it goes into backups with them, and no report
-- reads it.
create table account.proof (
    the_one boolean primary key default true check (the_one),
    secret  bytea not null check (octet_length(secret) = 32)
);

insert into account.proof (secret) values (sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- In which epoch a device said hello is not asked any more: its proof says of which one it is.
comment on column account.device.epoch is 'of servers before step 22';
