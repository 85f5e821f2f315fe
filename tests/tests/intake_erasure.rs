//! What intake makes of edits that name somebody who was erased: their words go, and nobody else's.

mod till;

use std::sync::Arc;

use serde_json::json;
use till::{NOON, Seeded, TestDatabase, Till};
use waybill_server::{
    check, erase, held,
    intake::{Settled, Solo, Submission},
    log::{Log, postgres::PostgresLog},
};
use waybill_shared::{
    command::Command,
    customer,
    doc::Doc,
    edit::{Edit, Verdict},
    erasure,
    id::{CustomerId, NotesId, OrderId},
    kind::DocAddr,
    order::{Contact, commands::SetContact},
    review::{Decision, Review},
    rules::roles::Role,
    scope::Scope,
    session::who::Withdrawn,
    time::Timestamp,
    view::View,
};

const NAME: &str = "Wilhelmina Grünspan";
const AT: Timestamp = NOON.plus_ms(60_000);

struct Desk {
    database: TestDatabase,
    log: Arc<PostgresLog>,
    solo: Solo<PostgresLog>,
}

impl Desk {
    async fn open() -> Self {
        let database = TestDatabase::new().await;
        let log = Arc::new(PostgresLog::new(database.pool.clone()));
        let solo = Solo::start(Arc::clone(&log), Box::new(Seeded(99))).await.unwrap();
        Self { database, log, solo }
    }

    async fn takes(&mut self, submission: Submission) -> Settled {
        self.solo.take(&[submission], AT).await.unwrap().remove(0)
    }

    async fn verdict(&self, edit: &Edit) -> Verdict {
        self.log.verdicts(&[edit.id]).await.unwrap().remove(0).verdict.clone()
    }

    async fn stored(&self, addr: DocAddr) -> Doc {
        let stored = self.log.load(&[addr], &[]).await.unwrap().docs.remove(0);
        Doc::load(addr.kind, &stored.saved).unwrap()
    }

    async fn erases(&self, customer: CustomerId) {
        erase::carry_out(&self.database.pool, customer, chrono::Utc::now()).await.unwrap();
        erase::is_done(&self.database.pool, customer).await.unwrap();
    }

    /// Nowhere in what is stored of documents and edits.
    async fn tells_nothing_of(&self, words: &str) {
        for sql in [
            "select count(*) from sync.edit where position($1 in body) > 0",
            "select count(*) from sync.change where position($1 in bytes) > 0",
        ] {
            let found: i64 =
                sqlx::query_scalar(sql).bind(words.as_bytes()).fetch_one(&self.database.pool).await.unwrap();
            assert_eq!(found, 0, "{sql}");
        }
        let docs = self.log.documents(None, 100, &Scope::Office.into()).await.unwrap().docs;
        for saved in docs {
            let doc = Doc::load(saved.doc.kind, &saved.saved).unwrap();
            let view = format!("{:?}", View::read(&doc).unwrap());
            assert!(!view.contains(words), "{view}");
        }
        let checked = check::check(&self.database.pool).await.unwrap();
        assert!(checked.wrong.is_empty(), "{checked}");
    }
}

async fn customer(desk: &mut Desk, till: &mut Till, number: &str, name: &str) -> CustomerId {
    let edit = create(till, number, name);
    desk.takes(till.hands_in(&edit)).await;
    assert_eq!(desk.verdict(&edit).await, Verdict::Accepted);
    edit.parts[0].doc.id.into()
}

fn create(till: &mut Till, number: &str, name: &str) -> Edit {
    let customer: CustomerId = till.fresh();
    let create = customer::Create {
        number: number.to_owned(),
        name: name.to_owned(),
        group: String::new(),
        tax_number: String::new(),
        contact: Contact { name: Some(name.to_owned()), ..Contact::default() },
        addresses: Default::default(),
    };
    till.edit(customer.into(), create)
}

fn note_about(about: DocAddr, id: uuid::Uuid, text: &str) -> Command {
    let note = json!({"notes.write/1": {"id": id, "about": [u8::from(about.kind), about.id], "text": text}});
    serde_json::from_value(note).unwrap()
}

