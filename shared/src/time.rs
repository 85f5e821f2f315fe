//! Time as values. Nothing here reads a clock: what is now is always an argument.

use std::{fmt, ops::RangeInclusive};

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, check_day};

/// Milliseconds since 1970, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A time of happening further in the server's future than this is set to the server's time.
pub const MAX_AHEAD_MS: i64 = 2 * 60 * 1000;

impl Timestamp {
    pub const fn from_unix_ms(ms: i64) -> Self {
        Self(ms)
    }

    pub const fn ms(self) -> i64 {
        self.0
    }

    /// For UUIDv7, which knows no time before 1970.
    pub fn unix_ms(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// The wall clock of the business.
    pub fn local(self, zone: Tz) -> DateTime<Tz> {
        zone.from_utc_datetime(&self.utc().naive_utc())
    }

    /// The calendar day in the business's time zone.
    pub fn day(self, zone: Tz) -> NaiveDate {
        self.local(zone).date_naive()
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.utc().format("%Y-%m-%dT%H:%M:%S%.3fZ"))
    }
}

/// The years that a day is written down of: others are slips of the hand, and no column of a report has to hold them.
pub const YEARS: RangeInclusive<i32> = 1900..=2199;

/// A booking month, as year × 100 + month: 202611.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(i32);

impl Month {
    pub fn of(day: NaiveDate) -> Self {
        Self(day.year() * 100 + day.month() as i32)
    }

    /// As it is written: 202611.
    pub const fn numbered(number: i32) -> Self {
        Self(number)
    }

    pub const fn number(self) -> i32 {
        self.0
    }

    /// It is in the calendar, in a year that is written down.
    pub fn is_real(self) -> bool {
        (1..=12).contains(&(self.0 % 100)) && YEARS.contains(&(self.0 / 100))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Under which day and month something is booked. The device fixes both when it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    pub day: NaiveDate,
    pub month: Month,
}

impl Booked {
    pub fn on(day: NaiveDate) -> Self {
        Self { day, month: Month::of(day) }
    }

    /// A day and a month that there are, whatever the day is today. The month is that of the day, or a later one where
    /// that was closed.
    pub fn check(&self) -> Option<Finding> {
        let Self { day, month } = *self;
        if let Some(finding) = check_day("booked", day) {
            return Some(finding);
        }
        let what = match month {
            month if !month.is_real() => format!("There is no month {}.", month.0),
            month if month < Month::of(day) => format!("The month {month} is before the day {day}."),
            _ => return None,
        };
        let remedy = "Give year × 100 + month, as 202611: the month of the day, or a later one.";
        Some(Finding::malformed("booked", what, remedy))
    }
}
