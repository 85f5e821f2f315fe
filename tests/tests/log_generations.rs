//! What every log promises of documents that are made anew, held against the one in memory and the one in PostgreSQL.

mod till;

use std::sync::Arc;

use till::{NOON, Seeded, TestDatabase, Till};
use waybill_server::{
    archive, check,
    intake::Solo,
    log::{Log, memory::MemoryLog, postgres::PostgresLog},
};
use waybill_shared::{
    chain::Cursor,
    doc::Doc,
    edit::Verdict,
    generation::{self, Budget},
    id::DeviceId,
    kind::DocAddr,
    rules::roles::Role,
    scope::Scope,
    view::View,
};

const BUDGET: Budget = Budget { changes: 4, bytes: usize::MAX, at_least: 0, kept: 1 };

#[tokio::test]
async fn a_document_made_anew_is_whole_there_and_has_no_past_in_memory() {
    made_anew(Arc::new(MemoryLog::new())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_made_anew_is_whole_there_and_has_no_past_in_postgres() {
    let database = TestDatabase::new().await;
    made_anew(Arc::new(PostgresLog::new(database.pool.clone()))).await;
    let checked = check::check(&database.pool).await.unwrap();
    assert!(checked.wrong.is_empty(), "{checked}");
    // Nothing of the notes but in the document, and in the archive what it left there.
    let bytes: i64 = sqlx::query_scalar(
        "select count(*) from sync.change where bytes <> '' and opens is null and generation < 1",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    let old: Vec<String> = sqlx::query_scalar("select encode(value, 'escape') from sync.archive order by at")
        .fetch_all(&database.pool)
        .await
        .unwrap();
    assert_eq!(bytes, 0);
    assert_eq!(old.len(), 2);
    assert!(old[0].contains("first") && old[1].contains("second"), "{old:?}");
    // People find it by the order.
    let order: String =
        sqlx::query_scalar("select number from report.orders").fetch_one(&database.pool).await.unwrap();
    let read = archive::of(&database.pool, &order).await.unwrap();
    let said: Vec<_> = read.iter().map(|old| (old.of, old.now.as_deref())).collect();
    assert_eq!(said, [("order", Some("first")), ("order", Some("second"))]);
    let nothing = archive::of(&database.pool, "T9-404").await.unwrap_err().to_string();
    assert!(nothing.contains("no order, customer or product with the number or id “T9-404”"), "{nothing}");
    // One that should have gone is found.
    sqlx::query("update sync.change set bytes = 'x' where pos = 2").execute(&database.pool).await.unwrap();
    let checked = check::check(&database.pool).await.unwrap();
    assert!(checked.to_string().contains("should have gone when it was made anew"), "{checked}");
}

async fn made_anew(log: Arc<impl Log>) {
    let mut solo = Solo::start(Arc::clone(&log), Box::new(Seeded(99))).await.unwrap().within(BUDGET);
    let mut till = Till::new(7, &[Role::Sales]);
    let addr: DocAddr = till.new_order().into();
    let create = till.create(None);
    let mut edits = vec![till.edit(addr, create)];
    for text in ["first", "second", "third"] {
        let note = till.note(text);
        edits.push(till.edit(addr, note));
    }
    for edit in &edits {
        solo.take(&[till.hands_in(edit)], NOON.plus_ms(60_000)).await.unwrap();
    }
    let before = till.doc(addr).clone();

    // Behind the edit that used the budget up stands the entry that opens the next generation.
    let fed = log.feed(0, 10).await.unwrap();
    let last = &fed.last().unwrap().entry;
    assert_eq!((fed.len(), last.pos, last.opens), (5, 5, Some(generation::Why::Grown)));
    let opening = generation::opening(addr, 1);
    assert_eq!((last.edit, last.device, &last.verdict), (opening, DeviceId::NIL, &Verdict::Accepted));
    assert!(fed.iter().all(|fed| fed.entry.changes.iter().all(|change| change.bytes.is_empty())));
    assert_eq!(fed[0].entry.changes[0].scopes, last.changes[0].scopes);

    // As it is and was there; as it was before is not there any more.
    let loaded = log.load(&[addr], &[]).await.unwrap().docs.remove(0);
    let anew = Doc::load(addr.kind, &loaded.saved).unwrap();
    assert_eq!((anew.generation(), anew.changes().len(), anew.last_at()), (1, 2, before.last_at()));
    assert_eq!(anew.heads(), [last.changes[0].hash]);
    let View::Order(order) = View::read(&anew).unwrap() else { panic!("no order") };
    let View::Order(was) = View::read(&before).unwrap() else { panic!("no order") };
    assert_eq!((order.head, order.lines), (was.head, was.lines));
    assert_eq!((order.facts.len(), was.facts.len()), (1, 3));
    assert!(log.as_of(&[addr], 4).await.unwrap().is_empty());
    let there = log.as_of(&[addr], 5).await.unwrap();
    assert_eq!(Doc::load(addr.kind, &there[0].saved).unwrap().heads(), anew.heads());
    let page = log.documents(None, 10, &Scope::Office.into()).await.unwrap();
    assert_eq!(Doc::load(addr.kind, &page.docs[0].saved).unwrap().heads(), anew.heads());

    // What is written on it then is read with it, by whoever starts anew as well.
    let late = till.note("fourth");
    let late = till.edit(addr, late);
    solo.take(&[till.hands_in(&late)], NOON.plus_ms(90_000)).await.unwrap();
    let fed = log.feed(5, 10).await.unwrap();
    assert_eq!((fed.len(), &fed[0].entry.verdict), (1, &Verdict::Rewritten));
    assert_eq!(fed[0].entry.changes[0].generation, 1);
    let loaded = log.load(&[addr], &[]).await.unwrap().docs.remove(0);
    let doc = Doc::load(addr.kind, &loaded.saved).unwrap();
    assert_eq!((loaded.heads, loaded.version, loaded.opened), (doc.heads().to_vec(), 6, 5));
    let now = log.as_of(&[addr], 6).await.unwrap();
    assert_eq!(Doc::load(addr.kind, &now[0].saved).unwrap().heads(), doc.heads());
    // The verdicts are told as ever, without changes that are gone.
    let again = log.verdicts(&[edits[1].id]).await.unwrap();
    assert_eq!(again[0].verdict, Verdict::Accepted);
    assert!(
        log.has(fed[0].cursor).await.unwrap() && !log.has(Cursor { pos: 6, ..Cursor::START }).await.unwrap()
    );
}
