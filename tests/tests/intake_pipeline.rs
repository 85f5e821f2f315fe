//! The pipeline of intake over a log that fails in every way: each edit gets one verdict, in order, once.

mod till;

use std::{collections::HashMap, sync::Arc, time::Duration};

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

/// Longer than anything here takes; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

struct Desk {
    log: Arc<MemoryLog>,
    intake: Intake,
    worker: JoinHandle<()>,
    stop: CancellationToken,
    answer: mpsc::UnboundedSender<(EditId, Settled)>,
    answers: mpsc::UnboundedReceiver<(EditId, Settled)>,
}

impl Desk {
    async fn open(log: &Arc<MemoryLog>) -> Self {
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
    desk.log.fail_next(Fault::Rejects(edits[17].id));
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
async fn an_edit_that_was_alone_in_work_at_two_deaths_is_held() {
    let log = Arc::new(MemoryLog::new());
    let mut till = Till::new(7, &[Role::Shop]);
    let addr: DocAddr = till.new_order().into();
    let payment = till.payment("20");
    let deadly = till.edit(addr, payment);
    // The first server fell with it among others; the next two, being careful, noted it and fell again.
    log.opened().await.unwrap();
    for _ in 0..2 {
        assert!(log.opened().await.unwrap().fell);
        log.trying(Some(deadly.id)).await.unwrap();
    }
    let mut desk = Desk::open(&log).await;
    let elsewhere: DocAddr = till.new_order().into();
    let other = till.payment("5");
    let other = till.edit(elsewhere, other);
    for edit in [&deadly, &other] {
        desk.hand_in(till.hands_in(edit)).await;
    }
    desk.answers(2).await;
    assert!(matches!(desk.verdict(&deadly).await, Verdict::Held { .. }));
    assert_eq!(desk.verdict(&other).await, Verdict::Accepted);
    desk.stop.cancel();
    desk.worker.await.unwrap();
    assert!(!log.opened().await.unwrap().fell, "this one ended in order");
}
