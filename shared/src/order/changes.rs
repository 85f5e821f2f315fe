//! Changes of lines as the order's history keeps them. With the steps they are the order's books: each has
//! its place above all that its author saw, and taken back one by one, the last first, they lead from the
//! lines as they are to the lines as they were.

use super::{Discount, Line, Order};
use crate::{edit::Context, history::Entry, id::LineId, money::Amount, quantity::Quantity};

pub(super) const LINE: &str = "line";
const QUANTITY: &str = "quantity";
const PRICE: &str = "price";
const DISCOUNT: &str = "discount";

/// What is done to a line.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    Added,
    Removed,
    Quantity(Quantity),
    Price(Amount),
    Discount(Discount),
}

impl Change {
    /// `line` as it was before; the new one itself where it is added.
    pub fn entry(self, order: &Order, id: LineId, line: &Line, ctx: &Context) -> Entry {
        // Its name and unit stand in the line, which never goes.
        let whole = || Some(line.unit.show(line.quantity));
        let (field, was, now) = match self {
            Self::Added => (LINE, None, whole()),
            Self::Removed => (LINE, whole(), None),
            Self::Quantity(now) => (QUANTITY, Some(line.unit.show(line.quantity)), Some(line.unit.show(now))),
            Self::Price(now) => (PRICE, Some(line.price.to_string()), Some(now.to_string())),
            Self::Discount(now) => (DISCOUNT, Some(line.discount.to_string()), Some(now.to_string())),
        };
        let mut entry = Entry::new(ctx, field, was, now);
        entry.line = Some(id);
        entry.nth = order.last_in_books().saturating_add(1);
        entry
    }
}

/// Brings a line back to what it was before the entry. One that does not read leaves it as it is.
pub fn take_back(entry: &Entry, line: &mut Line) {
    let was = entry.was.as_deref();
    match (entry.field.as_str(), was) {
        // One that was only just added counts as little as one that is removed.
        (LINE, None) => line.removed = true,
        (LINE, Some(_)) => line.removed = false,
        (QUANTITY, Some(was)) => line.quantity = line.unit.parse(was).unwrap_or(line.quantity),
        (PRICE, Some(was)) => line.price = was.parse().unwrap_or(line.price),
        (DISCOUNT, Some(was)) => line.discount = was.parse().unwrap_or(line.discount),
        _ => {}
    }
}

impl Order {
    /// The highest place in the books.
    pub fn last_in_books(&self) -> i64 {
        let steps = self.steps.values().map(|step| step.nth);
        steps.chain(self.history.values().map(|entry| entry.nth)).max().unwrap_or(0)
    }

    /// Since `base` something went into the books of an order that had been placed: what was made there
    /// belongs behind it, so that nothing is ever booked in front of what stands.
    pub fn was_booked_since(&self, base: &Self) -> bool {
        !self.steps.is_empty() && self.last_in_books() > base.last_in_books()
    }
}
