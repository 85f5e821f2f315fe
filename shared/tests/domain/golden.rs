//! The golden corpus: every command as it travels and the hash of the change it writes, and the hash of
//! every skeleton. These are for ever: files and other machines hold them. `WAYBILL_BLESS=1` writes the
//! file anew; a line that changes in it is a break of the format.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use waybill_shared::{
    command::{Command, run},
    customer,
    doc::{Doc, Hash},
    edit::Context,
    id::*,
    kind::{DocAddr, DocKind},
    location::{self, LocationKind},
    money::{Amount, Currency},
    notes,
    order::{
        Address, Contact, Discount, Line, PaymentState, Priority, Sale, Shown, Wanted, commands::*,
        fact::NotDeliveredReason, receipt::Link,
    },
    product,
    protocol::codec,
    quantity::{Quantity, Unit},
    settings::{self, TaxClass},
    time::{Booked, Timestamp},
    view::View,
};

use crate::common::*;

#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Corpus {
    /// Kind of document to the hash of its skeleton.
    skeletons: BTreeMap<String, String>,
    cases: Vec<Case>,
}

/// One command run on what the cases before it made of the document.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
struct Case {
    name: String,
    document: String,
    kind: String,
    edit: EditId,
    part: u16,
    person: PersonId,
    device: DeviceId,
    at: i64,
    day: NaiveDate,
    actor: String,
    /// CBOR in hex.
    command: String,
    /// Of the change; `null` where the command changes nothing.
    hash: Option<String>,
}

#[test]
fn what_is_written_today_is_what_was_written_ever() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/commands.json");
    if std::env::var_os("WAYBILL_BLESS").is_some_and(|value| value == "1") {
        let json = serde_json::to_string_pretty(&today()).expect("writes");
        std::fs::write(&path, json + "\n").expect("the golden directory is there");
    }
    let json = std::fs::read_to_string(&path).expect("the corpus is there");
    let corpus: Corpus = serde_json::from_str(&json).expect("reads");

    assert_eq!(corpus.skeletons, today().skeletons);
    for (case, now) in corpus.cases.iter().zip(&today().cases) {
        assert_eq!(case, now, "“{}” is no longer written as it was", case.name);
    }
    assert_eq!(corpus.cases.len(), today().cases.len());
    replay(&corpus);
}

/// From the file alone: decoders and what they lead to.
fn replay(corpus: &Corpus) {
    let mut docs: BTreeMap<&str, Doc> = BTreeMap::new();
    for case in &corpus.cases {
        let bytes = hex::decode(&case.command).expect("hex");
        let command: Command = codec::decode(&bytes, 100_000).expect("an old command is read for ever");
        assert_eq!(command.name(), case.name);
        assert_eq!(codec::encode(&command), bytes, "{} is written as it was", case.name);
        let kind: DocKind = case.kind.parse().expect("a kind");
        let doc = docs.entry(&case.document).or_insert_with(|| Doc::new(kind));
        let ctx = Context {
            edit: case.edit,
            part: case.part,
            person: case.person,
            device: case.device,
            at: Timestamp::from_unix_ms(case.at),
            booked: Booked::on(case.day),
        };
        let mut actor = waybill_shared::doc::Actor([0; 16]);
        hex::decode_to_slice(&case.actor, &mut actor.0).expect("hex");
        let view = View::read(doc).expect("reads");
        let written = run(doc, &view, &command, &ctx, actor).expect("runs");
        // Its struct is brought up to date where the change wrote, without reading the document anew.
        assert_eq!(written.view, View::read(&written.doc).expect("reads"), "{}", case.name);
        assert_eq!(written.change.map(|change| change.hash.to_string()), case.hash, "{}", case.name);
        *doc = written.doc;
    }
}

#[test]
fn every_command_and_every_skeleton_is_in_it() {
    let corpus = today();
    for name in Command::NAMES {
        let hashes = corpus.cases.iter().filter(|case| case.name == *name);
        assert!(hashes.clone().any(|case| case.hash.is_some()), "{name} writes something");
    }
    for kind in DocKind::ALL {
        let skeleton = !Doc::new(*kind).heads().is_empty();
        assert_eq!(corpus.skeletons.contains_key(kind.name()), skeleton, "{kind}");
    }
}

