//! Every command once: what it is run on, and with which words, so that they can be looked for afterwards.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;
use waybill_shared::{
    command::Command,
    customer,
    doc::Hash,
    id::{AttachmentId, LineId, NoteId, PriceId},
    location,
    money::{Amount, Currency},
    notes,
    order::{Address, Contact, Discount, Priority, Sale, Wanted, commands::*, fact::NotDeliveredReason},
    product,
    quantity::Quantity,
    settings,
};

use super::scene::{Scene, amount, cash, cost, customer_named, fresh_fact, limit, line};

/// Whose the thing is that the command is run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// At the author's place; an order there is on the round of that place's driver.
    Theirs,
    Elsewhere,
}

pub struct Deed {
    pub command: &'static str,
    pub on: On,
    pub act: fn(&Scene) -> Command,
}

#[derive(Clone, Copy)]
pub enum On {
    /// An order on which this was done before.
    Order(fn(&Scene) -> Option<Command>),
    NewOrder,
    Sale,
    Product,
    NewProduct,
    ProductTerms,
    Customer,
    NewCustomer,
    CustomerTerms,
    Notes,
    /// Of a customer, which the shops may read.
    ShownNotes,
    /// Of an order, which its place may read.
    ShownOrderNotes,
    Location,
    NewLocation,
    Settings,
    NewSettings,
}

fn nothing(_: &Scene) -> Option<Command> {
    None
}

fn placed(_: &Scene) -> Option<Command> {
    Some(Place {}.into())
}

const fn on_order(command: &'static str, act: fn(&Scene) -> Command) -> Deed {
    Deed { command, on: On::Order(nothing), act }
}

const fn deed(command: &'static str, on: On, act: fn(&Scene) -> Command) -> Deed {
    Deed { command, on, act }
}

