//! A client of the business's own, in any language, that keeps no documents: it sends commands and hears what became of
//! each, gets the numbers that the server gave, and reads back what it made.

use std::collections::BTreeMap;

use ciborium::Value;
use uuid::Uuid;
use waybill_server::check;
use waybill_shared::{
    customer::{self, SetCreditLimit},
    edit::{Edit, Verdict},
    finding::Rule,
    id::{CustomerId, CustomerTermsId, FactId, LineId, LocationId, NoteId, NotesId, OrderId, ProductId},
    kind::DocAddr,
    money::{Amount, Currency},
    notes::Write,
    order::{
        Discount, Line, Payment, PaymentMethod, PaymentState, Tax,
        commands::{Create, Note, TakePayment},
    },
    protocol::{
        ClientFrame, ServerFrame, batch, encode,
        frame::{Entry, FaultCode, Given, Hello, OwnVerdict},
        limits,
        question::{Answer, DocumentQuestion, HeldQuestion},
    },
    quantity::{Quantity, Unit},
    review::Decision,
    rules::roles::Role,
};
use waybill_tests::{
    peer::{Peer, Taken, hello, taken},
    serving::{PLACE, Serving},
    wire::Wire,
};

fn order() -> Create {
    let line = Line {
        pos: 1,
        product: None,
        name: "Oak chair".to_owned(),
        quantity: Quantity::new(2),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: Amount::from_minor(20, 0),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".to_owned(), rate: Amount::from_minor(19, 0), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    };
    Create {
        number: String::new(),
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
        lines: BTreeMap::from([(LineId::NIL, line)]),
    }
}

fn address() -> DocAddr {
    OrderId::new(Uuid::now_v7()).into()
}

fn note(text: &str) -> Note {
    Note { id: FactId::new(Uuid::now_v7()), text: text.to_owned() }
}

type Spoil = fn(&mut Value);

/// The frame of these edits, each spoilt by hand where it says so.
fn push(edits: &[(Edit, Spoil)]) -> Vec<u8> {
    let edits = edits.iter().map(|(edit, spoil)| {
        let mut value = Value::serialized(edit).expect("it is CBOR");
        spoil(&mut value);
        value
    });
    let edits = Value::Array(edits.collect());
    encode(&BTreeMap::from([("push", BTreeMap::from([("edits", edits)]))]))
}

/// What stands in a map under the first of these names, and so on inwards; an index into an array is a name too.
fn at<'a>(value: &'a mut Value, path: &str) -> &'a mut Value {
    path.split(' ').fold(value, |value, step| match value {
        Value::Map(entries) => {
            let found = entries.iter_mut().find(|(key, _)| key.as_text() == Some(step));
            &mut found.unwrap_or_else(|| panic!("no {step}")).1
        }
        Value::Array(all) => &mut all[step.parse::<usize>().expect("an index")],
        other => panic!("{step} in {other:?}"),
    })
}

fn rename(value: &mut Value, to: &str) {
    let Value::Map(entries) = at(value, "parts 0 command") else { panic!("a command is a map") };
    entries[0].0 = Value::from(to);
}

struct Shop {
    serving: Serving,
    client: Peer,
}

impl Shop {
    async fn opens(role: Role) -> Self {
        let serving = Serving::start().await.expect("a server starts");
        serving.add_person("script", role).await.expect("a person is added");
        serving.add_person("max", Role::Manager).await.expect("a person is added");
        let mut client = Peer::sign_in(&serving.socket(), "script", 1).await.expect("signed in");
        client.keeps_nothing(&serving.socket(), None).await.expect("greeted");
        Self { serving, client }
    }

    async fn ends_well(self) {
        let checked = check::check(&self.serving.server.app().pool).await.expect("it can be checked");
        assert!(checked.wrong.is_empty(), "{checked}");
        drop(self.client);
        self.serving.stop().await.expect("the server stops");
    }
}

