//! How far from today something may be booked: within the limits of Settings, further back only by who brings in what
//! was before.

use chrono::{Days, NaiveDate};

use crate::{
    finding::{Finding, Rule},
    settings::Limits,
    time::{Booked, Month},
};

/// Nobody books further from today than so many days, whatever the settings. No word given with an entry lifts it; who
/// decides on what is held may accept it.
pub const FURTHEST: u32 = 3_660;

/// `today` by the server's clock, in the zone of the business. `any_way_back`: however far back it is, it may stand.
pub fn judge(booked: &Booked, today: NaiveDate, limits: &Limits, any_way_back: bool) -> Option<Finding> {
    let beyond =
        |back, ahead| beyond(booked, today, back, ahead).filter(|way| *way == Way::Ahead || !any_way_back);
    let (rule, way, days) = match beyond(FURTHEST, FURTHEST) {
        // No likely day that a manager may let pass: a slip, or a clock that stands anywhere.
        Some(way) => (Rule::OutsideLimits, way, FURTHEST),
        None => {
            let way = beyond(limits.booked_back, limits.booked_ahead)?;
            (Rule::Implausible, way, if way == Way::Back { limits.booked_back } else { limits.booked_ahead })
        }
    };
    let far = if way == Way::Back { "before" } else { "after" };
    let Booked { day, month } = booked;
    let what = format!("It is booked on {day} in {month}, more than {days} days {far} today.");
    let remedy = match way {
        Way::Back => {
            "Book it on a day nearer to today. An import of what was before needs an admin's word \
             (waybill-server device history CODE on)."
        }
        Way::Ahead => "Set the clock of the device right, or book it on today.",
    };
    Some(Finding::new(rule, what, remedy).field("booked"))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Back,
    Ahead,
}

fn beyond(booked: &Booked, today: NaiveDate, back: u32, ahead: u32) -> Option<Way> {
    let first = today.checked_sub_days(Days::new(back.into())).unwrap_or(NaiveDate::MIN);
    let last = today.checked_add_days(Days::new(ahead.into())).unwrap_or(NaiveDate::MAX);
    if booked.day < first || booked.month < Month::of(first) {
        return Some(Way::Back);
    }
    (booked.day > last || booked.month > Month::of(last)).then_some(Way::Ahead)
}
