//! One order as the list shows it, and the filter as the store understands it.

use chrono::NaiveDate;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::status::{Fulfilment, OrderState};

use crate::desktop::paged::Paged;
use crate::desktop::widgets::{date, money};
use crate::store::OrderRow;

/// What the panel draws; count and sum are of everything that fits the filter.
#[derive(Debug, Default)]
pub struct OrdersData {
    pub rows: Paged<OrderRow>,
    /// One for each currency.
    pub sums: Vec<(Amount, Currency)>,
    /// How many of them are in the sums: drafts, quotations and what is cancelled are not.
    pub counted: usize,
    pub today: NaiveDate,
    /// Orders in all, to tell an empty business from a filter that fits nothing.
    pub all: usize,
    /// The person may make orders.
    pub may_make: bool,
}

impl OrdersData {
    /// The one currency of what is listed, for the column's head.
    pub fn currency(&self) -> Option<Currency> {
        match self.sums[..] {
            [(_, currency)] => Some(currency),
            _ => None,
        }
    }
}

/// Wanted before today and the customer still waits.
pub fn overdue(row: &OrderRow, today: NaiveDate) -> bool {
    let waits = matches!(row.state, OrderState::Placed | OrderState::Confirmed | OrderState::Disputed);
    waits && row.goods != Fulfilment::Delivered && row.wanted.is_some_and(|day| day < today)
}

/// What a reader hears: everything that the row shows.
pub fn words(row: &OrderRow, today: NaiveDate) -> String {
    let wanted = row.wanted.map(|day| format!(", wanted {}", date::day(day, today))).unwrap_or_default();
    let late = if overdue(row, today) { ", overdue" } else { "" };
    let total = money::words(row.total, row.currency);
    let mut said = format!("{}, {}{wanted}{late}, {total}", row.number, customer_words(row));
    for mark in row.marks() {
        said.push_str(", ");
        said.push_str(mark.words);
    }
    said
}

pub fn customer_words(row: &OrderRow) -> &str {
    if row.customer_name.is_empty() { "Counter customer" } else { &row.customer_name }
}
