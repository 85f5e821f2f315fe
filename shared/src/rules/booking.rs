//! How far from today something may be booked: within the limits of Settings, further back only by who brings in what
//! was before.

use chrono::{Days, NaiveDate};

use crate::{
    finding::{Finding, Rule},
    settings::Limits,
    time::{Booked, Month},
};

/// `today` by the server's clock, in the zone of the business. `any_way_back`: however far back it is, it may stand.
pub fn judge(booked: &Booked, today: NaiveDate, limits: &Limits, any_way_back: bool) -> Option<Finding> {
    let Limits { booked_back, booked_ahead, .. } = *limits;
    let first = today.checked_sub_days(Days::new(booked_back.into())).unwrap_or(NaiveDate::MIN);
    let last = today.checked_add_days(Days::new(booked_ahead.into())).unwrap_or(NaiveDate::MAX);
    let (back, ahead) = (
        !any_way_back && (booked.day < first || booked.month < Month::of(first)),
        booked.day > last || booked.month > Month::of(last),
    );
    let (far, days, word) = match (back, ahead) {
        (false, false) => return None,
        (true, _) => ("before", booked_back, "back"),
        (false, true) => ("after", booked_ahead, "ahead"),
    };
    let Booked { day, month } = booked;
    let what = format!("It is booked on {day} in {month}, more than {days} days {far} today.");
    let remedy = match word {
        "back" => {
            "Book it on a day nearer to today. An import of what was before needs an admin's word \
             (waybill-server device history CODE on)."
        }
        _ => "Set the clock of the device right, or book it on today.",
    };
    Some(Finding::new(Rule::Implausible, what, remedy).field("booked"))
}
