//! What every log promises of internal notes that come into sight: wherever a device stands that newly sees them, it is
//! given nothing of what was taken out before. Held against the log in memory and the one in PostgreSQL.

mod till;

use std::sync::Arc;

use till::{NOON, Seeded, TestDatabase, Till};
use waybill_server::{
    check,
    intake::{Settled, Solo},
    log::{Log, memory::MemoryLog, postgres::PostgresLog},
};
use waybill_shared::{
    doc::Doc,
    edit::{Edit, Verdict},
    id::{CustomerId, DeviceId, NoteId, NotesId},
    kind::DocAddr,
    notes::{Show, TakeOut, Write},
    protocol::frame::DocChange,
    rules::roles::Role,
    scope::{Scope, Scopes},
    session::server::Sees,
    view::View,
};

const UGLY: &str = "an old skinflint";

#[tokio::test]
async fn notes_that_are_shown_leave_nothing_behind_them_in_memory() {
    shown(Arc::new(MemoryLog::new())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_that_are_shown_leave_nothing_behind_them_in_postgres() {
    let database = TestDatabase::new().await;
    shown(Arc::new(PostgresLog::new(database.pool.clone()))).await;
    let checked = check::check(&database.pool).await.unwrap();
    assert!(checked.wrong.is_empty(), "{checked}");
    // Only what was entered tells of it, which goes to nobody but who entered it.
    let told: i64 = sqlx::query_scalar(
        "select (select count(*) from sync.change where position($1::text::bytea in bytes) > 0)
              + (select count(*) from sync.snapshot where position($1::text::bytea in saved) > 0)
              + (select count(*) from sync.archive where position($1::text::bytea in value) > 0)",
    )
    .bind(UGLY)
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(told, 0);
}

async fn shown(log: Arc<impl Log>) {
    let mut solo = Solo::start(Arc::clone(&log), Box::new(Seeded(98))).await.unwrap();
    let mut till = Till::new(7, &[Role::Sales]);
    let about: DocAddr = CustomerId::new(till.fresh()).into();
    let addr = NotesId::of(about).into();
    let notes: [NoteId; 3] = [till.fresh(), till.fresh(), till.fresh()];
    let write =
        |nth: usize, text: &str| Write { id: notes[nth], about, text: text.to_owned(), saw_shown: true };
    let first = [till.edit(addr, write(0, UGLY)), till.edit(addr, write(1, "pays in cash"))];
    takes(&mut solo, &till, &first).await;
    // In the middle of a batch: what stands behind it there is not the past of what is shown either.
    let second = [
        till.edit(addr, TakeOut { note: notes[0] }),
        till.edit(addr, Show { shown: true, location: None }),
        till.edit(addr, write(2, "rings at noon")),
    ];
    takes(&mut solo, &till, &second).await;
    let said = log.verdicts(&second.each_ref().map(|edit| edit.id)).await.unwrap();
    assert!(said.iter().all(|said| said.verdict == Verdict::Accepted));
    assert_eq!(tells_nothing_before(&log, addr, 6).await, ["pays in cash", "rings at noon"]);

    // Hidden they are nobody's but the office's, and shown again once more without what came between.
    till.rebase(addr, now(&log, addr).await);
    let hidden = [till.edit(addr, Show { shown: false, location: None })];
    takes(&mut solo, &till, &hidden).await;
    let shops = Scopes::from(Scope::Shops);
    assert!(log.documents(None, 10, &shops).await.unwrap().docs.is_empty());
    let [again, third]: [NoteId; 2] = [till.fresh(), till.fresh()];
    let between = [(again, UGLY), (third, "third floor")]
        .map(|(id, text)| till.edit(addr, Write { id, about, text: text.to_owned(), saw_shown: true }));
    takes(&mut solo, &till, &between).await;
    let shown =
        [till.edit(addr, TakeOut { note: again }), till.edit(addr, Show { shown: true, location: None })];
    takes(&mut solo, &till, &shown).await;
    assert_eq!(tells_nothing_before(&log, addr, 12).await, ["pays in cash", "rings at noon", "third floor"]);
}

async fn takes(solo: &mut Solo<impl Log>, till: &Till, edits: &[Edit]) {
    let handed: Vec<_> = edits.iter().map(|edit| till.hands_in(edit)).collect();
    let settled = solo.take(&handed, NOON.plus_ms(60_000)).await.unwrap();
    assert!(settled.iter().all(|settled| matches!(settled, Settled::Judged { .. })), "{settled:?}");
}

async fn now(log: &Arc<impl Log>, addr: DocAddr) -> Doc {
    Doc::load(addr.kind, &log.load(&[addr], &[]).await.unwrap().docs.remove(0).saved).unwrap()
}

/// The log stands at the position at which the notes were made anew. Gives what they say there.
async fn tells_nothing_before(log: &Arc<impl Log>, addr: DocAddr, pos: u64) -> Vec<String> {
    let fed = log.feed(0, 100).await.unwrap();
    let last = fed.last().unwrap();
    assert_eq!((last.cursor.pos, last.entry.opens.is_some()), (pos, true));
    let shops = Scopes::from(Scope::Shops);
    let bare = |change: &DocChange| change.bytes.is_empty();
    assert!(fed.iter().all(|fed| fed.entry.changes.iter().all(bare)));
    for upto in 1..pos {
        assert!(log.as_of(&[addr], upto).await.unwrap().is_empty(), "at {upto} it is not there any more");
        let sees = Sees { device: DeviceId::NIL, scopes: shops.clone() };
        let stretch = log.stretch(0, upto, 100, &sees).await.unwrap().unwrap();
        assert!(stretch.entries.iter().all(|entry| entry.changes.iter().all(bare)), "up to {upto}");
    }
    let edits: Vec<_> = fed.iter().map(|fed| fed.entry.edit).collect();
    let again = log.verdicts(&edits).await.unwrap();
    assert!(again.iter().all(|entry| entry.changes.iter().all(bare)));
    let there = log.as_of(&[addr], pos).await.unwrap();
    let page = log.documents(None, 10, &shops).await.unwrap().docs;
    let fetched = log.fetch(&[addr], &shops).await.unwrap().docs;
    for whole in [&there, &page, &fetched] {
        let saved = &whole[0].saved;
        assert!(!saved.windows(UGLY.len()).any(|window| window == UGLY.as_bytes()));
        assert_eq!(Doc::load(addr.kind, saved).unwrap().heads(), now(log, addr).await.heads());
    }
    let View::Notes(notes) = View::read(&now(log, addr).await).unwrap() else { panic!("no notes") };
    notes.standing().into_iter().map(|(_, note)| note.text.clone()).collect()
}