/// As after a verdict that was lost on its way: the server still knows the entry as it was, and the device has it cleaned.
#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_its_device_cleaned_since_is_known_again() {
    let mut desk = Desk::open().await;
    let mut ana = Till::new(8, &[Role::Manager]);
    let mut edit = create(&mut ana, "C-8", NAME);
    desk.takes(ana.hands_in(&edit)).await;
    desk.erases(edit.parts[0].doc.id.into()).await;
    // Heard of with the next thing that is written.
    customer(&mut desk, &mut ana, "C-9", "Café Central").await;
    assert!(erasure::clean(&mut edit));
    let settled = desk.takes(ana.hands_in(&edit)).await;
    assert!(matches!(settled, Settled::Again { .. }), "{settled:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_takes_nobody_elses_documents_along() {
    let mut desk = Desk::open().await;
    let mut ana = Till::new(7, &[Role::Manager]);
    let gone = customer(&mut desk, &mut ana, "C-1", NAME).await;
    let other = customer(&mut desk, &mut ana, "C-2", "Orion").await;
    let order: OrderId = ana.new_order();
    let (create, contact) =
        (ana.create(Some(other)), Contact { name: Some("Orion".into()), ..Contact::default() });
    for edit in [ana.edit(order.into(), create), ana.edit(order.into(), SetContact { contact })] {
        desk.takes(ana.hands_in(&edit)).await;
    }
    desk.erases(gone).await;
    let before = [desk.stored(order.into()).await, desk.stored(other.into()).await];

    let mut ben = Till::new(8, &[Role::Manager]);
    let create = ben.create(Some(gone));
    let note = note_about(gone.into(), ben.fresh(), "Rings twice");
    let tries = [
        ("made where another's order is", vec![(order.into(), create.clone().into())]),
        ("written into another customer", vec![(other.into(), note.clone())]),
        ("two parts", vec![(ben.new_order().into(), create.into()), (order.into(), ben.note("x").into())]),
    ];
    for (what, commands) in tries {
        let edit = ben.bare(commands);
        desk.takes(ben.hands_in(&edit)).await;
        let dismissed = Edit { id: ben.fresh(), ..edit };
        let door = Submission::Withdrawn { edit: Arc::new(dismissed), why: Withdrawn::Device };
        desk.takes(door).await;
        let after = [desk.stored(order.into()).await, desk.stored(other.into()).await];
        let heads = |docs: &[Doc; 2]| docs.each_ref().map(|doc| doc.heads().to_vec());
        assert_eq!(heads(&after), heads(&before), "{what}");
    }
    desk.tells_nothing_of("Grünspan").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_held_comes_in_without_the_words_of_who_was_erased_meanwhile() {
    let mut desk = Desk::open().await;
    let (mut ana, mut kim) = (Till::new(7, &[Role::Manager]), Till::new(8, &[Role::Warehouse]));
    let gone = customer(&mut desk, &mut ana, "C-1", NAME).await;
    kim.rebase(gone.into(), ana.doc(gone.into()));
    let noted = customer::ContactNote { id: kim.fresh(), text: "Ms Grünspan called".into() };
    let noted = kim.edit(gone.into(), noted);
    desk.takes(kim.hands_in(&noted)).await;
    assert!(matches!(desk.verdict(&noted).await, Verdict::Held { .. }));
    let review = Review {
        edit: noted.id,
        attempt: 0,
        decision: Decision::Accept,
        reviewer: ana.person,
        reason: "She did".into(),
    };
    // The manager looked at it before.
    let accepts = held::reviewed(&*desk.log, review, [Role::Manager].into()).await.unwrap().unwrap();
    desk.erases(gone).await;
    assert!(matches!(desk.takes(accepts).await, Settled::Judged { .. }));
    assert!(desk.verdict(&noted).await.stands());
    desk.tells_nothing_of("Grünspan").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_about_an_order_that_never_came_to_be_go_with_its_customer() {
    let mut desk = Desk::open().await;
    let (mut ana, mut kim) = (Till::new(7, &[Role::Manager]), Till::new(8, &[Role::Warehouse]));
    let gone = customer(&mut desk, &mut ana, "C-1", NAME).await;
    let order: OrderId = kim.new_order();
    let create = kim.create(Some(gone));
    let refused = kim.bare(vec![(order.into(), create.into())]);
    desk.takes(kim.hands_in(&refused)).await;
    assert!(matches!(desk.verdict(&refused).await, Verdict::Refused { .. }));
    let note = note_about(order.into(), ana.fresh(), "Ms Grünspan's nephew pays");
    let note = ana.bare(vec![(NotesId::of(DocAddr::from(order)).into(), note)]);
    desk.takes(ana.hands_in(&note)).await;
    assert!(desk.verdict(&note).await.stands());
    desk.erases(gone).await;
    desk.tells_nothing_of("Grünspan").await;

    // What had words before its customer's sale came in goes with that.
    let late: OrderId = ana.new_order();
    let note = note_about(late.into(), ana.fresh(), "Ms Grünspan's aunt pays");
    let note = ana.bare(vec![(NotesId::of(DocAddr::from(late)).into(), note)]);
    desk.takes(ana.hands_in(&note)).await;
    let line = ana.fresh();
    let mut sale = ana.sale(line, "20", "60");
    sale.sale.customer = Some(gone);
    let sale = ana.bare(vec![(late.into(), sale.into())]);
    desk.takes(ana.hands_in(&sale)).await;
    assert!(desk.verdict(&sale).await.stands());
    let notes = desk.stored(NotesId::of(DocAddr::from(late)).into()).await;
    assert!(!format!("{:?}", View::read(&notes).unwrap()).contains("Grünspan"));
}
