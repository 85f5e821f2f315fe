//! One order as the list shows it, and the filter as the store understands it.

use chrono::NaiveDate;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::status::{Fulfilment, MoneyState, OrderState};

use crate::desktop::paged::Paged;
use crate::desktop::widgets::chip::Mood;
use crate::desktop::widgets::{date, money};
use crate::store::OrderRow;

/// What the panel draws; count and sum are of everything that fits the filter.
#[derive(Debug, Default)]
pub struct OrdersData {
    pub rows: Paged<OrderRow>,
    /// One for each currency.
    pub sums: Vec<(Amount, Currency)>,
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
    let goods = goods_say(row.state, row.goods).then_some(row.goods.words());
    let paid = money_says(row.state, row.money).then_some(row.money.words());
    for words in [Some(row.state.words()), goods, paid].into_iter().flatten() {
        said.push_str(", ");
        said.push_str(words);
    }
    said
}

pub fn customer_words(row: &OrderRow) -> &str {
    if row.customer_name.is_empty() { "Counter customer" } else { &row.customer_name }
}

/// Words short enough for a column of the list.
pub fn goods_short(state: Fulfilment) -> &'static str {
    match state {
        Fulfilment::Open => "to deliver",
        Fulfilment::PartDelivered => "partly",
        Fulfilment::Delivered => "delivered",
    }
}

pub fn money_short(state: MoneyState) -> &'static str {
    match state {
        MoneyState::Pending => "pending",
        state => state.words(),
    }
}

/// Nothing is to be delivered or paid of what was never agreed, or is off again.
pub fn is_agreed(state: OrderState) -> bool {
    !matches!(state, OrderState::Draft | OrderState::Quoted | OrderState::Cancelled)
}

pub fn goods_say(order: OrderState, goods: Fulfilment) -> bool {
    is_agreed(order) || goods != Fulfilment::Open
}

pub fn money_says(order: OrderState, money: MoneyState) -> bool {
    is_agreed(order) || money != MoneyState::Unpaid
}

pub fn order_mood(state: OrderState) -> Mood {
    match state {
        OrderState::Closed | OrderState::Confirmed => Mood::Good,
        OrderState::Disputed => Mood::Bad,
        OrderState::Placed => Mood::Warn,
        OrderState::Draft | OrderState::Quoted | OrderState::Cancelled => Mood::Neutral,
    }
}

pub fn goods_mood(state: Fulfilment) -> Mood {
    match state {
        Fulfilment::Open => Mood::Neutral,
        Fulfilment::PartDelivered => Mood::Warn,
        Fulfilment::Delivered => Mood::Good,
    }
}

pub fn money_mood(state: MoneyState) -> Mood {
    match state {
        MoneyState::Paid => Mood::Good,
        MoneyState::PartPaid | MoneyState::Pending => Mood::Warn,
        MoneyState::Overpaid => Mood::Bad,
        MoneyState::Unpaid | MoneyState::Refunded => Mood::Neutral,
    }
}
