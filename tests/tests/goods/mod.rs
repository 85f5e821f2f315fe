//! Small orders, sales and payments to attack with.

use std::collections::BTreeMap;

use uuid::Uuid;
use waybill_shared::{
    command::Command,
    id::{FactId, LineId},
    money::{Amount, Currency},
    order::{
        Discount, Line, Payment, PaymentMethod, PaymentState, Sale, Tax,
        commands::{Create, HandOver, Note, RecordSale, TakePayment},
    },
    product,
    quantity::{Quantity, Unit},
};
use waybill_tests::serving::PLACE;

pub fn amount(text: &str) -> Amount {
    text.parse().expect("an amount")
}

pub fn line(pieces: i64, price: &str) -> Line {
    Line {
        pos: 1,
        product: None,
        name: "Oak chair".to_owned(),
        quantity: Quantity::new(pieces),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: amount(price),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax::default(),
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

pub fn order(number: &str) -> Create {
    Create {
        number: number.to_owned(),
        channel: "shop".to_owned(),
        location: PLACE,
        customer: None,
        customer_name: None,
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: BTreeMap::from([(LineId::from(Uuid::now_v7()), line(3, "89.5"))]),
    }
}

pub fn product() -> product::Create {
    product::Create {
        number: "P-1".to_owned(),
        name: "Oak chair".to_owned(),
        description: String::new(),
        category: String::new(),
        unit: Unit::Piece,
        tax_class: String::new(),
        barcodes: BTreeMap::new(),
    }
}

pub fn note(text: &str) -> Note {
    Note { id: FactId::from(Uuid::now_v7()), text: text.to_owned() }
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

pub fn payment(of: &str) -> TakePayment {
    TakePayment { id: FactId::from(Uuid::now_v7()), payment: cash(of) }
}

pub fn hand_over(pieces: i64) -> HandOver {
    HandOver {
        id: FactId::from(Uuid::now_v7()),
        lines: BTreeMap::from([(LineId::from(Uuid::now_v7()), Quantity::new(pieces))]),
        shown: BTreeMap::new(),
        received_by: None,
        signature: None,
    }
}

pub fn sold(pieces: i64, price: &str, paid: &str) -> RecordSale {
    RecordSale {
        id: FactId::from(Uuid::now_v7()),
        sale: Sale {
            receipt: "T1-R1".to_owned(),
            link: None,
            channel: "shop".to_owned(),
            location: PLACE,
            customer: None,
            customer_name: None,
            currency: Currency::EUR,
            lines: BTreeMap::from([(LineId::from(Uuid::now_v7()), line(pieces, price))]),
            payments: BTreeMap::from([(FactId::from(Uuid::now_v7()), cash(paid))]),
            change: Amount::ZERO,
        },
    }
}

pub fn sale(pieces: i64, price: &str, paid: &str) -> Command {
    sold(pieces, price, paid).into()
}
