-- When an admin last said that somebody may try the PIN on a device again. It goes down with the names, and the device
-- takes each such moment once: nothing needs to be acknowledged.
alter table account.enrolment add column unlocked_at timestamptz;

drop trigger names_changed on account.enrolment;
create trigger names_changed after insert or update of ended_at, unlocked_at
    on account.enrolment for each statement execute function account.names_changed();
