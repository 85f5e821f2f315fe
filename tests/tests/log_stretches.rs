//! What every log promises to who reads it for one device, held against the one in memory and the one in PostgreSQL.

mod till;

use std::sync::Arc;

use till::{NOON, Seeded, TestDatabase, Till};
use waybill_server::{
    intake::Solo,
    log::{Log, memory::MemoryLog, postgres::PostgresLog},
};
use waybill_shared::{
    id::DeviceId,
    kind::DocAddr,
    rules::roles::Role,
    scope::{Scope, Scopes},
    session::server::Sees,
};

const STRANGER: DeviceId = DeviceId::NIL;

#[tokio::test]
async fn a_stretch_holds_what_is_seen_and_ends_where_it_was_read_to_in_memory() {
    what_is_seen(Arc::new(MemoryLog::new())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stretch_holds_what_is_seen_and_ends_where_it_was_read_to_in_postgres() {
    let database = TestDatabase::new().await;
    what_is_seen(Arc::new(PostgresLog::new(database.pool.clone()))).await;
}

async fn what_is_seen(log: Arc<impl Log>) {
    let mut solo = Solo::start(Arc::clone(&log), Box::new(Seeded(99))).await.unwrap();
    let (mut shop, mut van) = (Till::new(7, &[Role::Manager]), Till::new(8, &[Role::Manager]));
    let driver = shop.person;
    let (first, second): (DocAddr, DocAddr) = (shop.new_order().into(), van.new_order().into());
    let at = NOON.plus_ms(60_000);
    let create = shop.create(None);
    let made = shop.edit(first, create);
    solo.take(&[shop.hands_in(&made)], at).await.unwrap();
    let create = van.create(None);
    let made = van.edit(second, create);
    solo.take(&[van.hands_in(&made)], at).await.unwrap();
    // To a driver and away again.
    let order = waybill_shared::order::commands::AssignDriver { driver: Some(driver), round: None };
    let given = shop.edit(first, order);
    solo.take(&[shop.hands_in(&given)], at).await.unwrap();
    let order = waybill_shared::order::commands::AssignDriver { driver: None, round: None };
    let taken = shop.edit(first, order);
    solo.take(&[shop.hands_in(&taken)], at).await.unwrap();
    let note = van.note("Rings twice");
    let noted = van.edit(second, note);
    solo.take(&[van.hands_in(&noted)], at).await.unwrap();

    let all = log.feed(0, 10).await.unwrap();
    assert_eq!(all.len(), 5, "{all:#?}");
    let office: Scopes = Scope::Office.into();
    let driven: Scopes = Scope::Driver(driver).into();
    for (after, upto, limit, device, scopes, seen) in [
        (0, 5, 10, STRANGER, &office, vec![1, 2, 3, 4, 5]),
        (0, 5, 2, STRANGER, &office, vec![1, 2]),
        (2, 4, 10, STRANGER, &office, vec![3, 4]),
        // What came, and what it was before it went.
        (0, 5, 10, STRANGER, &driven, vec![3, 4]),
        (0, 5, 1, STRANGER, &driven, vec![3]),
        (4, 5, 10, STRANGER, &driven, vec![]),
        // What was said of its own.
        (0, 5, 10, van.device, &Scopes::NONE, vec![2, 5]),
        (0, 5, 10, van.device, &driven, vec![2, 3, 4, 5]),
        (0, 5, 10, STRANGER, &Scopes::NONE, vec![]),
    ] {
        let sees = Sees { device, scopes: scopes.clone() };
        let stretch = log.stretch(after, upto, limit, &sees).await.unwrap().unwrap();
        let told: Vec<u64> = stretch.entries.iter().map(|entry| entry.pos).collect();
        let case = format!("what {scopes} sees behind {after} up to {upto}, at most {limit}");
        assert_eq!(told, seen, "{case}");
        for entry in &stretch.entries {
            assert_eq!(*entry, all[usize::try_from(entry.pos).unwrap() - 1].entry, "{case}");
        }
        let ends = if told.len() == limit { told[limit - 1] } else { upto };
        assert_eq!(stretch.upto, all[usize::try_from(ends).unwrap() - 1].cursor, "{case}");
    }
    log.trim(3).await.unwrap();
    let sees = Sees { device: STRANGER, scopes: office };
    assert!(log.stretch(2, 5, 10, &sees).await.unwrap().is_none(), "that was trimmed");
    assert_eq!(log.stretch(3, 5, 10, &sees).await.unwrap().unwrap().entries.len(), 2);
}