fn refused(said: &OwnVerdict) -> (Option<&str>, &str) {
    let Verdict::Refused { findings } = &said.verdict else { panic!("{said:?}") };
    assert_eq!(findings[0].rule, Rule::Malformed, "{said:?}");
    (findings[0].field.as_deref(), &findings[0].what)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_argument_costs_that_entry_alone_and_is_named() {
    let mut shop = Shop::opens(Role::Manager).await;
    let (client, doc) = (&mut shop.client, address());
    let made = client.scribe.bare(doc, order());
    let mut entries: Vec<(Edit, Spoil)> = vec![(made, |_| {})];
    let table: [(&str, Spoil, &str); 9] = [
        ("text for a number", |edit| *at(edit, "parts 0 at") = "noon".into(), "parts/0/at"),
        (
            "a number for text",
            |edit| *at(edit, "parts 0 command order.note/1 text") = 7.into(),
            "parts/0/command/text",
        ),
        (
            "no argument",
            |edit| *at(edit, "parts 0 command order.note/1") = Value::Map(Vec::new()),
            "parts/0/command",
        ),
        ("a command that never was", |edit| rename(edit, "order.explode/1"), "parts/0/command"),
        ("a version before the first", |edit| rename(edit, "order.note/0"), "parts/0/command"),
        ("a kind that is none", |edit| *at(edit, "kind") = "wishes".into(), "kind"),
        ("an attempt below zero", |edit| *at(edit, "attempt") = (-1).into(), "attempt"),
        ("a person of four bytes", |edit| *at(edit, "person") = Value::Bytes(vec![1; 4]), "person"),
        ("no parts", |edit| *at(edit, "parts") = Value::Null, "parts"),
    ];
    for (_, spoil, _) in &table {
        entries.push((client.scribe.bare(doc, note("bad")), *spoil));
    }
    let mut nameless = client.scribe.bare(doc, note("whose?"));
    nameless.id = Uuid::nil().into();
    // On another document: what works on the same one would wait with it.
    let later = client.scribe.bare(address(), note("of a later version"));
    entries.push((nameless.clone(), |_| {}));
    entries.push((later.clone(), |edit| rename(edit, "order.note/2")));
    entries.push((client.scribe.bare(doc, note("rings twice")), |_| {}));
    client.wire.send_bytes(push(&entries)).await.expect("it is sent");
    let ids: Vec<_> = entries.iter().map(|(edit, _)| edit.id).filter(|id| *id != later.id).collect();
    let (said, _) = client.told(&ids).await.expect("each is answered");
    assert_eq!(said[&ids[0]].verdict, Verdict::Accepted);
    assert_eq!(
        said[ids.last().expect("one")].verdict,
        Verdict::Accepted,
        "the socket is open, and what was behind is judged"
    );
    for ((what, _, field), id) in table.iter().zip(&ids[1..]) {
        let (named, words) = refused(&said[id]);
        assert_eq!(named, Some(*field), "{what}: {words}");
    }
    assert_eq!(refused(&said[&nameless.id]).0, Some("id"));
    // Nothing was written of them: mended they are taken under the same id.
    let mended = entries[2].0.clone();
    let (verdict, _) = client.sends(mended).await.expect("it is judged");
    assert_eq!(verdict, Verdict::Accepted);
    // Without an id nothing can be said of an entry: what was behind it is judged all the same.
    let behind = client.scribe.bare(doc, note("behind"));
    let idless = client.scribe.bare(doc, note("idless"));
    let frame =
        push(&[(idless, |edit| *at(edit, "id") = Value::Bytes(Vec::new())), (behind.clone(), |_| {})]);
    client.wire.send_bytes(frame).await.expect("it is sent");
    match taken(&mut client.wire).await.expect("it is answered") {
        Taken::Fault(fault) => {
            assert!(fault.code == FaultCode::BadFrame && fault.words.contains("edits/0/id"), "{fault:?}")
        }
        Taken::Closed => panic!("without a word"),
    }
    client.keeps_nothing(&shop.serving.socket(), None).await.expect("greeted");
    assert_eq!(client.sends(behind).await.expect("it is known").0, Verdict::Accepted);
    shop.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_program_that_knows_more_commands_has_unknown_ones_wait() {
    let mut shop = Shop::opens(Role::Manager).await;
    let doc = address();
    for (commands, waits) in [(0, false), (1, false), (2, true)] {
        let client = &mut shop.client;
        client.wire = Wire::open(&shop.serving.socket()).await.expect("a socket");
        let ClientFrame::Hello(hello) = hello(client.token.clone()) else { panic!("no hello") };
        let hello = Hello { commands, keeps: false, ..hello };
        client.wire.send(&ClientFrame::Hello(hello)).await.expect("it is sent");
        let edit = client.scribe.bare(doc, note("new"));
        client
            .wire
            .send_bytes(push(&[(edit.clone(), |edit| rename(edit, "order.sing/1"))]))
            .await
            .expect("sent");
        let told_to_wait = loop {
            match client.wire.next().await.expect("an answer") {
                ServerFrame::RetryLater { edits, .. } if edits.contains(&edit.id) => break true,
                ServerFrame::Again { entries } => {
                    let entries = batch::unpack::<Entry>(&entries).expect("entries");
                    assert!(entries.iter().any(|entry| entry.edit == edit.id), "{entries:?}");
                    break false;
                }
                _ => {}
            }
        };
        assert_eq!(told_to_wait, waits, "a program that knows {commands}");
    }
    shop.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_hears_the_number_and_reads_back_what_it_made() {
    let mut shop = Shop::opens(Role::Sales).await;
    let (client, doc) = (&mut shop.client, address());
    let made = client.scribe.bare(doc, order());
    client.wire.send(&ClientFrame::Push { edits: vec![made.clone()], turn: 0 }).await.expect("sent");
    let (said, _) = client.told(&[made.id]).await.expect("it is answered");
    let given = Given { part: 0, number: "S-000001".to_owned() };
    assert_eq!((&said[&made.id].verdict, &said[&made.id].given), (&Verdict::Accepted, &vec![given.clone()]));
    // Sent again, as after a lost answer, and from another machine.
    for machine in 0..2 {
        if machine == 1 {
            let token = client.token.clone();
            *client = Peer::sign_in(&shop.serving.socket(), "script", 9).await.expect("signed in");
            assert_ne!(client.token, token);
            client.keeps_nothing(&shop.serving.socket(), None).await.expect("greeted");
        }
        let again = Edit { device: client.scribe.device, ..made.clone() };
        client.wire.send(&ClientFrame::Push { edits: vec![again], turn: 0 }).await.expect("sent");
        let (said, _) = client.told(&[made.id]).await.expect("it is answered");
        assert_eq!(
            (&said[&made.id].verdict, &said[&made.id].given),
            (&Verdict::Accepted, &vec![given.clone()])
        );
    }
    let read = |docs: Vec<DocAddr>| DocumentQuestion::Read { docs }.into();
    let Answer::Documents(answer) = client.asks(read(vec![doc, address()])).await.expect("answered") else {
        panic!()
    };
    let [read_back] = answer.documents.as_slice() else { panic!("{answer:?}") };
    assert_eq!(read_back.doc, doc);
    let mut values = read_back.values.clone();
    assert_eq!(at(&mut values, "head number").as_text(), Some("S-000001"));
    let Value::Map(lines) = at(&mut values, "lines") else { panic!("{values:?}") };
    assert_eq!((lines.len(), at(&mut lines[0].1, "name").as_text()), (1, Some("Oak chair")));
    let many = client.asks(read(vec![doc; limits::DOCS_READ + 1])).await.expect("answered");
    assert!(matches!(many, Answer::Declined { .. }), "{many:?}");
    // A driver sees orders of the own round alone.
    shop.serving.add_person("dan", Role::Driver).await.expect("a person is added");
    let mut driver = Peer::sign_in(&shop.serving.socket(), "dan", 5).await.expect("signed in");
    let Answer::Documents(answer) = driver.asks(read(vec![doc])).await.expect("answered") else { panic!() };
    assert_eq!(answer.documents, []);
    drop(driver);
    shop.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_what_became_of_what_was_held_and_why() {
    // An analyst may take no payment: it is held.
    let mut shop = Shop::opens(Role::Analyst).await;
    let mut manager = Peer::sign_in(&shop.serving.socket(), "max", 2).await.expect("signed in");
    let mut page = manager.new_page();
    let made = Create { number: "M-1".to_owned(), lines: BTreeMap::new(), ..order() };
    manager.does(&mut page, made).await.expect("an order");
    let client = &mut shop.client;
    for decision in [Decision::Accept, Decision::Reverse, Decision::Discard] {
        let payment = Payment {
            amount: Amount::from_minor(5, 0),
            currency: Currency::EUR,
            method: PaymentMethod::Cash,
            drawer: None,
            reference: None,
            state: PaymentState::Taken,
        };
        let taken = TakePayment { id: FactId::new(Uuid::now_v7()), payment };
        let edit = client.scribe.bare(page.addr, taken);
        client.wire.send(&ClientFrame::Push { edits: vec![edit.clone()], turn: 0 }).await.expect("sent");
        let (said, stands) = client.told(&[edit.id]).await.expect("answered");
        assert!(matches!(said[&edit.id].verdict, Verdict::Held { .. }), "{said:?}");
        // Away meanwhile: what was decided waits in the log.
        client.wire = Wire::open(&shop.serving.socket()).await.expect("a socket");
        let reason = format!("I say {}.", decision.name());
        let decide = HeldQuestion::Decide { edit: edit.id, attempt: 0, decision, reason: reason.clone() };
        let answer = manager.asks(decide.into()).await.expect("answered");
        assert!(matches!(answer, Answer::Decided(_)), "{answer:?}");
        client.keeps_nothing(&shop.serving.socket(), stands).await.expect("greeted");
        let (said, _) = client.told(&[edit.id]).await.expect("answered");
        let said = &said[&edit.id];
        let decided = match (&said.verdict, &said.decided) {
            (Verdict::Accepted | Verdict::Rewritten, Some(decided)) => decided,
            (Verdict::Discarded { by: Some(decided) }, None) => decided,
            other => panic!("{decision:?}: {other:?}"),
        };
        assert_eq!((decided.decision, decided.by, &decided.reason), (decision, manager.person(), &reason));
    }
    drop(manager);
    shop.ends_well().await;
}

/// What an edit names is there, was made before on the way, or is said not to be.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_made_is_not_named() {
    let serving = Serving::start().await.unwrap();
    serving.add_person("ada", Role::Admin).await.unwrap();
    let mut ada = Peer::sign_in(&serving.socket(), "ada", 1).await.unwrap();
    let customer = |number: &str| customer::Create {
        number: number.to_owned(),
        name: "Vega".to_owned(),
        group: String::new(),
        tax_number: String::new(),
        contact: Default::default(),
        addresses: Default::default(),
    };
    let vega = CustomerId::new(Uuid::now_v7());
    let of =
        |customer: CustomerId, location: LocationId| Create { customer: Some(customer), location, ..order() };
    let nowhere = LocationId::new(Uuid::now_v7());
    let invented = CustomerId::new(Uuid::now_v7());
    let about = Write {
        id: NoteId::new(Uuid::now_v7()),
        about: invented.into(),
        text: "Nobody.".to_owned(),
        saw_shown: false,
    };
    let (double, terms) = (CustomerId::new(Uuid::now_v7()), |customer| CustomerTermsId::of(customer));
    let limit = SetCreditLimit { limit: Some(Amount::from_minor(50, 0)), currency: Currency::EUR };
    let mut product = order();
    let line = product.lines.values_mut().next().expect("a line");
    line.product = Some(ProductId::new(Uuid::now_v7()));
    let said = vec![
        (ada.scribe.bare(address(), of(vega, PLACE)), "refused", "customer"),
        (ada.scribe.bare(address(), of(invented, PLACE)), "refused", "customer"),
        (ada.scribe.bare(vega, customer("C-1")), "accepted", ""),
        (ada.scribe.bare(terms(vega), limit.clone()), "accepted", ""),
        (ada.scribe.bare(address(), of(vega, PLACE)), "accepted", ""),
        (ada.scribe.bare(address(), of(vega, nowhere)), "refused", "location"),
        (ada.scribe.bare(address(), product), "refused", "product"),
        (ada.scribe.bare(NotesId::of(invented), about), "held", "about"),
        (ada.scribe.bare(double, customer("c-1")), "refused", "number"),
        (ada.scribe.bare(terms(double), limit), "refused", "document"),
    ];
    let edits = said.iter().map(|(edit, ..)| edit.clone()).collect();
    let told = ada.sends_all(edits).await.unwrap();
    for ((edit, name, field), (verdict, _)) in said.iter().zip(told) {
        assert_eq!(verdict.name(), *name, "{verdict:?} of {edit:?}");
        let named = verdict.findings().first().and_then(|finding| finding.field.clone()).unwrap_or_default();
        assert!(named.ends_with(field), "{named}, not {field}: {verdict:?}");
    }
    // Once it is there, it is for everybody.
    let again = ada.scribe.bare(address(), of(vega, PLACE));
    assert_eq!(ada.sends(again).await.unwrap().0, Verdict::Accepted);
    drop(ada);
    serving.stop().await.unwrap();
}
