//! Revenue from the documents on this device, summed up: the ledger is the one of the server's reports.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waybill_shared::{
    money::Currency,
    order::{
        Order,
        amounts::Totals,
        revenue::{self, Worth},
    },
    time::Month,
};

pub use waybill_shared::order::revenue::Measure;

#[derive(Clone, Debug, Default)]
pub struct Revenue {
    booked: BTreeMap<Key, Totals>,
}

/// Currencies have no order of their own; their codes have.
type Key = (Measure, &'static str, NaiveDate, Month);

/// Everything that was booked in one measure and currency on one day and in one month. The month is that of
/// the booking, which may differ from the day's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booked {
    pub measure: Measure,
    pub currency: &'static str,
    pub day: NaiveDate,
    pub month: Month,
    pub worth: Totals,
}

impl Revenue {
    pub fn add(&mut self, order: &Order) {
        let currency = order.currency().code();
        for entry in revenue::entries(order, &Worth::of(order)) {
            let sum = self.booked.entry((entry.measure, currency, entry.day, entry.month)).or_default();
            *sum = *sum + entry.worth;
        }
    }

    pub fn day(&self, measure: Measure, currency: Currency, day: NaiveDate) -> Totals {
        let [first, last] = [i32::MIN, i32::MAX].map(Month::numbered);
        let code = currency.code();
        let all = self.booked.range((measure, code, day, first)..=(measure, code, day, last));
        all.map(|(_, worth)| *worth).sum()
    }

    pub fn all(&self) -> impl Iterator<Item = Booked> {
        self.booked.iter().map(|((measure, currency, day, month), worth)| Booked {
            measure: *measure,
            currency,
            day: *day,
            month: *month,
            worth: *worth,
        })
    }
}
