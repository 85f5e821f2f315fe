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

/// How far a clock is off, in words: `3 days ahead`. Nothing where it is hardly.
pub fn off_words(ms: i64) -> Option<String> {
    const UNITS: [(u64, &str); 3] = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute")];
    let by = ms.unsigned_abs();
    if by <= MAX_AHEAD_MS.unsigned_abs() {
        return None;
    }
    // In the largest unit of which it is one and a half at least.
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| by >= unit + unit / 2)?;
    let count = by.saturating_add(unit / 2) / unit;
    let plural = if count == 1 { "" } else { "s" };
    Some(format!("{count} {name}{plural} {}", if ms > 0 { "ahead" } else { "behind" }))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_clock_is_off_is_said_in_the_unit_that_one_thinks_in() {
        let (minute, hour, day) = (60_000, 3_600_000, 86_400_000);
        for (ms, words) in [
            (0, None),
            (2 * minute, None),
            (-2 * minute, None),
            (2 * minute + 1, Some("2 minutes ahead")),
            (-50 * minute, Some("50 minutes behind")),
            (hour, Some("60 minutes ahead")),
            (3 * hour, Some("3 hours ahead")),
            (-day, Some("24 hours behind")),
            (3 * day + hour, Some("3 days ahead")),
            (i64::MAX, Some("106751991167 days ahead")),
            (i64::MIN, Some("106751991167 days behind")),
        ] {
            assert_eq!(off_words(ms).as_deref(), words, "{ms}");
        }
    }
}