/// Every command of the corpus.
pub fn commands() -> Vec<Command> {
    scenes().into_iter().map(|(_, command)| command).collect()
}

fn today() -> Corpus {
    let mut docs: BTreeMap<&str, Doc> = BTreeMap::new();
    let mut cases = Vec::new();
    for (n, (document, command)) in scenes().into_iter().enumerate() {
        let doc = docs.entry(document).or_insert_with(|| Doc::new(command.of()));
        let by = if n % 2 == 0 { ANNA } else { BEN };
        let mut ctx = context(n as u128, by);
        ctx.part = (n % 3) as u16;
        let actor = actor(by as u64);
        let view = View::read(doc).expect("reads");
        let written = run(doc, &view, &command, &ctx, actor).expect("runs");
        *doc = written.doc;
        cases.push(Case {
            name: command.name().to_owned(),
            document: document.to_owned(),
            kind: command.of().name().to_owned(),
            edit: ctx.edit,
            part: ctx.part,
            person: ctx.person,
            device: ctx.device,
            at: ctx.at.ms(),
            day: ctx.booked.day,
            actor: hex::encode(actor.0),
            command: hex::encode(codec::encode(&command)),
            hash: written.change.map(|change| change.hash.to_string()),
        });
    }
    let skeletons = DocKind::ALL
        .iter()
        .filter_map(|kind| Some((kind.name().to_owned(), Doc::new(*kind).heads().first()?.to_string())))
        .collect();
    Corpus { skeletons, cases }
}

/// The document and the command, in the order in which they are run.
pub fn scenes() -> Vec<(&'static str, Command)> {
    let mut scenes = Vec::new();
    scenes.extend(order().into_iter().map(|command| ("order", command)));
    scenes.extend(more_of_orders().into_iter().map(|command| ("another order", command)));
    scenes.push(("sale", sale().into()));
    scenes.push(("sale", reverse(91, 90).into()));
    scenes.extend(catalogue());
    scenes.extend(customers());
    scenes.extend(business());
    scenes
}

fn address(street: &str) -> Address {
    Address {
        name: Some("Weber".into()),
        street: Some(street.into()),
        postcode: Some("89073".into()),
        city: Some("Ulm".into()),
        country: Some("DE".into()),
        note: Some("ring twice".into()),
    }
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, day).expect("a day")
}

fn order() -> Vec<Command> {
    let contact = Contact {
        name: Some("Weber, Käthe".into()),
        phone: Some("+49 731 1234".into()),
        email: Some("kw@example.org".into()),
    };
    let wanted = Wanted { date: Some(day(3)), from: Some(480), to: Some(720) };
    let discount = |text: &str| text.parse::<Discount>().expect("a discount");
    vec![
        create().into(),
        create().into(),
        SetContact { contact }.into(),
        SetAddress { was: Address::default(), now: address("Elm Row 2") }.into(),
        SetWanted { was: Wanted::default(), now: wanted }.into(),
        SetPriority { priority: Priority::Urgent }.into(),
        SetReference { name: "their_order".into(), value: "4711".into() }.into(),
        Tag { tag: "fragile".into() }.into(),
        Untag { tag: "fragile".into() }.into(),
        AddLine { id: line_id(2), line: full_line() }.into(),
        set_quantity(1, 3, 5).into(),
        SetPrice { line: line_id(1), was: amount("19.99"), now: amount("18.5") }.into(),
        SetDiscount { line: line_id(1), was: Discount::None, now: discount("10%") }.into(),
        SetDiscount { line: line_id(1), was: discount("10%"), now: discount("2.5") }.into(),
        RemoveLine { line: line_id(2) }.into(),
        Place {}.into(),
        Confirm {}.into(),
        AssignDriver { driver: Some(person(BEN)), round: Some(RoundId::new(uuid(0x4044))) }.into(),
        Note { id: fact_id(1), text: "side door 🚪".into() }.into(),
        Attach {
            id: AttachmentId::new(uuid(0x517)),
            name: "signature.png".into(),
            media_type: "image/png".into(),
            size: 4_096,
            content: waybill_shared::doc::Hash([0x5a; 32]),
        }
        .into(),
        NotDelivered { id: fact_id(2), reason: NotDeliveredReason::NobodyThere, note: Some("rang".into()) }
            .into(),
        hand_over(3, &[(1, 2)]).into(),
        HandOver {
            received_by: Some("neighbour".into()),
            signature: Some(AttachmentId::new(uuid(0x516))),
            shown: BTreeMap::from([(line_id(1), Shown { line: full_line(), before: pieces(2) })]),
            ..hand_over(4, &[(1, 3)])
        }
        .into(),
        take_payment(5, "20").into(),
        take_payment(5, "20").into(),
        reverse(6, 5).into(),
    ]
}

