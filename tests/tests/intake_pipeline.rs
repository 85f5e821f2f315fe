//! The pipeline of intake over a log that fails in every way: each edit gets one verdict, in order, once.

mod pipeline;
mod till;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    thread::{self, ThreadId},
    time::Duration,
};

use sqlx::AssertSqlSafe;
use till::{Seeded, TestDatabase, Till};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use waybill_server::{
    intake::{Intake, Options, Settled, Solo, Submission, Submitted, Turn},
    log::{
        Batch, CommitError, Log, Noted,
        memory::{Fault, MemoryLog},
        postgres::PostgresLog,
    },
};
use waybill_shared::{
    chain::Cursor,
    doc::Doc,
    edit::{Edit, Verdict},
    finding::Rule,
    id::{EditId, Entropy, FactId, LineId},
    kind::DocAddr,
    order::commands,
    rules::roles::Role,
};
use waybill_tests::{
    faulty_log::{FaultyLog, Plan},
    world::dice::Dice,
};

/// Longer than anything here takes; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

struct Desk<L> {
    log: Arc<L>,
    intake: Intake,
    worker: JoinHandle<()>,
    stop: CancellationToken,
    turn: Turn,
    answers: mpsc::UnboundedReceiver<(EditId, Settled)>,
}

impl<L: Log> Desk<L> {
    async fn open(log: &Arc<L>) -> Self {
        Self::open_with(log, Seeded(1)).await
    }

    async fn open_with(log: &Arc<L>, entropy: impl Entropy + Send + 'static) -> Self {
        let stop = CancellationToken::new();
        let entropy = Box::new(entropy);
        let now = till::desk::now;
        let options = Options { entropy, now, hands: 2, stop: stop.clone(), ..Options::usual() };
        let (intake, worker) = Intake::start(Arc::clone(log), options).await.unwrap();
        let (answer, answers) = mpsc::unbounded_channel();
        Self { log: Arc::clone(log), intake, worker, stop, turn: Turn::new(answer), answers }
    }

    async fn hand_in(&self, what: Submission) {
        self.intake.submit(Submitted { what, turn: self.turn.clone() }).await.unwrap();
    }

    /// As a connection does that was told to come later.
    fn comes_again(&mut self) {
        let (answer, answers) = mpsc::unbounded_channel();
        (self.turn, self.answers) = (Turn::new(answer), answers);
    }

    async fn answers(&mut self, count: usize) -> HashMap<EditId, Settled> {
        let mut settled = HashMap::new();
        for _ in 0..count {
            let (edit, how) = tokio::time::timeout(PATIENCE, self.answers.recv()).await.unwrap().unwrap();
            assert_eq!(settled.insert(edit, how), None, "{edit} was answered twice");
        }
        settled
    }

