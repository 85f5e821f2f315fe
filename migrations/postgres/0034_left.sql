-- What an edit said, and behind it what is left of that without what is personal: so a device that took it out is known
-- again by a server that was put back and has forgotten that somebody was erased.
alter table sync.edit add column content_left bytea;