/// A line with every field that there is.
fn full_line() -> Line {
    Line {
        pos: 2,
        product: None,
        quantity: Quantity::new(1500),
        unit: Unit::Kilogram,
        pack: Some(PackId::new(uuid(0xbac))),
        pack_size: Some(Quantity::new(500)),
        discount: Discount::Amount(amount("1.25")),
        lot: Some("L7".into()),
        serial: Some("S-1".into()),
        note: Some("the dark one".into()),
        ..line("Screws")
    }
}

fn more_of_orders() -> Vec<Command> {
    vec![
        Create {
            customer: None,
            customer_name: None,
            quotation: true,
            salesperson: Some(person(BEN)),
            delivery: address("Oak Way 1"),
            lines: BTreeMap::new(),
            ..create()
        }
        .into(),
        Cancel { reason: "no longer wanted".into() }.into(),
        AssignDriver { driver: None, round: None }.into(),
        TakePayment {
            id: fact_id(7),
            payment: waybill_shared::order::Payment {
                state: PaymentState::Authorised,
                drawer: Some(DrawerId::new(uuid(0xd4a))),
                reference: Some("TX-9".into()),
                method: waybill_shared::order::PaymentMethod::Card,
                ..payment("-3.5")
            },
        }
        .into(),
    ]
}

fn sale() -> RecordSale {
    let mut sale = Sale {
        receipt: "T1-R7".into(),
        link: None,
        channel: "shop".into(),
        location: LocationId::new(uuid(3)),
        customer: Some(customer_id()),
        customer_name: Some("Weber".into()),
        currency: Currency::EUR,
        lines: BTreeMap::from([(line_id(1), line("Oak chair")), (line_id(2), full_line())]),
        payments: BTreeMap::from([(fact_id(92), payment("59.97"))]),
        change: amount("0.03"),
    };
    sale.link = Some(Link::new("T1".into(), 7, Some(Hash([0x61; 32])), &sale));
    RecordSale { id: fact_id(90), sale }
}

fn catalogue() -> Vec<(&'static str, Command)> {
    use product::Field::*;
    let fields = [
        Number("A-101".into()),
        Name("Oak chair, oiled".into()),
        Description("solid".into()),
        Category("chairs".into()),
        TaxClass("reduced".into()),
        ReorderPoint(pieces(4)),
        AddBarcode("4006381333931".into()),
        RemoveBarcode("4006381333931".into()),
    ];
    let create = product::Create {
        number: "A-100".into(),
        name: "Oak chair".into(),
        description: String::new(),
        category: "seats".into(),
        unit: Unit::Piece,
        tax_class: "standard".into(),
        barcodes: BTreeMap::from([("123".to_owned(), true)]),
    };
    let price = product::SetPrice {
        id: PriceId::new(uuid(0x99)),
        price: amount("19.99"),
        currency: Currency::EUR,
        tax_included: true,
        from: day(1),
    };
    let mut scenes: Vec<(&str, Command)> = vec![("product", create.into())];
    scenes.extend(fields.into_iter().map(|field| ("product", product::SetField { field }.into())));
    scenes.push(("product", price.into()));
    scenes.push(("product", product::Retire { retired: true }.into()));
    let cost = product::SetCost { cost: amount("7.1234"), currency: Currency::EUR };
    scenes.push(("product terms", cost.into()));
    scenes
}

