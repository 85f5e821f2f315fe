//! The document under the commands.

use std::collections::BTreeMap;

use waybill_shared::{
    command::{Command, run},
    doc::DocError,
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
