//! What is sold and to whom, in the fewest words.

use uuid::Uuid;
use waybill_shared::{
    id::{CustomerId, ProductId},
    money::{Amount, Currency},
    order::{Discount, Line, Tax},
    quantity::{Quantity, Unit},
};

pub fn money(text: &str) -> Amount {
    text.parse().expect("an amount")
}

pub fn pieces(count: i64) -> Quantity {
    Quantity::new(count)
}

/// The same customer whenever the name is the same.
pub fn customer(name: &str) -> CustomerId {
    CustomerId::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()))
}

/// So many at 19.99, tax included.
pub fn line(name: &str, count: i64) -> Line {
    Line {
        pos: 1,
        product: Some(ProductId::new(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))),
        name: name.to_owned(),
        quantity: pieces(count),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: money("19.99"),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".into(), rate: money("19"), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}
