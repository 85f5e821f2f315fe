//! One order as the list shows it.

use chrono::NaiveDate;
use waybill_shared::id::{OrderId, PersonId};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::status::{Fulfilment, MoneyState, OrderState};
use waybill_shared::order::{self, Order};

use crate::desktop::paged::Paged;
use crate::desktop::widgets::chip::Mood;
use crate::desktop::widgets::{date, money};

#[derive(Clone, Debug, PartialEq)]
pub struct OrderRow {
    pub id: OrderId,
    pub number: String,
    pub customer: String,
    pub wanted: Option<NaiveDate>,
    pub total: Amount,
    pub currency: Currency,
    pub order: OrderState,
    pub goods: Fulfilment,
    pub money: MoneyState,
    pub salesperson: Option<PersonId>,
    /// Something in it is saved here and not yet accepted.
    pub pending: bool,
}

/// What the panel draws; `count` and `sum` are of everything that fits the filter.
#[derive(Debug, Default)]
pub struct OrdersData {
    pub rows: Paged<OrderRow>,
    pub sum: Amount,
    pub currency: Option<Currency>,
    pub today: NaiveDate,
    /// Orders in all, to tell an empty business from a filter that fits nothing.
    pub all: usize,
}

impl OrderRow {
    pub fn of(id: OrderId, order: &Order, pending: bool) -> Self {
        let status = order::status::of(order);
        Self {
            id,
            number: order.number().to_owned(),
            customer: order.customer_name().to_owned(),
            wanted: order.wanted.date,
            total: order::amounts::total(order).gross,
            currency: order.currency(),
            order: status.order,
            goods: status.fulfilment,
            money: status.money,
            salesperson: order.head.as_ref().map(|head| head.salesperson),
            pending,
        }
    }

    /// Wanted before today and the customer still waits.
    pub fn overdue(&self, today: NaiveDate) -> bool {
        let waits = matches!(self.order, OrderState::Placed | OrderState::Confirmed | OrderState::Disputed);
        waits && self.goods != Fulfilment::Delivered && self.wanted.is_some_and(|day| day < today)
    }

    /// What a reader hears: everything that the row shows.
    pub fn words(&self, today: NaiveDate) -> String {
        let wanted = self.wanted.map(|day| format!(", wanted {}", date::day(day, today))).unwrap_or_default();
        let overdue = if self.overdue(today) { ", overdue" } else { "" };
        let (order, goods, paid) = (self.order.words(), self.goods.words(), self.money.words());
        let total = money::words(self.total, self.currency);
        format!(
            "{}, {}{wanted}{overdue}, {total}, {order}, {goods}, {paid}",
            self.number,
            self.customer_words()
        )
    }

    pub fn customer_words(&self) -> &str {
        if self.customer.is_empty() { "Counter customer" } else { &self.customer }
    }
}

/// Words short enough for a column of the list.
pub fn goods_short(state: Fulfilment) -> &'static str {
    match state {
        Fulfilment::Open => "open",
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