fn customers() -> Vec<(&'static str, Command)> {
    use customer::Field::*;
    let fields = [
        Number("C-8".into()),
        Name("Weber & Sons".into()),
        Group("trade".into()),
        TaxNumber("DE123".into()),
        Contact(waybill_shared::order::Contact { phone: Some("0731".into()), ..Default::default() }),
        Address { name: "delivery".into(), address: address("Elm Row 2") },
        Retired(true),
    ];
    let create = customer::Create {
        number: "C-7".into(),
        name: "Weber".into(),
        group: "retail".into(),
        tax_number: String::new(),
        contact: waybill_shared::order::Contact::default(),
        addresses: BTreeMap::from([("main".to_owned(), address("Oak Way 1"))]),
    };
    let mut scenes: Vec<(&str, Command)> = vec![("customer", create.into())];
    scenes.extend(fields.into_iter().map(|field| ("customer", customer::SetField { field }.into())));
    let note = customer::ContactNote { id: fact_id(70), text: "called".into() };
    scenes.push(("customer", note.into()));
    for limit in [Some(amount("5000")), None] {
        let terms = customer::SetCreditLimit { limit, currency: Currency::EUR };
        scenes.push(("customer terms", terms.into()));
    }
    scenes
}

fn internal_notes() -> Vec<Command> {
    let [first, second, third, fourth] = [80, 81, 82, 83].map(|nth| NoteId::new(uuid::Uuid::from_u128(nth)));
    let about = DocAddr::from(CustomerId::new(uuid::Uuid::from_u128(7)));
    let write =
        |id, text: &str, saw_shown| notes::Write { id, about, text: text.to_owned(), saw_shown }.into();
    vec![
        write(first, "Pays late.", false),
        write(second, "Ask for Ms Blum.", false),
        notes::TakeOut { note: first }.into(),
        notes::TakeOut { note: first }.into(),
        notes::Show { shown: true, location: None }.into(),
        notes::Show { shown: true, location: None }.into(),
        notes::Show { shown: false, location: None }.into(),
        notes::Show { shown: true, location: None }.into(),
        write(third, "Rings before noon.", true),
        write(fourth, "An old skinflint.", false),
    ]
}

fn business() -> Vec<(&'static str, Command)> {
    let van = location::Create {
        code: "V1".into(),
        name: "Van 1".into(),
        kind: LocationKind::Van,
        address: Default::default(),
    };
    let van_fields = {
        use location::Field::*;
        [
            Code("V2".into()),
            Name("Van 2".into()),
            Kind(LocationKind::Office),
            Address(address("Yard 1")),
            Closed(true),
        ]
    };
    let standard = TaxClass { name: "Standard".into(), rate: amount("19") };
    let business = settings::Create {
        company: "Weber Furniture".into(),
        zone: chrono_tz::Europe::Berlin,
        currency: Currency::EUR,
        tax_classes: BTreeMap::from([("standard".to_owned(), standard.clone())]),
        no_customer: BTreeMap::from([("shop".to_owned(), true)]),
    };
    let business_fields = {
        use settings::Field::*;
        [
            Company("Weber Ltd".into()),
            Zone(chrono_tz::Europe::London),
            Currency("GBP".parse().expect("a currency")),
            TaxClass { key: "reduced".into(), class: settings::TaxClass { rate: amount("7"), ..standard } },
            MaxQuantity(pieces(100)),
            MaxPrice(amount("9999.99")),
            MaxDiscount(Amount::HUNDRED),
            NoCustomer { channel: "van".into(), allowed: true },
        ]
    };
    let mut scenes: Vec<(&str, Command)> = vec![("location", van.into())];
    scenes.extend(van_fields.into_iter().map(|field| ("location", location::SetField { field }.into())));
    scenes.extend(internal_notes().into_iter().map(|command| ("notes", command)));
    scenes.push(("settings", business.into()));
    scenes.extend(business_fields.into_iter().map(|field| ("settings", settings::SetField { field }.into())));
    let business_limits = {
        use settings::Limit::*;
        [LineAmount(amount("25000")), FactAmount(amount("100000.5")), BookedBack(40), BookedAhead(0)]
    };
    scenes.extend(business_limits.into_iter().map(|limit| ("settings", settings::SetLimit { limit }.into())));
    scenes
}
