//! One order as lists show it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rusqlite::Connection;
use rust_decimal::prelude::ToPrimitive;
use uuid::Uuid;
use waybill_shared::{
    id::{CustomerId, LocationId, OrderId, PersonId},
    money::{Amount, Currency},
    order::{
        Order, Priority, StepKind, amounts,
        status::{self, Fulfilment, MoneyState, OrderState},
    },
    rules::Owed,
    time::Timestamp,
};

use super::{
    columns::{blob, code, coded, id, maybe_id, named, parsed},
    list::{Beside, Column, Listed, Search},
};
use crate::store::search::{Index, Words};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    pub id: OrderId,
    pub number: String,
    pub customer: Option<CustomerId>,
    pub customer_name: String,
    pub wanted: Option<NaiveDate>,
    pub total: Amount,
    /// Still to pay.
    pub open: Amount,
    /// Counts against the customer's credit, as `Owed` says.
    pub owed: Amount,
    pub currency: Currency,
    pub state: OrderState,
    pub goods: Fulfilment,
    pub money: MoneyState,
    pub priority: Priority,
    pub channel: String,
    pub location: Option<LocationId>,
    pub driver: Option<PersonId>,
    pub salesperson: Option<PersonId>,
    pub created: Timestamp,
    pub placed: Option<Timestamp>,
    pub lines: u32,
    /// Something in it is saved here and not yet accepted.
    pub pending: bool,
}

// The numbers stand in the file: only ever added to.
pub const GOODS: [Fulfilment; 3] = [Fulfilment::Open, Fulfilment::PartDelivered, Fulfilment::Delivered];
pub const MONEY: [MoneyState; 6] = [
    MoneyState::Unpaid,
    MoneyState::Pending,
    MoneyState::PartPaid,
    MoneyState::Paid,
    MoneyState::Overpaid,
    MoneyState::Refunded,
];

impl OrderRow {
    pub fn of(id: OrderId, order: &Order, pending: bool) -> Self {
        let status = status::of(order);
        let open = amounts::open(order);
        let sale = order.sale();
        let placed = order
            .steps
            .values()
            .filter(|step| step.step == StepKind::Placed)
            .map(|step| step.at)
            .chain(sale.iter().map(|(_, fact, _)| fact.at))
            .min();
        let created = order.head.as_ref().map(|head| head.at).or(placed);
        Self {
            id,
            number: order.number().to_owned(),
            customer: order.customer(),
            customer_name: order.customer_name().to_owned(),
            wanted: order.wanted.date,
            total: amounts::total(order).gross,
            open,
            owed: Owed::of(order).map(|owed| owed.amount).unwrap_or_default(),
            currency: order.currency(),
            state: status.order,
            goods: status.fulfilment,
            money: status.money,
            priority: order.plan.priority,
            channel: order.channel().to_owned(),
            location: order.location(),
            driver: order.plan.driver,
            salesperson: order
                .head
                .as_ref()
                .map(|head| head.salesperson)
                .or(sale.map(|(_, fact, _)| fact.person)),
            created: created.or(order.facts.values().map(|fact| fact.at).min()).unwrap_or_default(),
            placed,
            lines: u32::try_from(status.lines.len()).unwrap_or(u32::MAX),
            pending,
        }
    }

    /// Wanted before today and the customer still waits.
    pub fn overdue(&self, today: NaiveDate) -> bool {
        let waits = matches!(self.state, OrderState::Placed | OrderState::Confirmed | OrderState::Disputed);
        waits && self.goods != Fulfilment::Delivered && self.wanted.is_some_and(|day| day < today)
    }
}

impl Listed for OrderRow {
    type Of = Order;

