//! Commands from anyone: whatever stands in their arguments, running them panics nothing, and the document
//! reads afterwards.

use std::collections::{BTreeMap, BTreeSet};

use ciborium::Value;
use waybill_shared::{
    act::RunError,
    command::{Command, run},
    doc::Doc,
    finding::Rule,
    id::{CustomerId, Id, OrderId},
    money::Currency,
    order::{What, amounts, status, timeline},
    protocol::codec,
    rules::{Credit, Surroundings, judge, roles::Role},
    settings::Settings,
    texts,
    view::View,
};

use crate::{common::*, golden};

struct Tight;

impl Surroundings for Tight {
    fn settings(&self) -> Option<&Settings> {
        None
    }
    fn credit(&self, _: CustomerId, _: OrderId) -> Option<Credit> {
        Some(Credit {
            currency: Currency::EUR,
            limit: Some(amount("1")),
            exposure: amount("79228162514264337593543950335"),
        })
    }
}

/// Values that somebody may try in any place.
fn nasty() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "\0",
        "..",
        "79228162514264337593543950335",
        "-79228162514264337593543950335",
        "0.0000000000000000000000000001",
        "100%",
        "-1%",
        "+262142-12-31",
        "-262143-01-01",
        "XXX",
        "cash",
        "EUR",
        "JPY",
        "UTC",
    ];
    let mut all: Vec<Value> = texts.into_iter().map(|text| Value::Text(text.to_owned())).collect();
    all.extend([0, 1, -1, i64::MAX, i64::MIN].map(|n| Value::Integer(n.into())));
    all.push(Value::Integer(u64::MAX.into()));
    all.extend([Value::Bool(true), Value::Null, Value::Map(Vec::new()), Value::Array(Vec::new())]);
    all.extend([0, 16].map(|n| Value::Bytes(vec![0; n])));
    all.push(Value::Text("x".repeat(5000)));
    all
}

/// Every value inside `value`, keys too, replaced by `with`, one at a time.
fn each_replaced(value: &Value, with: &Value, then: &mut dyn FnMut(Value)) {
    then(with.clone());
    if let Value::Map(entries) = value {
        for (n, (key, inner)) in entries.iter().enumerate() {
            each_replaced(inner, with, &mut |changed| {
                let mut entries = entries.clone();
                entries[n].1 = changed;
                then(Value::Map(entries));
            });
            let mut entries = entries.clone();
            entries[n].0 = match key {
                Value::Text(_) | Value::Bytes(_) => with.clone(),
                other => other.clone(),
            };
            then(Value::Map(entries));
        }
    }
}

#[test]
fn whatever_stands_in_a_command_nothing_panics_and_the_document_reads() {
    let (mut tried, mut ran, mut told) = (0, 0, 0);
    let mut docs: BTreeMap<&str, Doc> = BTreeMap::new();
    for (document, command) in golden::scenes() {
        let doc = docs.entry(document).or_insert_with(|| Doc::new(command.of()));
        let view = View::read(doc).expect("reads");
        let ctx = context(500, ANNA);
        let value = Value::serialized(&command).expect("a value");
        for with in nasty() {
            each_replaced(&value, &with, &mut |changed| {
                tried += 1;
                let Ok(command) = codec::decode::<Command>(&codec::encode(&changed), 1_000_000) else {
                    return;
                };
                let malformed = !command.check().is_empty();
                told += usize::from(malformed);
                match run(doc, &view, &command, &ctx, actor(3)) {
                    Ok(written) => {
                        ran += 1;
                        look_at(&written.view);
                        let addr = waybill_shared::kind::DocAddr::new(doc.kind(), order_id().uuid());
                        judge(&command, &ctx, &[Role::Shop], &view, &written.view, addr, &Tight);
                        let again = Doc::load(doc.kind(), &written.doc.save()).expect("loads");
                        assert_eq!(View::read(&again).expect("reads"), written.view, "{command:?}");
                    }
                    Err(RunError::Finding(_)) => {}
                    Err(RunError::Doc(error)) => {
                        assert!(
                            malformed,
                            "{error} is the user's doing, and must be told as such: {command:?}"
                        );
                    }
                }
            });
        }
        *doc = run(doc, &view, &command, &ctx, actor(2)).expect("runs").doc;
    }
    assert!(ran > 1000 && told > 100, "of {tried} tried {ran} ran and {told} were malformed");
}

#[test]
fn a_nul_in_any_text_of_any_command_is_named_with_its_field() {
    let with = Value::Text("a\0b".to_owned());
    let mut fields = BTreeSet::new();
    for (_, command) in golden::scenes() {
        assert_eq!(texts::check(&command), None, "{command:?}");
        let value = Value::serialized(&command).expect("a value");
        each_replaced(&value, &with, &mut |changed| {
            let Ok(command) = codec::decode::<Command>(&codec::encode(&changed), 1_000_000) else { return };
            // A word of a newer version is not kept as it was.
            if !codec::encode(&command).windows(3).any(|bytes| bytes == b"a\0b") {
                return;
            }
            let told = command.check();
            let nul = told.iter().find(|finding| finding.what.contains("NUL"));
            let nul = nul.unwrap_or_else(|| panic!("{told:?}: {command:?}"));
            assert_eq!((nul.rule, nul.remedy.as_str()), (Rule::Malformed, "Remove the character."));
            fields.extend(nul.field.clone());
        });
    }
    for field in ["name", "customer_name", "number", "channel", "note", "reason", "city", "receipt"] {
        assert!(fields.contains(field), "{field} is not among {fields:?}");
    }
}

/// What a screen and a report would do.
fn look_at(view: &View) {
    if let View::Order(order) = view {
        status::of(order);
        timeline::of(order);
        amounts::open(order);
        for line in amounts::lines(order).into_values() {
            line.currency.places();
            amounts::line(line).gross.fixed(2);
        }
    }
}

#[test]
fn a_fact_of_a_newer_version_is_kept_and_shown_as_such() {
    let mut desk = Desk::placed();
    let id = fact_id(1).to_string();
    desk.doc
        .write::<waybill_shared::doc::DocError>(actor(8), context(70, BEN).at, |draft| {
            let fact = waybill_shared::order::Fact {
                at: context(70, BEN).at,
                day: context(70, BEN).booked.day,
                month: context(70, BEN).booked.month,
                person: person(BEN),
                device: context(70, BEN).device,
                what: What::Note { text: String::new() },
            };
            draft.set(&["facts", &id], &fact)?;
            draft.set(&["facts", &id, "what", "kind"], "weighed")?;
            draft.set(&["facts", &id, "what", "grams"], &12)
        })
        .expect("writes");
    desk.view = View::read(&desk.doc).expect("reads");
    assert_eq!(desk.order().facts[&fact_id(1)].what, What::Unknown);
    let told = timeline::of(desk.order()).pop().expect("an event").words;
    assert_eq!(told, "did something that a newer version of Waybill shows");

    desk.must(take_payment(2, "5"));
    let values = format!("{:?}", desk.doc.values());
    assert!(values.contains("weighed") && values.contains("grams"), "what it holds is not touched");
}
