//! The demo company as it is told, before any server has heard of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use waybill_server::demo;
use waybill_shared::{
    command::run,
    doc::{Actor, Doc},
    kind::DocKind,
    rules::roles::Role,
    time::Timestamp,
    view::View,
};

fn now() -> Timestamp {
    let now: DateTime<Utc> = "2026-11-20T11:30:00Z".parse().unwrap();
    Timestamp::from_unix_ms(now.timestamp_millis())
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_one_another() {
    let [first, second, other] = [7, 7, 8].map(|seed| demo::tell(seed, now(), demo::DAYS).edits);
    assert_eq!(first, second);
    assert_ne!(first, other);
}

#[test]
fn the_story_ends_now_and_has_everything_that_happens_in_such_a_business() {
    let story = demo::tell(7, now(), demo::DAYS);
    assert!(story.edits.iter().all(|edit| edit.parts[0].at <= now()));
    assert!(story.edits.is_sorted_by_key(|edit| edit.parts[0].at));
    for role in Role::ALL {
        assert!(story.people.iter().any(|person| person.role == role), "nobody is {}", role.words());
    }
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for edit in &story.edits {
        *count.entry(edit.parts[0].command.name()).or_default() += 1;
    }
    println!("{} edits: {count:#?}", story.edits.len());
    let many = |name: &str| count.get(name).copied().unwrap_or(0);
    assert!((190..=230).contains(&many("product.create/1")));
    assert_eq!(many("customer.create/1"), 500);
    assert_eq!(many("location.create/1"), 5);
    for name in ["order.create/1", "order.record_sale/1", "order.hand_over/1", "order.take_payment/1"] {
        assert!(many(name) > 800, "{name}: {}", many(name));
    }
    for name in ["order.cancel/1", "order.not_delivered/1", "order.note/1", "order.reverse/1"] {
        assert!(many(name) > 5, "{name}: {}", many(name));
    }
}

/// Every command runs on its document as it is by then: nothing in the story is without sense.
#[test]
fn every_command_of_the_story_can_be_carried_out() {
    let mut docs: BTreeMap<_, (Doc, View)> = BTreeMap::new();
    let story = demo::tell(7, now(), demo::DAYS);
    for edit in &story.edits {
        let part = &edit.parts[0];
        assert!(part.command.check().is_empty(), "{}: {:?}", part.command.name(), part.command.check());
        let (doc, view) = docs.entry(part.doc).or_insert_with(|| {
            let doc = Doc::new(part.doc.kind);
            let view = View::read(&doc).unwrap();
            (doc, view)
        });
        let written = run(doc, view, &part.command, &edit.context(0, part.at), Actor([1; 16]));
        let written = written.unwrap_or_else(|error| panic!("{}: {error}", part.command.name()));
        assert!(written.change.is_some(), "{} changed nothing", part.command.name());
        (*doc, *view) = (written.doc, written.view);
    }
    let disputed = docs.values().filter(|(_, view)| match view {
        View::Order(order) => !waybill_shared::order::status::of(order).disputes.is_empty(),
        _ => false,
    });
    assert!((3..60).contains(&disputed.count()), "a few orders are disputed");
    assert!(docs.keys().any(|addr| addr.kind == DocKind::Settings));
}
