//! The revenue ledger of an order: what was placed, delivered and paid, each booked on its own day, what was
//! taken back booked on the day of that. Entries of one line add up to the line to the cent. The same for
//! the screen and for the reports, and computed from the document alone.

mod bill;
mod facts;
mod placed;
mod share;
mod worth;

use chrono::NaiveDate;
use uuid::Uuid;

pub use worth::Worth;

use super::{Line, Order, amounts::Totals};
use crate::{
    id::{LineId, ProductId},
    money::Amount,
    quantity::Quantity,
    time::Month,
};

/// In the order of their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Handed over, or sold over the counter.
    #[default]
    Delivered,
    /// Money taken, less money given back.
    Paid,
    /// What was ordered, less what was cancelled.
    Placed,
}

/// So much of one line, for one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub measure: Measure,
    /// The step, line change, hand-over, sale, payment or taking back that it is booked for.
    pub cause: Uuid,
    /// `None` for a payment that no line can bear.
    pub line: Option<LineId>,
    pub product: Option<ProductId>,
    pub day: NaiveDate,
    pub month: Month,
    /// In whole units; none for payments.
    pub quantity: Amount,
    pub worth: Totals,
    /// It takes back an earlier entry or a part of one.
    pub takes_back: bool,
}

/// By measure, cause and line. `worth` is that of the same order.
pub fn entries(order: &Order, worth: &Worth<'_>) -> Vec<Entry> {
    let mut ledger = Ledger { entries: Vec::new() };
    placed::book(order, worth, &mut ledger);
    facts::book(order, worth, &mut ledger);
    ledger.finish()
}

/// When and under what something is booked.
#[derive(Clone, Copy)]
struct Booking {
    cause: Uuid,
    day: NaiveDate,
    month: Month,
    takes_back: bool,
}

struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    fn book(
        &mut self,
        measure: Measure,
        booking: Booking,
        line: Option<(LineId, Option<&Line>)>,
        pieces: Quantity,
        worth: Totals,
    ) {
        let (id, line) = line.map_or((None, None), |(id, line)| (Some(id), line));
        self.entries.push(Entry {
            measure,
            cause: booking.cause,
            line: id,
            product: line.and_then(|line| line.product),
            day: booking.day,
            month: booking.month,
            quantity: line.map_or(Amount::ZERO, |line| line.unit.amount(pieces)),
            worth,
            takes_back: booking.takes_back,
        });
    }

    /// What has one cause and one line is one entry, as when a sale with two payments is taken back. No line
    /// is the nil one, as in the report.
    fn finish(mut self) -> Vec<Entry> {
        let key = |entry: &Entry| (entry.measure, entry.cause, entry.line.unwrap_or(LineId::NIL));
        self.entries.sort_by_key(key);
        self.entries.dedup_by(|later, first| {
            let same = key(later) == key(first);
            if same {
                first.quantity += later.quantity;
                first.worth = first.worth + later.worth;
            }
            same
        });
        self.entries
    }
}
