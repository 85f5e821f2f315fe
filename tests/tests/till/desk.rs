//! A desk where edits are judged one after the other, without connections: intake on its log.

use std::sync::Arc;

use waybill_server::{
    intake::{Settled, Solo, Submission},
    log::{Log, memory::MemoryLog},
};
use waybill_shared::{
    doc::Doc,
    edit::{Edit, Verdict},
    finding::Rule,
    id::EditId,
    kind::DocAddr,
    order::Order,
    protocol::frame::DocChange,
    rules::roles::Role,
    time::Timestamp,
};

use super::{NOON, Seeded, Till};

pub struct Desk<L = MemoryLog> {
    pub log: Arc<L>,
    pub solo: Solo<L>,
}

impl Desk {
    pub async fn open() -> Self {
        Self::on(Arc::new(MemoryLog::new())).await
    }
}

impl<L: Log> Desk<L> {
    pub async fn on(log: Arc<L>) -> Self {
        let solo = Solo::start(Arc::clone(&log), Box::new(Seeded(99))).await.unwrap();
        Self { log, solo }
    }

    /// The server's process is started anew.
    pub async fn restarts(&mut self) {
        self.solo = Solo::start(Arc::clone(&self.log), Box::new(Seeded(100))).await.unwrap();
    }

    pub async fn take(&mut self, submissions: &[Submission]) -> Vec<Settled> {
        self.solo.take(submissions, now()).await.unwrap()
    }

    pub async fn says(&mut self, till: &Till, edit: &Edit) -> Verdict {
        self.says_to(till.hands_in(edit)).await
    }

    pub async fn says_to(&mut self, submission: Submission) -> Verdict {
        let id = submission.edit_id();
        self.take(&[submission]).await;
        self.verdict(id).await
    }

    pub async fn verdict(&self, edit: EditId) -> Verdict {
        self.log.verdicts(&[edit]).await.unwrap()[0].verdict.clone()
    }

    pub async fn order(&self, addr: DocAddr) -> Order {
        self.doc(addr).await.read().unwrap()
    }

    pub async fn doc(&self, addr: DocAddr) -> Doc {
        let loaded = self.log.load(&[addr], &[]).await.unwrap();
        let stored = loaded.docs.first().map(|doc| Doc::load(addr.kind, &doc.saved).unwrap());
        stored.unwrap_or_else(|| Doc::new(addr.kind))
    }

    /// The changes that the last verdict on this edit brought.
    pub async fn brought(&self, edit: &Edit) -> Vec<DocChange> {
        self.log.verdicts(&[edit.id]).await.unwrap()[0].changes.clone()
    }
}

pub fn now() -> Timestamp {
    NOON.plus_ms(3_600_000)
}

pub fn rules(verdict: &Verdict) -> Vec<Rule> {
    verdict.findings().iter().map(|finding| finding.rule).collect()
}

/// A till with an order that the server has.
pub async fn with_order(desk: &mut Desk, roles: &[Role]) -> (Till, DocAddr) {
    let mut till = Till::new(7, roles);
    let addr = till.new_order().into();
    let create = till.create(None);
    let create = till.edit(addr, create);
    assert_eq!(desk.says(&till, &create).await, Verdict::Accepted);
    (till, addr)
}
