//! The pipeline of intake over a log that fails in every way: each edit gets one verdict, in order, once.

mod pipeline;
mod till;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use till::{Seeded, Till};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use waybill_server::{
    intake::{Intake, Options, Settled, Submission, Submitted},
    log::{
        Log,
        memory::{Fault, MemoryLog},
    },
};
use waybill_shared::{
    doc::Doc,
    edit::{Edit, Verdict},
    finding::Rule,
    id::EditId,
    kind::DocAddr,
    rules::roles::Role,
};
use waybill_tests::{
    faulty_log::{FaultyLog, Plan},
    world::dice::Dice,
};

/// Longer than anything here takes; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

struct Desk<L> {
    log: Arc<L>,
    intake: Intake,
    worker: JoinHandle<()>,
    stop: CancellationToken,
    answer: mpsc::UnboundedSender<(EditId, Settled)>,
    answers: mpsc::UnboundedReceiver<(EditId, Settled)>,
}

impl<L: Log> Desk<L> {
    async fn open(log: &Arc<L>) -> Self {
        let stop = CancellationToken::new();
        let options =
            Options { entropy: Box::new(Seeded(1)), hands: 2, stop: stop.clone(), ..Options::usual() };
        let (intake, worker) = Intake::start(Arc::clone(log), options).await.unwrap();
        let (answer, answers) = mpsc::unbounded_channel();
        Self { log: Arc::clone(log), intake, worker, stop, answer, answers }
    }

    async fn hand_in(&self, what: Submission) {
        self.intake.submit(Submitted { what, answer: self.answer.clone() }).await.unwrap();
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
            other => panic!("{other:?}"),
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
    desk.hand_in(till.hands_in(&create)).await;
    assert_eq!(desk.answers(1).await[&create.id], Settled::Judged { pos: 1 });
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_the_database_will_not_have_is_found_among_many() {
    let log = Arc::new(MemoryLog::new());
    let mut desk = Desk::open(&log).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let edits: Vec<Edit> = (0..40)
        .map(|_| {
            let (addr, create) = (till.new_order().into(), till.create(None));
            till.edit(addr, create)
        })
        .collect();
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
async fn an_edit_that_was_in_work_at_two_deaths_is_held() {
    let memory = Arc::new(MemoryLog::new());
    let mut till = Till::new(7, &[Role::Shop]);
    let edits: Vec<Edit> = (1..=4)
        .map(|amount| {
            let (addr, payment) = (till.new_order().into(), till.payment(&amount.to_string()));
            till.edit(addr, payment)
        })
        .collect();
    let deadly = &edits[2];
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

#[test]
fn whatever_the_log_does_nothing_is_lost_nothing_is_there_twice_and_answers_follow_commits() {
    let mut tally: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..30 {
        let ran = pipeline::run(seed);
        assert!(ran.wrong.is_empty(), "seed {seed} ({}):\n{}", ran.print, ran.wrong.join("\n"));
        for (what, times) in ran.tally {
            *tally.entry(what).or_default() += times;
        }
    }
    for felt in ["accepted", "rewritten", "later", "again", "falls", "held"] {
        assert!(tally.contains_key(felt), "no seed led to “{felt}”: {tally:?}");
    }
    assert_eq!(pipeline::run(5).print, pipeline::run(5).print, "a seed replays");
}
