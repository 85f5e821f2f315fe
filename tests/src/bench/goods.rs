//! Orders of five lines, as a wholesaler has them.

use std::collections::BTreeMap;

use waybill_shared::{
    customer,
    id::{CustomerId, Id, LineId, LocationId, ProductId},
    money::{Amount, Currency},
    order::{Address, Contact, Discount, Line, Tax, Wanted, commands::Create},
    quantity::{Quantity, Unit},
    settings,
    time::Timestamp,
};

use crate::scribe::Seeded;

const THINGS: [&str; 10] = [
    "Oak chair",
    "Oak table",
    "Desk lamp",
    "Wool rug",
    "Bookshelf",
    "Mirror",
    "Coat stand",
    "Bench",
    "Stool",
    "Cabinet",
];
const FINISHES: [&str; 6] = ["oiled", "waxed", "painted", "raw", "stained", "lacquered"];
const PEOPLE: [&str; 8] =
    ["Weber", "Orion", "Lindner", "Castellan", "Haverkamp", "Brandt", "Nowak", "Petersen"];
const STREETS: [&str; 6] = ["Hafenstraße", "Am Markt", "Lindenallee", "Kirchweg", "Bergstraße", "Uferweg"];
const CITIES: [&str; 6] = ["Kiel", "Lübeck", "Hamburg", "Rostock", "Schwerin", "Flensburg"];

const LINES: i64 = 5;

/// The `nth` order. Its number is `B-` and `nth`.
pub fn order(nth: u64, customers: u64, at: Timestamp, dice: &mut Seeded) -> Create {
    let customer = dice.below(customers);
    let one = |of: &[&str], dice: &mut Seeded| {
        let at = usize::try_from(dice.below(of.len() as u64)).unwrap_or(0);
        of.get(at).copied().unwrap_or_default().to_owned()
    };
    let lines = (1..=LINES).map(|pos| (dice.id::<LineId>(at), line(pos, dice, &one)));
    let lines: BTreeMap<LineId, Line> = lines.collect();
    let name = format!("{} {customer}", one(&PEOPLE, dice));
    Create {
        number: format!("B-{nth}"),
        channel: "telephone".to_owned(),
        location: fixed(1),
        customer: Some(self::customer(customer)),
        customer_name: Some(name.clone()),
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Contact {
            name: Some(name),
            phone: Some(format!("+49 431 {}", 10_000 + dice.below(89_999))),
            email: None,
        },
        delivery: Address {
            street: Some(format!("{} {}", one(&STREETS, dice), 1 + dice.below(120))),
            postcode: Some(format!("{}", 20_000 + dice.below(9_999))),
            city: Some(one(&CITIES, dice)),
            country: Some("DE".to_owned()),
            ..Address::default()
        },
        wanted: Wanted { date: Some(at.utc().date_naive()), from: None, to: None },
        lines,
    }
}

fn line(pos: i64, dice: &mut Seeded, one: &impl Fn(&[&str], &mut Seeded) -> String) -> Line {
    Line {
        pos,
        product: Some(fixed::<ProductId>(2000 + dice.below(200))),
        name: format!("{}, {}", one(&THINGS, dice), one(&FINISHES, dice)),
        quantity: Quantity::new(1 + i64::try_from(dice.below(9)).unwrap_or(0)),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: Amount::from_minor(500 + i64::try_from(dice.below(40_000)).unwrap_or(0), 2),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".to_owned(), rate: Amount::from_minor(19, 0), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

pub fn settings() -> settings::Create {
    settings::Create {
        company: "Bench".to_owned(),
        zone: chrono_tz::Europe::Berlin,
        currency: Currency::EUR,
        tax_classes: BTreeMap::new(),
        no_customer: BTreeMap::new(),
    }
}

pub fn new_customer(nth: u64) -> customer::Create {
    customer::Create {
        number: format!("C-{nth}"),
        name: "Orion".to_owned(),
        group: String::new(),
        tax_number: String::new(),
        contact: Contact::default(),
        addresses: BTreeMap::new(),
    }
}

pub fn customer(nth: u64) -> CustomerId {
    fixed(1000 + nth)
}

fn fixed<T: Id>(nth: u64) -> T {
    T::from(uuid::Uuid::from_u64_pair(0x7000, 0x8000_0000_0000_0000 | nth))
}

/// Where the orders are placed.
pub fn location() -> LocationId {
    fixed(1)
}