pub const ALL: &[Deed] = &[
    deed("order.create/1", On::NewOrder, |at| at.order(&at.news).into()),
    on_order("order.set_contact/1", |at| {
        SetContact { contact: Contact { name: Some(at.news.clone()), ..Contact::default() } }.into()
    }),
    on_order("order.set_address/1", |at| {
        let now = Address { street: Some(at.news.clone()), ..Address::default() };
        SetAddress { was: Address::default(), now }.into()
    }),
    on_order("order.set_wanted/1", |_| {
        let now = Wanted { date: NaiveDate::from_ymd_opt(2026, 12, 1), ..Wanted::default() };
        SetWanted { was: Wanted::default(), now }.into()
    }),
    on_order("order.set_priority/1", |_| SetPriority { priority: Priority::High }.into()),
    on_order("order.set_reference/1", |at| {
        SetReference { name: "theirs".to_owned(), value: at.news.clone() }.into()
    }),
    on_order("order.tag/1", |at| Tag { tag: at.news.clone() }.into()),
    deed("order.untag/1", On::Order(|_| Some(Tag { tag: "gift".to_owned() }.into())), |_| {
        Untag { tag: "gift".to_owned() }.into()
    }),
    on_order("order.add_line/1", |at| {
        AddLine { id: LineId::new(Uuid::now_v7()), line: line(&at.news) }.into()
    }),
    on_order("order.set_quantity/1", |at| {
        SetQuantity { line: at.line, was: Quantity::new(2), now: Quantity::new(3) }.into()
    }),
    on_order("order.set_price/1", |at| {
        SetPrice { line: at.line, was: amount("10"), now: amount("11") }.into()
    }),
    on_order("order.set_discount/1", |at| {
        let now = Discount::Percent(amount("5"));
        SetDiscount { line: at.line, was: Discount::None, now }.into()
    }),
    on_order("order.remove_line/1", |at| RemoveLine { line: at.line }.into()),
    on_order("order.place/1", |_| Place {}.into()),
    deed("order.confirm/1", On::Order(placed), |_| Confirm {}.into()),
    deed("order.cancel/1", On::Order(placed), |at| Cancel { reason: at.news.clone() }.into()),
    on_order("order.assign_driver/1", |at| AssignDriver { driver: Some(at.drivers[1]), round: None }.into()),
    on_order("order.note/1", |at| Note { id: fresh_fact(), text: at.news.clone() }.into()),
    on_order("order.attach/1", |at| {
        Attach {
            id: AttachmentId::new(Uuid::now_v7()),
            name: at.news.clone(),
            media_type: "image/jpeg".to_owned(),
            size: 5,
            content: Hash([7; 32]),
        }
        .into()
    }),
    on_order("order.hand_over/1", |at| {
        HandOver {
            id: fresh_fact(),
            lines: BTreeMap::from([(at.line, Quantity::new(1))]),
            shown: BTreeMap::new(),
            received_by: Some(at.news.clone()),
            signature: None,
        }
        .into()
    }),
    on_order("order.not_delivered/1", |at| {
        let reason = NotDeliveredReason::NobodyThere;
        NotDelivered { id: fresh_fact(), reason, note: Some(at.news.clone()) }.into()
    }),
    on_order("order.take_payment/1", |at| {
        TakePayment { id: fresh_fact(), payment: cash(Some(at.news.clone())) }.into()
    }),
    deed("order.record_sale/1", On::Sale, |at| {
        let sale = Sale {
            receipt: format!("S-{}", at.nth),
            link: None,
            channel: "shop".to_owned(),
            location: at.place,
            customer: None,
            customer_name: Some(at.news.clone()),
            currency: Currency::EUR,
            lines: BTreeMap::from([(at.line, line("Chair"))]),
            payments: BTreeMap::from([(fresh_fact(), cash(None))]),
            change: Amount::ZERO,
        };
        RecordSale { id: fresh_fact(), sale }.into()
    }),
    deed(
        "order.reverse/1",
        On::Order(|at| Some(Note { id: at.fact, text: "calls back".to_owned() }.into())),
        |at| Reverse { id: fresh_fact(), fact: at.fact, reason: at.news.clone() }.into(),
    ),
    deed("product.create/1", On::NewProduct, |at| at.product(&at.news).into()),
    deed("product.set_field/1", On::Product, |at| {
        product::SetField { field: product::Field::Description(at.news.clone()) }.into()
    }),
    deed("product.set_price/1", On::Product, |_| {
        product::SetPrice {
            id: PriceId::new(Uuid::now_v7()),
            price: amount("20"),
            currency: Currency::EUR,
            tax_included: true,
            from: NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(),
        }
        .into()
    }),
    deed("product.retire/1", On::Product, |_| product::Retire { retired: true }.into()),
    deed("product_terms.set_cost/1", On::ProductTerms, |_| cost("43").into()),
    deed("customer.create/1", On::NewCustomer, |at| customer_named(&at.news).into()),
    deed("customer.set_field/1", On::Customer, |at| {
        customer::SetField { field: customer::Field::Group(at.news.clone()) }.into()
    }),
    deed("customer.note/1", On::Customer, |at| {
        customer::ContactNote { id: fresh_fact(), text: at.news.clone() }.into()
    }),
    deed("customer_terms.set_credit/1", On::CustomerTerms, |_| limit("200").into()),
    deed("location.create/1", On::NewLocation, |at| at.location(&at.news).into()),
    deed("location.set_field/1", On::Location, |at| {
        location::SetField { field: location::Field::Name(at.news.clone()) }.into()
    }),
    deed("notes.write/1", On::Notes, |at| writes(at, false)),
    deed("notes.take_out/1", On::Notes, |at| notes::TakeOut { note: at.note }.into()),
    deed("notes.show/1", On::Notes, |_| notes::Show { shown: true, location: None }.into()),
    deed("settings.create/1", On::NewSettings, |at| {
        settings::Create {
            company: at.news.clone(),
            zone: chrono_tz::UTC,
            currency: Currency::EUR,
            tax_classes: BTreeMap::new(),
            no_customer: BTreeMap::new(),
        }
        .into()
    }),
    deed("settings.set_field/1", On::Settings, |at| {
        settings::SetField { field: settings::Field::Company(at.news.clone()) }.into()
    }),
    deed("settings.set_limit/1", On::Settings, |at| {
        let days = at.news.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        settings::SetLimit { limit: settings::Limit::BookedBack(days % 3_000) }.into()
    }),
];

/// What can be done with notes that not the office alone reads.
pub const SHOWN: &[Deed] = &[
    deed("notes.write/1", On::ShownNotes, |at| writes(at, true)),
    deed("notes.write/1", On::ShownNotes, |at| writes(at, false)),
    deed("notes.take_out/1", On::ShownNotes, |at| notes::TakeOut { note: at.note }.into()),
    deed("notes.show/1", On::ShownNotes, |_| hides()),
    deed("notes.write/1", On::ShownOrderNotes, |at| writes(at, true)),
    deed("notes.write/1", On::ShownOrderNotes, |at| writes(at, false)),
    deed("notes.take_out/1", On::ShownOrderNotes, |at| notes::TakeOut { note: at.note }.into()),
    deed("notes.show/1", On::ShownOrderNotes, |_| hides()),
];

fn writes(at: &Scene, saw_shown: bool) -> Command {
    notes::Write { id: NoteId::new(Uuid::now_v7()), about: at.about, text: at.news.clone(), saw_shown }.into()
}

fn hides() -> Command {
    notes::Show { shown: false, location: None }.into()
}

impl Deed {
    /// What is of no place is played once.
    pub fn places(&self) -> &'static [Where] {
        match self.on {
            On::Order(_) | On::NewOrder | On::Sale | On::ShownOrderNotes => {
                &[Where::Theirs, Where::Elsewhere]
            }
            _ => &[Where::Theirs],
        }
    }

    /// Its only document is one for all cells, and each has to start from what the one before made of it.
    pub const fn is_on_settings(&self) -> bool {
        matches!(self.on, On::Settings)
    }
}
