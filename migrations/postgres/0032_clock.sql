-- How far a device's clock was ahead of the server's when it last connected, in milliseconds; null: it did not say.
alter table account.device add column clock_off bigint;