    const TABLE: &'static str = "order_row";
    const COLUMNS: &'static [Column<Self>] = &[
        ("number", |row| row.number.clone().into()),
        ("number_key", |row| number_key(&row.number).into()),
        ("customer", |row| row.customer.map(blob).into()),
        ("customer_name", |row| row.customer_name.clone().into()),
        ("wanted", |row| row.wanted.map(|day| day.to_string()).into()),
        ("total", |row| minor(row.total, row.currency.places()).into()),
        ("open", |row| minor(row.open, row.currency.places()).into()),
        ("owed", |row| minor(row.owed, row.currency.places()).into()),
        ("currency", |row| row.currency.code().to_owned().into()),
        ("state", |row| code(&row.state, &OrderState::ALL).into()),
        ("goods", |row| code(&row.goods, &GOODS).into()),
        ("money", |row| code(&row.money, &MONEY).into()),
        ("priority", |row| row.priority.name().to_owned().into()),
        ("channel", |row| row.channel.clone().into()),
        ("location", |row| row.location.map(blob).into()),
        ("driver", |row| row.driver.map(blob).into()),
        ("salesperson", |row| row.salesperson.map(blob).into()),
        ("created", |row| row.created.ms().into()),
        ("placed", |row| row.placed.map(Timestamp::ms).into()),
        ("lines", |row| row.lines.into()),
    ];
    const NUMBERED: Option<&'static str> = None;
    // An order has no name.
    const SEARCH: Option<Search<Order>> =
        Some(Search { index: Index { table: "order_search", named: false }, words });
    const BESIDE: &'static [Beside<Self>] = &[Beside {
        table: "order_names",
        column: "id",
        values: |row, order| names(order, row.state).into_iter().map(blob).collect(),
    }];

    fn of(id: Uuid, order: &Order, pending: bool) -> Self {
        Self::of(id.into(), order, pending)
    }

    fn read(_: &Connection, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let currency: Currency = parsed(row, "currency")?;
        let amount = |column: &str| -> rusqlite::Result<Amount> {
            Ok(Amount::from_minor(row.get(column)?, currency.places()))
        };
        let wanted: Option<String> = row.get("wanted")?;
        Ok(Self {
            id: id(row, "id")?,
            number: row.get("number")?,
            customer: maybe_id(row, "customer")?,
            customer_name: row.get("customer_name")?,
            wanted: wanted.and_then(|day| day.parse().ok()),
            total: amount("total")?,
            open: amount("open")?,
            owed: amount("owed")?,
            currency,
            state: coded(row, "state", &OrderState::ALL)?,
            goods: coded(row, "goods", &GOODS)?,
            money: coded(row, "money", &MONEY)?,
            priority: named(row, "priority", Priority::of)?,
            channel: row.get("channel")?,
            location: maybe_id(row, "location")?,
            driver: maybe_id(row, "driver")?,
            salesperson: maybe_id(row, "salesperson")?,
            created: Timestamp::from_unix_ms(row.get("created")?),
            placed: row.get::<_, Option<i64>>("placed")?.map(Timestamp::from_unix_ms),
            lines: row.get("lines")?,
            pending: row.get("pending")?,
        })
    }
}

/// The words under which an order is found.
fn words(order: &Order) -> Words {
    let contact = &order.contact;
    let place = &order.delivery;
    let maybe = [
        &contact.name,
        &contact.phone,
        &contact.email,
        &place.name,
        &place.street,
        &place.postcode,
        &place.city,
    ];
    let sold = order.sale().map(|(_, _, sale)| &sale.lines);
    Words::of(
        "",
        [order.number(), order.customer_name()]
            .into_iter()
            .chain(maybe.into_iter().filter_map(|part| part.as_deref()))
            .chain(order.tags.iter().filter(|(_, on)| **on).map(|(tag, _)| tag.as_str()))
            .chain(order.refs.values().map(String::as_str))
            .chain(order.lines.values().filter(|line| !line.removed).map(|line| line.name.as_str()))
            .chain(sold.into_iter().flat_map(|lines| lines.values()).map(|line| line.name.as_str())),
    )
}

/// The products and the customer that it names; none where nothing is bought by it.
fn names(order: &Order, state: OrderState) -> BTreeSet<Uuid> {
    if matches!(state, OrderState::Draft | OrderState::Quoted | OrderState::Cancelled) {
        return BTreeSet::new();
    }
    let sold = order.sale().into_iter().flat_map(|(_, _, sale)| sale.lines.values());
    let lines = order.lines.values().filter(|line| !line.removed).chain(sold);
    let products = lines.filter_map(|line| line.product.map(Uuid::from));
    products.chain(order.customer().map(Uuid::from)).collect()
}

/// So many of the smallest coin. The rules let an order be worth more than 64 bits hold: a row then holds the
/// most that it can.
fn minor(amount: Amount, places: u32) -> i64 {
    let coins = amount.coins(places);
    coins.to_i64().unwrap_or(if coins < 0 { i64::MIN } else { i64::MAX })
}

/// Sorts `T1-9` before `T1-10`: every run of digits filled up with zeros.
fn number_key(number: &str) -> String {
    let mut key = String::with_capacity(number.len() + 16);
    let mut digits = String::new();
    let flush = |digits: &mut String, key: &mut String| {
        if !digits.is_empty() {
            key.push_str(&format!("{digits:0>12}"));
            digits.clear();
        }
    };
    for c in number.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            flush(&mut digits, &mut key);
            key.extend(c.to_lowercase());
        }
    }
    flush(&mut digits, &mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_as_a_person_counts() {
        let mut numbers = ["T1-10", "T2-1", "T1-9", "T10-1"];
        numbers.sort_by_key(|number| number_key(number));
        assert_eq!(numbers, ["T1-9", "T1-10", "T2-1", "T10-1"]);
    }

    #[test]
    fn what_is_beyond_64_bits_stays_at_their_edge_on_its_own_side_of_zero() {
        for (amount, places, coins) in [
            ("12.50", 2, 1250),
            ("-12.345", 2, -1235),
            ("1000", 0, 1000),
            ("10000000000000000000", 2, i64::MAX),
            ("-10000000000000000000", 2, i64::MIN),
        ] {
            let amount: Amount = amount.parse().expect("an amount");
            assert_eq!(minor(amount, places), coins, "{amount} with {places} places");
        }
    }
}
