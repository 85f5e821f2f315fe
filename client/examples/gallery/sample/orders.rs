//! Orders in every state, as the list and the detail show them.

use std::collections::BTreeMap;

use chrono::Days;
use waybill_client::desktop::names::May;
use waybill_client::desktop::paged::Paged;
use waybill_client::desktop::panels::order::OrderDetail;
use waybill_client::desktop::panels::orders::OrdersData;
use waybill_client::store::OrderRow;
use waybill_shared::id::*;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::fact::{Fact, What};
use waybill_shared::order::status::OrderState;
use waybill_shared::order::*;
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::time::Month;

use super::{CUSTOMERS, PRODUCTS, at, names, today, uuid};

/// Orders among the samples that are worth opening: delivered and paid, to be handed over, to be confirmed,
/// offered, handed over in part and to be paid.
pub const DELIVERED: usize = 1;
pub const CONFIRMED: usize = 2;
pub const PLACED: usize = 3;
pub const QUOTED: usize = 69;
pub const PART_PAID: usize = 4;

fn line(n: u128, product: usize, quantity: i64) -> (LineId, Line) {
    let (name, cents) = PRODUCTS[product % PRODUCTS.len()];
    let tax = Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: true };
    let line = Line {
        pos: n as i64,
        product: Some(ProductId::new(uuid(product as u128))),
        name: name.to_owned(),
        quantity: Quantity::new(quantity),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: Amount::from_minor(cents, 2),
        currency: Currency::EUR,
        discount: if n == 2 { Discount::Percent(Amount::from_minor(10, 0)) } else { Discount::None },
        tax,
        lot: None,
        serial: None,
        note: None,
        removed: false,
    };
    (LineId::new(uuid(n)), line)
}

pub fn order(n: usize) -> Order {
    let (customer, city) = CUSTOMERS[n % CUSTOMERS.len()];
    let day = today() - Days::new((n % 40) as u64);
    let made = at(day, 9 + (n % 8) as u32, (n * 7 % 60) as u32);
    let mut order = Order {
        head: Some(Head {
            number: format!("T2-{}", 1500 - n as i64),
            channel: ["shop", "phone", "web"][n % 3].into(),
            location: LocationId::new(uuid(1)),
            customer: Some(CustomerId::new(uuid(n as u128 % 8))),
            customer_name: Some(customer.into()),
            currency: Currency::EUR,
            salesperson: PersonId::new(uuid(1)),
            quotation: n % 11 == 3,
            at: made,
            day,
            month: Month::of(day),
            person: PersonId::new(uuid(1)),
            device: DeviceId::new(uuid(1)),
        }),
        ..Order::default()
    };
    order.contact = Contact { name: None, phone: Some("0451 70 41 22".into()), email: None };
    order.delivery = Address {
        name: Some(customer.into()),
        street: Some("Mühlenstraße 14".into()),
        postcode: Some("23552".into()),
        city: Some(city.into()),
        country: None,
        note: Some("ring twice".into()),
    };
    order.wanted.date = (n % 5 != 4).then(|| day + Days::new((n % 9) as u64));
    order.tags =
        if n.is_multiple_of(4) { BTreeMap::from([("fragile".to_owned(), true)]) } else { BTreeMap::new() };
    order.lines = (0..1 + n % 4).map(|k| line(k as u128 + 1, n + k * 3, 1 + ((n + k) % 6) as i64)).collect();
    let step = |step, minutes| Step {
        nth: minutes,
        step,
        at: made.plus_ms(minutes * 60_000),
        day,
        month: Month::of(day),
        person: PersonId::new(uuid(1)),
        device: DeviceId::new(uuid(2)),
        reason: None,
    };
    if n % 7 != 6 {
        order.steps.insert(EntryId::new(uuid(1)), step(StepKind::Placed, 4));
    }
    if !n.is_multiple_of(3) && n % 7 != 6 {
        order.steps.insert(EntryId::new(uuid(2)), step(StepKind::Confirmed, 62));
    }
    let fact = |hours: i64, what| Fact {
        at: made.plus_ms(hours * 3_600_000),
        day,
        month: Month::of(day),
        person: PersonId::new(uuid(2)),
        device: DeviceId::new(uuid(3)),
        what,
    };
    if n % 3 == 1 && n % 7 != 6 {
        let some: BTreeMap<LineId, Quantity> =
            order.lines.iter().take(1 + n % 2).map(|(id, line)| (*id, line.quantity)).collect();
        let shown = Shown::in_order(&order, some.keys().copied());
        let what =
            What::HandedOver { lines: some, shown, received_by: Some("Frau Lund".into()), signature: None };
        order.facts.insert(FactId::new(uuid(1)), fact(5, what));
        let payment = Payment {
            method: PaymentMethod::Card,
            amount: if n % 2 == 1 { amounts::total(&order).gross } else { Amount::from_minor(5000, 2) },
            currency: Currency::EUR,
            state: PaymentState::Taken,
            drawer: None,
            reference: None,
        };
        order.facts.insert(FactId::new(uuid(2)), fact(5, What::Payment(payment)));
    }
    if n % 4 == 1 {
        let what = What::Note { text: "Back door, the front is being painted".into() };
        order.facts.insert(FactId::new(uuid(3)), fact(2, what));
    }
    order
}

pub fn orders(count: usize) -> OrdersData {
    let rows: Vec<_> = (0..count)
        .map(|n| OrderRow::of(OrderId::new(uuid(n as u128)), &order(n), n == 1 || n == 4))
        .collect();
    let counts = |row: &&OrderRow| {
        !matches!(row.state, OrderState::Draft | OrderState::Quoted | OrderState::Cancelled)
    };
    let sum = rows.iter().filter(counts).map(|row| row.total).sum();
    OrdersData {
        sums: vec![(sum, Currency::EUR)],
        counted: rows.iter().filter(counts).count(),
        today: today(),
        all: rows.len(),
        rows: Paged::whole(rows),
        may_make: true,
    }
}

pub fn detail(n: usize) -> OrderDetail {
    let shown = order(n);
    let mut confirmed = shown.clone();
    confirmed.facts.remove(&FactId::new(uuid(3)));
    confirmed.wanted.date = None;
    let id = OrderId::new(uuid(n as u128));
    OrderDetail::of(id, id.into(), &shown, Some(&confirmed), &names(), May::all())
}
