//! A connection's turn: where its answers go, of which log it was told, and whether it was told to come later.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tokio::sync::mpsc::UnboundedSender;
use waybill_shared::id::EditId;

use super::Settled;

/// What a connection hands in until it is told to come later. Once one of its edits is turned away, so are those
/// behind it: judged without what they rest on they would be refused, and for good.
#[derive(Clone, Debug)]
pub struct Turn {
    answers: UnboundedSender<(EditId, Settled)>,
    over: Arc<AtomicBool>,
    /// So many of its edits were judged and do not stand.
    fallen: Arc<AtomicUsize>,
    /// The epoch of the log on which rests what is handed in; none when it rests on nothing there.
    epoch: Option<u64>,
}

impl Turn {
    /// Each submission is answered once, when it is in the log or turned away.
    pub fn new(answers: UnboundedSender<(EditId, Settled)>) -> Self {
        Self { answers, over: Arc::default(), fallen: Arc::default(), epoch: None }
    }

    /// Whoever hands in was told how the log stands in this epoch.
    pub fn told_of(&mut self, epoch: u64) {
        self.epoch = Some(epoch);
    }

    /// For the same connection, after it was told to come later.
    pub fn next(&self, answers: UnboundedSender<(EditId, Settled)>) -> Self {
        Self { epoch: self.epoch, ..Self::new(answers) }
    }

    /// How many of its edits were judged since it was last asked and do not stand.
    pub fn fallen(&self) -> usize {
        self.fallen.swap(0, Ordering::AcqRel)
    }

    pub(super) fn note_fallen(&self) {
        self.fallen.fetch_add(1, Ordering::AcqRel);
    }

    /// What it rests on may be gone since.
    pub(super) fn is_before(&self, epoch: u64) -> bool {
        self.epoch.is_some_and(|told| told < epoch)
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    pub(super) fn answer(&self, edit: EditId, settled: Settled) {
        // A connection that is gone asks again when it is back.
        let _ = self.answers.send((edit, settled));
    }

    pub(super) fn turn_away(&self, edit: EditId) {
        self.over.store(true, Ordering::Release);
        self.answer(edit, Settled::Later);
    }
}
