//! What was ordered: all lines as they were on the day of placing, what a later change of a line made of it
//! on the day of the change, and all of it back on the day of cancelling. What is booked stays as it is,
//! whatever comes later.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Booking, Ledger, Measure, Worth};
use crate::{
    history,
    id::{EntryId, Id, LineId},
    order::{
        Line, Order,
        amounts::{self, Totals},
        changes,
        status::{self, OrderState, Taken},
    },
    quantity::Quantity,
    time::Month,
};

/// Something in the order's books.
enum What<'a> {
    Placed,
    Cancelled,
    /// Of a line while the order is placed.
    Change(&'a history::Entry),
    /// Of a line at another time.
    Draft(&'a history::Entry),
}

struct Event<'a> {
    cause: EntryId,
    day: NaiveDate,
    month: Month,
    what: What<'a>,
}

pub(super) fn book(order: &Order, worth: &Worth<'_>, ledger: &mut Ledger) {
    let taken = status::taken(order);
    if !taken.iter().any(|taken| taken.to == OrderState::Placed) {
        return;
    }
    let mut lines = Lines::of(order, worth);
    // From the lines as they are back to what they were.
    for event in events(order, &taken).into_iter().rev() {
        let takes_back = matches!(event.what, What::Cancelled);
        let booking = Booking { cause: event.cause.uuid(), day: event.day, month: event.month, takes_back };
        match event.what {
            What::Placed | What::Cancelled => {
                for (id, line, worth) in lines.all() {
                    let (pieces, worth) =
                        if takes_back { (-line.quantity, -worth) } else { (line.quantity, worth) };
                    ledger.book(Measure::Placed, booking, Some((id, Some(line))), pieces, worth);
                }
            }
            What::Draft(entry) => lines.take_back(entry),
            What::Change(entry) => {
                let Some(id) = entry.line else { continue };
                let (pieces_after, after) = lines.of_line(id);
                lines.take_back(entry);
                let (pieces_before, before) = lines.of_line(id);
                let (pieces, worth) = (pieces_after - pieces_before, after - before);
                if !pieces.is_zero() || worth != Totals::default() {
                    let takes_back = worth.gross.is_negative() || pieces < Quantity::ZERO;
                    let booking = Booking { takes_back, ..booking };
                    let line = order.lines.get(&id);
                    ledger.book(Measure::Placed, booking, Some((id, line)), pieces, worth);
                }
            }
        }
    }
}

/// Steps and changes of lines in the order of the books. Nothing is booked before the day of the placing
/// that it changes, as it would be when a device that was long away comes back with a change.
fn events<'a>(order: &'a Order, taken: &[Taken<'a>]) -> Vec<Event<'a>> {
    enum Place<'a> {
        Step(Taken<'a>),
        Change(EntryId, &'a history::Entry),
    }
    let steps = taken.iter().map(|taken| ((taken.step.nth, taken.step.at, taken.id), Place::Step(*taken)));
    let changes = order.history.iter().filter(|(_, entry)| entry.line.is_some());
    let changes = changes.map(|(id, entry)| ((entry.nth, entry.at, *id), Place::Change(*id, entry)));
    let mut all: Vec<_> = steps.chain(changes).collect();
    all.sort_by_key(|(place, _)| *place);

    let mut placed: Option<(NaiveDate, Month)> = None;
    let mut events = Vec::with_capacity(all.len());
    for (_, place) in all {
        let (cause, day, month, what) = match place {
            Place::Step(taken) => {
                let what = match (taken.from, taken.to) {
                    (_, OrderState::Placed) => What::Placed,
                    (OrderState::Placed | OrderState::Confirmed, OrderState::Cancelled) => What::Cancelled,
                    _ => continue,
                };
                (taken.id, taken.step.day, taken.step.month, what)
            }
            Place::Change(id, entry) => {
                let what = if placed.is_some() { What::Change(entry) } else { What::Draft(entry) };
                (id, entry.day, entry.month, what)
            }
        };
        let (first_day, first_month) = placed.unwrap_or((day, month));
        match what {
            What::Placed => placed = Some((day, month)),
            What::Cancelled => placed = None,
            What::Change(_) | What::Draft(_) => {}
        }
        events.push(Event { cause, day: day.max(first_day), month: month.max(first_month), what });
    }
    events
}

/// The lines of the order at one place in its books.
struct Lines<'a> {
    order: &'a Order,
    worth: &'a Worth<'a>,
    /// Those that are not as they are now.
    were: BTreeMap<LineId, Line>,
}

impl<'a> Lines<'a> {
    fn of(order: &'a Order, worth: &'a Worth<'a>) -> Self {
        Self { order, worth, were: BTreeMap::new() }
    }

    /// Those that count, and what they are worth.
    fn all(&self) -> impl Iterator<Item = (LineId, &Line, Totals)> {
        self.order.lines.keys().filter_map(|id| self.line(*id).map(|(line, worth)| (*id, line, worth)))
    }

    fn line(&self, id: LineId) -> Option<(&Line, Totals)> {
        let found = match self.were.get(&id) {
            Some(line) => (line, amounts::line(line)),
            None => (self.order.lines.get(&id)?, self.worth.line(id)),
        };
        Some(found).filter(|(line, _)| !line.removed)
    }

    fn of_line(&self, id: LineId) -> (Quantity, Totals) {
        self.line(id).map(|(line, worth)| (line.quantity, worth)).unwrap_or_default()
    }

    fn take_back(&mut self, entry: &history::Entry) {
        let Some((id, line)) = entry.line.and_then(|id| Some((id, self.order.lines.get(&id)?))) else {
            return;
        };
        changes::take_back(entry, self.were.entry(id).or_insert_with(|| line.clone()));
    }
}