    async fn verdict(&self, edit: &Edit) -> Verdict {
        self.log.verdicts(&[edit.id]).await.unwrap()[0].verdict.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_that_fail_lose_nothing_double_nothing_and_keep_the_order() {
    let log = Arc::new(MemoryLog::new());
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let mut edits: Vec<Edit> = Vec::new();
    let mut orders: Vec<DocAddr> = Vec::new();
    for _ in 0..60 {
        let addr: DocAddr = till.new_order().into();
        let create = till.create(None);
        edits.push(till.edit(addr, create));
        orders.push(addr);
    }
    for nth in 0..10 {
        for addr in &orders {
            let note = till.note(&format!("Note {nth}"));
            edits.push(till.edit(*addr, note));
        }
    }
    for nth in 0..12 {
        desk.log.fail_next(match nth % 3 {
            0 => Fault::Retry,
            1 => Fault::Unknown { written: true },
            _ => Fault::Unknown { written: false },
        });
    }
    for edit in &edits {
        desk.hand_in(till.hands_in(edit)).await;
    }
    let settled = desk.answers(edits.len()).await;
    let mut positions = Vec::new();
    for edit in &edits {
        match settled[&edit.id] {
            Settled::Judged { pos } | Settled::Again { pos } => positions.push(pos),
            ref other => panic!("{other:?}"),
        }
    }
    assert!(positions.is_sorted(), "what was handed in first comes first");
    let head = log.head().await.unwrap();
    assert_eq!(head.cursor.pos, edits.len() as u64);
    for saved in log.all_documents() {
        let doc = Doc::load(saved.doc.kind, &saved.saved).unwrap();
        assert_eq!(doc.heads(), till.doc(saved.doc).heads());
    }
}

/// Another PostgreSQL took over without the last commits: what rests on them is not judged without them.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_on_a_log_that_is_gone_is_not_judged_on_another() {
    let log = Arc::new(MemoryLog::new());
    let mut desk = Desk::open(&log).await;
    desk.turn.told_of(log.head().await.unwrap().epoch);
    let mut till = Till::new(7, &[Role::Sales]);
    let addr: DocAddr = till.new_order().into();
    let (create, note) = (till.create(None), till.note("Ring twice"));
    let create = till.edit(addr, create);
    desk.hand_in(till.hands_in(&create)).await;
    assert_eq!(desk.answers(1).await[&create.id], Settled::Judged { pos: 1 });
    log.lose(1);
    let note = till.edit(addr, note);
    desk.hand_in(till.hands_in(&note)).await;
    assert_eq!(desk.answers(1).await[&note.id], Settled::AnotherLog);
    assert_eq!(log.head().await.unwrap().cursor, Cursor::START);
    // Its connection says hello again, hears what is lacking, and sends that first.
    desk.turn.told_of(log.head().await.unwrap().epoch);
    for edit in [&create, &note] {
        desk.hand_in(till.hands_in(edit)).await;
    }
    desk.answers(2).await;
    for edit in [&create, &note] {
        assert_eq!(desk.verdict(edit).await, Verdict::Accepted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_means_later_and_then_everything_is_taken() {
    let log = Arc::new(MemoryLog::new());
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let addr: DocAddr = till.new_order().into();
    let create = till.create(None);
    let create = till.edit(addr, create);
    desk.log.fail_next(Fault::DiskFull);
    desk.hand_in(till.hands_in(&create)).await;
    assert_eq!(desk.answers(1).await[&create.id], Settled::Later);
    // What was on its way behind it is turned away with it, until its connection comes again.
    let add = commands::AddLine { id: till.fresh(), line: till::chairs(1) };
    let add = till.edit(addr, add);
    desk.hand_in(till.hands_in(&add)).await;
    assert_eq!(desk.answers(1).await[&add.id], Settled::Later);
    desk.comes_again();
    for (edit, pos) in [(&create, 1), (&add, 2)] {
        desk.hand_in(till.hands_in(edit)).await;
        assert_eq!(desk.answers(1).await[&edit.id], Settled::Judged { pos });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_of_a_log_that_is_gone_is_no_answer() {
    let log = Arc::new(MemoryLog::new());
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let addr: DocAddr = till.new_order().into();
    let create = till.create(None);
    let create = till.edit(addr, create);
    let note = till.note("was there once");
    let note = till.edit(addr, note);
    for (edit, pos) in [(&create, 1), (&note, 2)] {
        desk.hand_in(till.hands_in(edit)).await;
        assert_eq!(desk.answers(1).await[&edit.id], Settled::Judged { pos });
    }
    desk.log.lose(1);
    desk.hand_in(till.hands_in(&note)).await;
    assert_eq!(desk.answers(1).await[&note.id], Settled::Judged { pos: 2 });
    assert!(desk.verdict(&note).await.stands());
    assert!(log.head().await.unwrap().numbers_wait, "it was noticed");
}

fn forty_orders(till: &mut Till) -> Vec<Edit> {
    let order = |_| {
        let (addr, create) = (till.new_order().into(), till.create(None));
        till.edit(addr, create)
    };
    (0..40).map(order).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_the_database_will_not_have_is_found_among_many() {
    let log = Arc::new(MemoryLog::new());
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let edits = forty_orders(&mut till);
    desk.log.rejects(edits[17].id);
    for edit in &edits {
        desk.hand_in(till.hands_in(edit)).await;
    }
    desk.answers(edits.len()).await;
    for (nth, edit) in edits.iter().enumerate() {
        let verdict = desk.verdict(edit).await;
        let defect = verdict.findings().iter().any(|finding| finding.rule == Rule::Defect);
        assert_eq!(defect, nth == 17, "{nth}: {verdict:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_which_nothing_at_all_can_be_written_holds_nobody_up() {
    let log = Arc::new(MemoryLog::new());
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let edits = forty_orders(&mut till);
    desk.log.rejects_all_of(edits[17].id);
    for edit in &edits {
        desk.hand_in(till.hands_in(edit)).await;
    }
    let settled = desk.answers(edits.len()).await;
    for (nth, edit) in edits.iter().enumerate() {
        let later = settled[&edit.id] == Settled::Later;
        assert_eq!(later, nth == 17, "{nth}: {:?}", settled[&edit.id]);
    }
    desk.hand_in(till.hands_in(&edits[17])).await;
    assert_eq!(desk.answers(1).await[&edits[17].id], Settled::Later);
    let mut solo = Solo::start(Arc::clone(&log), Box::new(Seeded(2))).await.unwrap();
    let settled = solo.take(&[till.hands_in(&edits[17])], till::NOON).await.unwrap();
    assert_eq!(settled, [Settled::Later]);
}

/// A trigger says what a database may say to any batch whatever is in it, and what it says of data.
#[tokio::test(flavor = "multi_thread")]
async fn what_ails_the_database_is_no_edits_fault() {
    let database = TestDatabase::new().await;
    let log = Arc::new(PostgresLog::new(database.pool.clone()));
    let mut till = Till::new(7, &[Role::Sales]);
    let ails = async |code: &str| {
        let sql = format!(
            "create or replace function public.ails() returns trigger language plpgsql as
             $$ begin raise exception using errcode = '{code}'; end $$;
             create or replace trigger ails before insert on sync.feed execute function public.ails()"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&database.pool).await.unwrap();
    };
    let batch = Batch {
        before: Cursor::START,
        after: log.head().await.unwrap(),
        at: till::NOON,
        entries: vec![],
        docs: vec![],
        looked: Default::default(),
        moved: Default::default(),
        counters: BTreeMap::new(),
        rows: vec![],
    };
    let batch = Arc::new(batch);
    // Read-only, a lock, a defect of its own; a right or a table that is missing; then what data lead to.
    for code in ["25006", "55P03", "XX000", "40001", "57P01", "58030", "53200"] {
        ails(code).await;
        let said = log.commit(&batch).await;
        assert!(matches!(said, Err(CommitError::Retry(_))), "{code}: {said:?}");
        assert_eq!(log.defect(), None, "{code}");
    }
    for code in ["42501", "42P01"] {
        ails(code).await;
        let said = log.commit(&batch).await;
        assert!(matches!(&said, Err(CommitError::Defect(state)) if state == code), "{code}: {said:?}");
        assert_eq!(log.defect().as_deref(), Some(code));
    }
    for code in ["21000", "22021", "23505", "54000"] {
        ails(code).await;
        let said = log.commit(&batch).await;
        assert!(matches!(said, Err(CommitError::Rejected(_))), "{code}: {said:?}");
    }
    // What a rule that somebody put there says may be said of data or of everything.
    for code in ["P0001", "44000", "0A000"] {
        ails(code).await;
        let said = log.commit(&batch).await;
        assert!(matches!(said, Err(CommitError::Unclear(_))), "{code}: {said:?}");
    }
    ails("53100").await;
    assert!(matches!(log.commit(&batch).await, Err(CommitError::DiskFull)));
    sqlx::raw_sql("drop function public.ails cascade").execute(&database.pool).await.unwrap();

    // The whole database turns read-only under edits, and writable again.
    let read_only = async |how: &str| {
        // A connection that was opened meanwhile is read-only itself.
        let mut conn = database.pool.acquire().await.unwrap();
        sqlx::raw_sql("set default_transaction_read_only = off").execute(&mut *conn).await.unwrap();
        let name: String =
            sqlx::query_scalar("select current_database()::text").fetch_one(&mut *conn).await.unwrap();
        let sql = format!("alter database {name} set default_transaction_read_only = {how}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *conn).await.unwrap();
    };
    let edits: Vec<Edit> = (0..3)
        .map(|_| {
            let (addr, create) = (till.new_order().into(), till.create(None));
            till.edit(addr, create)
        })
        .collect();
    let handed: Vec<Submission> = edits.iter().map(|edit| till.hands_in(edit)).collect();
    let mut solo = Solo::start(Arc::clone(&log), Box::new(Seeded(2))).await.unwrap();
    read_only("on").await;
    assert_eq!(solo.take(&handed, till::NOON).await.unwrap(), [const { Settled::Later }; 3]);
    read_only("off").await;
    let accepted = [1, 2, 3].map(|pos| Settled::Judged { pos });
    assert_eq!(solo.take(&handed, till::NOON).await.unwrap(), accepted);
    for fed in log.verdicts(&edits.iter().map(|edit| edit.id).collect::<Vec<_>>()).await.unwrap() {
        assert_eq!(fed.verdict, Verdict::Accepted);
    }
}

/// Panics where it is asked while a batch is prepared, which is on a thread of its own.
struct Brittle {
    home: ThreadId,
    seeded: Seeded,
}

impl Entropy for Brittle {
    fn fill(&mut self, bytes: &mut [u8]) {
        assert_eq!(thread::current().id(), self.home, "a defect that a test planted");
        self.seeded.fill(bytes);
    }
}

#[tokio::test]
async fn an_edit_on_which_preparing_panics_is_held_and_takes_no_other_along() {
    let log = Arc::new(MemoryLog::new());
    let brittle = Brittle { home: thread::current().id(), seeded: Seeded(1) };
    let mut desk = Desk::open_with(&log, brittle).await;
    let mut till = Till::new(7, &[Role::Shop]);
    let mut edits: Vec<Edit> = (1..=40)
        .map(|amount| {
            let (addr, payment) = (till.new_order().into(), till.payment(&amount.to_string()));
            till.edit(addr, payment)
        })
        .collect();
    // Without documents, and without an id: the server is to give one.
    let mut payment = till.payment("99");
    payment.id = FactId::NIL;
    let addr = till.new_order().into();
    let defective = till.bare(vec![(addr, payment.into())]);
    edits.insert(20, defective.clone());
    for edit in &edits {
        desk.hand_in(till.hands_in(edit)).await;
    }
    let answers = desk.answers(edits.len()).await;
    assert!(answers.values().all(|settled| matches!(settled, Settled::Judged { .. })), "{answers:?}");
    for edit in &edits {
        let verdict = desk.verdict(edit).await;
        let held = matches!(&verdict, Verdict::Held { findings } if findings[0].rule == Rule::Defect);
        assert_eq!(held, edit.id == defective.id, "{verdict:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_database_refuses_for_as_long_as_it_is_asked_is_found_among_many() {
    let memory = Arc::new(MemoryLog::new());
    let log = Arc::new(FaultyLog::over(&memory, Plan::default(), Dice::seeded(1)));
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let edits = forty_orders(&mut till);
    log.refuses(edits[17].id);
    for edit in &edits {
        desk.hand_in(till.hands_in(edit)).await;
    }
    desk.answers(edits.len()).await;
    for (nth, edit) in edits.iter().enumerate() {
        let verdict = desk.verdict(edit).await;
        let defect = verdict.findings().iter().any(|finding| finding.rule == Rule::Defect);
        assert_eq!(defect, nth == 17, "{nth}: {verdict:?}");
    }
}

/// Something else ails the database for as long.
#[tokio::test(start_paused = true)]
async fn what_the_database_refuses_only_at_times_is_no_edits_fault() {
    let memory = Arc::new(MemoryLog::new());
    let plan = Plan { retry: 40.0, ..Plan::default() };
    let log = Arc::new(FaultyLog::over(&memory, plan, Dice::seeded(1)));
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let (addr, create) = (till.new_order().into(), till.create(None));
    let create = till.edit(addr, create);
    log.refuses(create.id);
    desk.hand_in(till.hands_in(&create)).await;
    assert_eq!(desk.answers(1).await[&create.id], Settled::Later);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_while_the_database_refuses_everything_is_judged_when_it_does_no_more() {
    let memory = Arc::new(MemoryLog::new());
    let log = Arc::new(FaultyLog::over(&memory, Plan::default(), Dice::seeded(1)));
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Shop]);
    let (addr, payment) = (till.new_order().into(), till.payment("5"));
    let payment = till.edit(addr, payment);
    log.refuses_everything(true);
    desk.hand_in(till.hands_in(&payment)).await;
    assert_eq!(desk.answers(1).await[&payment.id], Settled::Later);
    log.refuses_everything(false);
    desk.comes_again();
    desk.hand_in(till.hands_in(&payment)).await;
    desk.answers(1).await;
    assert_eq!(desk.verdict(&payment).await, Verdict::Accepted);
}

/// A line under the nil id, and a payment so large that it cannot be shared out over the lines.
#[tokio::test(flavor = "multi_thread")]
async fn a_sale_with_impossible_numbers_holds_up_nobody() {
    let database = TestDatabase::new().await;
    let log = Arc::new(PostgresLog::new(database.pool.clone()));
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Shop]);
    let sold = till.sale(LineId::NIL, "1000000000", "100000000000000000000000000");
    let addr: DocAddr = till.new_order().into();
    let sold = till.edit(addr, sold);
    let (addr, payment) = (till.new_order().into(), till.payment("5"));
    let other = till.edit(addr, payment);
    for edit in [&sold, &other] {
        desk.hand_in(till.hands_in(edit)).await;
    }
    desk.answers(2).await;
    assert_eq!(desk.verdict(&other).await, Verdict::Accepted);
    let verdict = desk.verdict(&sold).await;
    let told: Vec<_> = verdict.findings().iter().map(|finding| finding.rule).collect();
    assert_eq!(told, [Rule::Malformed, Rule::Malformed], "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_was_in_work_at_two_deaths_is_held() {
    let memory = Arc::new(MemoryLog::new());
    let mut till = Till::new(7, &[Role::Shop]);
    let edits: Vec<Edit> = (1..=4)
        .map(|amount| {
            let (addr, payment) = (till.new_order().into(), till.payment(&amount.to_string()));
            till.edit(addr, payment)
        })
        .collect();
    // Handed in first, so that it is in work whenever the first batch is cut.
    let deadly = &edits[0];
    // The first server falls with it in work among others; the next one is careful, and falls with it alone.
    for in_work in [edits.iter().collect::<Vec<_>>(), vec![deadly]] {
        let never_answers = Plan { silent: 100.0, ..Plan::default() };
        let log = Arc::new(FaultyLog::over(&memory, never_answers, Dice::seeded(1)));
        let mut commits = log.commits();
        let desk = Desk::open(&log).await;
        for edit in in_work {
            desk.hand_in(till.hands_in(edit)).await;
        }
        tokio::time::timeout(PATIENCE, commits.wait_for(|begun| *begun > 0)).await.unwrap().unwrap();
        desk.worker.abort();
        assert!(desk.worker.await.is_err());
    }
    // One that is stopped before anything was handed in again leaves that to the next.
    let desk = Desk::open(&memory).await;
    desk.stop.cancel();
    desk.worker.await.unwrap();
    let mut desk = Desk::open(&memory).await;
    for edit in &edits {
        desk.hand_in(till.hands_in(edit)).await;
    }
    desk.answers(edits.len()).await;
    for edit in &edits {
        let verdict = desk.verdict(edit).await;
        let held = matches!(&verdict, Verdict::Held { findings } if findings[0].rule == Rule::Defect);
        assert_eq!(held, edit.id == deadly.id, "{verdict:?}");
    }
    desk.stop.cancel();
    desk.worker.await.unwrap();
    assert!(!memory.opened().await.unwrap().fell, "this one ended in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_work_is_noted_with_its_attempt() {
    let memory = Arc::new(MemoryLog::new());
    let log = Arc::new(FaultyLog::over(&memory, Plan::default(), Dice::seeded(1)));
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let (addr, create) = (till.new_order().into(), till.create(None));
    let edit = Edit { attempt: 3, ..till.edit(addr, create) };
    let given_up = Submission::Discard { edit: till.fresh(), device: till.device };
    for what in [till.hands_in(&edit), given_up] {
        desk.hand_in(what).await;
    }
    desk.answers(2).await;
    assert_eq!(log.noted(), [Noted { edit: edit.id, attempt: 3 }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_was_judged_or_turned_away_is_not_blamed_for_power_cuts_at_rest() {
    let memory = Arc::new(MemoryLog::new());
    // Refused, which a new attempt may put right; and turned away by a full disk, again and again.
    let mut till = Till::new(7, &[Role::Warehouse]);
    let (addr, create) = (till.new_order().into(), till.create(None));
    let refused = till.edit(addr, create);
    let (addr, payment) = (till.new_order().into(), till.payment("5"));
    let waiting = till.edit(addr, payment);
    for (edit, disk_full) in [(&refused, 0.0), (&refused, 0.0), (&waiting, 100.0), (&waiting, 100.0)] {
        let plan = Plan { disk_full, ..Plan::default() };
        let log = Arc::new(FaultyLog::over(&memory, plan, Dice::seeded(1)));
        let mut rests = log.rests();
        let mut desk = Desk::open(&log).await;
        desk.hand_in(till.hands_in(edit)).await;
        desk.answers(1).await;
        tokio::time::timeout(PATIENCE, rests.wait_for(|rests| *rests > 0)).await.unwrap().unwrap();
        desk.worker.abort();
        assert!(desk.worker.await.is_err());
        assert!(log.deadly().is_empty());
    }
    assert_eq!(memory.opened().await.unwrap().deadly, None);
}

#[test]
fn whatever_the_log_does_nothing_is_lost_nothing_is_there_twice_and_answers_follow_commits() {
    let mut tally: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..60 {
        let ran = pipeline::run(seed);
        assert!(ran.wrong.is_empty(), "seed {seed} ({}):\n{}", ran.print, ran.wrong.join("\n"));
        for (what, times) in ran.tally.into_iter().filter(|(_, times)| *times > 0) {
            *tally.entry(what).or_default() += times;
        }
    }
    for felt in [
        "accepted",
        "rewritten",
        "later",
        "again",
        "falls",
        "held",
        "several servers",
        "collisions",
        "besides",
    ] {
        assert!(tally.contains_key(felt), "no seed led to “{felt}”: {tally:?}");
    }
    assert_eq!(pipeline::run(5).print, pipeline::run(5).print, "a seed replays");
}
