//! A small furniture business, made up, to look at the panels without an engine.

mod customers;
mod entry;
mod office;
mod orders;
mod products;
mod server;
mod sync;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;
use uuid::Uuid;
use waybill_client::desktop::names::Names;
use waybill_shared::id::{DeviceId, LocationId, PersonId};
use waybill_shared::time::Timestamp;

pub use customers::*;
pub use entry::*;
pub use office::*;
pub use orders::*;
pub use products::*;
pub use server::*;
pub use sync::*;

pub const ZONE: Tz = chrono_tz::Europe::Berlin;

pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default()
}

pub fn at(day: NaiveDate, hour: u32, minute: u32) -> Timestamp {
    let local = day.and_hms_opt(hour, minute, 0).unwrap_or_default();
    let ms = ZONE.from_local_datetime(&local).earliest().map_or(0, |at| at.timestamp_millis());
    Timestamp::from_unix_ms(ms)
}

pub fn names() -> Names {
    let people = [(1, "Anna Berg"), (2, "Tom Kruse"), (3, "Ines Vogt")];
    let devices = [(1, "Till 2"), (2, "Office"), (3, "Van 1")];
    Names {
        people: people.into_iter().map(|(n, name)| (PersonId::new(uuid(n)), name.to_owned())).collect(),
        devices: devices.into_iter().map(|(n, name)| (DeviceId::new(uuid(n)), name.to_owned())).collect(),
        locations: BTreeMap::from([(LocationId::new(uuid(1)), "Shop Lübeck".to_owned())]),
        drivers: BTreeSet::from([PersonId::new(uuid(2)), PersonId::new(uuid(3))]),
        zone: ZONE,
        now: at(today(), 14, 20),
    }
}

pub fn place() -> LocationId {
    LocationId::new(uuid(1))
}
