//! Every command, run one after the other on a few documents: what travels, and the change that it makes.

use chrono::{Days, NaiveDate};
use waybill_shared::{
    command::{Command, Written, run},
    customer,
    doc::{ChangeBytes, Doc, Hash},
    id::{AttachmentId, CustomerTermsId, NoteId, NotesId, ProductTermsId, SettingsId},
    kind::DocAddr,
    location,
    money::Currency,
    notes,
    order::{
        Address, Discount, Priority, Sale, Wanted,
        commands::{
            AddLine, AssignDriver, Attach, Cancel, Confirm, Create, HandOver, NotDelivered, Note, Place,
            RecordSale, RemoveLine, Reverse, SetAddress, SetContact, SetDiscount, SetPrice, SetPriority,
            SetQuantity, SetReference, SetWanted, Tag, TakePayment, Untag,
        },
        fact::NotDeliveredReason,
        receipt::Link,
    },
    product,
    protocol::{decode, encode},
    quantity::{Quantity, Unit},
    settings,
    view::View,
};

use super::{
    Example, change_ops, hex_lines, shown,
    world::{
        actor, address, amount, booked, cash, chair, contact, context, customer as customer_id, fact,
        line_id, location as location_id, one, order, person, price, product as product_id, wax,
    },
};

/// Edits on one document, in order.
struct Walk {
    doc: Doc,
    view: View,
    addr: DocAddr,
}

impl Walk {
    fn on(addr: impl Into<DocAddr>) -> Self {
        let addr = addr.into();
        let doc = Doc::new(addr.kind);
        let view = View::read(&doc).unwrap_or_else(|error| panic!("a skeleton reads: {error}"));
        Self { doc, view, addr }
    }

    /// Runs the command as the `nth` edit.
    fn run(&mut self, nth: u64, command: &Command) -> ChangeBytes {
        let Written { doc, view, change, .. } = run(&self.doc, &self.view, command, &context(nth), actor())
            .unwrap_or_else(|error| panic!("{} runs: {error}", command.name()));
        self.doc = doc;
        self.view = view;
        change.unwrap_or_else(|| panic!("{} writes something", command.name()))
    }
}

pub fn all() -> Vec<Example> {
    let mut nth = 0;
    let mut examples = Vec::new();
    for (addr, commands) in walks() {
        let mut walk = Walk::on(addr);
        for command in commands {
            nth += 1;
            examples.push(example(nth, &mut walk, &command));
        }
    }
    examples
}

/// Every command, as it travels.
pub fn every() -> Vec<Command> {
    walks().into_iter().flat_map(|(_, commands)| commands).collect()
}

/// The first change of the first walk, for the examples of frames.
pub fn first_change() -> (DocAddr, Command, Doc, ChangeBytes) {
    let (addr, commands) = walks().swap_remove(0);
    let mut walk = Walk::on(addr);
    let command = commands.into_iter().next().unwrap_or_else(|| panic!("a walk has a first command"));
    let base = walk.doc.clone();
    let change = walk.run(1, &command);
    (addr, command, base, change)
}

fn example(nth: u64, walk: &mut Walk, command: &Command) -> Example {
    let cbor = encode(command);
    assert_eq!(decode::<Command>(&cbor, cbor.len()).as_ref(), Ok(command), "it comes back as it was");
    let deps: Vec<String> = walk.doc.heads().iter().map(ToString::to_string).collect();
    let change = walk.run(nth, command);
    let ops =
        change_ops::operations(&change.bytes).unwrap_or_else(|error| panic!("{}: {error}", command.name()));
    let body = format!(
        "{}\n\nedit {nth} on {}, seq {}, deps [{}]\n{}\n\nhash {}\n{}",
        shown(&cbor),
        walk.addr,
        change.seq,
        deps.join(", "),
        ops.join("\n"),
        change.hash,
        hex_lines(&change.bytes)
    );
    Example::new(command.name(), body)
}

fn walks() -> Vec<(DocAddr, Vec<Command>)> {
    vec![
        (order(1).into(), order_walk()),
        (order(2).into(), vec![sale().into()]),
        (product_id().into(), product_walk()),
        (
            ProductTermsId::of(product_id()).into(),
            vec![product::SetCost { cost: amount("41.2"), currency: Currency::EUR }.into()],
        ),
        (customer_id().into(), customer_walk()),
        (
            CustomerTermsId::of(customer_id()).into(),
            vec![customer::SetCreditLimit { limit: Some(amount("2000")), currency: Currency::EUR }.into()],
        ),
        (location_id().into(), location_walk()),
        (NotesId::of(order(1)).into(), notes_walk()),
        (SettingsId::ONLY.into(), settings_walk()),
    ]
}

