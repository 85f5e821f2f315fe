//! What every log promises, held against the one in memory and the one in PostgreSQL alike.

mod till;

use std::sync::Arc;

use till::{NOON, Seeded, TestDatabase, Till, credit_limit};
use waybill_server::{
    intake::{Handed, Settled, Solo, Submission},
    log::{Batch, CommitError, Log, Looked, Noted, Page, Past, memory::MemoryLog, postgres::PostgresLog},
};
use waybill_shared::{
    chain::Cursor,
    command::Command,
    customer,
    digest::Digest,
    doc::{Doc, Hash},
    edit::{Edit, Override, Verdict},
    finding::Rule,
    id::{CustomerId, EditId, Id, LocationId, OrderId, PersonId},
    kind::{DocAddr, DocKind},
    money::Currency,
    numbers::Number,
    order::commands,
    protocol::frame::SavedDoc,
    rules::{Owed, roles::Role},
    scope::{Scope, Scopes},
    session::server::FeedEntry,
};

/// Runs one promise against both logs.
macro_rules! promises {
    ($($name:ident)*) => {$(
        mod $name {
            use super::*;
            #[tokio::test]
            async fn in_memory() {
                super::promise::$name(Arc::new(MemoryLog::new())).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn in_postgres() {
                let database = TestDatabase::new().await;
                super::promise::$name(Arc::new(PostgresLog::new(database.pool.clone()))).await;
            }
        }
    )*};
}

promises! {
    an_empty_log_stands_at_the_start
    what_was_written_is_there_again
    a_batch_on_another_head_is_not_written
    a_document_loads_as_its_device_has_it
    the_log_says_whose_a_document_was_and_is
    pages_hold_every_document_in_scope_once
    claimed_hashes_and_refusals_are_remembered
    of_several_who_claimed_one_hash_the_last_is_known
    what_a_customer_owes_is_known
    whose_a_number_is_is_known_and_of_two_in_one_batch_one_gets_it
    what_was_delivered_of_a_cancelled_order_is_owed
    currencies_are_not_added_to_each_other
    a_discard_is_the_last_word
    how_the_last_server_ended_is_known
    an_edit_in_work_at_two_ends_is_known_however_many_there_were
    an_attempt_that_got_its_verdict_is_suspected_no_more
    what_is_set_aside_stays_so_until_its_verdict_and_what_is_held_until_its_review
    what_was_in_work_before_a_rest_is_not_to_blame
    what_is_held_stays_held_whatever_its_device_gives_up
    a_trimmed_log_is_read_on_from_where_it_begins_and_forgets_no_verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn of_servers_on_one_database_none_hides_the_end_of_another_or_is_blamed_for_it() {
    let database = TestDatabase::new().await;
    let (left, right) = (PostgresLog::new(database.pool.clone()), PostgresLog::new(database.pool.clone()));
    let mut till = Till::new(7, &[]);
    let (deadly, beside) = (first(till.fresh()), first(till.fresh()));
    for log in [&left, &right] {
        assert_eq!(log.opened().await.unwrap(), in_order(), "the other lives");
    }
    left.in_work(&[deadly]).await.unwrap();
    right.in_work(&[beside]).await.unwrap();
    right.at_rest().await.unwrap();
    right.trying(Some(beside)).await.unwrap();
    right.closed().await.unwrap();
    assert_eq!(left.opened().await.unwrap(), fell(None, &[]));
    left.in_work(&[beside]).await.unwrap();
    assert_eq!(left.opened().await.unwrap(), fell(None, &[]), "the other ended in order with it");
    // Its device went on at the other server, and that fell too.
    assert_eq!(right.opened().await.unwrap(), in_order());
    right.in_work(&[deadly]).await.unwrap();
    assert_eq!(right.opened().await.unwrap(), fell(Some(deadly), &[deadly]));
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_fall_together_blame_nothing_that_was_on_its_way_to_both() {
    let database = TestDatabase::new().await;
    let [left, right, next] = [(); 3].map(|()| PostgresLog::new(database.pool.clone()));
    let edit = first(Till::new(7, &[]).fresh());
    for log in [&left, &right] {
        log.opened().await.unwrap();
        log.in_work(&[edit]).await.unwrap();
        log.trying(Some(edit)).await.unwrap();
    }
    drop((left, right));
    let held = "select count(*) from pg_locks where locktype = 'advisory'";
    while sqlx::query_scalar::<_, i64>(held).fetch_one(&database.pool).await.unwrap() > 0 {}
    assert_eq!(next.opened().await.unwrap(), fell(None, &[]));
}

/// What `cargo test` says on a machine without PostgreSQL.
#[test]
fn a_test_that_finds_no_postgresql_says_in_one_sentence_how_to_get_it() {
    let nothing = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "an_empty_log_stands_at_the_start::in_postgres", "--nocapture"])
        .env("WAYBILL_POSTGRES_BIN", nothing.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    let how = waybill_server::postgres::how_to_install();
    let is_it = |line: &str| line.starts_with("PostgreSQL's programs") && line.ends_with(how);
    assert_eq!(said.lines().filter(|line| is_it(line)).count(), 1, "{said}");
}

/// A log with somebody at it.
struct Desk<L> {
    log: Arc<L>,
    solo: Solo<L>,
    till: Till,
}

impl<L: Log> Desk<L> {
    async fn open(log: Arc<L>, roles: &[Role]) -> Self {
        let solo = Solo::start(Arc::clone(&log), Box::new(Seeded(99))).await.unwrap();
        Self { log, solo, till: Till::new(7, roles) }
    }

    async fn take(&mut self, submissions: &[Submission]) -> Vec<Settled> {
        self.solo.take(submissions, NOON.plus_ms(60_000)).await.unwrap()
    }

    async fn enters(&mut self, addr: DocAddr, command: impl Into<Command>) -> Settled {
        let edit = self.till.edit(addr, command);
        let submission = self.till.hands_in(&edit);
        self.take(&[submission]).await.remove(0)
    }

    async fn an_order(&mut self, customer: Option<CustomerId>) -> DocAddr {
        let addr = self.till.new_order().into();
        let create = self.till.create(customer);
        self.enters(addr, create).await;
        addr
    }

    async fn verdict(&self, edit: &Edit) -> Verdict {
        self.log.verdicts(&[edit.id]).await.unwrap()[0].verdict.clone()
    }
}

/// Where the till makes its orders.
const SHOP: Scope = Scope::Location(LocationId::new(uuid::Uuid::from_u128(3)));

fn at_the_shop() -> Scopes {
    Scopes::from(vec![Scope::Office, SHOP])
}

fn first(edit: EditId) -> Noted {
    Noted { edit, attempt: 0 }
}

fn in_order() -> Past {
    Past::default()
}

fn fell(deadly: Option<Noted>, aside: &[Noted]) -> Past {
    let mut aside: Vec<EditId> = aside.iter().map(|noted| noted.edit).collect();
    aside.sort_unstable();
    Past { fell: true, deadly: deadly.map(|noted| noted.edit), aside }
}

mod promise {
    use super::*;

    pub async fn an_empty_log_stands_at_the_start(log: Arc<impl Log>) {
        let head = log.head().await.unwrap();
        assert_eq!((head.cursor, head.digests.len(), head.numbers), (Cursor::START, 0, 0));
        assert!(log.has(Cursor::START).await.unwrap());
        assert!(!log.has(Cursor { pos: 1, chain: Hash([7; 32]) }).await.unwrap());
        assert!(log.feed(0, 10).await.unwrap().is_empty());
        let page = log.documents(None, 10, &Scope::Everyone.into()).await.unwrap();
        assert_eq!(page, Page { docs: vec![], at: Cursor::START, last: true });
    }

    pub async fn what_was_written_is_there_again(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Sales]).await;
        let addr = desk.till.new_order().into();
        let create = desk.till.create(None);
        let create = desk.till.edit(addr, create);
        let note = desk.till.note("Rings twice");
        let note = desk.till.edit(addr, note);
        let settled = desk.take(&[desk.till.hands_in(&create), desk.till.hands_in(&note)]).await;
        assert_eq!(settled, [Settled::Judged { pos: 1 }, Settled::Judged { pos: 2 }]);

        let fed = desk.log.feed(0, 10).await.unwrap();
        let told: Vec<_> =
            fed.iter().map(|fed| (fed.entry.pos, fed.entry.edit, &fed.entry.verdict)).collect();
        assert_eq!(told, [(1, create.id, &Verdict::Accepted), (2, note.id, &Verdict::Accepted)]);
        for (fed, edit) in fed.iter().zip([&create, &note]) {
            let change = &fed.entry.changes[0];
            assert_eq!((change.doc, &change.scopes), (addr, &at_the_shop()));
            assert_eq!(Some(change.hash), edit.parts[0].made.as_ref().unwrap().hash);
            assert!(desk.log.has(fed.cursor).await.unwrap());
        }
        assert_eq!(desk.log.feed(1, 10).await.unwrap(), fed[1..]);
        assert_eq!(desk.log.feed(0, 1).await.unwrap(), fed[..1]);
        let again = desk.log.verdicts(&[note.id]).await.unwrap();
        let about = vec![addr];
        assert_eq!(*again[0], FeedEntry { about, ..(*fed[1].entry).clone() });

        let head = desk.log.head().await.unwrap();
        assert_eq!(head.cursor, fed[1].cursor);
        let heads = desk.till.doc(addr).heads().to_vec();
        let (all, at) = desk.log.heads(SHOP).await.unwrap();
        assert_eq!((all[0].doc, &all[0].heads, at), (addr, &heads, head.cursor));
        let digest = waybill_shared::digest::Digest::of(addr, &heads);
        assert_eq!(head.digests.get(&SHOP), Some(&digest));
        assert_eq!(desk.log.counter(desk.till.device).await.unwrap(), 2);
    }

    pub async fn a_trimmed_log_is_read_on_from_where_it_begins_and_forgets_no_verdict(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Sales]).await;
        let addr = desk.an_order(None).await;
        let note = desk.till.note("Rings twice");
        let note = desk.till.edit(addr, note);
        desk.take(&[desk.till.hands_in(&note)]).await;
        for _ in 0..3 {
            desk.an_order(None).await;
        }
        let fed = desk.log.feed(0, 10).await.unwrap();
        let told = desk.log.verdicts(&[note.id]).await.unwrap();

        assert_eq!(desk.log.trim(6).await.unwrap(), None, "the log does not go so far");
        for (upto, begins) in [(0, 0), (2, 2), (3, 3), (1, 3)] {
            let cursor = desk.log.trim(upto).await.unwrap().unwrap();
            assert_eq!(cursor.pos, begins, "it never begins earlier than before");
        }
        assert!(!desk.log.has(Cursor::START).await.unwrap());
        for (fed, held) in fed.iter().zip([false, false, true, true, true]) {
            assert_eq!(desk.log.has(fed.cursor).await.unwrap(), held, "position {}", fed.cursor.pos);
        }
        assert!(!desk.log.has(Cursor { pos: 3, chain: Hash([7; 32]) }).await.unwrap());
        assert_eq!(desk.log.feed(3, 10).await.unwrap(), fed[3..]);
        assert_eq!(desk.log.feed(0, 10).await.unwrap(), fed[3..]);

        assert_eq!(desk.log.verdicts(&[note.id]).await.unwrap(), told);
        assert_eq!(told[0].changes, fed[1].entry.changes);
        assert_eq!(desk.take(&[desk.till.hands_in(&note)]).await, [Settled::Again { pos: 2 }]);
        let loaded = desk.log.load(&[addr], &[]).await.unwrap();
        assert_eq!(loaded.docs[0].heads, desk.till.doc(addr).heads());

        // Whole, and it goes on.
        let head = desk.log.head().await.unwrap().cursor;
        assert_eq!(desk.log.trim(5).await.unwrap(), Some(head));
        assert!(desk.log.has(head).await.unwrap() && !desk.log.has(fed[3].cursor).await.unwrap());
        desk.an_order(None).await;
        let next = desk.log.feed(head.pos, 10).await.unwrap();
        assert_eq!(next.iter().map(|fed| fed.cursor.pos).collect::<Vec<_>>(), [6]);
    }

    pub async fn a_batch_on_another_head_is_not_written(log: Arc<impl Log>) {
        let mut desk = Desk::open(Arc::clone(&log), &[Role::Sales]).await;
        let order = desk.an_order(None).await;
        let head = log.head().await.unwrap();
        let stale = Batch {
            before: Cursor::START,
            after: head.clone(),
            at: NOON,
            entries: vec![],
            docs: vec![],
            looked: Looked { docs: [order].into(), ..Looked::default() },
            moved: Default::default(),
            counters: Default::default(),
            rows: vec![],
        };
        let outcome = log.commit(&Arc::new(stale)).await;
        assert!(matches!(outcome, Err(CommitError::Collision(_))), "{outcome:?}");
        assert_eq!(log.head().await.unwrap(), head);
        // Another process, which knows nothing of this one, goes on all the same; and so does the first one.
        let mut other = Solo::start(Arc::clone(&log), Box::new(Seeded(5))).await.unwrap();
        let mut elsewhere = Till::new(8, &[Role::Sales]);
        for nth in [2, 3] {
            let (addr, create) = (elsewhere.new_order().into(), elsewhere.create(None));
            let create = elsewhere.edit(addr, create);
            let settled = other.take(&[elsewhere.hands_in(&create)], NOON.plus_ms(60_000)).await.unwrap();
            assert_eq!(settled, [Settled::Judged { pos: nth * 2 - 2 }]);
            desk.an_order(None).await;
        }
        assert_eq!(log.head().await.unwrap().cursor.pos, 5);
    }

    pub async fn a_document_loads_as_its_device_has_it(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Sales]).await;
        let addr = desk.an_order(None).await;
        // Across more than one snapshot, and with changes after the last.
        for nth in 0..30 {
            let note = desk.till.note(&format!("Note {nth}"));
            assert!(matches!(desk.enters(addr, note).await, Settled::Judged { .. }));
            let loaded = desk.log.load(&[addr], &[]).await.unwrap();
            let stored = &loaded.docs[0];
            let doc = Doc::load(addr.kind, &stored.saved).unwrap();
            assert_eq!(doc.heads(), stored.heads);
            assert_eq!(doc.heads(), desk.till.doc(addr).heads());
            assert_eq!(stored.version, nth + 2);
        }
        let fetched = desk.log.fetch(&[addr], &SHOP.into()).await.unwrap();
        let doc = Doc::load(addr.kind, &fetched.docs[0].saved).unwrap();
        assert_eq!(doc.values(), desk.till.doc(addr).values());
        assert!(desk.log.fetch(&[addr], &Scope::Everyone.into()).await.unwrap().docs.is_empty());
    }

    pub async fn the_log_says_whose_a_document_was_and_is(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Manager]).await;
        let addr = desk.an_order(None).await;
        let note = desk.till.note("Rings twice");
        desk.enters(addr, note).await;
        let before = desk.till.doc(addr).values();
        let [one, other]: [PersonId; 2] = [desk.till.fresh(), desk.till.fresh()];
        for driver in [Some(one), Some(other), None] {
            desk.enters(addr, commands::AssignDriver { driver, round: None }).await;
        }
        let with = |driver| at_the_shop().with(&Scope::Driver(driver).into());
        let fed = desk.log.feed(0, 10).await.unwrap();
        let told: Vec<_> = fed.iter().map(|fed| (&fed.entry.changes[0].scopes, &fed.entry.moved)).collect();
        let moved = |was: Scopes| vec![(addr, was)];
        assert_eq!(
            told,
            [
                (&at_the_shop(), &moved(Scopes::NONE)),
                (&at_the_shop(), &vec![]),
                (&with(one), &moved(at_the_shop())),
                (&with(other), &moved(with(one))),
                (&at_the_shop(), &moved(with(other))),
            ]
        );
        // Whose it was at a position, and what stood in it there.
        let [then] = <[SavedDoc; 1]>::try_from(desk.log.as_of(&[addr], 2).await.unwrap()).unwrap();
        assert_eq!((then.doc, then.scopes), (addr, at_the_shop()));
        assert_eq!(Doc::load(addr.kind, &then.saved).unwrap().values(), before);
        let now = desk.log.as_of(&[addr, desk.till.new_order().into()], 5).await.unwrap();
        let doc = Doc::load(addr.kind, &now[0].saved).unwrap();
        assert_eq!((now.len(), doc.heads()), (1, desk.till.doc(addr).heads()));
        let strange = desk.till.new_order().into();
        let now = desk.log.scopes(&[addr, strange]).await.unwrap();
        assert_eq!(now.into_iter().collect::<Vec<_>>(), [(addr, at_the_shop())]);
        // Every scope's digest is that of the documents in it now.
        let digests = desk.log.head().await.unwrap().digests;
        let counted = Digest::of(addr, doc.heads());
        for (scope, expected) in [
            (Scope::Office, counted),
            (SHOP, counted),
            (Scope::Driver(one), Digest::default()),
            (Scope::Driver(other), Digest::default()),
        ] {
            assert_eq!(digests.get(&scope), Some(&expected), "{scope}");
        }
        assert!(desk.log.heads(Scope::Driver(one)).await.unwrap().0.is_empty());
    }

    pub async fn pages_hold_every_document_in_scope_once(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Admin]).await;
        let mut orders = Vec::new();
        for _ in 0..7 {
            orders.push(desk.an_order(None).await);
        }
        let (terms, set) = credit_limit(desk.till.fresh(), "100");
        desk.enters(terms, set).await;
        orders.sort();
        for (scopes, expected) in [
            (Scopes::from(SHOP), orders.clone()),
            (Scopes::from(Scope::Office), [orders.clone(), vec![terms]].concat()),
            (Scopes::from(vec![SHOP, Scope::Office]), [orders.clone(), vec![terms]].concat()),
            (Scopes::from(Scope::Everyone), Vec::new()),
        ] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = desk.log.documents(after, 3, &scopes).await.unwrap();
                assert!(page.docs.len() <= 3);
                found.extend(page.docs.iter().map(|saved| saved.doc));
                after = found.last().copied();
                if page.last {
                    break;
                }
            }
            assert_eq!(found, expected, "{scopes:?}");
        }
    }

    pub async fn claimed_hashes_and_refusals_are_remembered(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Warehouse]).await;
        let addr: DocAddr = desk.till.new_order().into();
        let create = desk.till.create(None);
        let edit = desk.till.edit(addr, create);
        desk.take(&[desk.till.hands_in(&edit)]).await;
        let verdict = desk.verdict(&edit).await;
        let Verdict::Refused { findings } = &verdict else { panic!("{verdict:?}") };
        assert!(findings[0].what.contains("warehouse"), "{findings:?}");
        let hash = edit.parts[0].made.as_ref().unwrap().hash.unwrap();
        let claims = desk.log.claims(&[(addr, hash), (addr, Hash([1; 32]))]).await.unwrap();
        assert_eq!(claims.len(), 1);
        assert_eq!((claims[0].hash, claims[0].by.edit), (hash, edit.id));
        assert_eq!(claims[0].by.verdict, verdict);
        let known = desk.log.load(&[addr], &[edit.id]).await.unwrap();
        assert_eq!((known.docs.len(), known.edits.len()), (0, 1));
        assert_eq!((known.edits[0].pos, &known.edits[0].verdict), (1, &verdict));
    }

    /// In one batch and in another one, and whatever order their ids have.
    pub async fn of_several_who_claimed_one_hash_the_last_is_known(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Warehouse]).await;
        for _ in 0..8 {
            let addr: DocAddr = desk.till.new_order().into();
            let create = desk.till.create(None);
            let made = desk.till.edit(addr, create);
            let hash = made.parts[0].made.as_ref().unwrap().hash.unwrap();
            for _ in 0..2 {
                let edits: Vec<Edit> =
                    (0..4).map(|_| Edit { id: desk.till.fresh(), ..made.clone() }).collect();
                let all: Vec<_> = edits.iter().map(|edit| desk.till.hands_in(edit)).collect();
                desk.take(&all).await;
                let claims = desk.log.claims(&[(addr, hash)]).await.unwrap();
                assert_eq!(claims.iter().map(|claim| claim.by.edit).collect::<Vec<_>>(), [edits[3].id]);
            }
        }
    }

    async fn owing(log: &impl Log, customer: CustomerId) -> Vec<(OrderId, Owed)> {
        let nobody = CustomerId::new(uuid::Uuid::from_u128(1));
        let owing = log.exposures(&[nobody, customer]).await.unwrap();
        assert!(owing.iter().all(|(of, _, _)| *of == customer));
        owing.into_iter().map(|(_, order, owed)| (order, owed)).collect()
    }

    pub async fn whose_a_number_is_is_known_and_of_two_in_one_batch_one_gets_it(log: Arc<impl Log>) {
        let mut desk = Desk::open(Arc::clone(&log), &[Role::Sales]).await;
        let mut made = Vec::new();
        for (number, name) in [("K-1", "Acme"), (" k-1", "Bolt"), ("K-2", "Cord")] {
            let customer: CustomerId = desk.till.fresh();
            let create = customer::Create {
                number: number.into(),
                name: name.into(),
                group: String::new(),
                tax_number: String::new(),
                contact: Default::default(),
                addresses: Default::default(),
            };
            made.push((customer, desk.till.edit(customer.into(), create)));
        }
        let handed: Vec<_> = made.iter().map(|(_, edit)| desk.till.hands_in(edit)).collect();
        desk.solo.take(&handed, NOON).await.unwrap();
        let ids: Vec<EditId> = made.iter().map(|(_, edit)| edit.id).collect();
        let known = log.load(&[], &ids).await.unwrap().edits;
        let rules = |id: EditId| {
            let known = known.iter().find(|known| known.edit == id).expect("it has its verdict");
            known.verdict.findings().iter().map(|finding| finding.rule).collect::<Vec<_>>()
        };
        let all: Vec<_> = ids.iter().map(|id| rules(*id)).collect();
        assert_eq!(all, [vec![], vec![Rule::NumberTaken], vec![]]);

        let number = |kind, text| Number::new(kind, text).expect("a number");
        let asked = ["K-1", "K-2", "K-3"].map(|text| number(DocKind::Customer, text));
        let mut found = log.holders(&asked).await.unwrap();
        found.sort();
        let [acme, _, cord] = [0, 1, 2].map(|at| DocAddr::from(made[at].0));
        assert_eq!(
            found,
            [(asked[0].clone(), acme, "Acme".to_owned()), (asked[1].clone(), cord, "Cord".to_owned())]
        );
        assert_eq!(log.holders(&[number(DocKind::Product, "K-1")]).await.unwrap(), []);
    }

    pub async fn what_a_customer_owes_is_known(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Manager]).await;
        let customer: CustomerId = desk.till.fresh();
        let addr = desk.an_order(Some(customer)).await;
        assert_eq!(owing(&*desk.log, customer).await, []);
        desk.enters(addr, commands::Place {}).await;
        let owed = |amount: &str| {
            vec![(OrderId::new(addr.id), Owed { amount: amount.parse().unwrap(), currency: Currency::EUR })]
        };
        assert_eq!(owing(&*desk.log, customer).await, owed("60"));
        let payment = desk.till.payment("25.50");
        desk.enters(addr, payment).await;
        assert_eq!(owing(&*desk.log, customer).await, owed("34.5"));
        let payment = desk.till.payment("34.50");
        desk.enters(addr, payment).await;
        assert_eq!(owing(&*desk.log, customer).await, []);
    }

    pub async fn what_was_delivered_of_a_cancelled_order_is_owed(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Manager]).await;
        let customer: CustomerId = desk.till.fresh();
        let addr = desk.an_order(Some(customer)).await;
        desk.enters(addr, commands::Place {}).await;
        desk.enters(addr, commands::Cancel { reason: String::new() }).await;
        assert_eq!(owing(&*desk.log, customer).await, []);
        let hand_over = desk.till.hand_over(addr, 1);
        desk.enters(addr, hand_over).await;
        let amount = "20".parse().unwrap();
        let owed = vec![(OrderId::new(addr.id), Owed { amount, currency: Currency::EUR })];
        assert_eq!(owing(&*desk.log, customer).await, owed);
    }

    pub async fn currencies_are_not_added_to_each_other(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Manager]).await;
        let customer: CustomerId = desk.till.fresh();
        let (terms, limit) = credit_limit(customer, "130");
        desk.enters(terms, limit).await;
        let dollars: Currency = "USD".parse().unwrap();
        let mut placed = Vec::new();
        // 60 each: dollars first, which a manager lets pass, then euros of which two fit.
        for (currency, approved, expected) in [
            (dollars, false, Some(Rule::CreditCurrency)),
            (dollars, true, None),
            (Currency::EUR, false, None),
            (Currency::EUR, false, None),
            (Currency::EUR, false, Some(Rule::OverCredit)),
        ] {
            let addr: DocAddr = desk.till.new_order().into();
            let mut create = desk.till.create(Some(customer));
            create.currency = currency;
            create.lines.values_mut().for_each(|line| line.currency = currency);
            desk.enters(addr, create).await;
            let mut place = desk.till.edit(addr, commands::Place {});
            let mut submission = desk.till.hands_in(&place);
            if approved {
                place.overriding =
                    Some(Override { approver: desk.till.person, reason: "Pays on Friday".into() });
                submission = Submission::Edit(Handed {
                    edit: Arc::new(place.clone()),
                    roles: Some([Role::Manager].into()),
                    approver: [Role::Manager].into(),
                    looked_up: Default::default(),
                });
            }
            // A server that was just started: what is owed comes out of the log.
            desk.solo =
                Solo::start(desk.log.clone(), Box::new(Seeded(10 + placed.len() as u64))).await.unwrap();
            desk.take(&[submission]).await;
            let verdict = desk.verdict(&place).await;
            let told: Vec<Rule> = verdict.findings().iter().map(|finding| finding.rule).collect();
            assert_eq!(told, Vec::from_iter(expected), "{currency}, approved {approved}: {verdict:?}");
            if expected.is_none() {
                placed.push((OrderId::new(addr.id), Owed { amount: "60".parse().unwrap(), currency }));
            }
        }
        let mut owed = owing(&*desk.log, customer).await;
        owed.sort_by_key(|(order, _)| *order);
        placed.sort_by_key(|(order, _)| *order);
        assert_eq!(owed, placed);
    }

    pub async fn how_the_last_server_ended_is_known(log: Arc<impl Log>) {
        let mut till = Till::new(7, &[]);
        let (chance, edit) = (first(till.fresh()), first(till.fresh()));
        assert_eq!(log.opened().await.unwrap(), in_order());
        // One that a server was killed over by chance is not to blame; nor is one that it was killed over before.
        for edit in [chance, edit] {
            log.trying(Some(edit)).await.unwrap();
            assert_eq!(log.opened().await.unwrap(), fell(None, &[]));
        }
        assert_eq!(log.opened().await.unwrap(), fell(None, &[]));
        log.trying(Some(edit)).await.unwrap();
        assert_eq!(log.opened().await.unwrap(), fell(Some(edit), &[edit]));
        log.closed().await.unwrap();
        let past = log.opened().await.unwrap();
        assert_eq!((past.fell, past.deadly), (false, None));
    }

    pub async fn an_edit_in_work_at_two_ends_is_known_however_many_there_were(log: Arc<impl Log>) {
        let mut till = Till::new(7, &[]);
        let [deadly, beside, before, chance, other, next] = std::array::from_fn(|_| first(till.fresh()));
        log.opened().await.unwrap();
        // A batch, while the one before may still be on its way.
        log.in_work(&[before]).await.unwrap();
        log.in_work(&[deadly, beside, next]).await.unwrap();
        assert_eq!(log.opened().await.unwrap(), fell(None, &[]));
        // An end between, with something else in work, forgets nothing.
        log.trying(Some(chance)).await.unwrap();
        assert_eq!(log.opened().await.unwrap(), fell(None, &[]));
        // Of two it cannot be said which: they are told apart one by one.
        log.in_work(&[beside, deadly]).await.unwrap();
        assert_eq!(log.opened().await.unwrap(), fell(None, &[]));
        for (edit, aside) in [(before, vec![before]), (deadly, vec![before, deadly])] {
            log.trying(Some(edit)).await.unwrap();
            log.in_work(&[edit]).await.unwrap();
            assert_eq!(
                log.opened().await.unwrap(),
                fell(Some(edit), &aside),
                "alone in work at its second end"
            );
        }
        // Not alone, but the only one there that was there before. What is set aside is not judged any more.
        log.in_work(&[other, deadly, beside]).await.unwrap();
        assert_eq!(log.opened().await.unwrap(), fell(Some(beside), &[before, deadly, beside]));
        // An orderly end clears all that are suspected, and sets none back among those that are judged.
        log.in_work(&[next]).await.unwrap();
        log.closed().await.unwrap();
        let aside = fell(None, &[before, deadly, beside]).aside;
        assert_eq!(log.opened().await.unwrap(), Past { fell: false, deadly: None, aside: aside.clone() });
        log.trying(Some(next)).await.unwrap();
        assert_eq!(log.opened().await.unwrap(), Past { fell: true, deadly: None, aside });
    }

    pub async fn what_is_set_aside_stays_so_until_its_verdict_and_what_is_held_until_its_review(
        log: Arc<impl Log>,
    ) {
        let mut desk = Desk::open(log, &[Role::Warehouse]).await;
        let addr: DocAddr = desk.till.new_order().into();
        let (create, payment) = (desk.till.create(None), desk.till.payment("5"));
        let (request, fact) = (desk.till.edit(addr, create), desk.till.edit(addr, payment));
        let second = |edit: &Edit| Noted { edit: edit.id, attempt: 1 };
        desk.log.opened().await.unwrap();
        for edit in [&request, &fact] {
            for _ in 0..2 {
                desk.log.trying(Some(second(edit))).await.unwrap();
                desk.log.opened().await.unwrap();
            }
        }
        let both = fell(None, &[second(&request), second(&fact)]).aside;
        // Stopped and killed, as often as it may be.
        for _ in 0..2 {
            desk.log.closed().await.unwrap();
            assert_eq!(desk.log.opened().await.unwrap().aside, both);
            assert_eq!(desk.log.opened().await.unwrap().aside, both);
        }
        // A verdict on an attempt before that one changes nothing.
        for (attempt, expected) in [(0, both), (1, vec![fact.id])] {
            for edit in [&request, &fact] {
                let edit = Edit { attempt, ..edit.clone() };
                desk.take(&[desk.till.hands_in(&edit)]).await;
            }
            assert!(matches!(desk.verdict(&request).await, Verdict::Refused { .. }));
            assert!(matches!(desk.verdict(&fact).await, Verdict::Held { .. }));
            assert_eq!(desk.log.opened().await.unwrap().aside, expected, "attempt {attempt}");
        }
        // Reviewed: it stands.
        desk.till.roles = vec![Role::Admin];
        let reviewed = Edit { attempt: 2, ..fact.clone() };
        desk.take(&[desk.till.hands_in(&reviewed)]).await;
        assert!(desk.verdict(&fact).await.stands());
        assert_eq!(desk.log.opened().await.unwrap().aside, []);
    }

    pub async fn an_attempt_that_got_its_verdict_is_suspected_no_more(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Warehouse]).await;
        let addr: DocAddr = desk.till.new_order().into();
        let create = desk.till.create(None);
        let refused = desk.till.edit(addr, create);
        let blocked = desk.till.edit(addr, commands::Tag { tag: "gift".into() });
        let payment = desk.till.payment("5");
        let held = desk.till.edit(addr, payment);
        let note = desk.till.note("Rings twice");
        desk.till.roles = vec![Role::Sales];
        let other = desk.till.new_order().into();
        let accepted = desk.till.edit(other, note);
        let sales = desk.till.hands_in(&accepted);
        desk.till.roles = vec![Role::Warehouse];
        let handed: Vec<_> = [&refused, &blocked, &held].map(|edit| desk.till.hands_in(edit)).into();
        desk.log.opened().await.unwrap();
        desk.take(&[handed, vec![sales]].concat()).await;
        let verdicts =
            [("refused", &refused), ("held", &held), ("accepted", &accepted), ("blocked", &blocked)];
        for (name, edit) in verdicts {
            assert_eq!(desk.verdict(edit).await.name(), name);
            // The server ends twice under load: its last batches are noted, and some of them are written.
            for _ in 0..2 {
                desk.log.in_work(&[first(edit.id)]).await.unwrap();
                let past = desk.log.opened().await.unwrap();
                let again = if name == "blocked" { Some(edit.id) } else { None };
                assert!(past.deadly.is_none() || past.deadly == again, "{name}: {past:?}");
            }
            desk.log.closed().await.unwrap();
            let blamed = desk.log.opened().await.unwrap().aside;
            // What is blocked is judged again, so that it may have been.
            assert_eq!(blamed.contains(&edit.id), name == "blocked", "{name}");
        }
        // Another attempt of a refused one is judged: two ends with it are told.
        let next = Noted { edit: refused.id, attempt: 1 };
        for deadly in [None, Some(refused.id)] {
            desk.log.in_work(&[next]).await.unwrap();
            assert_eq!(desk.log.opened().await.unwrap().deadly, deadly);
        }
    }

    pub async fn what_was_in_work_before_a_rest_is_not_to_blame(log: Arc<impl Log>) {
        let mut till = Till::new(7, &[]);
        let (edit, other) = (first(till.fresh()), first(till.fresh()));
        log.opened().await.unwrap();
        for _ in 0..2 {
            log.trying(Some(edit)).await.unwrap();
            log.in_work(&[edit]).await.unwrap();
            log.at_rest().await.unwrap();
            log.in_work(&[other]).await.unwrap();
            log.at_rest().await.unwrap();
            assert_eq!(log.opened().await.unwrap(), fell(None, &[]));
        }
    }

    pub async fn what_is_held_stays_held_whatever_its_device_gives_up(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Warehouse]).await;
        let (addr, payment) = (desk.till.new_order().into(), desk.till.payment("5"));
        let payment = desk.till.edit(addr, payment);
        // Its person is not enrolled there.
        let handed = Handed {
            edit: Arc::new(payment.clone()),
            roles: None,
            approver: Arc::default(),
            looked_up: Default::default(),
        };
        desk.take(&[Submission::Edit(handed)]).await;
        assert!(matches!(desk.verdict(&payment).await, Verdict::Held { .. }));
        let discard = Submission::Discard { edit: payment.id, device: desk.till.device };
        assert_eq!(desk.take(&[discard]).await, [Settled::Again { pos: 1 }]);
        assert!(matches!(desk.verdict(&payment).await, Verdict::Held { .. }));
    }

    pub async fn a_discard_is_the_last_word(log: Arc<impl Log>) {
        let mut desk = Desk::open(log, &[Role::Warehouse]).await;
        let addr: DocAddr = desk.till.new_order().into();
        let create = desk.till.create(None);
        let refused = desk.till.edit(addr, create);
        desk.take(&[desk.till.hands_in(&refused)]).await;
        let discard = Submission::Discard { edit: refused.id, device: desk.till.device };
        assert_eq!(desk.take(std::slice::from_ref(&discard)).await, [Settled::Judged { pos: 2 }]);
        assert_eq!(desk.take(&[discard]).await, [Settled::Again { pos: 2 }]);
        let mut higher = refused.clone();
        higher.attempt = 5;
        assert_eq!(desk.take(&[desk.till.hands_in(&higher)]).await, [Settled::Again { pos: 2 }]);
        assert_eq!(desk.verdict(&refused).await, Verdict::GIVEN_UP);
        // One that the server never saw, as after it was restored: there is nothing to write.
        let unseen = Submission::Discard { edit: desk.till.fresh(), device: desk.till.device };
        let given_up = Settled::Unwritten { attempt: 0, verdict: Verdict::GIVEN_UP };
        assert_eq!(desk.take(&[unseen]).await, [given_up]);
        assert!(!refused.id.uuid().is_nil());
    }
}
