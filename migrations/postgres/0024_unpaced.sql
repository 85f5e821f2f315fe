-- A device of the business's own, such as an import, may hand in as fast as it can.
alter table account.device add column unpaced boolean not null default false;

-- Connections notice within seconds.
create trigger names_changed_by_pace after update of unpaced
    on account.device for each row when (old.unpaced is distinct from new.unpaced)
    execute function account.names_changed();