fn order_walk() -> Vec<Command> {
    let chairs = line_id(1);
    vec![
        Create {
            number: "T1-1042".to_owned(),
            channel: "telephone".to_owned(),
            location: location_id(),
            customer: Some(customer_id()),
            customer_name: Some("Weber Interiors".to_owned()),
            currency: Currency::EUR,
            salesperson: None,
            quotation: false,
            contact: Default::default(),
            delivery: Address::default(),
            wanted: Wanted::default(),
            lines: one(chairs, chair(3)),
        }
        .into(),
        SetContact { contact: contact() }.into(),
        SetAddress { was: Address::default(), now: address() }.into(),
        SetWanted {
            was: Wanted::default(),
            now: Wanted { date: Some(day(4)), from: Some(9 * 60), to: Some(12 * 60) },
        }
        .into(),
        SetPriority { priority: Priority::High }.into(),
        SetReference { name: "their_order".to_owned(), value: "4711".to_owned() }.into(),
        Tag { tag: "fragile".to_owned() }.into(),
        Untag { tag: "fragile".to_owned() }.into(),
        AddLine { id: line_id(2), line: wax() }.into(),
        SetQuantity { line: chairs, was: Quantity::new(3), now: Quantity::new(4) }.into(),
        SetPrice { line: chairs, was: amount("89.5"), now: amount("85") }.into(),
        SetDiscount { line: chairs, was: Discount::None, now: Discount::Amount(amount("10")) }.into(),
        RemoveLine { line: line_id(2) }.into(),
        Place {}.into(),
        Confirm {}.into(),
        AssignDriver { driver: Some(person(2)), round: None }.into(),
        Note { id: fact(1), text: "Ring twice.".to_owned() }.into(),
        Attach {
            id: AttachmentId::new(uuid::Uuid::from_u128(0xa7)),
            name: "door.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            size: 81_244,
            content: Hash([0xc0; 32]),
        }
        .into(),
        NotDelivered { id: fact(2), reason: NotDeliveredReason::NobodyThere, note: None }.into(),
        HandOver {
            id: fact(3),
            lines: one(chairs, Quantity::new(4)),
            shown: Default::default(),
            received_by: Some("Ida Weber".to_owned()),
            signature: None,
        }
        .into(),
        TakePayment { id: fact(4), payment: cash("330") }.into(),
        Reverse { id: fact(5), fact: fact(3), reason: "wrong order".to_owned() }.into(),
        Cancel { reason: "bought elsewhere".to_owned() }.into(),
    ]
}

fn sale() -> RecordSale {
    let mut sale = Sale {
        receipt: "T1-R7".to_owned(),
        link: None,
        channel: "shop".to_owned(),
        location: location_id(),
        customer: None,
        customer_name: None,
        currency: Currency::EUR,
        lines: one(line_id(3), chair(1)),
        payments: one(fact(7), cash("89.5")),
        change: amount("10.5"),
    };
    sale.link = Some(Link::new("T1".to_owned(), 7, Some(Hash([0x61; 32])), &sale));
    RecordSale { id: fact(6), sale }
}

fn product_walk() -> Vec<Command> {
    vec![
        product::Create {
            number: "CH-1".to_owned(),
            name: "Oak chair".to_owned(),
            description: String::new(),
            category: "chairs".to_owned(),
            unit: Unit::Piece,
            tax_class: "standard".to_owned(),
            barcodes: one("4006381333931".to_owned(), true),
        }
        .into(),
        product::SetField { field: product::Field::Name("Oak chair, oiled".to_owned()) }.into(),
        product::SetPrice {
            id: price(),
            price: amount("89.5"),
            currency: Currency::EUR,
            tax_included: true,
            from: day(11),
        }
        .into(),
        product::Retire { retired: true }.into(),
    ]
}

fn customer_walk() -> Vec<Command> {
    vec![
        customer::Create {
            number: "K-17".to_owned(),
            name: "Weber Interiors".to_owned(),
            group: "trade".to_owned(),
            tax_number: "DE123456789".to_owned(),
            contact: contact(),
            addresses: one("main".to_owned(), address()),
        }
        .into(),
        customer::SetField { field: customer::Field::Group("regular".to_owned()) }.into(),
        customer::ContactNote { id: fact(8), text: "Asked for oak samples.".to_owned() }.into(),
    ]
}

fn notes_walk() -> Vec<Command> {
    let note = NoteId::new(uuid::Uuid::from_u128(0x17));
    vec![
        notes::Write { id: note, about: order(1).into(), text: "Pays late.".to_owned(), saw_shown: true }
            .into(),
        notes::TakeOut { note }.into(),
        notes::Show { shown: true, location: Some(location_id()) }.into(),
    ]
}

fn location_walk() -> Vec<Command> {
    vec![
        location::Create {
            code: "S1".to_owned(),
            name: "Shop Schöneberg".to_owned(),
            kind: location::LocationKind::Shop,
            address: address(),
        }
        .into(),
        location::SetField { field: location::Field::Closed(true) }.into(),
    ]
}

fn settings_walk() -> Vec<Command> {
    let standard = settings::TaxClass { name: "Standard rate".to_owned(), rate: amount("19") };
    let reduced = settings::TaxClass { name: "Reduced rate".to_owned(), rate: amount("7") };
    vec![
        settings::Create {
            company: "Weber & Sons".to_owned(),
            zone: chrono_tz::Europe::Berlin,
            currency: Currency::EUR,
            tax_classes: one("standard".to_owned(), standard),
            no_customer: one("shop".to_owned(), true),
        }
        .into(),
        settings::SetField { field: settings::Field::TaxClass { key: "reduced".to_owned(), class: reduced } }
            .into(),
        settings::SetLimit { limit: settings::Limit::BookedBack(92) }.into(),
    ]
}

/// So many days after the day of the examples.
fn day(later: u64) -> NaiveDate {
    booked().day.checked_add_days(Days::new(later)).unwrap_or_default()
}
