//! What everybody does, written down in the order of time and turned into edits.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;
use waybill_shared::{
    command::Command,
    edit::{Edit, Part},
    id::{DeviceId, EditId, Id, PersonId},
    kind::DocAddr,
    time::{Booked, Timestamp},
};

use super::dice::Dice;

/// Who does something, and on which device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    pub person: PersonId,
    pub device: DeviceId,
}

/// Everything that happens until now. What a story tells of later has not happened yet.
pub struct Script {
    pub zone: Tz,
    pub now: Timestamp,
    done: Vec<Done>,
}

struct Done {
    at: Timestamp,
    by: Hand,
    doc: DocAddr,
    command: Command,
}

impl Script {
    pub const fn new(zone: Tz, now: Timestamp) -> Self {
        Self { zone, now, done: Vec::new() }
    }

    /// So many minutes after midnight, by the clock of the business.
    pub fn clock(&self, day: NaiveDate, minutes: i64) -> Timestamp {
        let noon = day.and_hms_opt(12, 0, 0).unwrap_or_default();
        let noon = self.zone.from_local_datetime(&noon).earliest().map_or(0, |noon| noon.timestamp_millis());
        Timestamp::from_unix_ms(noon).plus_ms((minutes - 12 * 60) * 60_000)
    }

    /// Whether it has happened by now.
    pub fn happens(
        &mut self,
        at: Timestamp,
        by: Hand,
        doc: impl Into<DocAddr>,
        command: impl Into<Command>,
    ) -> bool {
        let happened = at <= self.now;
        if happened {
            self.done.push(Done { at, by, doc: doc.into(), command: command.into() });
        }
        happened
    }

    /// One edit for each, as a client without documents sends it. Times rise strictly on every device.
    pub fn edits(mut self, dice: &mut Dice) -> Vec<Edit> {
        self.done.sort_by_key(|done| done.at);
        let mut last: BTreeMap<DeviceId, (Timestamp, u64)> = BTreeMap::new();
        let mut edits = Vec::with_capacity(self.done.len());
        for done in self.done {
            let (before, counter) = last.entry(done.by.device).or_default();
            let at = done.at.max(before.plus_ms(1));
            (*before, *counter) = (at, *counter + 1);
            edits.push(Edit {
                id: EditId::fresh(at, dice),
                kind: done.command.kind(),
                person: done.by.person,
                device: done.by.device,
                counter: *counter,
                attempt: 0,
                booked: Booked::on(at.day(self.zone)),
                parts: vec![Part { doc: done.doc, command: done.command, at, made: None }],
                after: Vec::new(),
                overriding: None,
            });
        }
        edits
    }
}
