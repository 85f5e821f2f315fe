//! Revenue by day: each measure on its own day, and what is taken back on the day of that.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waybill_client::revenue::{Measure, Revenue};
use waybill_shared::id::{DeviceId, EntryId, FactId, LineId, PersonId};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::{
    Discount, Fact, Line, Order, Payment, PaymentMethod, PaymentState, Shown, Step, StepKind, Tax, What,
};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::time::{Month, Timestamp};

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, number).unwrap()
}

fn at(number: u32) -> Timestamp {
    Timestamp::from_unix_ms(i64::from(number) * 86_400_000)
}

fn id(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

/// Three chairs at 10.00, 19 % included.
fn order() -> Order {
    let line = Line {
        pos: 0,
        product: None,
        name: "Oak chair".into(),
        quantity: Quantity::new(3),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: "10".parse().unwrap(),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".into(), rate: "19".parse().unwrap(), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    };
    Order { lines: BTreeMap::from([(LineId::new(id(1)), line)]), ..Order::default() }
}

fn step(order: &mut Order, nth: i64, step: StepKind, on: u32) {
    let step = Step {
        step,
        nth,
        at: at(on),
        day: day(on),
        month: Month::of(day(on)),
        person: PersonId::NIL,
        device: DeviceId::NIL,
        reason: None,
    };
    order.steps.insert(EntryId::new(id(nth as u128 + 1)), step);
}

fn fact(order: &mut Order, n: u128, on: u32, what: What) {
    let fact = Fact {
        at: at(on),
        day: day(on),
        month: Month::of(day(on)),
        person: PersonId::NIL,
        device: DeviceId::NIL,
        what,
    };
    order.facts.insert(FactId::new(id(n)), fact);
}

fn handed_over(order: &Order, pieces: i64) -> What {
    let lines = BTreeMap::from([(LineId::new(id(1)), Quantity::new(pieces))]);
    let shown = Shown::in_order(order, lines.keys().copied());
    What::HandedOver { lines, shown, received_by: None, signature: None }
}

fn paid(amount: &str) -> What {
    What::Payment(Payment {
        method: PaymentMethod::Cash,
        amount: amount.parse().unwrap(),
        currency: Currency::EUR,
        state: PaymentState::Taken,
        drawer: None,
        reference: None,
    })
}

fn gross(order: &Order, measure: Measure, on: u32) -> Amount {
    let mut revenue = Revenue::default();
    revenue.add(order);
    revenue.day(measure, Currency::EUR, day(on)).gross
}

#[test]
fn an_order_counts_as_placed_until_it_is_cancelled() {
    let mut order = order();
    assert_eq!(gross(&order, Measure::Placed, 2), Amount::ZERO);
    step(&mut order, 0, StepKind::Placed, 2);
    step(&mut order, 1, StepKind::Confirmed, 3);
    step(&mut order, 2, StepKind::Cancelled, 5);
    assert_eq!(gross(&order, Measure::Placed, 2).to_string(), "30");
    assert_eq!(gross(&order, Measure::Placed, 3), Amount::ZERO);
    assert_eq!(gross(&order, Measure::Placed, 5).to_string(), "-30");
}

#[test]
fn parts_that_were_handed_over_add_up_to_the_whole_to_the_cent() {
    let mut order = order();
    for (n, on) in [(1, 4), (2, 6), (3, 8)] {
        let goods = handed_over(&order, 1);
        fact(&mut order, n, on, goods);
    }
    let mut revenue = Revenue::default();
    revenue.add(&order);
    let days = [4, 6, 8].map(|on| revenue.day(Measure::Delivered, Currency::EUR, day(on)));
    let net: Amount = days.iter().map(|day| day.net).sum();
    let whole: Amount = days.iter().map(|day| day.gross).sum();
    assert_eq!(whole.to_string(), "30");
    assert_eq!(net.to_string(), "25.21");
}

#[test]
fn what_is_taken_back_counts_on_the_day_of_that() {
    let mut order = order();
    let goods = handed_over(&order, 3);
    fact(&mut order, 1, 4, goods);
    fact(&mut order, 2, 4, paid("30"));
    fact(&mut order, 3, 9, What::Reversal { fact: FactId::new(id(1)), reason: "wrong house".into() });
    fact(&mut order, 4, 9, What::Reversal { fact: FactId::new(id(2)), reason: "wrong house".into() });
    for measure in [Measure::Delivered, Measure::Paid] {
        assert_eq!(gross(&order, measure, 4).to_string(), "30");
        assert_eq!(gross(&order, measure, 9).to_string(), "-30");
    }
}
