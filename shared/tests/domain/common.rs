//! A small world for the tests of the domain: people, an order, and a hand that writes in it.
#![allow(dead_code, reason = "each test binary uses its part of it")]

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use waybill_shared::{
    act::RunError,
    command::{Command, Written, run},
    doc::{Actor, ChangeBytes, Doc, Hash},
    edit::{Context, Made},
    id::*,
    kind::{DocAddr, DocKind},
    money::{Amount, Currency},
    order::{self, Contact, Line, Order, Payment, PaymentMethod, PaymentState, Tax, commands::*},
    quantity::{Quantity, Unit},
    redo::{self, AtBase, Base, How},
    time::{Booked, Timestamp},
    view::View,
};

pub const MONDAY_NOON: i64 = 1_795_176_000_000;

pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn person(n: u128) -> PersonId {
    PersonId::new(uuid(0x9000 + n))
}

pub const ANNA: u128 = 1;
pub const BEN: u128 = 2;

pub fn line_id(n: u128) -> LineId {
    LineId::new(uuid(0x1000 + n))
}

pub fn fact_id(n: u128) -> FactId {
    FactId::new(uuid(0xfac7_0000 + n))
}

pub fn order_id() -> OrderId {
    OrderId::new(uuid(0x0d0d))
}

pub fn order_addr() -> DocAddr {
    order_id().into()
}

pub fn customer_id() -> CustomerId {
    CustomerId::new(uuid(0xc0c0))
}

pub fn amount(text: &str) -> Amount {
    text.parse().expect("an amount")
}

pub fn pieces(count: i64) -> Quantity {
    Quantity::new(count)
}

pub fn actor(n: u64) -> Actor {
    let mut bytes = [0xac; 16];
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    Actor(bytes)
}

/// The `n`th edit of a person, a second after the one before.
pub fn context(n: u128, by: u128) -> Context {
    let at = Timestamp::from_unix_ms(MONDAY_NOON + i64::try_from(n).expect("small") * 1000);
    Context {
        edit: EditId::new(uuid(0xed17_0000_0000 + n)),
        part: 0,
        person: person(by),
        device: DeviceId::new(uuid(0xde00 + by)),
        at,
        booked: Booked::on(at.utc().date_naive()),
    }
}

/// A line of three at 19.99 with tax included.
pub fn line(name: &str) -> Line {
    Line {
        pos: 1,
        product: Some(ProductId::new(uuid(77))),
        name: name.to_owned(),
        quantity: pieces(3),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: amount("19.99"),
        currency: Currency::EUR,
        discount: order::Discount::None,
        tax: Tax { class: "standard".into(), rate: amount("19"), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

/// An order by telephone of three oak chairs (line 1).
pub fn create() -> Create {
    Create {
        number: "T1-1".into(),
        channel: "telephone".into(),
        location: LocationId::new(uuid(3)),
        customer: Some(customer_id()),
        customer_name: Some("Weber".into()),
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Contact::default(),
        delivery: order::Address::default(),
        wanted: order::Wanted::default(),
        lines: BTreeMap::from([(line_id(1), line("Oak chair"))]),
    }
}

pub fn hand_over(fact: u128, lines: &[(u128, i64)]) -> HandOver {
    HandOver {
        id: fact_id(fact),
        lines: lines.iter().map(|(id, count)| (line_id(*id), pieces(*count))).collect(),
        shown: Default::default(),
        received_by: None,
        signature: None,
    }
}

pub fn payment(amount_of: &str) -> Payment {
    Payment {
        method: PaymentMethod::Cash,
        amount: amount(amount_of),
        currency: Currency::EUR,
        state: PaymentState::Taken,
        drawer: None,
        reference: None,
    }
}

pub fn take_payment(fact: u128, amount_of: &str) -> TakePayment {
    TakePayment { id: fact_id(fact), payment: payment(amount_of) }
}

pub fn reverse(fact: u128, of: u128) -> Reverse {
    Reverse { id: fact_id(fact), fact: fact_id(of), reason: "entered twice".into() }
}

pub fn set_quantity(line: u128, was: i64, now: i64) -> SetQuantity {
    SetQuantity { line: line_id(line), was: pieces(was), now: pieces(now) }
}

/// One document and the person who writes in it, one edit after another.
#[derive(Clone)]
pub struct Desk {
    pub doc: Doc,
    pub view: View,
    pub edits: u128,
    pub by: u128,
}

impl Desk {
    pub fn new(kind: DocKind) -> Self {
        let doc = Doc::new(kind);
        let view = View::read(&doc).expect("a skeleton reads");
        Self { doc, view, edits: 0, by: ANNA }
    }

    /// With an order of three oak chairs on it.
    pub fn with_order() -> Self {
        let mut desk = Self::new(DocKind::Order);
        desk.must(create());
        desk
    }

    pub fn placed() -> Self {
        let mut desk = Self::with_order();
        desk.must(Place {});
        desk
    }

    pub fn next(&mut self) -> Context {
        self.edits += 1;
        context(self.edits, self.by)
    }

    pub fn try_do(&mut self, command: impl Into<Command>) -> Result<Option<Hash>, RunError> {
        let command = command.into();
        let ctx = self.next();
        let Written { doc, view, change, .. } = run(&self.doc, &self.view, &command, &ctx, actor(1))?;
        self.doc = doc;
        self.view = view;
        Ok(change.map(|change| change.hash))
    }

    pub fn must(&mut self, command: impl Into<Command>) -> Option<Hash> {
        self.try_do(command).expect("runs")
    }

    pub fn order(&self) -> &Order {
        match &self.view {
            View::Order(order) => order,
            other => panic!("a {} is no order", other.kind()),
        }
    }
}

/// What redoing gave, with the document it was written into.
#[derive(Clone, Debug)]
pub struct Redone {
    pub doc: Doc,
    pub view: View,
    pub change: Option<ChangeBytes>,
    pub how: How,
    pub at_base: Option<AtBase>,
}

/// On a copy. What is not possible must leave the document as it was.
pub fn redo(
    head: &Doc,
    view: &View,
    command: &Command,
    ctx: &Context,
    made: Option<&Made>,
    base: Base<'_>,
    server: Actor,
) -> Result<Redone, RunError> {
    let mut doc = head.clone();
    match redo::redo(&mut doc, view, command, ctx, made, base, server) {
        Ok(redo::Redone { view, change, how, at_base }) => Ok(Redone { doc, view, change, how, at_base }),
        Err(error) => {
            assert_eq!((doc.heads(), doc.values()), (head.heads(), head.values()), "after {error}");
            let hashes = |doc: &Doc| doc.changes().iter().map(|change| change.hash).collect::<BTreeSet<_>>();
            assert_eq!(hashes(&doc), hashes(head));
            Err(error)
        }
    }
}
