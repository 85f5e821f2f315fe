//! A first look at the central idea: the same command on the same base gives the same change.

use std::collections::BTreeMap;

use waybill_shared::{
    command::{Command, run},
    doc::{Actor, Doc},
    edit::Context,
    id::*,
    kind::DocKind,
    money::Currency,
    order::{self, Line, Order, commands, status},
    quantity::{Quantity, Unit},
    time::{Booked, Timestamp},
    view::View,
};

fn context(part: u16) -> Context {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    Context {
        edit: EditId::new(uuid::Uuid::from_u128(7)),
        part,
        person: PersonId::new(uuid::Uuid::from_u128(1)),
        device: DeviceId::new(uuid::Uuid::from_u128(2)),
        at: Timestamp::from_unix_ms(1_763_600_000_000 + i64::from(part)),
        booked: Booked::on(day),
    }
}

fn line(name: &str) -> Line {
    Line {
        pos: 1,
        product: Some(ProductId::new(uuid::Uuid::from_u128(77))),
        name: name.to_owned(),
        quantity: Quantity::new(3),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: "19.99".parse().expect("a price"),
        currency: Currency::EUR,
        discount: "10%".parse().expect("a discount"),
        tax: order::Tax { class: "standard".into(), rate: "19".parse().expect("a rate"), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

#[test]
fn an_order_is_made_placed_handed_over_and_paid_twice_alike() {
    let id = LineId::new(uuid::Uuid::from_u128(5));
    let create = commands::Create {
        number: "T1-1".into(),
        channel: "shop".into(),
        location: LocationId::new(uuid::Uuid::from_u128(3)),
        customer: None,
        customer_name: None,
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: BTreeMap::from([(id, line("Oak chair"))]),
    };
    let gross = order::amounts::line(&line("Oak chair")).gross;
    let all: Vec<Command> = vec![
        create.into(),
        commands::Place {}.into(),
        commands::HandOver {
            id: FactId::new(uuid::Uuid::from_u128(9)),
            lines: BTreeMap::from([(id, Quantity::new(3))]),
            received_by: None,
            signature: None,
        }
        .into(),
        commands::TakePayment {
            id: FactId::new(uuid::Uuid::from_u128(10)),
            payment: order::Payment {
                method: order::PaymentMethod::Cash,
                amount: gross,
                currency: Currency::EUR,
                state: order::PaymentState::Taken,
                drawer: None,
                reference: None,
            },
        }
        .into(),
    ];
    let walk = || {
        let mut doc = Doc::new(DocKind::Order);
        let mut hashes = Vec::new();
        for (part, command) in all.iter().enumerate() {
            let view = View::read(&doc).expect("reads");
            let written = run(&doc, &view, command, &context(part as u16), Actor([4; 16])).expect("runs");
            hashes.push(written.change.as_ref().map(|change| change.hash));
            doc = Doc::load(DocKind::Order, &written.doc.save()).expect("loads again");
        }
        (doc, hashes)
    };
    let (doc, hashes) = walk();
    assert_eq!(hashes, walk().1);
    assert!(hashes.iter().all(Option::is_some));
    let order: Order = doc.read().expect("reads");
    let status = status::of(&order);
    assert_eq!(status.order, status::OrderState::Closed);
    assert_eq!(order::amounts::paid(&order).to_string(), "53.97");
    for event in order::timeline::of(&order) {
        println!("{}", event.words);
    }
    // On the wire and back.
    for command in &all {
        let mut bytes = Vec::new();
        ciborium::into_writer(command, &mut bytes).expect("writes");
        let back: Command = ciborium::from_reader(bytes.as_slice()).expect("reads");
        assert_eq!(&back, command);
        let json = serde_json::to_string(command).expect("json");
        let back: Command = serde_json::from_str(&json).expect("json back");
        assert_eq!(&back, command);
    }
}
