//! The document under the commands.

use std::collections::BTreeMap;

use waybill_shared::{
    command::{Command, run, run_in},
    doc::{Doc, DocError},
    time::Timestamp,
};

use super::common::*;

#[test]
fn what_fails_after_it_wrote_leaves_the_document_as_it_was() {
    let desk = Desk::placed();
    let mut doc = desk.doc.clone();
    let failed: Result<_, DocError> = doc.write(actor(3), Timestamp::from_unix_ms(MONDAY_NOON), |draft| {
        let inner = BTreeMap::from([("a", "1"), ("b", "2")]);
        draft.set(&["tags", "fragile"], &true)?;
        draft.set(&["tags", "fragile"], &false)?;
        draft.set(&["head", "number"], "another")?;
        draft.set(&["facts", "new"], &BTreeMap::from([("outer", inner.clone())]))?;
        draft.set(&["facts", "new", "outer", "c"], "3")?;
        draft.set(&["head"], &inner)?;
        Err(DocError::Path)
    });
    assert!(failed.is_err());
    assert_eq!((doc.heads(), doc.values()), (desk.doc.heads(), desk.doc.values()));

    // What is done next comes out as if nothing had failed, by whoever does it.
    for by in [actor(1), actor(3)] {
        let command: Command = set_quantity(1, 3, 5).into();
        let on = |doc| run(doc, &desk.view, &command, &context(60, BEN), by).expect("runs");
        let (after, expected) = (on(&doc), on(&desk.doc));
        assert_eq!(after.change, expected.change);
        assert_eq!(after.doc.values(), expected.doc.values());
    }
}

#[test]
fn what_is_taken_back_again_and_again_leaves_the_document_as_it_was() {
    let desk = Desk::placed();
    let before = desk.doc.heads().to_vec();
    let writes = |doc: &mut Doc, nth: u128| {
        let command: Command = take_payment(nth, "10").into();
        run_in(doc, &desk.view, &command, &context(100 + nth, BEN), actor(1)).expect("runs").change
    };
    let first = writes(&mut desk.doc.clone(), 1);

    let mut doc = desk.doc.clone();
    for nth in 2..6 {
        assert!(writes(&mut doc, nth).is_some());
        doc.go_back(&before);
        assert_eq!((doc.heads(), doc.values()), (before.as_slice(), desk.doc.values()), "{nth}");
        assert_eq!(doc.save(), desk.doc.save(), "{nth}");
    }
    // What stands comes out as if nothing had been taken back, and goes back as far as need be.
    assert_eq!(writes(&mut doc, 1), first);
    assert!(writes(&mut doc, 7).is_some() && writes(&mut doc, 8).is_some());
    doc.go_back(&before);
    assert_eq!((doc.heads(), doc.values()), (before.as_slice(), desk.doc.values()));
    let change = first.expect("a change");
    doc.apply(&change.bytes).expect("it fits");
    doc.go_back(&before);
    doc.apply(&change.bytes).expect("it fits again");
    assert!(doc.has(change.hash));
}
