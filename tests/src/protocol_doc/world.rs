//! The small company that the examples are of.

use std::collections::BTreeMap;

use uuid::Uuid;
use waybill_shared::{
    doc::Actor,
    edit::Context,
    id::*,
    money::{Amount, Currency},
    order::{Address, Contact, Discount, Line, Payment, PaymentMethod, PaymentState, Tax},
    quantity::{Quantity, Unit},
    time::{Booked, Timestamp},
};

/// 2026-11-20 12:00:00 UTC.
pub const NOON: i64 = 1_795_176_000_000;

/// Ids that are told apart at a glance: the thing's letter-number first, then which one.
fn id<T: From<Uuid>>(thing: u32, nth: u64) -> T {
    T::from(Uuid::from_fields(thing, 0, 0x7000, &(0x8000_0000_0000_0000 | nth).to_be_bytes()))
}

pub fn edit(nth: u64) -> EditId {
    id(0xed, nth)
}
pub fn order(nth: u64) -> OrderId {
    id(0x0d, nth)
}
pub fn line_id(nth: u64) -> LineId {
    id(0x11, nth)
}
pub fn fact(nth: u64) -> FactId {
    id(0xfa, nth)
}
pub fn product() -> ProductId {
    id(0xb0, 1)
}
pub fn price() -> PriceId {
    id(0xb1, 1)
}
pub fn customer() -> CustomerId {
    id(0xc0, 1)
}
pub fn location() -> LocationId {
    id(0x10, 1)
}
pub fn person(nth: u64) -> PersonId {
    id(0xe0, nth)
}
pub fn company() -> CompanyId {
    id(0xca, 1)
}
pub fn device() -> DeviceId {
    id(0xde, 1)
}
pub fn actor() -> Actor {
    Actor([0xa1; 16])
}

pub fn at(second: u64) -> Timestamp {
    Timestamp::from_unix_ms(NOON).plus_ms(i64::try_from(second).unwrap_or(0) * 1000)
}

pub fn booked() -> Booked {
    Booked::on(at(0).utc().date_naive())
}

pub fn context(nth: u64) -> Context {
    Context { edit: edit(nth), part: 0, person: person(1), device: device(), at: at(nth), booked: booked() }
}

pub fn amount(text: &str) -> Amount {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

pub fn chair(pieces: i64) -> Line {
    Line {
        pos: 1,
        product: Some(product()),
        name: "Oak chair".to_owned(),
        quantity: Quantity::new(pieces),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: amount("89.5"),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".to_owned(), rate: amount("19"), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

/// Free text, sold by weight.
pub fn wax() -> Line {
    Line {
        pos: 2,
        product: None,
        name: "Beeswax".to_owned(),
        quantity: Quantity::new(1_500),
        unit: Unit::Kilogram,
        price: amount("24"),
        discount: Discount::Percent(amount("10")),
        ..chair(1)
    }
}

pub fn cash(of: &str) -> Payment {
    Payment {
        method: PaymentMethod::Cash,
        amount: amount(of),
        currency: Currency::EUR,
        state: PaymentState::Taken,
        drawer: None,
        reference: None,
    }
}

pub fn contact() -> Contact {
    Contact { name: Some("Ida Weber".to_owned()), phone: Some("+49 30 1234".to_owned()), email: None }
}

pub fn address() -> Address {
    Address {
        street: Some("Hauptstraße 1".to_owned()),
        postcode: Some("10827".to_owned()),
        city: Some("Berlin".to_owned()),
        country: Some("DE".to_owned()),
        ..Address::default()
    }
}

pub fn one<K: Ord, V>(key: K, value: V) -> BTreeMap<K, V> {
    BTreeMap::from([(key, value)])
}
