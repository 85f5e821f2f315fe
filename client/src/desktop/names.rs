//! What panels need to say whose, where and when: names of people and devices, the business's clock.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use waybill_shared::command::{Command, Listed};
use waybill_shared::id::{DeviceId, LocationId, PersonId};
use waybill_shared::time::Timestamp;

use super::widgets::date;

#[derive(Clone, Debug)]
pub struct Names {
    pub people: BTreeMap<PersonId, String>,
    pub devices: BTreeMap<DeviceId, String>,
    pub locations: BTreeMap<LocationId, String>,
    pub drivers: BTreeSet<PersonId>,
    pub zone: Tz,
    /// The corrected time.
    pub now: Timestamp,
}

impl Names {
    pub fn person(&self, id: PersonId) -> &str {
        self.people.get(&id).map_or("somebody", String::as_str)
    }

    /// Empty where the device is not known here: better nothing than a code.
    pub fn device(&self, id: DeviceId) -> &str {
        self.devices.get(&id).map_or("", String::as_str)
    }

    pub fn location(&self, id: LocationId) -> &str {
        self.locations.get(&id).map_or("", String::as_str)
    }

    pub fn local(&self, at: Timestamp) -> NaiveDateTime {
        at.local(self.zone).naive_local()
    }

    pub fn now(&self) -> NaiveDateTime {
        self.local(self.now)
    }

    pub fn today(&self) -> NaiveDate {
        self.now().date()
    }

    pub fn when(&self, at: Timestamp) -> String {
        date::time(self.local(at), self.now())
    }
}

/// Which commands the person may give, by their names; what is not here is not offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct May(BTreeSet<&'static str>);

impl May {
    pub fn of(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self(names.into_iter().collect())
    }

    pub fn all() -> Self {
        Self::of(Command::NAMES.iter().copied())
    }

    pub fn run<T: Listed>(&self) -> bool {
        self.0.contains(T::ROW.command)
    }

    pub fn send(&self, command: &Command) -> bool {
        self.0.contains(command.name())
    }
}
